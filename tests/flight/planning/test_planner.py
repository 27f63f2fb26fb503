"""A patrol plan covers its cells, keeps out of zones, and is balanced, checked and repeatable."""

import dataclasses
import itertools

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import NothingToCoverError, PlanningError
from flight.missions import Action, Mission
from flight.planning.aircraft import Aircraft
from flight.planning.camera_lanes import filmed_route
from flight.planning.checks import check_plan
from flight.planning.planner import plan_patrol
from flight.planning.request import PatrolRequest
from flight.planning.scheduling import track as timed_track
from flight.planning.separation import find_encounters
from flight.planning.tasks import CoverCells, FollowRoads, InspectPlaces, VisitCells
from geofences.county import Road
from geofences.geodesy import LonLat
from geofences.zones import ZoneKind
from tests.flight.planning.scenes import CAMERA, FRAME, county, request, zone

PLAIN = county()
CORNER = zone(shapely.box(230.0, 130.0, 330.0, 230.0))
WALL = zone(shapely.box(-80.0, -60.0, -40.0, 120.0))


def track(mission: Mission) -> shapely.LineString:
    """Where a mission flies, in metres."""
    return shapely.LineString([FRAME.to_local(p.lon_deg, p.lat_deg) for p in mission.route])


def test_two_aircraft_share_a_village() -> None:
    """One mission each, from its own dock, all cells seen, times alike."""
    plan = plan_patrol(PLAIN, request(PLAIN))
    assert [m.vehicle_name for m in plan.missions] == ["drone-1", "drone-2"]
    assert {m.dock_id for m in plan.missions} == {"dock-1", "dock-2"}
    assert set().union(*(m.cell_codes for m in plan.missions)) == set(plan.cell_codes)
    assert plan.coverage_fraction >= 0.99
    shortest, longest = sorted(m.duration_s for m in plan.missions)
    assert longest <= 1.35 * shortest


def test_a_mission_is_a_complete_flight() -> None:
    """Take-off, speed, camera pitch; camera on over the lanes only; back over the dock; return."""
    mission = plan_patrol(PLAIN, request(PLAIN)).missions[0]
    actions = [item.action for item in mission.items]
    assert actions[:3] == [Action.TAKEOFF, Action.SPEED, Action.GIMBAL]
    assert actions[-1] is Action.RETURN_HOME
    assert actions.count(Action.CAMERA_START) == actions.count(Action.CAMERA_STOP) == 1
    assert actions.index(Action.CAMERA_START) < actions.index(Action.CAMERA_STOP)
    assert mission.items[-2].position == mission.home
    looking = {item.cell_code for item in mission.items if item.cell_code}
    assert looking <= set(mission.cell_codes)
    assert looking


def test_one_aircraft_flies_it_all() -> None:
    """With one aircraft there is one mission that takes longer than either half."""
    whole = plan_patrol(PLAIN, request(PLAIN, 1)).missions
    halves = plan_patrol(PLAIN, request(PLAIN, 2)).missions
    assert len(whole) == 1
    assert whole[0].duration_s > max(m.duration_s for m in halves)


def test_the_same_request_gives_the_same_plan() -> None:
    """Nothing is left to chance."""
    assert plan_patrol(PLAIN, request(PLAIN)) == plan_patrol(PLAIN, request(PLAIN))


@settings(max_examples=8, deadline=None)
@given(
    st.floats(-100.0, 320.0), st.floats(-100.0, 220.0), st.floats(20.0, 90.0), st.floats(20.0, 90.0)
)
def test_no_mission_ever_meets_a_no_fly_zone(x: float, y: float, w: float, h: float) -> None:
    """Wherever a zone lies, each plan keeps its margin, or none is made."""
    body = shapely.box(x, y, x + w, y + h)
    closed = county([zone(body)])
    try:
        plan = plan_patrol(closed, request(closed))
    except PlanningError as error:
        assert "Power station" in str(error)  # noqa: PT017
        return
    assert all(shapely.distance(track(mission), body) >= 19.9 for mission in plan.missions)
    assert set(plan.findings) >= set(check_plan(plan, closed.zones))


def test_a_no_fly_zone_takes_only_its_own_ground() -> None:
    """The rest of the cells is still seen, and coverage counts that rest."""
    closed = county([CORNER])
    plan = plan_patrol(closed, request(closed))
    assert plan.coverage_fraction >= 0.98
    assert any(mission.fence.exclusions for mission in plan.missions)


def test_the_way_to_the_cells_leads_round_a_zone() -> None:
    """A zone between dock and cells is flown round with its margin, and the return is warned of."""
    closed = county([WALL])
    plan = plan_patrol(closed, request(closed, 1))
    body = FRAME.geometry_to_local(WALL.polygon)
    assert shapely.distance(track(plan.missions[0]), body) >= 19.9
    assert {finding.code for finding in plan.findings} == {"return.crosses_no_fly"}


def test_the_fence_holds_the_whole_flight_with_room() -> None:
    """Each mission stays 35 m and more inside a ring of few vertices."""
    for mission in plan_patrol(PLAIN, request(PLAIN)).missions:
        ring = FRAME.geometry_to_local(mission.fence.inclusion)
        assert shapely.distance(ring.exterior, track(mission)) >= 35.0
        assert shapely.covers(ring, track(mission))
        assert mission.fence.vertex_count <= 70


def test_a_ceiling_zone_lowers_the_fence() -> None:
    """The lowest ceiling over the route is the fence's."""
    low = county([zone(shapely.box(0, 0, 50, 50), ZoneKind.CEILING, 60.0)])
    assert {m.fence.ceiling_height_home_m for m in plan_patrol(low, request(low)).missions} <= {
        60.0,
        120.0,
    }
    assert plan_patrol(low, request(low, 1)).missions[0].fence.ceiling_height_home_m == 60.0


def test_a_ceiling_below_the_flight_stops_the_plan() -> None:
    """The error carries the findings."""
    low = county([zone(shapely.box(0, 0, 50, 50), ZoneKind.CEILING, 30.0)])
    with pytest.raises(PlanningError, match="ceiling") as caught:
        plan_patrol(low, request(low))
    assert "ceiling.exceeded" in {finding.code for finding in caught.value.findings}


def test_flight_keeps_inside_a_keep_in_zone() -> None:
    """Where a keep-in zone is given, nothing is planned outside it."""
    limits = shapely.box(-220.0, -120.0, 520.0, 150.0)
    open_ground = county([zone(limits, ZoneKind.KEEP_IN)], docks=((-150.0, -50.0),))
    plan = plan_patrol(open_ground, request(open_ground, 1))
    assert shapely.covers(limits, track(plan.missions[0]))


def test_a_small_battery_means_several_missions() -> None:
    """The flights of one aircraft each fit its battery with the reserve."""
    weak = Aircraft("drone-1", "dock-1", endurance_s=300.0)
    plan = plan_patrol(PLAIN, PatrolRequest("Weak", request(PLAIN).task, (weak,), CAMERA))
    assert len(plan.missions) > 1
    assert all(mission.duration_s <= weak.usable_s for mission in plan.missions)
    assert len({mission.mission_id for mission in plan.missions}) == len(plan.missions)
    assert plan.coverage_fraction >= 0.97


def test_a_far_dock_is_refused_with_the_time_it_would_take() -> None:
    """No plan is made that would not come home."""
    far = county(docks=((9000.0, 0.0),))
    with pytest.raises(PlanningError, match=r"would need \d+ s and \d+ Wh for one lane"):
        plan_patrol(far, request(far, 1))


def test_more_overlap_means_more_lanes() -> None:
    """Lanes come from the camera's footprint."""
    wide = plan_patrol(PLAIN, request(PLAIN, 1, side_overlap=0.1)).missions[0]
    narrow = plan_patrol(PLAIN, request(PLAIN, 1, side_overlap=0.6)).missions[0]
    assert narrow.distance_m > 1.3 * wide.distance_m


def test_disjoint_cells_are_one_patrol() -> None:
    """Two cells with another between them are both flown over, with a way between."""
    codes = [cell.code for cell in PLAIN.grid.cells]
    task = CoverCells((codes[0], codes[2]))
    apart = PatrolRequest("Two", task, (Aircraft("d", "dock-1"),), CAMERA)
    plan = plan_patrol(PLAIN, apart)
    assert plan.coverage_fraction >= 0.98
    assert len(plan.missions) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": CoverCells(())}, "names no cells"),
        ({"aircraft": ()}, "names no aircraft"),
        ({"task": CoverCells(("341299001001999",))}, "341299001001999"),
        ({"aircraft": (Aircraft("a", "dock-9"),)}, "dock-9.*Its docks: dock-1, dock-2"),
        ({"aircraft": (Aircraft("a", "dock-1"), Aircraft("a", "dock-2"))}, "twice"),
        ({"height_home_m": 0.0}, "The height above take-off must be a number above 0, not 0"),
        ({"height_home_m": 130.0}, "above the ceiling of 120 m"),
        ({"speed_mps": -1.0}, "The speed must be a number above 0, not -1"),
        ({"speed_mps": 50.0}, "50 m/s is too much for 'drone-1', which flies at most 23.6 m/s"),
        ({"side_overlap": 1.0}, "side overlap"),
        ({"gimbal_pitch_deg": 60.0}, "no ground"),
    ],
)
def test_an_impossible_request_is_refused(changes: dict[str, object], message: str) -> None:
    """Each refusal names what is wrong."""
    asked = {"name": "p", "camera": CAMERA, "task": request(PLAIN).task}
    asked |= {"aircraft": request(PLAIN).aircraft}
    with pytest.raises(PlanningError, match=message):
        plan_patrol(PLAIN, PatrolRequest(**(asked | changes)))  # type: ignore[arg-type]


def test_cells_all_under_a_zone_cannot_be_covered() -> None:
    """The zone is named."""
    closed = county([zone(shapely.box(-10, -10, 310, 210))])
    with pytest.raises(NothingToCoverError, match="Power station"):
        plan_patrol(closed, request(closed))


def test_neighbouring_missions_do_not_fly_each_other_s_lanes() -> None:
    """The pieces of two aircraft meet in a point at most."""
    first, second = (
        shapely.LineString(filmed_route(mission, FRAME))
        for mission in plan_patrol(PLAIN, request(PLAIN)).missions
    )
    both = shapely.intersection(first, shapely.buffer(second, 0.5))
    assert both.length < 2.0


def test_aircraft_that_share_a_boundary_do_not_meet_there() -> None:
    """Foretold tracks, with how early or late each may be, keep their distance."""
    asked = request(PLAIN)
    plan = plan_patrol(PLAIN, asked)
    crew = {craft.name: craft for craft in asked.aircraft}
    tracks = [timed_track(m, crew[m.vehicle_name], asked.wind, FRAME) for m in plan.missions]
    assert find_encounters(tracks, asked.spacing) == ()


def test_a_second_battery_starts_after_the_first_has_landed() -> None:
    """With time to swap, and to charge once both batteries are empty."""
    weak = Aircraft("drone-1", "dock-1", endurance_s=300.0)
    asked = dataclasses.replace(request(PLAIN, 1), aircraft=(weak,))
    flights = plan_patrol(PLAIN, asked).missions
    gaps_s = [b.start_s - a.start_s - a.duration_s for a, b in itertools.pairwise(flights)]
    assert len(gaps_s) >= 2
    assert gaps_s[0] == pytest.approx(180.0, abs=1.0)
    assert min(gaps_s[1:]) >= 180.0 - 1e-6


def test_items_carry_no_two_waypoints_in_one_place() -> None:
    """Autopilots skip or stumble over legs without length."""
    for mission in plan_patrol(PLAIN, request(PLAIN)).missions:
        places = [item.position for item in mission.items if item.position is not None]
        assert all(a != b for a, b in itertools.pairwise(places))


def test_cells_out_of_reach_of_every_dock_leave_nothing_to_fly() -> None:
    """That is said, with what would help."""
    far = county(docks=[(60_000.0, 0.0)])
    codes = tuple(cell.code for cell in far.grid.cells)
    with pytest.raises(PlanningError, match=r"nothing to fly.*another dock"):
        plan_patrol(far, request(far, 1, task=VisitCells(codes)))


def test_hovering_beside_a_place_speaks_against_nothing() -> None:
    """The aircraft comes there and stays, which is no leg without length."""
    task = InspectPlaces((LonLat(*FRAME.to_lonlat(150.0, 100.0)),), orbit=False, hover_s=15.0)
    here = county()
    plan = plan_patrol(here, request(here, 1, task=task))
    (mission,) = plan.missions
    assert [i.value for i in mission.items if i.action is Action.HOVER] == [15.0]
    assert plan.findings == ()


def test_a_lane_longer_than_a_battery_is_flown_in_parts() -> None:
    """Nothing of a long road stays unseen because it has no bend to turn back at."""
    here = county(rows=1, columns=20, docks=[(1000.0, -50.0)])
    line = FRAME.geometry_to_lonlat(shapely.LineString([(0.0, 50.0), (2000.0, 50.0)]))
    here = dataclasses.replace(here, roads=(Road("r1", "Long Road", line, 10.0),))
    craft = Aircraft("drone-1", "dock-1", endurance_s=520.0)
    asked = request(here, 1, task=FollowRoads(("r1",)))
    plan = plan_patrol(here, dataclasses.replace(asked, aircraft=(craft,)))
    assert len(plan.missions) > 1
    assert plan.coverage_fraction > 0.99
    assert all(mission.duration_s <= craft.usable_s for mission in plan.missions)
