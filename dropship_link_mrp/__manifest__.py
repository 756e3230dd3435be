{
    "name": "Drop Shipment Link: Kits",
    "summary": "Kits are not drop-shipped as a whole",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "LGPL-3",
    "author": "Drop Shipment Link contributors",
    "depends": ["dropship_link", "mrp"],
    "auto_install": True,
}
