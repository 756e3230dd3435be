from . import test_core_faults
from . import test_web_shop
