"""Each check finds its fault, names it, and is quiet about a sound mission."""

import dataclasses

import pytest
import shapely

from flight.missions import Action, Fence, Mission, MissionItem, PatrolPlan, RallyPoint
from flight.planning.aircraft import Aircraft
from flight.planning.checks import check_endurance, check_mission, check_plan
from flight.planning.forecast import forecast
from flight.planning.limits import MOST_ITEMS
from flight.planning.wind import Wind
from geofences.checks import Severity
from geofences.zones import ZoneIndex, ZoneKind
from tests.flight.planning.scenes import CAMERA, FRAME, place, zone

NO_ZONES = ZoneIndex(())
START = MissionItem(Action.TAKEOFF, place(0, 0), 40.0)
RETURN = MissionItem(Action.RETURN_HOME)


def waypoint(east_m: float, north_m: float, height_m: float = 40.0) -> MissionItem:
    """A waypoint in metres from home."""
    return MissionItem(Action.WAYPOINT, place(east_m, north_m), height_m)


SOUND = (START, waypoint(100, 0), waypoint(100, 100), waypoint(0, 100), waypoint(0, 0), RETURN)


def mission(*items: MissionItem, half_side_m: float = 200.0, **changes: object) -> Mission:
    """A mission inside a square fence round home."""
    ring = shapely.box(-half_side_m, -half_side_m, half_side_m, half_side_m)
    fence = Fence(FRAME.geometry_to_lonlat(ring), (), 120.0)
    made = Mission(
        "m-1", "drone-1", "dock-1", place(0, 0), items, fence, 8.0, 40.0, (), 400.0, 90.0
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def codes(checked: Mission, zones: ZoneIndex = NO_ZONES) -> set[str]:
    """What the checks say about a mission."""
    return {finding.code for finding in check_mission(checked, zones)}


def higher(item: MissionItem) -> MissionItem:
    """The same place, further up."""
    assert item.height_home_m is not None
    return dataclasses.replace(item, height_home_m=item.height_home_m + 10.0)


def test_a_sound_mission_has_no_findings() -> None:
    """The checks are quiet when nothing is wrong."""
    assert check_mission(mission(*SOUND), NO_ZONES) == ()


@pytest.mark.parametrize(
    ("checked", "expected"),
    [
        (mission(), {"mission.no_takeoff", "mission.no_return"}),
        (mission(*SOUND[1:]), {"mission.no_takeoff"}),
        (mission(*SOUND[:-1]), {"mission.no_return"}),
        (mission(START, *[RETURN] * MOST_ITEMS), {"mission.too_many_items"}),
        (mission(START, waypoint(50, 0), waypoint(50, 0.2), RETURN), {"mission.zero_leg"}),
        (mission(START, waypoint(50, 0), higher(waypoint(50, 0)), RETURN), set()),
        (mission(*SOUND, half_side_m=99.0), {"fence.left"}),
        (mission(*SOUND, home=place(500, 0)), {"fence.home_outside", "fence.left"}),
        (mission(START, waypoint(50, 0, 121.0), RETURN), {"ceiling.exceeded"}),
        (mission(START, waypoint(50, 0, 119.0), RETURN), {"fence.ceiling_close"}),
        (mission(START, waypoint(50, 0, 118.0), RETURN), set()),
    ],
)
def test_each_fault_is_found(checked: Mission, expected: set[str]) -> None:
    """One fault, one kind of finding."""
    assert codes(checked) == expected


def test_a_landing_ends_a_mission_too() -> None:
    """Returning and landing both bring the aircraft down."""
    assert codes(mission(START, waypoint(50, 0), MissionItem(Action.LAND, place(0, 0)))) == set()


def test_the_finding_names_item_and_place() -> None:
    """An operator can find the waypoint that leaves the fence."""
    found = check_mission(mission(START, waypoint(0, 500), waypoint(0, 0), RETURN), NO_ZONES)
    assert {finding.position for finding in found} == {place(0, 500), place(0, 0)}
    assert "The leg to item 1 at" in found[0].message
    assert f"{place(0, 500).lat_deg:.6f} N" in found[0].message


def test_a_leg_that_cuts_a_corner_of_the_fence_is_found() -> None:
    """Both ends inside are not enough."""
    corner = shapely.Polygon([(-50, -50), (200, -50), (200, 20), (20, 20), (20, 200), (-50, 200)])
    fence = Fence(FRAME.geometry_to_lonlat(corner), (), 120.0)
    checked = mission(START, waypoint(150, 0), waypoint(0, 150), waypoint(0, 0), RETURN)
    assert codes(dataclasses.replace(checked, fence=fence)) == {"fence.left"}


def test_an_exclusion_of_the_fence_counts_as_outside() -> None:
    """What the autopilot would not enter, the mission must not."""
    exclusion = FRAME.geometry_to_lonlat(shapely.box(40, -10, 60, 10))
    fence = dataclasses.replace(mission().fence, exclusions=(exclusion,))
    assert codes(mission(*SOUND, fence=fence)) == {"fence.left"}


def test_a_crossed_fence_is_found_once() -> None:
    """A fence that crosses itself flips inside and outside; nothing else can be said."""
    bow_tie = FRAME.geometry_to_lonlat(
        shapely.Polygon([(-200, -200), (200, 200), (200, -200), (-200, 200)])
    )
    assert codes(mission(*SOUND, fence=Fence(bow_tie, (), 120.0))) == {"fence.invalid"}


def test_a_fence_with_too_many_vertices_is_found() -> None:
    """Autopilots hold about 70."""
    disc = FRAME.geometry_to_lonlat(shapely.Point(0, 0).buffer(250.0, quad_segs=20))
    assert codes(mission(*SOUND, fence=Fence(disc, (), 120.0))) == {"fence.too_many_vertices"}


def test_a_fence_above_the_legal_ceiling_is_found() -> None:
    """The autopilot's own ceiling must not permit what the law forbids."""
    high = dataclasses.replace(mission().fence, ceiling_height_home_m=150.0)
    assert codes(mission(*SOUND, fence=high)) == {"fence.above_ceiling"}


def test_a_no_fly_zone_on_the_way_is_an_error() -> None:
    """Every leg that enters is named with the zone."""
    zones = ZoneIndex([zone(shapely.box(40, -10, 60, 10))])
    found = check_mission(mission(*SOUND), zones)
    assert found[0].code == "zone.no_fly"
    assert found[0].severity is Severity.ERROR
    assert "Power station" in found[0].message


def test_a_no_fly_zone_close_by_is_a_warning() -> None:
    """Nearer than the aircraft needs to halt."""
    zones = ZoneIndex([zone(shapely.box(40, -20, 60, -6))])
    (found,) = check_mission(mission(*SOUND), zones)
    assert (found.code, found.severity) == ("zone.no_fly_close", Severity.WARNING)
    assert "6 m" in found.message


def test_a_return_across_a_no_fly_zone_is_a_warning() -> None:
    """A failsafe flies straight home, whatever the plan says."""
    zones = ZoneIndex([zone(shapely.box(40, 40, 60, 60))])
    (found,) = check_mission(mission(*SOUND), zones)
    assert (found.code, found.severity) == ("return.crosses_no_fly", Severity.WARNING)
    assert found.position == place(100, 100)


def test_leaving_a_keep_in_zone_is_an_error() -> None:
    """Where flight is permitted only inside a zone, every leg stays there."""
    keep_in = zone(shapely.box(-50, -50, 150, 50), ZoneKind.KEEP_IN)
    assert codes(mission(*SOUND), ZoneIndex([keep_in])) == {"zone.keep_in_left"}


@pytest.mark.parametrize(("ceiling_m", "expected"), [(30.0, {"ceiling.exceeded"}), (40.0, set())])
def test_a_lower_ceiling_over_part_of_the_way_counts(ceiling_m: float, expected: set[str]) -> None:
    """A mission at the ceiling is permitted, above it not."""
    low = zone(shapely.box(90, 40, 110, 60), ZoneKind.CEILING, ceiling_m)
    assert codes(mission(*SOUND), ZoneIndex([low])) == expected


def test_errors_come_before_warnings() -> None:
    """The first finding is the worst."""
    zones = ZoneIndex([zone(shapely.box(40, 40, 60, 60))])
    found = check_mission(mission(*SOUND[:-1], half_side_m=99.0), zones)
    severities = [finding.severity for finding in found]
    assert severities == sorted(severities, key=lambda severity: severity is not Severity.ERROR)
    assert Severity.WARNING in severities


def crafts(time_share: float, energy_share: float) -> Aircraft:
    """An aircraft that may use such shares of what the sound mission takes."""
    told = forecast(mission(*SOUND), Aircraft("drone-1", "dock-1"))
    return Aircraft(
        "drone-1",
        "dock-1",
        endurance_s=time_share * told.time_s / 0.75,
        battery_wh=energy_share * told.turning_back_wh / 0.75,
    )


@pytest.mark.parametrize(
    ("time_share", "energy_share", "expected"),
    [
        (1.01, 1.01, []),
        (0.99, 1.01, ["endurance.exceeded"]),
        (1.01, 0.99, ["energy.exceeded"]),
    ],
)
def test_the_reserve_is_kept(time_share: float, energy_share: float, expected: list[str]) -> None:
    """A quarter of the endurance and of the battery stay unused."""
    found = check_endurance(mission(*SOUND), crafts(time_share, energy_share))
    assert [finding.code for finding in found] == expected


def test_a_wind_too_strong_for_the_aircraft_is_an_error() -> None:
    """Nobody would come home."""
    found = check_endurance(mission(*SOUND), Aircraft("d", "dock-1"), Wind(30.0, 0.0))
    assert [finding.code for finding in found] == ["wind.too_strong"]


def test_a_plan_is_checked_mission_by_mission() -> None:
    """Findings of all missions are there, and an empty plan is an error."""
    sound, broken = mission(*SOUND), mission(*SOUND[1:], mission_id="m-2")
    plan = PatrolPlan(
        "p", "Morning", (sound, broken), (), 1.0, camera=CAMERA, gimbal_pitch_deg=-60.0
    )
    assert [finding.subject for finding in check_plan(plan, NO_ZONES)] == ["m-2"]
    empty = dataclasses.replace(plan, missions=())
    assert [finding.code for finding in check_plan(empty, NO_ZONES)] == ["plan.empty"]


def test_a_straight_way_home_that_leaves_the_fence_is_warned_of() -> None:
    """A failsafe would breach it: here the fence is an L and the return cuts its corner."""
    corner = shapely.Polygon([(-50, -50), (200, -50), (200, 200), (150, 200), (150, 20), (-50, 20)])
    fence = Fence(FRAME.geometry_to_lonlat(corner), (), 120.0)
    there = (START, waypoint(175, 0), waypoint(175, 175), waypoint(175, 0), waypoint(0, 0), RETURN)
    found = check_mission(dataclasses.replace(mission(*there), fence=fence), NO_ZONES)
    assert [(f.code, f.severity) for f in found] == [("return.leaves_fence", Severity.WARNING)]
    assert found[0].position == place(175, 175)


@pytest.mark.parametrize(
    ("rally", "expected"),
    [
        (RallyPoint(place(50, 50), 40.0), set()),
        (RallyPoint(place(300, 50), 40.0), {"rally.outside_fence"}),
        (RallyPoint(place(50, 50), 130.0), {"rally.above_ceiling"}),
        (RallyPoint(place(150, -150), 40.0), {"rally.in_no_fly"}),
    ],
)
def test_rally_points_are_inside_the_fence(rally: RallyPoint, expected: set[str]) -> None:
    """And below its ceiling, and outside no-fly zones."""
    zones = ZoneIndex([zone(shapely.box(140, -160, 160, -140))])
    assert codes(mission(*SOUND, rally=(rally,)), zones) == expected


def test_a_return_goes_to_the_nearest_rally_point() -> None:
    """Then neither a zone nor the fence's outside on the way home is in the way."""
    zones = ZoneIndex([zone(shapely.box(40, 40, 60, 60))])
    assert codes(mission(*SOUND), zones) == {"return.crosses_no_fly"}
    beside = RallyPoint(place(120, 100), 40.0)
    assert codes(mission(*SOUND, rally=(beside,)), zones) == set()
    behind = RallyPoint(place(100, 140), 40.0)
    between = ZoneIndex([zone(shapely.box(60, 115, 140, 120))])
    (found,) = check_mission(mission(*SOUND, rally=(behind,)), between)
    assert found.code == "return.crosses_no_fly"
    assert "way to home or the nearest rally point crosses" in found.message
