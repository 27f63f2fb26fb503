"""Settings for all tests."""

from hypothesis import settings

# An example may take as long as it takes: a busy machine is not a broken law.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
