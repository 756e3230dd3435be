from . import test_core_faults
from . import test_web_shop
from . import test_web_shop_kits
