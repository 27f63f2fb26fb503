"""Tests of `geofences.formats.coordinate_numbers`."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from geofences.formats.coordinate_numbers import advice_on_system, look_like_degrees


def _points(*places: tuple[float, float]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array([shapely.Point(place) for place in places], dtype=object)


@given(zone=st.integers(25, 45), beside_deg=st.floats(-1.4, 1.4), lat_deg=st.floats(18.0, 50.0))
def test_a_zone_in_front_of_the_easting_names_its_system(
    zone: int, beside_deg: float, lat_deg: float
) -> None:
    """Read in the system that is advised, the numbers lie where they were taken."""
    lon_deg = 3.0 * zone + beside_deg
    to_metres = Transformer.from_crs("EPSG:4490", f"EPSG:{4488 + zone}", always_xy=True)
    advice = advice_on_system(_points(to_metres.transform(lon_deg, lat_deg)))
    assert f"--crs EPSG:{4488 + zone} " in advice


def test_six_degree_zones_are_known_too() -> None:
    """Zone 20 of six degrees is about 117 E."""
    to_metres = Transformer.from_crs("EPSG:4490", "EPSG:4498", always_xy=True)
    assert "--crs EPSG:4498 " in advice_on_system(_points(to_metres.transform(116.4, 39.9)))


def test_metres_without_a_zone_leave_the_meridian_open() -> None:
    """No system is advised as if it were known; the meridian has to be asked for."""
    advice = advice_on_system(_points((574_525.4, 3_742_074.2)))
    assert "ask which meridian" in advice
    assert "EPSG:4547 for 114 E" in advice


@pytest.mark.parametrize("place", [(116.4, 39.9), (39.9, 116.4), (-70.0, -33.0)])
def test_degrees_are_told(place: tuple[float, float]) -> None:
    """In either order, and anywhere."""
    assert look_like_degrees(_points(place))
    assert "EPSG:4490 for CGCS2000" in advice_on_system(_points(place))


@pytest.mark.parametrize(
    "places", [[], [(np.nan, 1.0)], [(0.0, 0.0), (80.0, 60.0)], [(1e7, 5e6)], [(150.0, 120.0)]]
)
def test_numbers_that_say_nothing_get_the_general_advice(places: list[tuple[float, float]]) -> None:
    """Metres of a building site, of Web Mercator, or none at all."""
    numbers = _points(*places)
    assert not look_like_degrees(numbers)
    assert "EPSG:4547 for metres east of 114 E" in advice_on_system(numbers)
