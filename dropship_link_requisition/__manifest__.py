{
    "name": "Drop Shipment Link: Purchase Agreements",
    "summary": "Orders of agreements ship sales orders, at the agreed price",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "LGPL-3",
    "author": "Drop Shipment Link contributors",
    "development_status": "Beta",
    "depends": ["dropship_link", "purchase_requisition_stock"],
    "auto_install": True,
}
