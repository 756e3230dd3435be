from . import drop_shipment_correct
from . import drop_shipment_dialog_order_mixin
from . import drop_shipment_post
