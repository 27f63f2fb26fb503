"""A mission's items take off first, film the work and nothing else, and return last."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.missions import Action, MissionItem
from flight.planning.items import ItemWriter, RoutePoint, Settings, place_at
from flight.planning.links import Point
from flight.planning.work import Stop
from tests.flight.planning.scenes import FRAME, county

GRID = county().grid
CODES = frozenset(cell.code for cell in GRID.cells)
SETTINGS = Settings(speed_mps=8.0, gimbal_pitch_deg=-60.0)
DOCK = (-50.0, -50.0)

metres = st.integers(-200, 400).map(float)
points = st.tuples(metres, metres)
Route = tuple[RoutePoint, ...]


@st.composite
def routes(draw: st.DrawFn) -> Route:
    """Out from the dock, to work and back, with turning points on the way."""
    out = [RoutePoint(point, 40.0) for point in (DOCK, *draw(st.lists(points, max_size=2)))]
    heights = st.integers(20, 100).map(float)
    work = [
        RoutePoint(point, draw(heights), working=True)
        for point in draw(st.lists(points, min_size=1, max_size=6))
    ]
    back = [RoutePoint(point, 40.0) for point in (*draw(st.lists(points, max_size=2)), DOCK)]
    return (*out, *work, *back)


def items_of(
    route: Route, codes: frozenset[str] = CODES, settings: Settings = SETTINGS
) -> tuple[MissionItem, ...]:
    """The items of a route over the test county."""
    return ItemWriter(FRAME, GRID, codes).items(route, settings)


def with_stop(stop: Stop, after: Stop | None = None) -> list[MissionItem]:
    """The items of a route with one working point that stops, and another that may."""
    route = (
        RoutePoint(DOCK, 40.0),
        RoutePoint((10.0, 0.0), 40.0, working=True, stop=stop),
        RoutePoint((50.0, 0.0), 40.0, working=True, stop=after),
        RoutePoint(DOCK, 40.0),
    )
    return list(items_of(route))


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
    """From above the dock to above the dock, at the height of each, so the return is straight."""
    placed = [item for item in items_of(route) if item.position is not None]
    assert len(placed) == len(route)
    assert all(near(item, each.point) for item, each in zip(placed, route, strict=True))
    assert [item.height_home_m for item in placed] == [each.height_home_m for each in route]


@given(routes())
def test_the_camera_runs_over_the_work_only(route: Route) -> None:
    """It starts on the first point of the work and stops on the last."""
    items = items_of(route)
    actions = [item.action for item in items]
    start, stop = actions.index(Action.CAMERA_START), actions.index(Action.CAMERA_STOP)
    filmed = [items[start - 1], *items[start + 1 : stop]]
    work = [each for each in route if each.working]
    assert len(filmed) == len(work)
    assert all(near(item, each.point) for item, each in zip(filmed, work, strict=True))


def test_a_flight_that_does_not_film_leaves_the_camera_alone() -> None:
    """There is neither a start nor a stop."""
    route = (RoutePoint(DOCK, 40.0), RoutePoint((0.0, 0.0), 40.0, working=True))
    actions = {item.action for item in items_of(route, settings=Settings(8.0, -60.0, films=False))}
    assert not actions & {Action.CAMERA_START, Action.CAMERA_STOP}


@given(routes())
def test_only_the_work_looks_at_cells(route: Route) -> None:
    """The cell below each; on the way out and back there is none."""
    items = [item for item in items_of(route) if item.position is not None]
    for item, each in zip(items, route, strict=True):
        assert item.position is not None
        below = GRID.cell_at(item.position) if each.working else None
        assert item.cell_code == (below.code if below else "")


def test_a_cell_that_was_not_asked_for_is_not_named() -> None:
    """A lane may end over the neighbour."""
    lane = [RoutePoint(point, 40.0, working=True) for point in ((50.0, 50.0), (150.0, 50.0))]
    (first, *_) = GRID.cells
    named = [
        item.cell_code
        for item in items_of((RoutePoint(DOCK, 40.0), *lane), frozenset({first.code}))
    ]
    assert [code for code in named if code] == [first.code]


def test_a_stop_hovers_where_it_is() -> None:
    """For so many seconds, right after its waypoint and the start of the camera."""
    items = with_stop(Stop(5.0))
    hover = items[5]
    assert (items[4].action, hover.action, hover.value) == (Action.CAMERA_START, Action.HOVER, 5.0)
    assert near(hover, (10.0, 0.0))


def test_the_camera_keeps_a_thing_in_view_until_the_work_ends() -> None:
    """Then it looks ahead again at its usual pitch, before the way back."""
    items = with_stop(Stop(look_at=(20.0, 20.0), look_at_height_home_m=3.0))
    at = next(item for item in items if item.action is Action.LOOK_AT)
    assert near(at, (20.0, 20.0))
    assert at.height_home_m == 3.0
    ending = [item.action for item in items[items.index(at) + 1 :]]
    assert ending[:4] == [Action.WAYPOINT, Action.LOOK_AHEAD, Action.GIMBAL, Action.CAMERA_STOP]


def test_a_later_stop_may_look_ahead_again() -> None:
    """A stop that looks at nothing ends the view before it."""
    actions = [item.action for item in with_stop(Stop(look_at=(20.0, 20.0)), Stop(1.0))]
    assert actions.count(Action.LOOK_AHEAD) == 1
    assert actions.index(Action.LOOK_AHEAD) < actions.index(Action.HOVER)


@given(points)
def test_places_are_what_autopilots_can_hold(point: Point) -> None:
    """Whole 1e-7 degrees, a centimetre at most from where they were meant."""
    place = place_at(point, FRAME)
    for degrees in (place.lon_deg, place.lat_deg):
        assert degrees == pytest.approx(round(degrees * 1e7) / 1e7, abs=1e-12)
    assert math.dist(FRAME.to_local(place.lon_deg, place.lat_deg), point) < 0.011
