"""Degrees to metres and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.simulator.flat_earth import FlatEarth
from geofences.geodesy import LonLat, distance_m

EARTH = FlatEarth.about(115.62, 33.16)


@given(st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_there_and_back(north_m: float, east_m: float) -> None:
    """The map is linear, so nothing is lost."""
    assert EARTH.to_local(*EARTH.to_lonlat(north_m, east_m)) == pytest.approx(
        (north_m, east_m), abs=1e-6
    )


@pytest.mark.parametrize(("north_m", "east_m"), [(1000, 0), (0, 1000), (-600, 800)])
def test_metres_are_the_ellipsoids_metres(north_m: float, east_m: float) -> None:
    """Within 0.02 per cent of the geodesic at one kilometre."""
    lon_deg, lat_deg = EARTH.to_lonlat(north_m, east_m)
    there = LonLat(lon_deg, lat_deg)
    assert distance_m(LonLat(115.62, 33.16), there) == pytest.approx(1000, rel=2e-4)
