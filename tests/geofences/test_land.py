"""Tests of `geofences.land`."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geofences.land import land_of, middles
from tests.geofences.shapes import block, box, cell, polygon


def test_land_is_in_metres() -> None:
    """Cells of a hundred metres have a hectare, and shapes come back as degrees."""
    cells = block(2, 2)
    land = land_of(cells)
    assert land is not None
    assert shapely.area(land.polygons).tolist() == pytest.approx([10_000] * 4, rel=1e-4)
    assert land.lonlat(land.polygons[0]).equals_exact(cells[0].polygon, 1e-9)


def test_unsound_cells_are_left_out() -> None:
    """Crossed, empty or off the globe."""
    crossed = cell(5, polygon((0, 0), (9, 9), (9, 0), (0, 9)))
    off = cell(6, shapely.box(33, 115, 34, 116))
    land = land_of([crossed, cell(7, shapely.Polygon()), off, cell(1, box(0, 0, 9, 9))])
    assert land is not None
    assert [c.code for c in land.cells] == ["341299001001001"]
    assert land_of([crossed, off]) is None


def test_middles_are_those_of_the_boxes() -> None:
    """An empty outline has none."""
    cells = [cell(1, shapely.box(1, 2, 3, 6)), cell(2, shapely.Polygon())]
    assert middles(cells)[0].tolist() == [2.0, 4.0]
    assert np.isnan(middles(cells)[1]).all()
    assert middles([]).shape == (0, 2)
