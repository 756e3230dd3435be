{
    "name": "Drop Shipment Link",
    "summary": "Ship from vendor to customer: sales and purchase orders linked",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "LGPL-3",
    "author": "Drop Shipment Link contributors",
    "depends": ["stock_dropshipping"],
    "data": [
        "security/ir.model.access.csv",
        "security/dropship_link_security.xml",
        "reports/drop_shipment_report_views.xml",
        "reports/purchase_order_templates.xml",
        "reports/stock_picking_templates.xml",
        "data/mail_template_data.xml",
        "wizards/purchase_order_get_sales_order_views.xml",
        "wizards/drop_shipment_create_purchase_views.xml",
        "wizards/drop_shipment_post_views.xml",
        "views/product_views.xml",
        "views/purchase_order_views.xml",
        "views/res_config_settings_views.xml",
        "views/sale_order_views.xml",
    ],
    "demo": [
        "demo/res_partner_demo.xml",
        "demo/product_demo.xml",
        "demo/sale_order_demo.xml",
        "demo/purchase_order_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "dropship_link/static/src/**/*",
        ],
        "web.assets_tests": [
            "dropship_link/static/tests/tours/**/*",
        ],
    },
    "pre_init_hook": "pre_init_hook",
}
