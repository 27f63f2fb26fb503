"""Visits to cells are flights that batteries can make, from the docks that are near."""

import dataclasses

import pytest
import shapely

from flight.errors import PlanningError
from flight.missions import Action, PatrolPlan
from flight.planning.aircraft import Aircraft
from flight.planning.planner import plan_patrol
from flight.planning.stages import Doing, Stage
from flight.planning.tasks import VisitCells
from tests.flight.planning.scenes import county, request, zone

WIDE = county(rows=6, columns=12, docks=((-50.0, 300.0), (1250.0, 300.0)))
CODES = tuple(cell.code for cell in WIDE.grid.cells)
CREW = tuple(Aircraft(f"drone-{n}", f"dock-{n}", endurance_s=600.0) for n in (1, 2))


def visit(flight_limit_m: float = 20_000.0, seed: int = 0) -> PatrolPlan:
    """A plan of visits to all cells."""
    asked = request(WIDE, task=VisitCells(CODES, flight_limit_m, seed))
    return plan_patrol(WIDE, dataclasses.replace(asked, aircraft=CREW))


def test_every_cell_is_visited_once_within_the_batteries() -> None:
    """Both docks take part, and each flight is back in time."""
    plan = visit()
    waypoints = [i for m in plan.missions for i in m.items if i.action is Action.WAYPOINT]
    visited = [i.cell_code for i in waypoints if i.cell_code]
    assert sorted(set(visited)) == sorted(CODES)
    assert {m.dock_id for m in plan.missions} == {"dock-1", "dock-2"}
    assert all(m.duration_s <= CREW[0].usable_s for m in plan.missions)
    assert set().union(*(m.cell_codes for m in plan.missions)) == set(CODES)


def test_ground_between_visits_may_stay_unseen() -> None:
    """The share that is seen is told, and is no fault."""
    plan = visit()
    assert 0.3 < plan.coverage_fraction < 1.0
    assert "coverage.low" not in {finding.code for finding in plan.findings}


def test_a_limit_on_flights_is_kept() -> None:
    """Shorter ones are more."""
    few, many = visit(), visit(flight_limit_m=1700.0)
    assert len(many.missions) > len(few.missions)
    assert all(m.distance_m <= 1700.0 for m in many.missions)


def test_the_same_seed_gives_the_same_visits_and_another_does_not() -> None:
    """A patrol can be repeated, or made unforeseeable."""
    assert visit(seed=3) == visit(seed=3)
    assert visit(seed=3).missions != visit(seed=4).missions


def test_the_most_urgent_cells_are_visited_first() -> None:
    """With one short flight, it goes where the urgency is."""
    urgencies = tuple(10.0 if n % 12 >= 10 else 0.1 for n in range(len(CODES)))
    task = VisitCells(CODES, 1500.0, urgencies=urgencies, flights=1)
    crew = (dataclasses.replace(CREW[1], endurance_s=1500.0),)
    plan = plan_patrol(WIDE, dataclasses.replace(request(WIDE, task=task), aircraft=crew))
    (mission,) = plan.missions
    urgent = {code for code, much in zip(CODES, urgencies, strict=True) if much > 1.0}
    assert len(urgent & set(mission.cell_codes)) >= 6


def test_nothing_urgent_is_nothing_to_fly() -> None:
    """The message says so."""
    task = VisitCells(CODES, urgencies=(0.0,) * len(CODES), flights=1)
    with pytest.raises(PlanningError, match="urgent"):
        plan_patrol(WIDE, request(WIDE, task=task))


def test_each_cell_has_its_urgency() -> None:
    """Or none has."""
    with pytest.raises(PlanningError, match="72 cells cannot have 1 urgencies"):
        VisitCells(CODES, urgencies=(1.0,), flights=1)


def test_cells_out_of_reach_are_left_out_aloud() -> None:
    """A weak battery comes not far."""
    weak = tuple(dataclasses.replace(craft, endurance_s=190.0) for craft in CREW)
    asked = dataclasses.replace(request(WIDE, task=VisitCells(CODES)), aircraft=weak)
    plan = plan_patrol(WIDE, asked)
    (finding,) = [f for f in plan.findings if f.code == "visits.left_out"]
    seen = set().union(*(m.cell_codes for m in plan.missions))
    assert finding.subject not in seen
    assert 0 < len(seen) < len(CODES)


def test_a_cell_in_a_zone_is_visited_from_beside_it() -> None:
    """Near enough to be looked at."""
    pond = zone(shapely.box(120.0, 120.0, 180.0, 180.0))
    closed = county([pond], rows=3, columns=4)
    codes = tuple(cell.code for cell in closed.grid.cells)
    plan = plan_patrol(closed, request(closed, 1, task=VisitCells(codes)))
    assert not [f for f in plan.findings if f.code in {"zone.no_fly", "visits.left_out"}]


@pytest.mark.parametrize("count", [1, 2])
def test_aircraft_of_one_dock_share_its_flights(count: int) -> None:
    """Two are done sooner than one."""
    crew = tuple(Aircraft(f"d-{n}", "dock-1", endurance_s=500.0) for n in range(count))
    asked = dataclasses.replace(request(WIDE, task=VisitCells(CODES[:40])), aircraft=crew)
    plan = plan_patrol(WIDE, asked)
    assert {m.vehicle_name for m in plan.missions} == {craft.name for craft in crew}


def test_whoever_watches_is_told_each_stage_in_turn() -> None:
    """The search with how long its flights are, every flight laid, and the checks."""
    stages: list[Stage] = []
    asked = dataclasses.replace(request(WIDE, task=VisitCells(CODES)), aircraft=CREW)
    plan = plan_patrol(WIDE, asked, watch=stages.append)
    assert list(dict.fromkeys(stage.doing for stage in stages)) == list(Doing)
    assert all(0.0 < s.length_m < 20_000.0 for s in stages if s.doing is Doing.SEARCHING)
    laid = [stage for stage in stages if stage.doing is Doing.LAYING]
    assert [stage.done for stage in laid] == list(range(len(plan.missions)))
