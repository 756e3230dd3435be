"""The machine of `test_invariants`: what people do, and the rules that judge it."""

try:
    import hypothesis
except ImportError as error:
    # A skipped test tells nobody that the rules were not checked.
    raise ImportError(
        "test_invariants needs hypothesis: pip install -r dev/requirements-test.txt"
    ) from error
