{
    "name": "Drop Shipment Link: Web Shop",
    "summary": "Sell in the web shop what vendors ship, whatever is in stock",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "LGPL-3",
    "author": "Drop Shipment Link contributors",
    "development_status": "Beta",
    "depends": ["dropship_link", "website_sale_stock"],
    "auto_install": True,
}
