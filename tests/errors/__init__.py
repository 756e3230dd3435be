# Each has its cases, which are in the order in which they are run.
from . import ticking
from . import sales_order
from . import linked_order
from . import post_sale
from . import post_purchase
from . import post_lists
from . import returning
from . import get_sales_order
from . import create_purchases
from . import request
from . import taking_back
from . import linking
from . import invoices
from . import adopting
from . import notices
