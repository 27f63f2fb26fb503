"""Who uses the home: many may at once, but whoever exchanges the database has it alone.

The lock is held by the operating system (`flock`), so one whose owner was killed is free at once.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from patrol.errors import SettingsError

LOCK_NAME = "in_use.lock"


@contextmanager
def home_shared(home: Path) -> Iterator[None]:
    """Use the home beside others; made when missing.

    Raises:
        SettingsError: A backup is being restored into it.
    """
    with _locked(home, fcntl.LOCK_SH) as is_held:
        if not is_held:
            raise SettingsError(
                f"A backup is being restored into {home} just now; try again when that is done."
            )
        yield


@contextmanager
def home_alone(home: Path) -> Iterator[None]:
    """Have the home for oneself; made when missing.

    Raises:
        SettingsError: A server or another command uses it.
    """
    with _locked(home, fcntl.LOCK_EX) as is_held:
        if not is_held:
            raise SettingsError(
                f"A server or another command uses {home}; stop `patrol serve` there first, and "
                "try again. Nothing was changed."
            )
        yield


@contextmanager
def _locked(home: Path, how: int) -> Iterator[bool]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK_NAME).open("ab") as file:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
