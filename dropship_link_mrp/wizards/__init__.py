from . import drop_shipment_dialog_row
