"""The table of a plan adds up."""

import shapely

from flight.planning.planner import plan_patrol
from flight.planning.summary import summarize
from tests.flight.planning.scenes import county, request, zone

GROUND = county([zone(shapely.box(250.0, 150.0, 320.0, 220.0))])
PLAN = plan_patrol(GROUND, request(GROUND))


def test_there_is_a_row_for_each_mission() -> None:
    """Rows carry the missions' own figures, in their order."""
    rows = summarize(GROUND, PLAN).rows
    assert [(r.aircraft, r.dock_id, r.distance_m, r.duration_s) for r in rows] == [
        (m.vehicle_name, m.dock_id, m.distance_m, m.duration_s) for m in PLAN.missions
    ]
    assert all(row.lanes >= 1 and row.cells >= 1 for row in rows)


def test_the_whole_is_the_sum_of_distances_and_the_longest_time() -> None:
    """Aircraft fly at the same time."""
    summary = summarize(GROUND, PLAN)
    assert summary.distance_m == sum(mission.distance_m for mission in PLAN.missions)
    assert summary.duration_s == max(mission.duration_s for mission in PLAN.missions)
    assert summary.cells == 6


def test_the_area_leaves_out_no_fly_ground() -> None:
    """Six hectares less the quarter hectare under the zone."""
    assert abs(summarize(GROUND, PLAN).area_m2 - 57_500.0) < 20.0


def test_shares_of_coverage_reach_the_whole() -> None:
    """No mission sees more than the plan, and together they see it all."""
    summary = summarize(GROUND, PLAN)
    assert all(0.0 < row.coverage <= summary.coverage for row in summary.rows)
    assert sum(row.coverage for row in summary.rows) >= summary.coverage
