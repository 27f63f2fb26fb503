"""Engines as a person names them."""

import sys
from pathlib import Path

import pytest

from patrol.errors import UsageError
from patrol.settings import Settings
from patrol.sources.staff import local_staff, staff_of


@pytest.mark.parametrize(
    "engine",
    ["", "rey", "ray://", "ray://head", "ray://head:x", "ray://head:99999", "ray://head:1/x"],
)
def test_a_name_that_is_no_engine_is_refused(engine: str) -> None:
    """With what there is, and an example."""
    with pytest.raises(UsageError, match=r"is no engine: give local, ray .*ray://10\.1\.4\.2:6379"):
        staff_of(engine)


def test_this_machine_needs_no_name_for_it(tmp_path: Path) -> None:
    """Its detectors' sockets lie in a folder that goes with it."""
    assert staff_of("local") is local_staff
    with local_staff(Settings(tmp_path), reports=False) as staff:
        folder = Path(staff.desk_address(1)).parent
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


@pytest.mark.parametrize("engine", ["ray", "ray://local", "ray://head:6379"])
def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    """The core installs without it."""
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "ray", raising=False)
    sys.path_importer_cache.clear()
    with pytest.raises(UsageError, match=r"pip install 'gridpatrol\[cluster\]'"):
        staff_of(engine)
