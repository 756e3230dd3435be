{
    "name": "Drop Shipment Link: Kits",
    "summary": "Vendors ship kits straight to the customer",
    "version": "19.0.1.1.0",
    "category": "Supply Chain/Purchase",
    "license": "LGPL-3",
    "author": "Drop Shipment Link contributors",
    "development_status": "Beta",
    "depends": ["dropship_link", "purchase_mrp", "sale_mrp"],
    "data": ["reports/packing_slip_templates.xml"],
    "auto_install": True,
    "pre_init_hook": "pre_init_hook",
}
