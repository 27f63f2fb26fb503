"""A mission's items take off first, film the lanes and nothing else, and return last."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.missions import Action, MissionItem
from flight.planning.items import Route, Settings, patrol_items, place_at
from flight.planning.links import Point
from tests.flight.planning.scenes import FRAME, county

GRID = county().grid
CODES = frozenset(cell.code for cell in GRID.cells)
SETTINGS = Settings(height_home_m=40.0, speed_mps=8.0, gimbal_pitch_deg=-60.0)
DOCK = (-50.0, -50.0)

metres = st.integers(-200, 400).map(float)
points = st.tuples(metres, metres)


@st.composite
def routes(draw: st.DrawFn) -> Route:
    """Out from the dock, over some lanes and back, with turning points on the way."""
    lanes = draw(st.lists(points, min_size=1, max_size=6))
    out = (DOCK, *draw(st.lists(points, max_size=2)), lanes[0])
    back = (lanes[-1], *draw(st.lists(points, max_size=2)), DOCK)
    return Route(out, tuple(lanes), back)


def items_of(route: Route, codes: frozenset[str] = CODES) -> tuple[MissionItem, ...]:
    """The items of a route over the test county."""
    return patrol_items(route, FRAME, GRID, codes, SETTINGS)


def near(item: MissionItem, point: Point) -> bool:
    """Whether an item is at a point, to the centimetre that autopilots hold."""
    assert item.position is not None
    at = FRAME.to_local(item.position.lon_deg, item.position.lat_deg)
    return math.dist(at, point) < 0.02


@given(routes())
def test_a_mission_begins_with_the_take_off_and_ends_with_the_return(route: Route) -> None:
    """Speed and camera are set before the first leg."""
    items = items_of(route)
    assert [i.action for i in items[:3]] == [Action.TAKEOFF, Action.SPEED, Action.GIMBAL]
    assert (items[1].value, items[2].value) == (8.0, -60.0)
    assert items[-1] == MissionItem(Action.RETURN_HOME)
    assert [i.action for i in items].count(Action.TAKEOFF) == 1


@given(routes())
def test_every_point_of_the_route_is_flown_in_its_order(route: Route) -> None:
    """From above the dock to above the dock, so that the return is straight down."""
    placed = [item for item in items_of(route) if item.position is not None]
    assert len(placed) == len(route.points)
    assert all(near(item, point) for item, point in zip(placed, route.points, strict=True))
    assert near(placed[0], DOCK)
    assert near(placed[-1], DOCK)
    assert {item.height_home_m for item in placed} == {40.0}


@given(routes())
def test_the_camera_runs_over_the_lanes_only(route: Route) -> None:
    """It starts on the first lane's beginning and stops on the last one's end."""
    items = items_of(route)
    actions = [item.action for item in items]
    start, stop = actions.index(Action.CAMERA_START), actions.index(Action.CAMERA_STOP)
    filmed = [items[start - 1], *items[start + 1 : stop]]
    assert len(filmed) == len(route.lanes)
    assert all(near(item, point) for item, point in zip(filmed, route.lanes, strict=True))


@given(routes())
def test_only_lanes_look_at_cells(route: Route) -> None:
    """The cell below each; on the way out and back there is none."""
    items = [item for item in items_of(route) if item.position is not None]
    lanes = slice(len(route.out) - 1, len(route.out) - 1 + len(route.lanes))
    for item in items[lanes]:
        assert item.position is not None
        below = GRID.cell_at(item.position)
        assert item.cell_code == (below.code if below else "")
    assert not any(item.cell_code for item in (*items[: lanes.start], *items[lanes.stop :]))


def test_a_cell_that_was_not_asked_for_is_not_named() -> None:
    """A lane may end over the neighbour."""
    route = Route((DOCK, (50.0, 50.0)), ((50.0, 50.0), (150.0, 50.0)), ((150.0, 50.0), DOCK))
    (first, *_) = GRID.cells
    named = [item.cell_code for item in items_of(route, frozenset({first.code}))]
    assert [code for code in named if code] == [first.code]


@given(routes())
def test_no_point_of_a_route_is_flown_twice_in_a_row(route: Route) -> None:
    """Where out and lanes meet, and lanes and back."""
    inner = len(route.out) + len(route.lanes) + len(route.back) - 2
    assert len(route.points) == inner
    assert (route.points[0], route.points[-1]) == (DOCK, DOCK)


@given(points)
def test_places_are_what_autopilots_can_hold(point: Point) -> None:
    """Whole 1e-7 degrees, a centimetre at most from where they were meant."""
    place = place_at(point, FRAME)
    for degrees in (place.lon_deg, place.lat_deg):
        assert degrees == pytest.approx(round(degrees * 1e7) / 1e7, abs=1e-12)
    assert math.dist(FRAME.to_local(place.lon_deg, place.lat_deg), point) < 0.011
