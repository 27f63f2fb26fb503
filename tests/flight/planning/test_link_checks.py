"""A patrol stays within reach and in sight of its dock's radio, or says where it does not."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from flight.missions import Action, Fence, Mission, MissionItem
from flight.planning.aircraft import Aircraft
from flight.planning.items import place_at
from flight.planning.link_checks import USUAL_RANGE_M, check_link
from geofences.checks import Severity
from geofences.terrain import FlatTerrain
from tests.flight.planning.grounds import FRAME, ground
from tests.flight.planning.test_terrain_checks import FENCE

CRAFT = Aircraft("drone-1", "dock-1")


def there_and_back(*east_m: float, height_m: float = 40.0) -> Mission:
    """Straight to the east by some places, and home."""
    flown = [MissionItem(Action.WAYPOINT, place_at((x, 0.0), FRAME), height_m) for x in east_m]
    home = place_at((0.0, 0.0), FRAME)
    start = MissionItem(Action.TAKEOFF, home, height_m)
    items = (start, *flown, MissionItem(Action.RETURN_HOME))
    return Mission(
        "m-1", "drone-1", "dock-1", home, items, Fence(FENCE.inclusion, (), 120.0), 8.0, height_m,
        (), 0.0, 0.0, home_alt_amsl_m=40.0,
    )  # fmt: skip


def ridge(top_m: float) -> np.ndarray:
    """Flat ground at 40 m, and a ridge from north to south 560 m east of the middle."""
    heights = np.full((100, 100), 40.0)
    heights[:, 68:71] += top_m
    return heights


def test_what_is_near_is_within_reach() -> None:
    """And says nothing; a mission that goes nowhere neither."""
    assert check_link(there_and_back(500.0, 1000.0), CRAFT) == ()
    nowhere = dataclasses.replace(there_and_back(), items=(MissionItem(Action.RETURN_HOME),))
    assert check_link(nowhere, CRAFT, FlatTerrain(40.0)) == ()


@pytest.mark.parametrize(
    ("reach_m", "east_m", "severity"),
    [
        (None, USUAL_RANGE_M - 10.0, None),
        (None, USUAL_RANGE_M + 10.0, Severity.WARNING),
        (900.0, 890.0, None),
        (900.0, 910.0, Severity.ERROR),
        (9000.0, USUAL_RANGE_M + 10.0, None),
    ],
)
def test_beyond_a_stated_range_nobody_flies(
    reach_m: float | None, east_m: float, severity: Severity | None
) -> None:
    """Beyond the usual one, where nobody states any, the operator is warned."""
    craft = dataclasses.replace(CRAFT, link_range_m=reach_m)
    found = check_link(there_and_back(300.0, east_m, 300.0), craft)
    assert [(f.code, f.severity) for f in found] == ([("link.range", severity)] if severity else [])


def test_the_farthest_place_is_told() -> None:
    """With the item, its distance, the range and what to do."""
    craft = dataclasses.replace(CRAFT, link_range_m=900.0)
    (found,) = check_link(there_and_back(950.0, 1500.0, 300.0), craft)
    assert found.position == place_at((1500.0, 0.0), FRAME)
    assert "2 waypoints" in found.message
    assert "item 2" in found.message
    assert "1.5 km from the dock" in found.message
    assert "0.9 km that the radio of drone-1 reaches" in found.message
    assert "nearer dock" in found.message


@pytest.mark.parametrize(
    ("top_m", "height_m", "hidden"),
    [(30.0, 40.0, True), (30.0, 80.0, False), (10.0, 40.0, False)],
)
def test_a_ridge_hides_an_aircraft_that_flies_low(
    tmp_path: Path, top_m: float, height_m: float, hidden: bool
) -> None:
    """The line of sight to 1,000 m passes 560 m out at a little more than half the height."""
    terrain = ground(tmp_path, ridge(top_m))
    found = check_link(there_and_back(1000.0, height_m=height_m), CRAFT, terrain)
    assert [(f.code, f.severity) for f in found] == [("link.hidden", Severity.WARNING)] * hidden


def test_a_leg_between_two_seen_ends_may_be_hidden(tmp_path: Path) -> None:
    """Each hundred metres of the way are looked at, not the waypoints alone."""
    heights = np.full((100, 100), 40.0)
    heights[47:53, 60:63] += 38.0
    around = there_and_back(1000.0)
    places = [place_at((1000.0, north_m), FRAME) for north_m in (-900.0, 900.0)]
    passing = [MissionItem(Action.WAYPOINT, place, 40.0) for place in places]
    around = dataclasses.replace(around, items=(around.items[0], *passing, around.items[-1]))
    (found,) = check_link(around, CRAFT, ground(tmp_path, heights))
    assert "on the way to item 2" in found.message
    assert found.position is not None
    east_m, north_m = FRAME.to_local(found.position.lon_deg, found.position.lat_deg)
    assert abs(north_m) < 300.0
    assert east_m == pytest.approx(1000.0, abs=1.0)


def test_over_a_plain_the_earth_alone_hides_nothing() -> None:
    """Twenty kilometres out it rises by 6 m between the ends."""
    craft = dataclasses.replace(CRAFT, link_range_m=30_000.0)
    assert check_link(there_and_back(20_000.0), craft, FlatTerrain(40.0)) == ()
    low = there_and_back(20_000.0, height_m=4.0)
    assert [f.code for f in check_link(low, craft, FlatTerrain(40.0))] == ["link.hidden"]


def test_an_antenna_is_never_in_the_ground() -> None:
    """A dock whose altitude is said too low does not hide all."""
    low = dataclasses.replace(there_and_back(500.0, height_m=60.0), home_alt_amsl_m=35.0)
    assert check_link(low, CRAFT, FlatTerrain(40.0)) == ()


def test_unknown_ground_hides_nothing(tmp_path: Path) -> None:
    """That it is unknown is told by the checks of clearance."""
    terrain = ground(tmp_path, np.full((100, 100), -9999.0))
    assert check_link(there_and_back(500.0), CRAFT, terrain) == ()
