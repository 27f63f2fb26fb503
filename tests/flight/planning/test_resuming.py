"""What is left of a broken-off mission starts a little before the break and leaves nothing out."""

import dataclasses

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanningError
from flight.missions import Action, Mission, MissionItem
from flight.planning.aircraft import Aircraft
from flight.planning.camera_lanes import filmed_route
from flight.planning.checks import check_mission
from flight.planning.planner import plan_patrol
from flight.planning.resuming import Breakpoint, ResumeSettings, resume_mission
from geofences.geodesy import LonLat
from tests.flight.planning.scenes import FRAME, county, request, zone

GROUND = county()
WHOLE = plan_patrol(GROUND, request(GROUND, 1)).missions[0]
FRESH = Aircraft("drone-9", "dock-2")
START = [item.action for item in WHOLE.items].index(Action.CAMERA_START)
STOP = [item.action for item in WHOLE.items].index(Action.CAMERA_STOP)
FILMED = [START - 1, *range(START + 1, STOP)]
breaks = st.sampled_from(FILMED[:-1])


def film(mission: Mission) -> shapely.LineString:
    """The line over which the camera runs, metres."""
    points = filmed_route(mission, FRAME)
    return shapely.LineString(points if len(points) > 1 else [*points, *points])


def at(place: LonLat) -> shapely.Point:
    """A place in metres."""
    return shapely.Point(FRAME.to_local(place.lon_deg, place.lat_deg))


@settings(max_examples=25)
@given(breaks, st.floats(0.0, 0.95))
def test_what_both_flights_filmed_is_the_whole_line(reached: int, share: float) -> None:
    """Wherever on a leg the first one stopped, the second goes on from 30 m before."""
    after = next(i for i in WHOLE.items[reached + 1 :] if i.flown_to is not None).flown_to
    before = WHOLE.items[reached].flown_to
    assert before is not None
    assert after is not None
    broken = LonLat(
        before.lon_deg + share * (after.lon_deg - before.lon_deg),
        before.lat_deg + share * (after.lat_deg - before.lat_deg),
    )
    rest = resume_mission(GROUND, WHOLE, Breakpoint(reached, broken), FRESH)
    whole, second = film(WHOLE), film(rest)
    done = dataclasses.replace(WHOLE, items=WHOLE.items[: max(reached, START) + 1])
    leg_m = shapely.distance(at(before), at(after))
    done_m = film(done).length + share * leg_m
    assert second.length == pytest.approx(whole.length - done_m + min(30.0, done_m), abs=0.2)
    assert shapely.distance(shapely.Point(second.coords[-1]), shapely.Point(whole.coords[-1])) < 0.1


@given(breaks)
@settings(max_examples=10)
def test_the_rest_is_a_mission_that_may_fly(reached: int) -> None:
    """It takes off from the fresh aircraft's dock, sets everything anew, and passes the checks."""
    rest = resume_mission(GROUND, WHOLE, Breakpoint(reached), FRESH)
    actions = [item.action for item in rest.items]
    assert actions[:3] == [Action.TAKEOFF, Action.SPEED, Action.GIMBAL]
    assert actions.count(Action.CAMERA_START) == actions.count(Action.CAMERA_STOP) == 1
    assert actions[-1] is Action.RETURN_HOME
    assert (rest.vehicle_name, rest.dock_id) == ("drone-9", "dock-2")
    assert rest.items[-2].position is not None
    assert not [f for f in check_mission(rest, GROUND.zones) if f.severity == "error"]


def test_ways_to_the_rest_lead_round_zones() -> None:
    """A zone between the dock and the breakpoint is flown round."""
    closed = county([zone(shapely.box(340.0, 150.0, 400.0, 320.0))])
    whole = plan_patrol(closed, request(closed, 1)).missions[0]
    rest = resume_mission(closed, whole, Breakpoint(10), FRESH)
    line = shapely.LineString([FRAME.to_local(p.lon_deg, p.lat_deg) for p in rest.route])
    assert shapely.distance(line, shapely.box(340.0, 150.0, 400.0, 320.0)) >= 19.9


def test_a_mission_broken_off_before_its_work_is_flown_whole() -> None:
    """Nothing was filmed, so all is left."""
    rest = resume_mission(GROUND, WHOLE, Breakpoint(0), FRESH)
    assert film(rest).equals_exact(film(WHOLE), 0.05)


def test_the_overlap_never_leads_before_the_work() -> None:
    """A longer overlap than what was flown starts at the first point."""
    far = ResumeSettings(overlap_m=1e6)
    rest = resume_mission(GROUND, WHOLE, Breakpoint(FILMED[3]), FRESH, far)
    assert film(rest).equals_exact(film(WHOLE), 0.05)


def test_a_finished_mission_leaves_nothing() -> None:
    """The message says so."""
    with pytest.raises(PlanningError, match="nothing is left"):
        resume_mission(GROUND, WHOLE, Breakpoint(len(WHOLE.items) - 1), FRESH)


def test_a_breakpoint_that_the_mission_does_not_have_is_refused() -> None:
    """The message names what it has."""
    with pytest.raises(PlanningError, match="has items 0 to"):
        resume_mission(GROUND, WHOLE, Breakpoint(900), FRESH)


def test_a_place_far_from_the_route_is_refused() -> None:
    """A slip in a coordinate would leave ground unseen."""
    with pytest.raises(PlanningError, match=r"115\.6\d+,33\.2\d+ is \d{4,} m from the leg"):
        resume_mission(GROUND, WHOLE, Breakpoint(START + 1, LonLat(115.62, 33.2)), FRESH)


def test_another_dock_changes_no_altitude() -> None:
    """Heights are above home: from a lower dock the same place in the air is higher above it."""
    low = dataclasses.replace(GROUND.docks[1], alt_amsl_m=GROUND.docks[1].alt_amsl_m - 12.0)
    ground = dataclasses.replace(GROUND, docks=(GROUND.docks[0], low))
    rest = resume_mission(ground, WHOLE, Breakpoint(START + 1), FRESH)
    assert rest.home_alt_amsl_m == low.alt_amsl_m
    assert rest.height_home_m == WHOLE.height_home_m + 12.0
    heights_m = {i.height_home_m for i in rest.items if i.height_home_m is not None}
    assert heights_m == {WHOLE.height_home_m + 12.0}


def test_the_rest_takes_off_as_high_as_the_whole() -> None:
    """A take-off above the lanes is there for the return over a hill."""
    first, *others = WHOLE.items
    high = dataclasses.replace(WHOLE, items=(replace_height(first, 75.0), *others))
    rest = resume_mission(GROUND, high, Breakpoint(START + 1), FRESH)
    assert rest.items[0].height_home_m == 75.0


@pytest.mark.parametrize("reached", FILMED[:-1:2])
def test_straight_ways_home_stay_inside_the_fence(reached: int) -> None:
    """Where no zone bars them."""
    rest = resume_mission(GROUND, WHOLE, Breakpoint(reached), FRESH)
    codes = {finding.code for finding in check_mission(rest, GROUND.zones)}
    assert "return.leaves_fence" not in codes


def replace_height(item: MissionItem, height_m: float) -> MissionItem:
    """An item at another height."""
    return dataclasses.replace(item, height_home_m=height_m)


def test_a_flight_of_many_is_resumed_from_another_dock_with_overlap() -> None:
    """Of a plan of several flights and docks one is taken up, and films what was left of it."""
    wide = county(rows=6, columns=12, docks=((-50.0, 300.0), (1250.0, 300.0)))
    crew = tuple(Aircraft(f"drone-{n}", f"dock-{n}", endurance_s=420.0) for n in (1, 2))
    plan = plan_patrol(wide, dataclasses.replace(request(wide), aircraft=crew))
    assert len(plan.missions) > 2
    assert {mission.dock_id for mission in plan.missions} == {"dock-1", "dock-2"}
    for broken in plan.missions:
        placed = [i for i, item in enumerate(broken.items) if item.flown_to is not None]
        reached = placed[len(placed) // 2]
        other = crew[broken.dock_id == "dock-1"]
        rest = resume_mission(wide, broken, Breakpoint(reached), other)
        assert rest.dock_id == other.dock_id != broken.dock_id
        assert not [f for f in check_mission(rest, wide.zones) if f.severity == "error"]
        done = film(dataclasses.replace(broken, items=broken.items[: reached + 1]))
        assert film(rest).length == pytest.approx(film(broken).length - done.length + 30.0, abs=0.5)
