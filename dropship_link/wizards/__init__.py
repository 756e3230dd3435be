from . import account_accrued_orders
from . import drop_shipment_dialog_row_mixin
from . import drop_shipment_adopt
from . import drop_shipment_create_purchase
from . import drop_shipment_post
from . import purchase_order_get_sales_order
from . import stock_return_picking
