from . import test_books
from . import test_changes
from . import test_counts
from . import test_parts
from . import test_truth
