"""Missions get aircraft and times; aircraft that would meet are delayed, or flown in layers."""

import dataclasses
import itertools

import pytest
import shapely

from flight.errors import PlanningError
from flight.missions import Action, Fence, Mission, MissionItem
from flight.planning.aircraft import Aircraft
from flight.planning.forecast import foretold
from flight.planning.scheduling import Separation, schedule, separated, track
from flight.planning.separation import Spacing, find_encounters
from flight.planning.timetable import Upkeep
from flight.planning.wind import CALM
from tests.flight.planning.scenes import FRAME, place

SWAP = Upkeep(swap_s=100.0)
CREW = (Aircraft("a", "dock-1"), Aircraft("b", "dock-1"), Aircraft("c", "dock-2"))
FENCE = Fence(FRAME.geometry_to_lonlat(shapely.box(-3000, -3000, 3000, 3000)), (), 120.0)
HOMES = {"dock-1": (0.0, 0.0), "dock-2": (600.0, 0.0)}


def flight(
    name: str, dock_id: str, *flown: tuple[float, float], craft: Aircraft = CREW[0]
) -> Mission:
    """A mission from a dock over some points and back, at 40 m."""
    home = HOMES[dock_id]
    items = (
        MissionItem(Action.TAKEOFF, place(*home), 40.0),
        *(MissionItem(Action.WAYPOINT, place(*point), 40.0) for point in (*flown, home)),
        MissionItem(Action.RETURN_HOME),
    )
    made = Mission(
        name, craft.name, dock_id, place(*home), items, FENCE, 8.0, 40.0, (), 0.0, 0.0,
        home_alt_amsl_m=30.0,
    )  # fmt: skip
    return foretold(made, craft, CALM)


def scheduled(*missions: Mission) -> tuple[Mission, ...]:
    """Missions with their aircraft and times."""
    return schedule(missions, CREW, SWAP, CALM)


def apart(*missions: Mission, spacing: Spacing | None = None) -> tuple[Mission, ...]:
    """Missions of all aircraft kept apart."""
    return separated(missions, Separation(CREW, SWAP, CALM, spacing or Spacing()))


def test_two_aircraft_of_a_dock_share_its_missions() -> None:
    """Four equal ones are two each, the second after a swap."""
    plan = scheduled(*(flight(f"m{n}", "dock-1", (0.0, 300.0)) for n in range(4)))
    assert [m.vehicle_name for m in plan] == ["a", "a", "b", "b"]
    for one, other in itertools.pairwise(plan):
        if one.vehicle_name == other.vehicle_name:
            assert other.start_s == pytest.approx(one.start_s + one.duration_s + 100.0)


def test_a_mission_is_flown_from_its_dock() -> None:
    """Whoever is listed first."""
    (mission,) = scheduled(flight("m", "dock-2", (600.0, 300.0)))
    assert (mission.vehicle_name, mission.start_s) == ("c", 0.0)


def test_a_mission_of_a_dock_without_aircraft_is_refused() -> None:
    """Nobody can fly it."""
    with pytest.raises(PlanningError, match="No aircraft can make flight 0"):
        schedule([flight("m", "dock-2", (600.0, 300.0))], CREW[:2], SWAP, CALM)


def crossing() -> tuple[Mission, Mission]:
    """Two flights that meet head on, half-way between their docks."""
    there = flight("m1", "dock-1", (600.0, 0.0))
    back = dataclasses.replace(flight("m2", "dock-2", (0.0, 0.0)), vehicle_name="c")
    return there, back


def test_flights_that_would_meet_are_kept_apart() -> None:
    """By time or by height; the tracks that are foretold then have no encounter."""
    before, after = crossing(), apart(*crossing())
    separation = Separation(CREW, SWAP, CALM, Spacing())
    assert find_encounters(separation.tracks(before), Spacing())
    assert not find_encounters(separation.tracks(after), Spacing())


def test_a_long_wait_is_flown_higher_instead() -> None:
    """One of the two is at least 10 m above the other, and nobody waits for long."""
    after = apart(*crossing())
    heights = sorted(m.height_home_m for m in after)
    assert heights[1] - heights[0] >= 10.0
    assert max(m.start_s for m in after) < 60.0


def test_without_room_below_the_ceiling_one_waits() -> None:
    """The fence's ceiling is kept."""
    low = dataclasses.replace(FENCE, ceiling_height_home_m=45.0)
    after = apart(*(dataclasses.replace(m, fence=low) for m in crossing()))
    assert {m.height_home_m for m in after} == {40.0}
    assert max(m.start_s for m in after) > 60.0


def test_a_battery_that_does_not_last_for_the_climb_waits() -> None:
    """The aircraft has just enough for its flight at its height."""
    there, back = crossing()
    short = tuple(
        dataclasses.replace(craft, endurance_s=1.005 * back.duration_s / 0.75) for craft in CREW
    )
    after = separated((there, back), Separation(short, SWAP, CALM, Spacing()))
    assert {m.height_home_m for m in after} == {40.0}


def test_what_the_camera_looks_at_is_not_lifted() -> None:
    """Only the flight is."""
    looked = MissionItem(Action.LOOK_AT, place(300.0, 50.0), 3.0)
    there, back = crossing()
    seeing = [
        dataclasses.replace(m, items=(*m.items[:1], looked, *m.items[1:])) for m in (there, back)
    ]
    for mission in apart(*seeing):
        (at,) = [item for item in mission.items if item.action is Action.LOOK_AT]
        assert at.height_home_m == 3.0


def test_one_aircraft_is_never_in_its_own_way() -> None:
    """Its missions are left as they are."""
    one = scheduled(flight("m", "dock-2", (600.0, 300.0)))
    assert apart(*one) == one


def test_a_track_begins_and_ends_on_the_ground() -> None:
    """At its dock, at the mission's own times."""
    mission = dataclasses.replace(flight("m", "dock-2", (600.0, 300.0)), start_s=50.0)
    timed = track(mission, CREW[2], CALM, FRAME)
    assert timed.times_s[[0, -1]].tolist() == pytest.approx([50.0, 50.0 + mission.duration_s])
    assert timed.points_m[0] == pytest.approx([600.0, 0.0, 30.0], abs=0.02)
    assert timed.points_m[-1] == pytest.approx([600.0, 0.0, 30.0], abs=0.02)
    assert timed.points_m[1:-1, 2].min() == pytest.approx(70.0)
