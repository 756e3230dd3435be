from . import drop_shipment_correcting
from . import drop_shipment_posting
from . import stock_picking
