from . import drop_shipment_analysis
from . import drop_shipment_report
from . import drop_shipment_report_actions
