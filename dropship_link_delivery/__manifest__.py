{
    "name": "Drop Shipment Link: Carriers",
    "summary": "The vendor's tracking number is that of the carrier",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "LGPL-3",
    "author": "Drop Shipment Link contributors",
    "development_status": "Beta",
    "depends": ["dropship_link", "stock_delivery"],
    "data": [
        "security/ir.model.access.csv",
        "reports/stock_picking_templates.xml",
        "views/drop_shipment_dialog_views.xml",
        "views/sale_portal_templates.xml",
        "views/vendor_portal_templates.xml",
    ],
    "auto_install": True,
}
