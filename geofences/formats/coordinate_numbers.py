"""What the bare numbers of a map file say about the reference system that they are in.

National files of metres write the number of their zone in front of the easting, so that 38 574 160
is 74 160 m east of the middle of the 3-degree zone 38, which is 114 E; or they leave it away, and
then nothing in the file says which meridian is meant.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

_MOST_LON_DEG, _MOST_LAT_DEG = 180.0, 90.0
_NO_COUNTY_M = 5.0
_ZONE_M = 1_000_000.0
_EASTING_M = (200_000.0, 800_000.0)
_NORTHING_M = (300_000.0, 6_000_000.0)
_THREE_DEGREE_ZONES = range(25, 46)
_SIX_DEGREE_ZONES = range(13, 24)
# EPSG counts the zones of CGCS2000 in order: zone 25 is 4513, and zone 13 of six degrees is 4491.
_FIRST_OF_THREE_DEGREES = 4513 - 25
_FIRST_OF_SIX_DEGREES = 4491 - 13
_ANY_SYSTEM = (
    "declare it, such as --crs EPSG:4490 for longitude and latitude on CGCS2000, --crs EPSG:4547 "
    "for metres east of 114 E on it, or --crs EPSG:4326 for WGS-84."
)


def advice_on_system(geometries: NDArray[np.object_]) -> str:
    """What to declare for numbers like these, the end of a sentence.

    Args:
        geometries: shapely geometries or None as a file has them, (N,).
    """
    places = shapely.get_coordinates(geometries)
    places = places[np.isfinite(places).all(axis=1)]
    if not len(places):
        return _ANY_SYSTEM
    x, y = np.median(places, axis=0).tolist()
    shown = f"x {x:.1f}, y {y:.1f}"
    if look_like_degrees(geometries):
        return (
            f"its numbers look like degrees (x {x:.5f}, y {y:.5f}): declare --crs EPSG:4490 for "
            "CGCS2000 or --crs EPSG:4326 for WGS-84."
        )
    zone, easting_m = divmod(x, _ZONE_M)
    metres = _in(easting_m, _EASTING_M) and _in(y, _NORTHING_M)
    code = _zone_code(int(zone)) if metres else None
    if code is not None:
        return (
            f"its numbers look like metres in zone {zone:.0f} ({shown}): declare "
            f"--crs EPSG:{code} if that is CGCS2000."
        )
    if metres and zone == 0:
        return (
            f"its numbers look like metres without a zone in front ({shown}): ask which meridian "
            "they are counted from, and declare --crs EPSG:4546 for 111 E, EPSG:4547 for 114 E, "
            "EPSG:4548 for 117 E or EPSG:4549 for 120 E on CGCS2000."
        )
    return _ANY_SYSTEM


def look_like_degrees(geometries: NDArray[np.object_]) -> bool:
    """Whether numbers, taken for metres, would make a map smaller than any cell."""
    places = shapely.get_coordinates(geometries)
    places = places[np.isfinite(places).all(axis=1)]
    if not len(places) or (np.abs(places) > (_MOST_LON_DEG, _MOST_LON_DEG)).any():
        return False
    in_order = bool((np.abs(places).min(axis=1) <= _MOST_LAT_DEG).all())
    return in_order and float(np.ptp(places, axis=0).max()) < _NO_COUNTY_M


def _zone_code(zone: int) -> int | None:
    if zone in _THREE_DEGREE_ZONES:
        return _FIRST_OF_THREE_DEGREES + zone
    return _FIRST_OF_SIX_DEGREES + zone if zone in _SIX_DEGREE_ZONES else None


def _in(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]
