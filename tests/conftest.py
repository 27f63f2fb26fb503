"""Settings for all tests."""

import os

from hypothesis import settings

# An example may take as long as it takes: a busy machine is not a broken law.
settings.register_profile("unhurried", deadline=None)
# What lands is judged by the same examples each time; at the desk new ones are tried every run.
settings.register_profile("landing", deadline=None, derandomize=True)
settings.load_profile("landing" if os.environ.get("CI") else "unhurried")
