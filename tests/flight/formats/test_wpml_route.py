"""A mission's steps hang on the right points of a DJI route."""

import itertools

from hypothesis import given

from flight.formats.wpml_aircraft import dji_aircraft
from flight.formats.wpml_route import (
    Finish,
    PointAction,
    PointDeed,
    RoutePoint,
    WpmlRoute,
    faults,
    route_of,
)
from flight.missions import Action, Mission, MissionItem
from geofences.geodesy import distance_m
from tests.flight.formats.routes import HOME, mission, missions, place, waypoint


@given(missions())
def test_every_turn_has_room_on_its_legs(made: Mission) -> None:
    """A leg is longer than the turns at its ends, and nobody turns where something is done."""
    points = route_of(made, corner_m=4.0).points
    assert points[0].turn_m == points[-1].turn_m == 0.0
    for a, b in itertools.pairwise(points):
        if a.turn_m + b.turn_m:
            assert distance_m(a.position, b.position) > a.turn_m + b.turn_m
    assert all(point.turn_m == 0.0 for point in points if point.actions)


@given(missions())
def test_no_place_of_a_mission_is_left_out(made: Mission) -> None:
    """Every place flown to is a point, in order, and hovers last as long as before."""
    points = route_of(made, corner_m=4.0).points
    flown = [item.flown_to for item in made.items[1:] if item.flown_to is not None]
    left = iter(point.position for point in points)
    for at, _ in itertools.groupby(flown):
        assert any(distance_m(at, other) < 0.1 for other in left)
    hovered = sum(i.value or 0.0 for i in made.items if i.action is Action.HOVER)
    done = [action for point in points for action in point.actions]
    assert hovered == sum(a.value for a in done if a.deed is PointDeed.HOVER)


def test_waypoints_at_one_place_are_one_point() -> None:
    """DJI's aircraft refuse legs without a length; what is done there is kept."""
    items = [waypoint(0, 0), waypoint(0, 0), MissionItem(Action.HOVER, value=3.0), waypoint(9, 0)]
    first, _ = route_of(mission(items), corner_m=4.0).points
    assert first.actions == (PointAction(PointDeed.HOVER, 3.0),)


def test_a_hover_before_any_waypoint_is_above_home() -> None:
    """At the height of the take-off."""
    items = [MissionItem(Action.TAKEOFF, HOME, 30.0), MissionItem(Action.HOVER, value=3.0)]
    (point,) = route_of(mission(items), corner_m=4.0).points
    assert (point.position, point.height_home_m) == (HOME, 30.0)


def test_landing_elsewhere_is_a_last_point_there() -> None:
    """Landing at home is the return."""
    away = [waypoint(0, 0), MissionItem(Action.LAND, place(50, 0), 0.0)]
    route = route_of(mission(away), corner_m=4.0)
    assert (route.finish, len(route.points)) == (Finish.LAND, 2)
    home = route_of(mission([waypoint(0, 0), MissionItem(Action.LAND)]), corner_m=4.0)
    assert (home.finish, len(home.points)) == (Finish.GO_HOME, 1)


def test_turns_that_eat_their_leg_are_told() -> None:
    """As is a route that begins with a turn."""
    points = (
        RoutePoint(place(0, 0), 40.0, 8.0, turn_m=4.0),
        RoutePoint(place(7, 0), 40.0, 8.0, turn_m=4.0),
        RoutePoint(place(50, 0), 40.0, 8.0),
    )
    route = WpmlRoute(points, 40.0, 40.0, 8.0, Finish.GO_HOME)
    told = list(faults(route, dji_aircraft("M3D"), from_dock=True))
    assert "from point 0 to 1 is 7.00 m long" in told[0]
    assert "Point 0 begins or ends the route" in told[1]
