"""Every shipped day is flown by our own client and holds what it promises."""

from pathlib import Path

import pytest

from patrol.scenarios.flying import fly_day
from patrol.scenarios.judging import judge
from patrol.scenarios.reading import read_day, shipped_days

DAYS = shipped_days()


@pytest.mark.parametrize("name", DAYS)
def test_the_day_holds(name: str, tmp_path: Path) -> None:
    """Nobody is hurt, everybody lands where he should, and all that was flown is recorded."""
    checks = judge(fly_day(read_day(DAYS[name]), tmp_path))
    assert [
        f"{check.aircraft}: {check.what}: {check.found}" for check in checks if not check.holds
    ] == []


def test_at_least_twenty_days_are_shipped() -> None:
    """With titles that tell them apart."""
    titles = {read_day(path).title for path in DAYS.values()}
    assert len(titles) == len(DAYS) >= 20
