from . import main
from . import vendor_portal
