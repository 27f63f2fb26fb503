"""Missions refuse what cannot be flown."""

import math
from dataclasses import replace
from typing import Any

import pytest
import shapely

from flight.missions import Action, Fence, Mission, MissionItem, RallyPoint
from geofences.geodesy import LonLat

HOME = LonLat(115.62, 33.16)
AWAY = LonLat(115.63, 33.17)
SQUARE = shapely.box(115.60, 33.15, 115.64, 33.18)


def mission(*items: MissionItem) -> Mission:
    """A mission of some items."""
    fence = Fence(SQUARE, (), 120.0)
    return Mission("m-1", "drone-1", "dock-1", HOME, items, fence, 8.0, 40.0, (), 100.0, 60.0)


@pytest.mark.parametrize(
    ("action", "given"),
    [
        (Action.WAYPOINT, {"height_home_m": 40.0}),
        (Action.WAYPOINT, {"position": AWAY}),
        (Action.TAKEOFF, {}),
        (Action.SPEED, {}),
        (Action.SPEED, {"value": 0.0}),
        (Action.GIMBAL, {"value": -181.0}),
        (Action.GIMBAL, {}),
        (Action.WAYPOINT, {"position": AWAY, "height_home_m": math.nan}),
        (Action.SPEED, {"value": math.inf}),
        (Action.HOVER, {}),
        (Action.HOVER, {"value": 0.0}),
        (Action.HOVER, {"value": 5.0, "position": AWAY}),
        (Action.HOVER, {"value": 5.0, "height_home_m": 30.0}),
        (Action.LOOK_AT, {"height_home_m": 3.0}),
        (Action.LOOK_AT, {"position": AWAY}),
    ],
)
def test_an_impossible_item_is_refused(action: Action, given: dict[str, object]) -> None:
    """An item without what its action needs cannot be made."""
    with pytest.raises(ValueError, match=r"needs|must|between|cannot"):
        MissionItem(action, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "action",
    [
        Action.CAMERA_START,
        Action.CAMERA_STOP,
        Action.LOOK_AHEAD,
        Action.RETURN_HOME,
        Action.LAND,
    ],
)
def test_other_items_need_nothing(action: Action) -> None:
    """Camera, return and landing items stand alone."""
    assert MissionItem(action).position is None


def test_a_fence_is_rings_without_holes() -> None:
    """Autopilots store rings only."""
    holed = shapely.difference(SQUARE, shapely.box(115.61, 33.16, 115.62, 33.17))
    with pytest.raises(ValueError, match="one ring"):
        Fence(holed, (), 120.0)
    with pytest.raises(ValueError, match="one ring"):
        Fence(SQUARE, (shapely.Polygon(),), 120.0)


@pytest.mark.parametrize("ceiling_m", [0.0, -5.0, math.nan])
def test_a_fence_has_a_ceiling(ceiling_m: float) -> None:
    """A ceiling at or below home would keep everything on the ground."""
    with pytest.raises(ValueError, match="ceiling"):
        Fence(SQUARE, (), ceiling_m)


def test_a_fence_counts_each_vertex_once() -> None:
    """The point that closes a ring is not stored twice."""
    zone = shapely.Polygon([(115.61, 33.16), (115.62, 33.16), (115.62, 33.17)])
    assert Fence(SQUARE, (zone,), 120.0).vertex_count == 4 + 3


def test_the_route_leads_from_home_and_back() -> None:
    """A return is part of the way."""
    out = MissionItem(Action.WAYPOINT, AWAY, 40.0)
    assert mission(out, MissionItem(Action.RETURN_HOME)).route == (HOME, AWAY, HOME)


def test_the_route_of_an_open_mission_ends_at_its_last_waypoint() -> None:
    """Without a return nothing is added."""
    assert mission(MissionItem(Action.WAYPOINT, AWAY, 40.0)).route == (HOME, AWAY)


def test_what_is_looked_at_is_not_flown_to() -> None:
    """The camera turns there; the aircraft hovers where it is told to."""
    tower = MissionItem(Action.LOOK_AT, LonLat(115.5, 33.1), 12.0)
    stay = MissionItem(Action.HOVER, AWAY, 40.0, 10.0)
    assert (tower.flown_to, stay.flown_to) == (None, AWAY)
    assert mission(tower, stay).route == (HOME, AWAY)


@pytest.mark.parametrize("height_m", [0.0, -3.0, math.nan, math.inf])
def test_a_rally_point_is_in_the_air(height_m: float) -> None:
    """An aircraft arrives there flying."""
    with pytest.raises(ValueError, match="rally point needs a height"):
        RallyPoint(AWAY, height_m)


@pytest.mark.parametrize(
    "wrong",
    [
        {"home_alt_amsl_m": math.nan},
        {"energy_wh": -1.0},
        {"energy_wh": math.inf},
        {"start_s": -1.0},
        {"start_s": math.nan},
    ],
)
def test_foretold_figures_are_numbers(wrong: dict[str, Any]) -> None:
    """A mission does not start before its patrol, nor give energy back."""
    with pytest.raises(ValueError, match="not "):
        replace(mission(), **wrong)
