{
    "name": "Drop Shipment Link: Margins",
    "summary": "The cost of a drop shipment is what its vendor takes",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "LGPL-3",
    "author": "Drop Shipment Link contributors",
    "development_status": "Beta",
    "depends": ["dropship_link", "sale_margin"],
    "data": [
        "views/drop_shipment_report_views.xml",
        "views/sale_order_views.xml",
    ],
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
    "auto_install": True,
}
