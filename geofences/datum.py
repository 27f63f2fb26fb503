"""GCJ-02 and BD-09, the shifted coordinates of Chinese web maps, to and from WGS-84.

GCJ-02 (of Amap, Tencent and official web maps) lies about 100 to 700 m off WGS-84, by an amount
that changes from place to place; BD-09 (of Baidu) is GCJ-02 shifted once more. Neither is a datum
of geodesy, and neither transformation was ever published by its maker: these are the formulas that
became known in 2010 through eviltransform and have been in use since, on the Krasovsky 1940
ellipsoid. Backwards they have no closed form; iterating until nothing changes gives the place
whose forward transformation is the given one, to well below a millimetre.

They are defined inside a rectangle about China only; outside, GCJ-02 is WGS-84.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
Places = tuple[FloatArray, FloatArray]
"""Longitudes and latitudes, degrees, (N,) each."""

WEST_DEG, EAST_DEG = 72.004, 137.8347
SOUTH_DEG, NORTH_DEG = 0.8293, 55.8271

_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BAIDU_RADIANS = math.pi * 3000.0 / 180.0
# The shift changes by at most 2 % of a step, so that eight steps reach what a double can hold.
_MOST_STEPS = 10
_NOTHING_DEG = 1e-12
_BORDER_DEG = 1e-9
_NEAR_DEG = 0.1
_MIDDLE_DEG = (105.0, 35.0)


class Datum(StrEnum):
    """What longitude and latitude are counted in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def from_wgs84(datum: Datum, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Places:
    """Places on WGS-84 as another datum writes them.

    Args:
        datum: to write them in.
        lon_deg: float64, (N,).
        lat_deg: float64, (N,).

    Returns:
        lon_deg and lat_deg, float64, (N,); unchanged outside the rectangle about China.
    """
    lon, lat = _float64(lon_deg), _float64(lat_deg)
    inside = _in_china(lon, lat)
    there = _FORWARD[datum](*_kept(inside, lon, lat))
    return np.where(inside, there[0], lon), np.where(inside, there[1], lat)


def to_wgs84(datum: Datum, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Places:
    """Places of another datum on WGS-84.

    Args:
        datum: that they are written in.
        lon_deg: float64, (N,).
        lat_deg: float64, (N,).

    Returns:
        lon_deg and lat_deg, float64, (N,); unchanged where they do not come from the rectangle
        about China.
    """
    given_lon, given_lat = _float64(lon_deg), _float64(lat_deg)
    forward = _FORWARD[datum]
    lon, lat = _kept(_in_china(given_lon, given_lat, _NEAR_DEG), given_lon, given_lat)
    wanted_lon, wanted_lat = lon, lat
    for _ in range(_MOST_STEPS):
        there_lon, there_lat = forward(lon, lat)
        east, north = wanted_lon - there_lon, wanted_lat - there_lat
        lon, lat = lon + east, lat + north
        if not ((np.abs(east) > _NOTHING_DEG) | (np.abs(north) > _NOTHING_DEG)).any():
            break
    # A place on the border itself may come back on either side of it.
    inside = _in_china(lon, lat, _BORDER_DEG) & _in_china(given_lon, given_lat, _NEAR_DEG)
    return np.where(inside, lon, given_lon), np.where(inside, lat, given_lat)


def geometry_to_wgs84(datum: Datum, geometry: shapely.Geometry) -> shapely.Geometry:
    """A shapely geometry, or an array of them, of another datum on WGS-84."""
    return shapely.transform(geometry, lambda rows: np.column_stack(to_wgs84(datum, *rows.T)))


def _float64(values: ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _in_china(lon: FloatArray, lat: FloatArray, margin_deg: float = 0.0) -> NDArray[np.bool_]:
    inside = (lon >= WEST_DEG - margin_deg) & (lon <= EAST_DEG + margin_deg)
    return inside & (lat >= SOUTH_DEG - margin_deg) & (lat <= NORTH_DEG + margin_deg)


def _kept(kept: NDArray[np.bool_], lon: FloatArray, lat: FloatArray) -> Places:
    """These places; instead of those not kept, one where the formulas hold."""
    return np.where(kept, lon, _MIDDLE_DEG[0]), np.where(kept, lat, _MIDDLE_DEG[1])


def _unchanged(lon: FloatArray, lat: FloatArray) -> Places:
    return lon, lat


def _gcj02(lon: FloatArray, lat: FloatArray) -> Places:
    east_m, north_m = _shift_m(lon - _MIDDLE_DEG[0], lat - _MIDDLE_DEG[1])
    latitude = np.radians(lat)
    flat = 1.0 - _ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / (flat * np.sqrt(flat))
    parallel_m = _SEMI_MAJOR_M / np.sqrt(flat) * np.cos(latitude)
    return lon + np.degrees(east_m / parallel_m), lat + np.degrees(north_m / meridian_m)


def _shift_m(x: FloatArray, y: FloatArray) -> Places:
    """East and north, in metres of the ellipsoid, at degrees from 105 E, 35 N."""
    wave = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += 2.0 / 3.0 * (wave + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0)))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += 2.0 / 3.0 * (wave + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0)))
    return east, north


def _waves(along: FloatArray, *waves: tuple[float, float]) -> FloatArray:
    return np.asarray(sum(size * np.sin(np.pi * along / length) for size, length in waves))


def _bd09(lon: FloatArray, lat: FloatArray) -> Places:
    x, y = _gcj02(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BAIDU_RADIANS)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BAIDU_RADIANS)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


_FORWARD: dict[Datum, Callable[[FloatArray, FloatArray], Places]] = {
    Datum.WGS84: _unchanged,
    Datum.GCJ02: _gcj02,
    Datum.BD09: _bd09,
}
