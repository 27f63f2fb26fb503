"""The table of a plan adds up."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from flight.missions import Action, MissionItem
from flight.planning.planner import plan_patrol
from flight.planning.summary import summarize
from geofences.errors import UnknownCellError
from geofences.geodesy import LonLat
from tests.flight.planning.scenes import FRAME, county, request, zone

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


def test_a_county_that_is_closed_altogether_has_no_share() -> None:
    """A plan from yesterday may meet a county whose sky was closed over night."""
    closed = county([zone(shapely.box(-500.0, -500.0, 900.0, 900.0))])
    summary = summarize(closed, PLAN)
    assert summary.area_m2 == 0.0
    assert [row.coverage for row in summary.rows] == [0.0] * len(PLAN.missions)


@pytest.mark.parametrize(
    ("route", "lanes"),
    [
        ([], 0),
        ([(0, 0)], 0),
        ([(5, 5), (5, 5)], 0),
        ([(0, 0), (100, 0)], 1),
        ([(0, 0), (100, 0), (100, 20), (0, 20), (0, 40), (100, 40)], 3),
        ([(0, 0), (100, 0), (110, 10), (0, 20)], 2),
    ],
)
def test_lanes_are_the_long_parallel_legs(route: list[tuple[float, float]], lanes: int) -> None:
    """Links between them are short or go across; a route of one point has none."""
    at = np.array([FRAME.to_lonlat(*point) for point in route]).reshape(-1, 2)
    items = [MissionItem(Action.CAMERA_START)]
    items += [MissionItem(Action.WAYPOINT, LonLat(*point), 40.0) for point in at.tolist()]
    mission = replace(PLAN.missions[0], items=tuple(items))
    (row,) = summarize(GROUND, replace(PLAN, missions=(mission,))).rows
    assert row.lanes == lanes


def test_a_plan_of_no_missions_sums_to_nothing() -> None:
    """It takes no time and has no row."""
    summary = summarize(GROUND, replace(PLAN, missions=()))
    assert (summary.rows, summary.distance_m, summary.duration_s) == ((), 0, 0.0)


def test_a_cell_of_another_county_is_refused() -> None:
    """By its code."""
    with pytest.raises(UnknownCellError, match="999999999999001"):
        summarize(GROUND, replace(PLAN, cell_codes=("999999999999001",)))
