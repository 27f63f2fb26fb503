"""Tests of `geofences.county`."""

from __future__ import annotations

import math

import pytest
import shapely

from geofences.cells import Grid
from geofences.county import County, Dock, Road
from geofences.errors import InvalidGeometryError
from geofences.zones import ZoneIndex
from tests.geofences.shapes import HOME, block

LINE = shapely.LineString([(115.6, 33.1), (115.7, 33.1)])


def test_a_county_holds_what_it_is_given() -> None:
    """The parts are kept as they are."""
    dock, road = Dock("dock-1", "Dock 1", HOME, 31.0), Road("r1", "Road", LINE, 7.0)
    county = County("Here", Grid(block(2, 2)), ZoneIndex([]), (dock,), (road,))
    assert (county.docks, county.roads, len(county.grid)) == ((dock,), (road,), 4)


def test_docks_are_told_apart() -> None:
    """Two docks cannot have the same id."""
    docks = (Dock("dock-1", "A", HOME, 31.0), Dock("dock-1", "B", HOME, 32.0))
    with pytest.raises(InvalidGeometryError, match="dock id 'dock-1' is used more than once"):
        County("Here", Grid([]), ZoneIndex([]), docks, ())


def test_roads_are_told_apart() -> None:
    """Two roads cannot have the same id."""
    roads = (Road("r1", "A", LINE, 7.0), Road("r1", "B", LINE, 8.0))
    with pytest.raises(InvalidGeometryError, match="road id 'r1' is used more than once"):
        County("Here", Grid([]), ZoneIndex([]), (), roads)


def test_a_dock_needs_an_altitude() -> None:
    """A dock whose altitude is not a number is refused."""
    with pytest.raises(InvalidGeometryError, match="'dock-1' has no altitude"):
        Dock("dock-1", "Dock", HOME, math.nan)


@pytest.mark.parametrize("width_m", [0.0, -1.0, math.nan, math.inf])
def test_a_road_needs_a_width(width_m: float) -> None:
    """A road is wider than nothing."""
    with pytest.raises(InvalidGeometryError, match="'r1' has no line or no width"):
        Road("r1", "Road", LINE, width_m)


def test_a_road_needs_a_line() -> None:
    """An empty line is no road."""
    with pytest.raises(InvalidGeometryError, match="'r1' has no line or no width"):
        Road("r1", "Road", shapely.LineString(), 5.0)
