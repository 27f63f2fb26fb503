"""Tests of `geofences.geoid`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from geofences.geoid import alt_amsl_m, alt_ellipsoid_m, separation_m

LON = st.floats(-180.0, 180.0)
LAT = st.floats(-90.0, 90.0)

NGA_TEST_POINTS = [
    (38.6281550, 269.7791550, -31.628, -31.629),
    (-14.6212170, 305.0211140, -2.969, -2.966),
    (46.8743190, 102.4487290, -43.575, -43.572),
    (-23.6174460, 133.8747120, 15.871, 15.868),
    (38.6254730, 359.9995000, 50.066, 50.065),
    (-0.4667440, 0.0023000, 17.329, 17.330),
]
"""Latitude, longitude, OUTINTPT.DAT (spline through the grid), OUTF477.DAT (harmonic series):
published by NGA with its EGM96 programs."""


@pytest.mark.parametrize(("lat_deg", "lon_deg", "spline_m", "series_m"), NGA_TEST_POINTS)
def test_published_values_are_met(
    lat_deg: float, lon_deg: float, spline_m: float, series_m: float
) -> None:
    """Both of NGA's own programs agree with ours within the 5 mm of rounding to centimetres."""
    found_m = float(separation_m(lon_deg, lat_deg))
    assert found_m == pytest.approx(spline_m, abs=0.005)
    assert found_m == pytest.approx(series_m, abs=0.005)


def test_the_poles_are_one_place() -> None:
    """Whatever the longitude, a pole has one height: 13.61 m north, -29.53 m south."""
    lon_deg = np.linspace(-180.0, 180.0, 50)
    assert separation_m(lon_deg, 90.0) == pytest.approx(13.61, abs=0.01)
    assert separation_m(lon_deg, -90.0) == pytest.approx(-29.53, abs=0.01)


@pytest.mark.parametrize("pole", [90.0, -90.0])
@pytest.mark.parametrize("lon_deg", [0.0, 45.0, 100.25])
def test_sea_level_goes_on_over_the_poles(pole: float, lon_deg: float) -> None:
    """Along a meridian and down the opposite one it is the spline through the grid's points."""
    away_deg = np.arange(-6.0, 6.01, 0.25)

    def along(away_deg: np.ndarray) -> np.ndarray:
        lat_deg = pole - np.sign(pole) * np.abs(away_deg)
        return separation_m(np.where(away_deg < 0.0, lon_deg, lon_deg + 180.0), lat_deg)

    expected_m = CubicSpline(away_deg, along(away_deg))(away_deg[20:29] + 0.125)
    assert along(away_deg[20:29] + 0.125) == pytest.approx(expected_m, abs=1e-4)


@given(lon_deg=LON, lat_deg=LAT, turns=st.integers(-2, 2))
def test_a_turn_round_the_earth_changes_nothing(lon_deg: float, lat_deg: float, turns: int) -> None:
    """Longitude wraps, at 180 degrees too."""
    once, turned = separation_m([lon_deg, lon_deg + 360.0 * turns], lat_deg)
    assert once == pytest.approx(turned, abs=1e-6)


@given(lon_deg=LON, lat_deg=LAT)
def test_sea_level_has_no_steps(lon_deg: float, lat_deg: float) -> None:
    """Over 11 m northwards it changes by a centimetre at most: no slope exceeds 1 in 1000."""
    further = lat_deg - 1e-4 if lat_deg > 0 else lat_deg + 1e-4
    here_m, there_m = separation_m(lon_deg, [lat_deg, further])
    assert abs(here_m - there_m) < 0.012


@given(lon_deg=LON, lat_deg=LAT, height_m=st.floats(-500.0, 9000.0))
def test_to_the_ellipsoid_and_back_is_the_same_height(
    lon_deg: float, lat_deg: float, height_m: float
) -> None:
    """The two conversions undo each other, and differ by the separation."""
    above_ellipsoid_m = alt_ellipsoid_m(lon_deg, lat_deg, height_m)
    assert float(alt_amsl_m(lon_deg, lat_deg, above_ellipsoid_m)) == pytest.approx(height_m)
    assert float(above_ellipsoid_m) - height_m == pytest.approx(
        float(separation_m(lon_deg, lat_deg))
    )


def test_the_sample_county_lies_below_the_ellipsoid() -> None:
    """In eastern China sea level is below it: a GNSS height there is below the map's."""
    assert float(alt_amsl_m(115.62, 33.16, 20.0)) > 20.0


def test_no_place_has_no_height() -> None:
    """A coordinate off the Earth, or not a number, is NaN and never a height."""
    lon_deg = [0.0, np.nan, np.inf, 10.0]
    lat_deg = [91.0, 0.0, 0.0, np.nan]
    assert np.isnan(separation_m(lon_deg, lat_deg)).all()


def test_shapes_are_kept() -> None:
    """Any shape comes back as it went in."""
    assert separation_m(np.zeros((2, 3)), 10.0).shape == (2, 3)
    assert separation_m(1.0, 2.0).shape == ()
