from . import test_carriers
from . import test_vendor_carrier
