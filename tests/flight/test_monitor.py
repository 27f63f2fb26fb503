"""Breaches are foretold early enough, and planned turns near the fence are no alarm."""

import math
from dataclasses import replace

import pytest
import shapely

from flight.missions import Action, Fence, Mission, MissionItem
from flight.monitor import BreachMonitor, Foresight
from flight.states import VehicleState
from flight.vehicle import Control
from geofences.geodesy import LocalFrame, LonLat
from geofences.heights import Height, HeightReference
from geofences.zones import Zone, ZoneKind

HOME = LonLat(115.62, 33.16)
FRAME = LocalFrame(HOME)


def at(east_m: float, north_m: float) -> LonLat:
    """Return a place given in metres from home."""
    return LonLat(*FRAME.to_lonlat(east_m, north_m))


def area(*bounds_m: float) -> shapely.Polygon:
    """Return a rectangle given in metres from home, in degrees."""
    polygon = FRAME.geometry_to_lonlat(shapely.box(*bounds_m))
    assert isinstance(polygon, shapely.Polygon)
    return polygon


def mission(exclusions: tuple[shapely.Polygon, ...] = ()) -> Mission:
    """Return a lane of 200 m to the east, 40 m from its fence, and back 30 m to the north."""
    items = (
        MissionItem(Action.TAKEOFF, height_home_m=40.0),
        MissionItem(Action.WAYPOINT, at(200.0, 0.0), 40.0),
        MissionItem(Action.WAYPOINT, at(200.0, 30.0), 40.0),
        MissionItem(Action.WAYPOINT, at(0.0, 30.0), 40.0),
        MissionItem(Action.RETURN_HOME),
    )
    fence = Fence(area(-40, -40, 240, 70), exclusions, 60.0)
    return Mission("m", "heron", "d", HOME, items, fence, 10.0, 40.0, (), 1.0, 1.0)


def flying(
    place: tuple[float, float], velocity: tuple[float, float, float], item: int | None = 1
) -> VehicleState:
    """Return a snapshot at metres from home, with a velocity east, north, up."""
    return VehicleState(
        time_boot_s=100.0,
        position=at(*place),
        height_home_m=40.0,
        velocity_east_mps=velocity[0],
        velocity_north_mps=velocity[1],
        velocity_up_mps=velocity[2],
        armed=True,
        on_ground=False,
        mission_item=item,
    )


def seen(state: VehicleState, control: Control, monitor: BreachMonitor | None = None) -> Foresight:
    """Return what is foretold of a snapshot."""
    foresight = (monitor or BreachMonitor(mission())).look(state, control)
    assert foresight is not None
    return foresight


@pytest.mark.parametrize("east_m", [100.0, 170.0, 195.0, 199.0])
def test_a_lane_that_ends_near_the_fence_is_no_alarm(east_m: float) -> None:
    """It flies straight at the fence, and will turn before it as planned."""
    assert not seen(flying((east_m, 0.0), (10.0, 0.0, 0.0)), Control.MISSION).warning


def test_an_aircraft_that_does_not_turn_where_planned_is_told_at_once() -> None:
    """Nine metres past its corner, there are three seconds left."""
    foresight = seen(flying((209.0, 0.0), (10.0, 0.0, 0.0), item=2), Control.MISSION)
    assert foresight.warning
    assert foresight.breach_in_s == pytest.approx(3.1, abs=0.01)
    assert foresight.ahead == "fence"
    assert "breach of fence in 3 s" in foresight.text


def test_a_pilot_who_flies_at_the_fence_is_warned_eight_seconds_before() -> None:
    """Nobody knows where the pilot means to turn."""
    fast = (10.0, 0.0, 0.0)
    assert not seen(flying((155.0, 0.0), fast), Control.PILOT).warning
    assert seen(flying((165.0, 0.0), fast), Control.PILOT).warning


def test_a_drift_across_the_lane_is_foretold() -> None:
    """The wind carries it off its way: its velocity counts, not its plan."""
    state = flying((100.0, -12.0), (1.0, -6.0, 0.0))
    assert seen(state, Control.MISSION).breach_in_s == pytest.approx(28.0 / 6.0, abs=0.01)


@pytest.mark.parametrize("control", [Control.RETURNING, Control.COMMANDED, Control.FAILSAFE])
def test_an_autopilot_that_brakes_is_told_of_only_when_it_cannot_stop(control: Control) -> None:
    """From ten metres a second it needs forty-two metres, our reaction included."""
    fast = (10.0, 0.0, 0.0)
    assert not seen(flying((190.0, 0.0), fast), control).warning
    assert seen(flying((205.0, 0.0), fast), control).warning


def test_a_no_fly_area_across_the_way_home_is_told() -> None:
    """A return is a straight line."""
    monitor = BreachMonitor(mission((area(80, -10, 100, 10),)))
    foresight = seen(flying((200.0, 0.0), (-10.0, 0.0, 0.0)), Control.RETURNING, monitor)
    assert foresight.warning
    assert foresight.breach_in_s == pytest.approx(10.0, abs=0.05)
    assert foresight.ahead == "exclusion 1"


def test_a_climb_to_the_planned_height_is_no_alarm_and_one_beyond_it_is() -> None:
    """The take-off ends twenty metres below the ceiling."""
    climbing = replace(flying((0.0, 0.0), (0.0, 0.0, 2.5), item=0), height_home_m=38.0)
    assert not seen(climbing, Control.MISSION).warning
    beyond = seen(replace(climbing, height_home_m=50.0), Control.MISSION)
    assert beyond.warning
    assert beyond.breach_in_s == pytest.approx(4.0)
    assert beyond.ahead == "ceiling"


def test_outside_is_a_breach() -> None:
    """And it is named."""
    foresight = seen(flying((241.0, 0.0), (1.0, 0.0, 0.0)), Control.PILOT)
    assert (foresight.breached, foresight.breach_in_s) == (("fence",), 0.0)
    assert foresight.text.startswith("BREACH")


def test_a_warning_stands_for_some_calm_seconds() -> None:
    """A gust does not make it flicker."""
    monitor = BreachMonitor(mission())
    threat = flying((209.0, 0.0), (10.0, 0.0, 0.0), item=2)
    calm = flying((209.0, 0.0), (0.0, 0.0, 0.0), item=2)
    assert seen(threat, Control.MISSION, monitor).warning
    assert seen(replace(calm, time_boot_s=102.0), Control.MISSION, monitor).warning
    assert not seen(replace(calm, time_boot_s=104.0), Control.MISSION, monitor).warning


def test_on_the_ground_and_before_a_fix_nothing_is_foretold() -> None:
    """There is nothing to say."""
    monitor = BreachMonitor(mission())
    state = flying((0.0, 0.0), (0.0, 0.0, 0.0))
    for nobody in ({"on_ground": True}, {"armed": False}, {"position": None}):
        assert monitor.look(replace(state, **nobody), Control.MISSION) is None


def zone(kind: ZoneKind, polygon: shapely.Polygon, **more: object) -> Zone:
    """Return a zone named after its kind."""
    return Zone(kind.value, kind, polygon, kind.value, **more)  # type: ignore[arg-type]


def breached_by(zones: tuple[Zone, ...], height_home_m: float = 40.0) -> tuple[str, ...]:
    """Return what an aircraft over the lane's middle breaches."""
    monitor = BreachMonitor(replace(mission(), home_alt_amsl_m=30.0), zones)
    state = replace(flying((100.0, 0.0), (0.0, 0.0, 0.0)), height_home_m=height_home_m)
    return seen(state, Control.MISSION, monitor).breached


def test_the_countys_zones_count_too() -> None:
    """No-fly ground, a low ceiling, and the edge of what is permitted."""
    here = area(90, -10, 110, 10)
    assert breached_by((zone(ZoneKind.NO_FLY, here),)) == ("no_fly",)
    assert breached_by((zone(ZoneKind.CEILING, here, ceiling_m=35.0),)) == ("ceiling of ceiling",)
    assert breached_by((zone(ZoneKind.CEILING, here, ceiling_m=45.0),)) == ()
    assert breached_by((zone(ZoneKind.KEEP_IN, area(-20, -20, 80, 80)),)) == ("permitted area",)
    assert breached_by((zone(ZoneKind.WATER, here),)) == ()


@pytest.mark.parametrize(
    ("lower", "breached"),
    [
        (Height(60.0, HeightReference.GROUND), ()),
        (Height(65.0, HeightReference.SEA_LEVEL), ("no_fly",)),
        (Height(75.0, HeightReference.SEA_LEVEL), ()),
        (Height(200.0, HeightReference.ELLIPSOID), ("no_fly",)),
    ],
)
def test_a_zones_heights_are_brought_above_home(lower: Height, breached: tuple[str, ...]) -> None:
    """At 40 m above a home at 30 m; what cannot be told counts as closed."""
    assert breached_by((zone(ZoneKind.NO_FLY, area(90, -10, 110, 10), lower=lower),)) == breached


def test_areas_that_touch_are_one_permitted_area() -> None:
    """Crossing from one into the other is no breach."""
    both = (
        Zone("a", ZoneKind.KEEP_IN, area(-50, -50, 100, 80), "a"),
        Zone("b", ZoneKind.KEEP_IN, area(100, -50, 300, 80), "b"),
    )
    assert breached_by(both) == ()


def test_a_standing_aircraft_never_breaches() -> None:
    """Nothing leads anywhere."""
    assert math.isinf(seen(flying((100.0, 0.0), (0.0, 0.0, 0.0)), Control.PILOT).breach_in_s)
