"""Who may use a home beside whom."""

from pathlib import Path

import pytest

from patrol.errors import SettingsError
from patrol.home_lock import home_alone, home_shared


def test_many_share_a_home(tmp_path: Path) -> None:
    """A server and the commands beside it."""
    with home_shared(tmp_path / "home"), home_shared(tmp_path / "home"):
        pass


def test_one_has_it_alone_when_all_others_are_gone(tmp_path: Path) -> None:
    """And others only after that one."""
    with home_shared(tmp_path), pytest.raises(SettingsError, match="uses"), home_alone(tmp_path):
        pass
    with (
        home_alone(tmp_path),
        pytest.raises(SettingsError, match="restored"),
        home_shared(tmp_path),
    ):
        pass
    with home_alone(tmp_path):
        pass
