"""What batteries last for is flown; the rest is left out by name, and said aloud."""

import dataclasses

import pytest
import shapely

from flight.errors import OutOfReachError
from flight.missions import Action, PatrolPlan
from flight.planning.aircraft import Aircraft
from flight.planning.pieces import LEFT_OUT
from flight.planning.planner import plan_patrol
from flight.planning.tasks import CoverCells, FollowRoads, InspectPlaces, PatrolStreets, Task
from geofences.checks import Finding
from geofences.county import Road
from tests.flight.planning.scenes import FRAME, county, place, request

LONG = FRAME.geometry_to_lonlat(shapely.LineString([(0.0, 50.0), (9000.0, 50.0)]))
GROUND = dataclasses.replace(
    county(rows=1, columns=60, docks=((-50.0, 50.0),)), roads=(Road("r1", "Long Road", LONG, 8.0),)
)
CODES = tuple(cell.code for cell in GROUND.grid.cells)
WEAK = Aircraft("drone-1", "dock-1", endurance_s=800.0)


def planned(task: Task, craft: Aircraft = WEAK) -> PatrolPlan:
    """A plan of one aircraft with a small battery."""
    return plan_patrol(GROUND, dataclasses.replace(request(GROUND, task=task), aircraft=(craft,)))


def left_out(plan: PatrolPlan) -> Finding:
    """The one finding that tells what is left out."""
    (found,) = [finding for finding in plan.findings if finding.code == LEFT_OUT]
    return found


@pytest.mark.parametrize(
    "task",
    [CoverCells(CODES), FollowRoads(("r1",), 20.0), PatrolStreets(("r1",))],
    ids=["cells", "corridor", "streets"],
)
def test_what_is_in_reach_is_flown_and_the_rest_is_told(task: Task) -> None:
    """The flights keep their batteries, and the far end is named with what to do."""
    plan = planned(task)
    assert all(mission.duration_s <= WEAK.usable_s for mission in plan.missions)
    assert 0.1 < plan.coverage_fraction < 0.9
    found = left_out(plan)
    assert "nearer dock" in found.message
    assert found.position is not None
    reached_m = max(
        FRAME.to_local(item.position.lon_deg, item.position.lat_deg)[0]
        for mission in plan.missions
        for item in mission.items
        if item.position is not None and item.action is Action.WAYPOINT
    )
    assert 1000.0 < reached_m < 3500.0
    assert "coverage.low" not in {finding.code for finding in plan.findings}


def test_places_out_of_reach_are_named() -> None:
    """The near one is looked at."""
    plan = planned(InspectPlaces((place(300.0, 50.0), place(5500.0, 50.0))))
    assert left_out(plan).message.startswith("Place 2 cannot be reached")
    assert plan.coverage_fraction == pytest.approx(0.5, abs=0.1)


def test_nothing_in_reach_is_refused() -> None:
    """With the times that it would take and that it may take."""
    with pytest.raises(OutOfReachError, match="Use a nearer dock"):
        planned(CoverCells(CODES[-1:]))


def test_all_in_reach_leaves_nothing_to_tell() -> None:
    """The same patrol on a larger battery."""
    strong = dataclasses.replace(WEAK, endurance_s=6000.0, battery_wh=2000.0)
    plan = planned(CoverCells(CODES[:20]), strong)
    assert LEFT_OUT not in {finding.code for finding in plan.findings}
    assert plan.coverage_fraction > 0.99
