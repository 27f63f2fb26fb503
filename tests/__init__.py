"""Tests mirror the source; an `__init__` in every folder keeps `tests.vision` apart from `vision`."""
