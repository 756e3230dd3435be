from . import test_counts
