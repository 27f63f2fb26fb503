"""Tests of `geofences.geodesy`."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences.errors import InvalidGeometryError
from geofences.geodesy import LocalFrame, LonLat, bearing_deg, destination, distance_m

origins = st.builds(LonLat, st.floats(-179.0, 179.0), st.floats(-80.0, 80.0))
metres = st.floats(-50_000.0, 50_000.0)


@given(origin=origins, east_m=metres, north_m=metres)
def test_local_metres_come_back_from_the_globe(
    origin: LonLat, east_m: float, north_m: float
) -> None:
    """Metres to degrees and back differ by less than a millimetre, anywhere."""
    frame = LocalFrame(origin)
    assert (east_m, north_m) == pytest.approx(
        frame.to_local(*frame.to_lonlat(east_m, north_m)), abs=1e-3
    )


@given(origin=origins, east_m=metres, north_m=metres)
def test_distance_from_the_origin_is_true(origin: LonLat, east_m: float, north_m: float) -> None:
    """The frame keeps distances from its origin."""
    there = LonLat(*LocalFrame(origin).to_lonlat(east_m, north_m))
    assert math.hypot(east_m, north_m) == pytest.approx(distance_m(origin, there), abs=1e-3)


@given(
    origin=origins,
    bearing=st.floats(0.0, 359.0),
    length_m=st.floats(1.0, 100_000.0),
)
def test_destination_lies_where_it_was_asked_for(
    origin: LonLat, bearing: float, length_m: float
) -> None:
    """Going a distance in a direction is undone by asking for distance and bearing."""
    there = destination(origin, bearing, length_m)
    assert length_m == pytest.approx(distance_m(origin, there), abs=1e-3)
    turned = (bearing_deg(origin, there) - bearing + 180.0) % 360.0 - 180.0
    assert abs(math.radians(turned)) * length_m < 1e-3


@given(shift_m=st.floats(-2000.0, 2000.0))
def test_shapes_keep_their_size_when_moved(shift_m: float) -> None:
    """A square moved by kilometres has the same area, to a part in a million."""
    frame, moved = LocalFrame(LonLat(115.62, 33.16)), LocalFrame(LonLat(115.63, 33.17))
    square = shapely.box(shift_m, shift_m, shift_m + 100.0, shift_m + 100.0)
    seen = moved.geometry_to_local(frame.geometry_to_lonlat(square))
    assert square.area == pytest.approx(seen.area, rel=1e-6)


def test_agrees_with_the_projection_of_proj() -> None:
    """The frame is what PROJ calls aeqd on WGS-84."""
    proj = pyproj.Proj("+proj=aeqd +lat_0=33.16 +lon_0=115.62 +ellps=WGS84")
    expected = proj(115.85, 33.3)
    assert expected == pytest.approx(
        LocalFrame(LonLat(115.62, 33.16)).to_local(115.85, 33.3), abs=1e-6
    )


def test_east_and_north_point_the_right_way() -> None:
    """Greater longitude is east, greater latitude is north."""
    frame = LocalFrame(LonLat(115.62, 33.16))
    east_m, north_m = frame.to_local(np.array([115.63, 115.62]), np.array([33.16, 33.17]))
    assert 932.0 < east_m[0] < 934.0
    assert abs(north_m[0]) < 0.1
    assert abs(east_m[1]) < 1e-6
    assert 1108.0 < north_m[1] < 1110.0


@pytest.mark.parametrize("shape", [(0,), (3,), (2, 5)])
def test_arrays_keep_their_shape(shape: tuple[int, ...]) -> None:
    """Any shape of array comes back in the same shape, also the empty one."""
    east_m, north_m = LocalFrame(LonLat(0.0, 0.0)).to_local(np.ones(shape), np.zeros(shape))
    assert shape == east_m.shape == north_m.shape


def test_the_origin_is_zero() -> None:
    """The origin itself is no metres away."""
    origin = LonLat(115.62, 33.16)
    assert LocalFrame(origin).to_local(115.62, 33.16) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert distance_m(origin, origin) == 0.0


@pytest.mark.parametrize(
    ("bearing", "expected"),
    [(0.0, (0.0, 1.0)), (90.0, (1.0, 0.0)), (180.0, (0.0, -1.0)), (270.0, (-1.0, 0.0))],
)
def test_bearings_run_clockwise_from_north(bearing: float, expected: tuple[float, float]) -> None:
    """0 is north, 90 is east."""
    origin = LonLat(115.62, 33.16)
    there = destination(origin, bearing, 1.0)
    assert expected == pytest.approx(
        LocalFrame(origin).to_local(there.lon_deg, there.lat_deg), abs=1e-6
    )


@given(origin=origins, away_lon=st.floats(-0.1, 0.1), away_lat=st.floats(-0.1, 0.1))
def test_bearings_lie_between_0_and_360(origin: LonLat, away_lon: float, away_lat: float) -> None:
    """West is 270, not -90."""
    there = LonLat(origin.lon_deg + away_lon, origin.lat_deg + away_lat)
    assert 0.0 <= bearing_deg(origin, there) <= 360.0


@pytest.mark.parametrize(
    ("lon_deg", "lat_deg", "words"),
    [
        (math.nan, 0.0, "not a number"),
        (0.0, math.inf, "not a number"),
        (180.1, 0.0, "not on Earth"),
        (33.16, 115.62, "longitude (-180 to 180) comes first"),
    ],
)
def test_impossible_places_are_refused(lon_deg: float, lat_deg: float, words: str) -> None:
    """A place off the globe cannot exist, and the message says what is expected."""
    with pytest.raises(InvalidGeometryError) as caught:
        LonLat(lon_deg, lat_deg)
    assert words in str(caught.value)


@pytest.mark.parametrize("place", [(180.0, 90.0), (-180.0, -90.0)])
def test_the_edges_of_the_globe_are_places(place: tuple[float, float]) -> None:
    """The limits themselves are allowed."""
    assert LonLat(*place).lon_deg == place[0]
