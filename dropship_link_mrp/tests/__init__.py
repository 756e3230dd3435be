from . import test_adoption
from . import test_books
from . import test_changes
from . import test_counts
from . import test_documents
from . import test_own_stock
from . import test_parts
from . import test_truth
