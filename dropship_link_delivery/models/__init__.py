from . import drop_shipment_invoicing
from . import drop_shipment_posting
from . import drop_shipment_reported
from . import drop_shipment_vendor_check
from . import drop_shipment_vendor_page
from . import purchase_order
from . import stock_picking
