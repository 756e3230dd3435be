from . import test_below_cost
from . import test_core_faults
from . import test_margin
from . import test_margin_of_kits
