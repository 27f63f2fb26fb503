"""Reference systems of map files, to and from WGS-84.

WGS-84 and CGCS2000 are taken as the same, as PROJ takes them: their frames differ by centimetres
to decimetres. Systems on older ellipsoids, such as Xian 1980 and Beijing 1954, lie about a hundred
metres off by an amount that only the surveying office knows; they are read, and said to be rough.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from geofences.errors import FileFormatError
from geofences.formats.coordinate_numbers import advice_on_system, look_like_degrees

WGS84 = "EPSG:4326"

_SATELLITE_AXIS_M = 6_378_137.0
_FINE_M = 5.0
_SHOWN = 60
_STRAYED_DEG = 3.0


def to_wgs84(geometries: NDArray[np.object_], crs: str, place: str) -> NDArray[np.object_]:
    """Geometries of a reference system as longitude and latitude on WGS-84.

    Args:
        geometries: shapely geometries or None, (N,).
        crs: the system, x or easting or longitude first whatever its own order.
        place: the layer, for the message.

    Raises:
        FileFormatError: the system is not known, or the numbers cannot be in it.
    """
    system = known_system(crs, place)
    if system.is_projected and look_like_degrees(geometries):
        raise FileFormatError(
            f"{place} is read in {crs[:_SHOWN]}, which counts in metres, but "
            + advice_on_system(geometries)
        )
    transformed = _transformed(geometries, crs, WGS84, place)
    if _all_lost(geometries, transformed):
        raise FileFormatError(
            f"{place} is read in {crs[:_SHOWN]}, where its numbers lie at no place on Earth; "
            + advice_on_system(geometries)
        )
    return transformed


def out_of_wgs84(geometries: NDArray[np.object_], crs: str, place: str) -> NDArray[np.object_]:
    """Longitude and latitude on WGS-84 in another reference system.

    Raises:
        FileFormatError: the system is not known.
    """
    return _transformed(geometries, WGS84, crs, place)


def known_system(crs: str, place: str) -> CRS:
    """The reference system of these words.

    Raises:
        FileFormatError: there is none.
    """
    try:
        return CRS(crs)
    except ProjError as error:
        raise FileFormatError(
            f"{place} has a reference system that is not known ({crs[:_SHOWN]}); "
            "declare it by an EPSG code, such as --crs EPSG:4490."
        ) from error


def is_rough(crs: str, place: str) -> bool:
    """Whether places of a system are known on WGS-84 only to tens of metres or worse.

    Raises:
        FileFormatError: the system is not known.
    """
    system = known_system(crs, place).geodetic_crs
    ellipsoid = system.ellipsoid if system else None
    # Frames of satellite positioning share this axis and lie within a metre or two of each other.
    if ellipsoid is None or ellipsoid.semi_major_metre == _SATELLITE_AXIS_M:
        return False
    accuracy_m = Transformer.from_crs(system, WGS84, always_xy=True).accuracy
    return not 0.0 <= accuracy_m <= _FINE_M


def strayed_from(crs: str, geometries: NDArray[np.object_], place: str) -> str:
    """Which land a system is made for and where these shapes lie, if that is elsewhere; else "".

    Numbers that were counted from another meridian come out degrees away from where they belong.

    Args:
        crs: the system that they were read in.
        geometries: on WGS-84, (N,).
        place: the layer, for the message.

    Raises:
        FileFormatError: the system is not known.
    """
    system = known_system(crs, place)
    places = shapely.get_coordinates(geometries)
    places = places[np.isfinite(places).all(axis=1)]
    if system.area_of_use is None or not len(places):
        return ""
    west, south, east, north = system.area_of_use.bounds
    lon, lat = np.median(places, axis=0).tolist()
    # Land across the antimeridian has its west east of its east.
    width_deg = east - west if east >= west else east - west + 360.0
    east_of_west_deg = (lon - west) % 360.0
    in_lon = not width_deg + _STRAYED_DEG < east_of_west_deg < 360.0 - _STRAYED_DEG
    if in_lon and south - _STRAYED_DEG <= lat <= north + _STRAYED_DEG:
        return ""
    return (
        f"{system.name} is made for longitude {west:.1f} to {east:.1f}, latitude {south:.1f} to "
        f"{north:.1f}, but they lie about longitude {lon:.4f}, latitude {lat:.4f}"
    )


def _all_lost(before: NDArray[np.object_], after: NDArray[np.object_]) -> bool:
    finite = np.isfinite(shapely.get_coordinates(before)).all(axis=1)
    kept = np.isfinite(shapely.get_coordinates(after)).all(axis=1)
    return bool(finite.any()) and not bool(kept.any())


def _transformed(
    geometries: NDArray[np.object_], from_crs: str, to_crs: str, place: str
) -> NDArray[np.object_]:
    source, target = known_system(from_crs, place), known_system(to_crs, place)
    if source == target:
        return geometries
    try:
        transformer = Transformer.from_crs(source, target, always_xy=True)
    except ProjError as error:
        raise FileFormatError(
            f"{place} has a reference system that leads to no place on Earth "
            f"({from_crs[:_SHOWN]}); declare one by an EPSG code, such as --crs EPSG:4547."
        ) from error
    return np.asarray(shapely.transform(geometries, transformer.transform, interleaved=False))
