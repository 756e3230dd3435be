from . import drop_shipment_kits
from . import drop_shipment_posting
from . import drop_shipment_posting_check
from . import purchase_order_line
from . import sale_order_line
from . import stock_move
