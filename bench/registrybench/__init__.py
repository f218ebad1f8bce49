"""Parts of `bench/registry.py`."""
