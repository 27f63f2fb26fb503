"""Points on the WGS-84 ellipsoid, and metres around one of them.

A `LocalFrame` is the azimuthal equidistant projection about its origin: distance and azimuth from
the origin are those of the geodesic. Around a village (5 km) lengths between other points are true
to about one part in ten million.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod

from geofences.errors import InvalidGeometryError

FloatArray = NDArray[np.float64]

_WGS84 = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class LonLat:
    """A place on the WGS-84 ellipsoid.

    Attributes:
        lon_deg: longitude, east positive, -180 to 180.
        lat_deg: latitude, north positive, -90 to 90.

    Raises:
        InvalidGeometryError: a coordinate is not finite or out of range.
    """

    lon_deg: float
    lat_deg: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lon_deg) and math.isfinite(self.lat_deg)):
            raise InvalidGeometryError(
                f"The position ({self.lon_deg}, {self.lat_deg}) is not a number; "
                "give longitude and latitude in degrees."
            )
        if abs(self.lon_deg) > 180 or abs(self.lat_deg) > 90:
            raise InvalidGeometryError(
                f"The position ({self.lon_deg}, {self.lat_deg}) is not on Earth; longitude "
                "(-180 to 180) comes first, then latitude (-90 to 90)."
            )


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """Metres east and north of `origin`: azimuthal equidistant on WGS-84."""

    origin: LonLat

    @overload
    def to_local(self, lon_deg: float, lat_deg: float) -> tuple[float, float]: ...
    @overload
    def to_local(
        self, lon_deg: FloatArray, lat_deg: FloatArray
    ) -> tuple[FloatArray, FloatArray]: ...
    def to_local(self, lon_deg: Any, lat_deg: Any) -> tuple[Any, Any]:
        """Metres east and north of the origin.

        Args:
            lon_deg: a number, or float64 of any shape.
            lat_deg: as `lon_deg`.

        Returns:
            east_m and north_m, of the shape that came in.
        """
        lon, lat = np.broadcast_arrays(_float64(lon_deg), _float64(lat_deg))
        origin_lon = np.full(lon.size, self.origin.lon_deg)
        origin_lat = np.full(lon.size, self.origin.lat_deg)
        azimuth_deg, _, length_m = _WGS84.inv(origin_lon, origin_lat, lon.ravel(), lat.ravel())
        azimuth = np.radians(azimuth_deg)
        return _shaped(length_m * np.sin(azimuth), length_m * np.cos(azimuth), lon.shape)

    @overload
    def to_lonlat(self, east_m: float, north_m: float) -> tuple[float, float]: ...
    @overload
    def to_lonlat(
        self, east_m: FloatArray, north_m: FloatArray
    ) -> tuple[FloatArray, FloatArray]: ...
    def to_lonlat(self, east_m: Any, north_m: Any) -> tuple[Any, Any]:
        """Longitude and latitude of places given in metres from the origin.

        Args:
            east_m: a number, or float64 of any shape.
            north_m: as `east_m`.

        Returns:
            lon_deg and lat_deg, of the shape that came in.
        """
        east, north = np.broadcast_arrays(_float64(east_m), _float64(north_m))
        azimuth_deg = np.degrees(np.arctan2(east, north)).ravel()
        origin_lon = np.full(east.size, self.origin.lon_deg)
        origin_lat = np.full(east.size, self.origin.lat_deg)
        length_m = np.hypot(east, north).ravel()
        lon, lat, _ = _WGS84.fwd(origin_lon, origin_lat, azimuth_deg, length_m)
        return _shaped(lon, lat, east.shape)

    def geometry_to_local(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """A shapely geometry of longitude and latitude, in metres east and north."""
        return shapely.transform(geometry, self._rows_to_local)

    def geometry_to_lonlat(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """A shapely geometry in metres east and north, in longitude and latitude."""
        return shapely.transform(geometry, self._rows_to_lonlat)

    def _rows_to_local(self, rows: FloatArray) -> FloatArray:
        return np.column_stack(self.to_local(rows[:, 0], rows[:, 1]))

    def _rows_to_lonlat(self, rows: FloatArray) -> FloatArray:
        return np.column_stack(self.to_lonlat(rows[:, 0], rows[:, 1]))


def distance_m(a: LonLat, b: LonLat) -> float:
    """Length of the geodesic from `a` to `b`, metres."""
    return float(_WGS84.inv(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg)[2])


def bearing_deg(a: LonLat, b: LonLat) -> float:
    """Direction in which the geodesic leaves `a` for `b`, clockwise from north, 0 to 360."""
    azimuth_deg = float(_WGS84.inv(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg)[0])
    return azimuth_deg % 360.0


def destination(a: LonLat, bearing_deg: float, distance_m: float) -> LonLat:
    """The place `distance_m` along the geodesic that leaves `a` towards `bearing_deg`."""
    lon, lat, _ = _WGS84.fwd(a.lon_deg, a.lat_deg, bearing_deg, distance_m)
    return LonLat(float(lon), float(lat))


def _float64(values: ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _shaped(first: FloatArray, second: FloatArray, shape: tuple[int, ...]) -> tuple[Any, Any]:
    if shape == ():
        return float(first[0]), float(second[0])
    return first.reshape(shape), second.reshape(shape)
