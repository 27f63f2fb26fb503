"""How far mean sea level lies above the WGS-84 ellipsoid: the geoid EGM96.

A satellite receiver and a DJI aircraft measure above the ellipsoid, maps and airspace count above
mean sea level; between the two lie up to 107 m (20 to 30 m in much of China), so every height says
which it is (`alt_ellipsoid_m`, `alt_amsl_m`) and only the functions here turn one into the other.

The grid is that of the US National Geospatial-Intelligence Agency (NGA), 15 minutes of arc,
rounded to centimetres; nothing is fetched at run time. Between its points a bicubic B-spline runs
through them. It meets the six test values that NGA publishes with its programs INTPT (a spline
through the same grid) and F477 (the harmonic series itself) within 5 mm; bilinear interpolation
would be up to 1.03 m off, 4 cm root mean square. EGM96 itself is good to about a metre.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import rasterio
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from geofences.geoid_grid.location import geoid_grid_path

FloatArray = NDArray[np.float64]

_STEP_DEG = 0.25
_ROWS_BEYOND_POLE = 16  # a spline's memory fades by 0.27 a row, so its ends are not felt inside


def separation_m(lon_deg: ArrayLike, lat_deg: ArrayLike) -> FloatArray:
    """Height of mean sea level (EGM96) above the WGS-84 ellipsoid; negative where it lies below.

    Args:
        lon_deg: float64 of any shape, degrees; any turn round the Earth is understood.
        lat_deg: as `lon_deg`, -90 to 90.

    Returns:
        float64 of the shape that came in; NaN where a coordinate is not a place on Earth.
    """
    lon, lat = np.broadcast_arrays(
        np.asarray(lon_deg, dtype=np.float64), np.asarray(lat_deg, dtype=np.float64)
    )
    known = np.isfinite(lon) & (np.abs(lat) <= 90.0)
    column = (np.where(known, lon, 0.0) + 180.0) % 360.0 / _STEP_DEG
    row = (90.0 - np.where(known, lat, 0.0)) / _STEP_DEG + _ROWS_BEYOND_POLE
    found = ndimage.map_coordinates(
        _spline(), [row.ravel(), column.ravel()], order=3, mode="grid-wrap", prefilter=False
    )
    return np.where(known, found.reshape(lon.shape), np.nan)


def alt_amsl_m(lon_deg: ArrayLike, lat_deg: ArrayLike, alt_ellipsoid_m: ArrayLike) -> FloatArray:
    """Height above mean sea level of a height above the WGS-84 ellipsoid, metres."""
    return np.asarray(alt_ellipsoid_m, dtype=np.float64) - separation_m(lon_deg, lat_deg)


def alt_ellipsoid_m(lon_deg: ArrayLike, lat_deg: ArrayLike, alt_amsl_m: ArrayLike) -> FloatArray:
    """Height above the WGS-84 ellipsoid of a height above mean sea level, metres."""
    return np.asarray(alt_amsl_m, dtype=np.float64) + separation_m(lon_deg, lat_deg)


@cache
def _spline() -> FloatArray:
    """Coefficients of the spline; beyond a pole the rows go on down the opposite meridian."""
    with rasterio.open(geoid_grid_path()) as file:
        grid_m = file.read(1) * file.scales[0]
    opposite = np.roll(grid_m, grid_m.shape[1] // 2, axis=1)
    north = opposite[1 : _ROWS_BEYOND_POLE + 1][::-1]
    south = opposite[-_ROWS_BEYOND_POLE - 1 : -1][::-1]
    rows = np.vstack([north, grid_m, south])
    around = ndimage.spline_filter1d(rows, order=3, axis=1, mode="grid-wrap")
    coefficients: FloatArray = ndimage.spline_filter1d(around, order=3, axis=0, mode="mirror")
    coefficients.flags.writeable = False
    return coefficients
