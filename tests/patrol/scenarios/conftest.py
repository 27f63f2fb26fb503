"""One short day, flown once, for all tests that look at what came of it."""

from pathlib import Path
from typing import Any

import pytest

from patrol.scenarios.flying import FlownDay, fly_day
from patrol.scenarios.schema import Day


def day_with(**changes: Any) -> Day:
    """Return a short day with one aircraft; `craft` changes the aircraft, the rest the day."""
    craft: dict[str, Any] = {
        "name": "uav-1",
        "missions": [{"height_m": 20, "waypoints_m": [[40, 0], [40, 30]]}],
        "expect": {"outcomes": ["completed"]},
    }
    craft |= changes.pop("craft", {})
    return Day.model_validate({"title": "A short day", "aircraft": [craft]} | changes)


@pytest.fixture(scope="session")
def short_day(tmp_path_factory: pytest.TempPathFactory) -> FlownDay:
    """Fly the short day; tests that change its files work on a copy."""
    return fly_day(day_with(), tmp_path_factory.mktemp("short-day"))


@pytest.fixture
def empty_folder(tmp_path: Path) -> Path:
    """Return a folder that is not there yet."""
    return tmp_path / "day"
