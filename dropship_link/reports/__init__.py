from . import drop_shipment_report
