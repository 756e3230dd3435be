from . import drop_shipment_link
