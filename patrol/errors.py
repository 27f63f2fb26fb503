"""What goes wrong at the roof.

PatrolError
├── SettingsError        a setting or a folder cannot be used
├── NoCountyError        no county was imported yet
├── UsageError           the command line asks for something impossible
├── ScenarioError        a scenario file is wrong
└── DemoError            a part of the demo did not do its work
"""


class PatrolError(Exception):
    """Root of the roof's errors; its text is a sentence for the person at the terminal."""


class SettingsError(PatrolError):
    """A setting or a folder cannot be used."""


class NoCountyError(PatrolError):
    """No county was imported yet."""


class UsageError(PatrolError):
    """The command line asks for something impossible."""


class ScenarioError(PatrolError):
    """A scenario file cannot be read or breaks its schema."""


class DemoError(PatrolError):
    """A part of the demo did not do its work."""
