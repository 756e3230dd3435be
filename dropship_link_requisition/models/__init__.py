from . import drop_shipment_link
from . import drop_shipment_ordering
from . import drop_shipment_sourcing
from . import purchase_order
