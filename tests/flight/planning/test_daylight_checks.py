"""A patrol in the dark is warned of, by the sun at the place and not by anybody's clock."""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone

import pytest

from flight.missions import PatrolPlan
from flight.planning.daylight_checks import check_daylight, is_dark
from flight.planning.planner import plan_patrol
from geofences.geodesy import LonLat
from tests.flight.planning.scenes import county, request

CHINA = timezone(timedelta(hours=8))
HERE = LonLat(115.62, 33.16)
GROUND = county()
PLAN = plan_patrol(GROUND, request(GROUND, 1))


def codes(plan: PatrolPlan, departs_at: datetime) -> list[str]:
    """What is warned of."""
    return [finding.code for finding in check_daylight(plan, departs_at)]


@pytest.mark.parametrize(("hour", "dark"), [(0, True), (4, True), (8, False), (16, False)])
def test_november_days_are_short(hour: int, *, dark: bool) -> None:
    """At 33 degrees north civil twilight lasts from about 6:20 to 17:40 of Chinese time."""
    assert is_dark(HERE, datetime(2026, 11, 22, hour, tzinfo=CHINA)) is dark
    assert is_dark(HERE, datetime(2026, 11, 22, hour, tzinfo=CHINA).astimezone(UTC)) is dark


def test_a_flight_by_day_is_quiet() -> None:
    """From noon there is nothing to say."""
    assert codes(PLAN, datetime(2026, 11, 22, 12, tzinfo=CHINA)) == []


def test_a_flight_into_the_night_is_warned_of_with_its_times() -> None:
    """It takes off by daylight and lands in the dark."""
    late = dataclasses.replace(PLAN.missions[0], start_s=0.0, duration_s=3600.0)
    plan = dataclasses.replace(PLAN, missions=(late,))
    (finding,) = check_daylight(plan, datetime(2026, 11, 22, 17, 0, tzinfo=CHINA))
    assert finding.code == "time.night"
    assert "from 17:00 to 18:00 (2026-11-22, UTC+0800)" in finding.message


def test_polar_days_have_no_night() -> None:
    """In June at 75 degrees north."""
    assert not is_dark(LonLat(20.0, 75.0), datetime(2026, 6, 21, 0, tzinfo=UTC))
    assert is_dark(LonLat(20.0, 75.0), datetime(2026, 12, 21, 12, tzinfo=UTC))
