from . import drop_shipment_line_mixin
from . import purchase_order_get_sales_order
from . import drop_shipment_post
