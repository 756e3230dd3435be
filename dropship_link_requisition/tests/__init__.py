from . import test_agreements
from . import test_alternatives
from . import test_core_faults
