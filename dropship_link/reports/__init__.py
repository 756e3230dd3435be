from . import drop_shipment_analysis
from . import drop_shipment_report
