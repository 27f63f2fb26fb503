"""The table of a plan adds up."""

from dataclasses import replace

import pytest
import shapely

from flight.planning.planner import plan_patrol
from flight.planning.summary import middle_of, name_of, summarize
from geofences.cells import Grid
from geofences.county import Road
from geofences.errors import UnknownCellError
from tests.flight.planning.scenes import VILLAGE, county, request, zone

GROUND = county([zone(shapely.box(250.0, 150.0, 320.0, 220.0))])
PLAN = plan_patrol(GROUND, request(GROUND))


def test_there_is_a_row_for_each_aircraft() -> None:
    """With the sums of its flights, in the order of the first of them."""
    rows = summarize(GROUND, PLAN).rows
    assert [(r.aircraft, r.dock_ids, r.sorties, r.distance_m, r.airborne_s) for r in rows] == [
        (m.vehicle_name, (m.dock_id,), 1, m.distance_m, m.duration_s) for m in PLAN.missions
    ]
    assert all(row.cells >= 1 for row in rows)


def test_one_aircraft_flies_after_itself_and_beside_others() -> None:
    """Its two flights take the sum of their times; energy is told only where all is known."""
    first, second = PLAN.missions
    alone = replace(second, vehicle_name=first.vehicle_name)
    summary = summarize(GROUND, replace(PLAN, missions=(first, alone)))
    (row,) = summary.rows
    assert (row.sorties, row.dock_ids) == (2, ("dock-1", "dock-2"))
    assert summary.last_landing_s == pytest.approx(first.duration_s + second.duration_s)
    assert summarize(GROUND, PLAN).last_landing_s == max(first.duration_s, second.duration_s)
    energies = [replace(first, energy_wh=20.0), replace(second, energy_wh=30.0)]
    assert summarize(GROUND, replace(PLAN, missions=tuple(energies))).energy_wh == 50.0
    half = (energies[0], replace(second, energy_wh=None))
    assert summarize(GROUND, replace(PLAN, missions=half)).energy_wh is None


def test_the_whole_is_the_sum_of_the_rows() -> None:
    """Distances and times in the air."""
    summary = summarize(GROUND, PLAN)
    assert summary.distance_m == sum(row.distance_m for row in summary.rows)
    assert summary.airborne_s == sum(row.airborne_s for row in summary.rows)
    assert (summary.cells, summary.sorties) == (6, 2)


def test_a_plan_about_no_cells_has_its_middle_where_it_flies() -> None:
    """Missions from other programs may see no cell at all."""
    nowhere = replace(PLAN, cell_codes=())
    summary = summarize(GROUND, nowhere)
    assert (summary.area_m2, summary.cells) == (0.0, 0)
    fences = shapely.union_all([mission.fence.inclusion for mission in PLAN.missions])
    middle = middle_of(GROUND, nowhere)
    assert (middle.lon_deg, middle.lat_deg) == (fences.centroid.x, fences.centroid.y)


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


def test_a_plan_of_no_missions_sums_to_nothing() -> None:
    """It takes no time and has no row."""
    summary = summarize(GROUND, replace(PLAN, missions=()))
    assert (summary.rows, summary.distance_m, summary.last_landing_s) == ((), 0, 0.0)


def test_a_cell_of_another_county_is_refused() -> None:
    """By its code."""
    with pytest.raises(UnknownCellError, match="999999999999001"):
        summarize(GROUND, replace(PLAN, cell_codes=("999999999999001",)))


def test_a_village_is_called_by_its_name() -> None:
    """People do not know its code; other plans keep the name that they have."""
    village = replace(PLAN, name=VILLAGE)
    assert name_of(GROUND, village) == f"{VILLAGE} Village"
    assert name_of(GROUND, replace(PLAN, name=VILLAGE[:9])) == f"{VILLAGE[:9]} Town"
    assert name_of(GROUND, PLAN) == "Morning patrol"
    assert name_of(GROUND, replace(PLAN, name=PLAN.cell_codes[0])).endswith(" Cell 1")
    line = shapely.LineString([(115.6, 33.1), (115.7, 33.1)])
    along = replace(GROUND, roads=(Road("r-1", "High Street", line, 8.0),))
    assert name_of(along, replace(PLAN, name="r-1")) == "High Street"
    assert name_of(GROUND, replace(village, cell_codes=())) == VILLAGE


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (f"cover {VILLAGE} 2026-11-22", f"{VILLAGE} 东街 全覆盖巡查 East"),
        (f"visit {VILLAGE[:9]} 2026-11-22", f"{VILLAGE[:9]} Town 逐格巡查"),
        ("follow r-1 2026-11-22", "High Street 沿线巡查"),
        ("inspect 3 places 2026-11-22", "定点查看 inspect 3 places 2026-11-22"),
        ("inspect 115.62,33.16 2026-11-22", "115.62,33.16 定点查看"),
        ("Morning patrol", "Morning patrol"),
    ],
)
def test_names_that_the_command_line_gives_are_told_in_words(name: str, told: str) -> None:
    """A code among them becomes the place that it stands for, with what is done there."""
    cells = [replace(cell, village="东街 East") for cell in GROUND.grid.cells]
    line = shapely.LineString([(115.6, 33.1), (115.7, 33.1)])
    ground = replace(GROUND, grid=Grid(cells), roads=(Road("r-1", "High Street", line, 8.0),))
    assert name_of(ground, replace(PLAN, name=name)) == told
