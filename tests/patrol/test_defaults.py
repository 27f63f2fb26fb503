"""What is assumed when the operator does not say."""

import dataclasses

import pytest

from flight.planning.tasks import CoverCells, InspectPlaces
from geofences.county import County
from geofences.terrain import FlatTerrain
from patrol.defaults import (
    DEFAULT_CAMERA,
    DEFAULT_HEIGHT_M,
    DEFAULT_MODEL,
    default_aircraft,
    default_heights,
)
from tests.flight.planning import scenes
from tests.patrol.builders import small_county
from vision.models.registry import shipped_models


def test_two_aircraft_start_from_the_first_two_docks() -> None:
    """Each has a dock of its own."""
    aircraft = default_aircraft(small_county())
    assert [(each.name, each.dock_id) for each in aircraft] == [
        ("uav-1", "dock-1"),
        ("uav-2", "dock-2"),
    ]


def test_one_dock_has_one_aircraft_and_none_has_none() -> None:
    """No dock is made up."""
    county = small_county()
    one = dataclasses.replace(county, docks=county.docks[:1])
    assert [each.name for each in default_aircraft(one)] == ["uav-1"]
    assert default_aircraft(dataclasses.replace(county, docks=())) == ()


def in_places(*east_m: float) -> County:
    """Docks so far east of four cells in a row, each 100 m."""
    return scenes.county(rows=1, columns=4, docks=[(far_m, 50.0) for far_m in east_m])


@pytest.mark.parametrize(
    ("east_m", "named"),
    [
        ((90_000.0, 80_000.0, -500.0, 900.0), ["uav-3", "uav-4"]),
        ((90_000.0, 500.0, -9_000.0), ["uav-2"]),
        ((90_000.0, 500.0, 2_400.0), ["uav-2", "uav-3"]),
        ((10.0, 160.0, 220.0, 9_000.0), ["uav-1", "uav-2", "uav-3"]),
        ((), []),
    ],
)
def test_aircraft_start_from_the_docks_near_what_is_looked_at(
    east_m: tuple[float, ...], named: list[str]
) -> None:
    """A dock out of reach would only make the plan fail; names follow the docks' numbers."""
    county = in_places(*east_m)
    task = CoverCells(tuple(cell.code for cell in county.grid.cells))
    aircraft = default_aircraft(county, task)
    assert [each.name for each in aircraft] == named
    assert [each.dock_id for each in aircraft] == [name.replace("uav", "dock") for name in named]


def test_a_place_outside_all_cells_is_flown_to_from_the_nearest_dock() -> None:
    """Places need no cells."""
    county = in_places(0.0, 50_000.0)
    task = InspectPlaces((scenes.place(47_000.0, 0.0),))
    assert [each.dock_id for each in default_aircraft(county, task)] == ["dock-2"]


def test_the_camera_is_the_demos() -> None:
    """1280 x 720 pixels and 70 degrees from side to side."""
    camera = DEFAULT_CAMERA
    assert (camera.width_px, camera.height_px, camera.hfov_deg) == (1280, 720, 70.0)


def test_the_model_is_one_that_is_shipped() -> None:
    """Nothing needs to be fetched."""
    assert DEFAULT_MODEL in shipped_models()


def test_hills_are_flown_over_at_a_height_above_them() -> None:
    """Ground that is known and not level with the docks is followed; any other is flown level."""
    county = scenes.county()
    task = CoverCells(tuple(cell.code for cell in county.grid.cells))
    crew = default_aircraft(county, task)
    assert default_heights(county, task, crew, None) == (DEFAULT_HEIGHT_M, None)
    level, hills = FlatTerrain(32.0), FlatTerrain(55.0)  # docks are at 30 m
    assert default_heights(county, task, crew, level) == (DEFAULT_HEIGHT_M, None)
    assert default_heights(county, task, crew, hills) == (DEFAULT_HEIGHT_M, DEFAULT_HEIGHT_M)
