"""Tests of `geofences.datum`."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences.datum import (
    EAST_DEG,
    NORTH_DEG,
    SOUTH_DEG,
    WEST_DEG,
    Datum,
    Places,
    from_wgs84,
    geometry_to_wgs84,
    to_wgs84,
)
from geofences.geodesy import LonLat, distance_m

SHIFTED = st.sampled_from([Datum.GCJ02, Datum.BD09])
LONGITUDES = st.floats(WEST_DEG, EAST_DEG)
LATITUDES = st.floats(SOUTH_DEG, NORTH_DEG)


def _place(places: Places) -> LonLat:
    return LonLat(float(places[0]), float(places[1]))


def test_gcj02_is_what_other_programs_say() -> None:
    """The example that the published converters print for Tiananmen."""
    lon, lat = from_wgs84(Datum.GCJ02, 116.404, 39.915)
    assert (lon, lat) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)


def test_bd09_is_what_other_programs_say() -> None:
    """The published step from GCJ-02 to BD-09, behind the step from WGS-84."""
    wgs = to_wgs84(Datum.GCJ02, 116.404, 39.915)
    lon, lat = from_wgs84(Datum.BD09, *wgs)
    assert (lon, lat) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-12)


@given(datum=SHIFTED, lon_deg=LONGITUDES, lat_deg=LATITUDES)
def test_there_and_back_is_the_same_place(datum: Datum, lon_deg: float, lat_deg: float) -> None:
    """To a thousandth of a millimetre, everywhere the shift is defined, its borders included."""
    there = from_wgs84(datum, lon_deg, lat_deg)
    back = _place(to_wgs84(datum, *there))
    assert distance_m(back, LonLat(lon_deg, lat_deg)) < 1e-6


@given(
    datum=SHIFTED,
    lon_deg=st.floats(WEST_DEG + 0.02, EAST_DEG - 0.02),
    lat_deg=st.floats(SOUTH_DEG + 0.02, NORTH_DEG - 0.02),
)
def test_back_and_there_is_the_same_place(datum: Datum, lon_deg: float, lat_deg: float) -> None:
    """What was undone, shifted again, is what was given."""
    back = to_wgs84(datum, lon_deg, lat_deg)
    there = _place(from_wgs84(datum, *back))
    assert distance_m(there, LonLat(lon_deg, lat_deg)) < 1e-6


@given(lon_deg=st.floats(80.0, 130.0), lat_deg=st.floats(18.0, 50.0))
def test_the_shift_is_half_a_kilometre_and_baidus_is_larger(lon_deg: float, lat_deg: float) -> None:
    """Of the size that maps in China are known to be off."""
    here = LonLat(lon_deg, lat_deg)
    gcj, bd = (
        distance_m(here, _place(from_wgs84(datum, lon_deg, lat_deg)))
        for datum in (Datum.GCJ02, Datum.BD09)
    )
    assert 30 < gcj < 1000
    assert bd > gcj


@given(datum=SHIFTED, lon_deg=st.floats(-180.0, 71.0), lat_deg=st.floats(-90.0, 90.0))
def test_outside_china_nothing_is_shifted(datum: Datum, lon_deg: float, lat_deg: float) -> None:
    """Neither there nor back."""
    for places in (from_wgs84(datum, lon_deg, lat_deg), to_wgs84(datum, lon_deg, lat_deg)):
        assert _place(places) == LonLat(lon_deg, lat_deg)


@given(lon_deg=LONGITUDES, lat_deg=LATITUDES)
def test_wgs84_is_itself(lon_deg: float, lat_deg: float) -> None:
    """No conversion is the identity, to the last bit."""
    assert _place(to_wgs84(Datum.WGS84, lon_deg, lat_deg)) == LonLat(lon_deg, lat_deg)


def test_many_places_are_shifted_as_each_alone() -> None:
    """Arrays in, arrays out; one outside China among them stays."""
    lon, lat = np.array([116.4, -3.7, 87.6]), np.array([39.9, 40.4, 43.8])
    together = np.column_stack(to_wgs84(Datum.BD09, lon, lat))
    alone = [to_wgs84(Datum.BD09, *pair) for pair in zip(lon, lat, strict=True)]
    assert together == pytest.approx(np.array(alone), abs=1e-12)
    assert together[1].tolist() == [-3.7, 40.4]


def test_a_coordinate_that_is_no_number_stays_none() -> None:
    """Bad input is for the checks to tell, not for this to hide."""
    lon, _ = to_wgs84(Datum.GCJ02, [math.nan, 116.4], [39.9, 39.9])
    assert np.isnan(lon).tolist() == [True, False]


def test_shapes_are_brought_back_corner_by_corner() -> None:
    """An outline with a hole keeps its rings."""
    outline = shapely.box(116.4, 39.9, 116.5, 40.0).difference(
        shapely.box(116.43, 39.93, 116.47, 39.97)
    )
    shifted = shapely.transform(
        outline, lambda rows: np.column_stack(from_wgs84(Datum.GCJ02, *rows.T))
    )
    assert not shifted.equals_exact(outline, 1e-4)
    assert geometry_to_wgs84(Datum.GCJ02, shifted).equals_exact(outline, 1e-11)
