"""Metres north and east of a vehicle's start, on the tangent plane there."""

import math
from dataclasses import dataclass

_SEMI_MAJOR_M = 6_378_137.0
_ECCENTRICITY_SQUARED = 0.00669437999014


@dataclass(frozen=True, slots=True)
class FlatEarth:
    """A linear map between degrees and metres about one place.

    The map is linear, so there and back is exact; its scale is off by less than 0.02 % within
    a kilometre, which no patrol notices.
    """

    lon_deg: float
    lat_deg: float
    north_m_per_deg: float
    east_m_per_deg: float

    @classmethod
    def about(cls, lon_deg: float, lat_deg: float) -> "FlatEarth":
        """Lay the plane at a place, on the WGS-84 ellipsoid."""
        sine = math.sin(math.radians(lat_deg))
        shrink = 1 - _ECCENTRICITY_SQUARED * sine * sine
        meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / shrink**1.5
        normal_m = _SEMI_MAJOR_M / math.sqrt(shrink) * math.cos(math.radians(lat_deg))
        return cls(lon_deg, lat_deg, math.radians(meridian_m), math.radians(normal_m))

    def to_local(self, lon_deg: float, lat_deg: float) -> tuple[float, float]:
        """Return (north_m, east_m) of a place."""
        return (
            (lat_deg - self.lat_deg) * self.north_m_per_deg,
            (lon_deg - self.lon_deg) * self.east_m_per_deg,
        )

    def to_lonlat(self, north_m: float, east_m: float) -> tuple[float, float]:
        """Return (lon_deg, lat_deg) of a point of the plane."""
        return (
            self.lon_deg + east_m / self.east_m_per_deg,
            self.lat_deg + north_m / self.north_m_per_deg,
        )
