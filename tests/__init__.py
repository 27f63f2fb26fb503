"""Tests mirror the source; an `__init__` in each folder keeps `tests.vision` off `vision`."""
