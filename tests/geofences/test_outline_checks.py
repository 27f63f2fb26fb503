"""Tests of `geofences.outline_checks`."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences.cells import Cell
from geofences.findings import Severity
from geofences.outline_checks import bad_outlines, bad_places, strays
from tests.geofences.shapes import block, box, cell, polygon


def _at(lon_deg: float, lat_deg: float, count: int = 4) -> list[Cell]:
    """Cells in a row from a place on."""
    corners = [(lon_deg + n / 1000, lat_deg) for n in range(count)]
    return [cell(n, shapely.box(x, y, x + 0.001, y + 0.001)) for n, (x, y) in enumerate(corners)]


def _swapped(cells: list[Cell]) -> list[Cell]:
    return [
        replace(c, polygon=shapely.transform(c.polygon, lambda rows: rows[:, ::-1])) for c in cells
    ]


def test_the_crossing_of_a_bow_tie_is_the_place_and_the_shape() -> None:
    """A surveyor wants to be led to it."""
    (found,) = bad_outlines([cell(1, polygon((0, 0), (100, 100), (100, 0), (0, 100)))])
    assert found.position is not None
    assert found.shape == shapely.Point(found.position.lon_deg, found.position.lat_deg)


@given(lon_deg=st.floats(73.5, 135.0), lat_deg=st.floats(18.0, 53.0))
def test_a_whole_file_of_china_written_latitude_first_is_told(
    lon_deg: float, lat_deg: float
) -> None:
    """In the far west too, where both readings are on the globe."""
    (found,) = bad_places(_swapped(_at(lon_deg, lat_deg)))
    assert (found.code, found.severity) == ("cells.swapped_axes", Severity.ERROR)
    assert "4 of 4 cells" in found.message
    assert found.position is not None
    assert found.position.lon_deg == pytest.approx(lon_deg, abs=0.01)


@given(lon_deg=st.floats(-179.0, 178.0), lat_deg=st.floats(-60.0, 60.0))
def test_files_written_longitude_first_are_not_told(lon_deg: float, lat_deg: float) -> None:
    """Anywhere that people live, but for a strip of the Arctic ocean."""
    assert list(bad_places(_at(lon_deg, lat_deg))) == []


def test_metres_are_not_taken_for_swapped_degrees() -> None:
    """A projected file that declares nothing or degrees needs its system, not an exchange."""
    metres = [cell(1, shapely.box(651_128, 3_671_661, 651_228, 3_671_761))]
    (found,) = bad_places(metres)
    assert found.code == "cells.not_degrees"
    assert "x 651178.0, y 3671711.0" in found.message
    assert "--crs EPSG:4547" in found.message


def test_a_cell_far_from_all_others_is_a_stray() -> None:
    """One at longitude and latitude zero is usually a coordinate that is missing."""
    null = cell(9, shapely.box(0, 0, 0.001, 0.001))
    (found,) = strays([*block(2, 2), null])
    assert (found.code, found.severity, found.subject) == (
        "cells.stray",
        Severity.WARNING,
        null.code,
    )
    assert "km from the middle of the others" in found.message
    assert found.shape == null.polygon


def test_a_swapped_cell_is_not_a_stray_as_well() -> None:
    """One mistake is told once."""
    cells = _at(40, 10, 5)
    cells[2:3] = _swapped(cells[2:3])
    assert list(strays(cells)) == []
    assert [found.code for found in bad_places(cells)] == ["cells.swapped_axes"]


def test_cells_without_outlines_have_no_place_to_judge() -> None:
    """Nothing at all, and nothing but empty outlines."""
    empty = [cell(1, shapely.Polygon())]
    for cells in ([], empty):
        assert [*bad_places(cells), *strays(cells)] == []
    assert [found.position for found in bad_outlines([*empty, cell(2, box(0, 0, 9, 9))])] == [None]
