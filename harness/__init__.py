"""What tests, benchmarks and makers of pages stand on; it depends on none of them."""
