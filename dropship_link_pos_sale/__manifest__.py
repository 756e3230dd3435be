{
    "name": "Drop Shipment Link: Point of Sale",
    "summary": "Pay at the till for what a vendor ships",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "LGPL-3",
    "author": "Drop Shipment Link contributors",
    "development_status": "Beta",
    "depends": ["dropship_link", "pos_sale"],
    "auto_install": True,
    "post_init_hook": "post_init_hook",
}
