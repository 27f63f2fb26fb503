"""A task knows its ground and its cells, and refuses what the county does not have."""

import dataclasses

import pytest
import shapely

from flight.errors import PlanningError
from flight.planning.tasks import (
    CoverCells,
    FollowRoads,
    InspectPlaces,
    PatrolStreets,
    Task,
    VisitCells,
    cells_of,
    ground_of,
    roads_of,
)
from geofences.county import Road
from tests.flight.planning.scenes import FRAME, county, place

LINE = FRAME.geometry_to_lonlat(shapely.LineString([(10.0, 50.0), (190.0, 50.0)]))
GROUND = dataclasses.replace(county(), roads=(Road("road-1", "High Street", LINE, 8.0),))
CODES = tuple(cell.code for cell in GROUND.grid.cells)


@pytest.mark.parametrize("task", [CoverCells(CODES[:2]), VisitCells(CODES[:2])])
def test_cells_are_their_own_ground(task: Task) -> None:
    """The ground of a task over cells is their polygons together."""
    ground = FRAME.geometry_to_local(ground_of(task, GROUND))
    assert ground.area == pytest.approx(20_000.0, rel=1e-3)
    assert cells_of(task, GROUND) == CODES[:2]


@pytest.mark.parametrize(("width_m", "wide_m"), [(None, 8.0), (30.0, 30.0)])
def test_a_corridor_is_as_wide_as_asked_or_as_its_road(
    width_m: float | None, wide_m: float
) -> None:
    """Half of the width lies to either side of the line."""
    ground = FRAME.geometry_to_local(ground_of(FollowRoads(("road-1",), width_m), GROUND))
    _, south, _, north = ground.bounds
    assert north - south == pytest.approx(wide_m, abs=0.01)


def test_a_road_concerns_the_cells_it_meets() -> None:
    """It passes the first two cells of the lower row."""
    assert cells_of(PatrolStreets(("road-1",)), GROUND) == CODES[:2]


def test_a_place_concerns_the_cell_that_it_lies_in() -> None:
    """A circle of 25 m round it reaches the next one, which nobody looks at for that."""
    near_edge = InspectPlaces((place(90.0, 50.0),), standoff_m=25.0)
    assert cells_of(near_edge, GROUND) == CODES[:1]


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (CoverCells(()), "names no cells"),
        (VisitCells(("341299001001999",)), "341299001001999"),
        (FollowRoads(()), "names no roads"),
        (PatrolStreets(("road-7",)), "has no road 'road-7'"),
        (InspectPlaces(()), "names no places"),
    ],
)
def test_what_the_county_does_not_have_is_refused(task: Task, message: str) -> None:
    """The message names it."""
    with pytest.raises(PlanningError, match=message):
        ground_of(task, GROUND)


def test_roads_come_in_the_order_asked_for() -> None:
    """Not in that of the county."""
    two = dataclasses.replace(GROUND, roads=(*GROUND.roads, Road("road-2", "Lane", LINE, 4.0)))
    found = roads_of(FollowRoads(("road-2", "road-1")), two)
    assert [road.road_id for road in found] == ["road-2", "road-1"]
