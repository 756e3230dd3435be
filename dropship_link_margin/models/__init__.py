from . import drop_shipment_costing
from . import drop_shipment_notices
from . import drop_shipment_report
from . import purchase_order_line
from . import sale_order
from . import sale_order_line
