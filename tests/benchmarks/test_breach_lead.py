"""What the lead before a breach is measured by."""

import math

import shapely

from benchmarks.breach_lead import SPEED_MPS, Heard, _flown, days, lane, quiet_day


def test_a_lead_is_from_the_warning_to_the_breach() -> None:
    """Who was not warned had no lead at all."""
    assert Heard(warned_at_s=50.0, breached_at_s=54.5).lead_s == 4.5
    assert Heard(breached_at_s=54.5).lead_s == -math.inf


def test_the_quiet_day_stays_inside_and_one_plan_does_not() -> None:
    """A warning on the first is false, none on the second is a miss."""
    quiet, through = quiet_day().mission, days(20.0)[0].mission
    for mission, stays in ((quiet, True), (through, False)):
        points = [item.position for item in mission.items if item.position is not None]
        inside = [
            shapely.intersects_xy(mission.fence.inclusion, p.lon_deg, p.lat_deg) for p in points
        ]
        assert all(inside) is stays


def test_lanes_are_flown_at_patrol_speed() -> None:
    """The figure is for that speed."""
    assert lane([(0.0, 100.0)]).items[1].value == SPEED_MPS


def test_a_plan_through_the_fence_is_told_before_the_autopilot_notices() -> None:
    """One flight of the measurement, end to end."""
    heard = _flown(days(20.0)[0])
    assert heard.lead_s >= 3.0
    assert heard.autopilot_late_s > 0.0
