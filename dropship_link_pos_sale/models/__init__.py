from . import drop_shipment_freeze
from . import drop_shipment_invoicing
from . import ir_module_module
from . import pos_order
from . import pos_order_line
from . import sale_order_line
from . import stock_move
from . import stock_picking
