from . import test_core_faults
from . import test_settle
from . import test_till_money
