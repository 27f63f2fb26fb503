"""Circles on the ellipsoid, and the polygons that stand for them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from geofences.antimeridian import parts_of_outline
from geofences.errors import InvalidGeometryError
from geofences.geodesy import FloatArray, LocalFrame, LonLat, distance_m

_CORNERS = 48
_STEPS = np.arange(8) / 8
_POLES = (LonLat(0.0, 90.0), LonLat(0.0, -90.0))
_LARGEST_M = 500_000.0
_ROUND_SHARE = 1e-4  # of the radius, by which corners may differ
_WIDEST_GAP_DEG = 30.0


@dataclass(frozen=True, slots=True)
class Circle:
    """All places within a distance of another, along geodesics.

    Raises:
        InvalidGeometryError: the radius is not above zero, or above 500 km.
    """

    centre: LonLat
    radius_m: float

    def __post_init__(self) -> None:
        if not 0.0 < self.radius_m <= _LARGEST_M:
            raise InvalidGeometryError(
                f"The radius of {self.radius_m:g} m is not above 0 and up to "
                f"{_LARGEST_M / 1000:g} km; correct it."
            )

    def outlines(self) -> tuple[shapely.Polygon, ...]:
        """The smallest regular polygon of 48 corners round the circle, 0.2 % wider.

        Its edges are straight in longitude and latitude, as polygons are everywhere here, and lie
        outside the circle all the same.

        Returns:
            One polygon, or those to both sides of the 180th meridian.

        Raises:
            InvalidGeometryError: a pole lies in it.
        """
        if min(distance_m(self.centre, pole) for pole in _POLES) < 1.01 * self.radius_m:
            raise InvalidGeometryError("The circle holds a pole; cut it into smaller parts.")
        reach_m = self.radius_m / math.cos(math.pi / _CORNERS)
        corners = self._corners(reach_m)
        while (nearest_m := self._nearest_m(corners)) < self.radius_m:
            reach_m *= self.radius_m / nearest_m * (1.0 + 1e-9)
            corners = self._corners(reach_m)
        return parts_of_outline([[(float(lon), float(lat)) for lon, lat in corners]])

    def _corners(self, reach_m: float) -> FloatArray:
        angles = np.arange(_CORNERS) * (2.0 * math.pi / _CORNERS)
        lon_deg, lat_deg = LocalFrame(self.centre).to_lonlat(
            reach_m * np.sin(angles), reach_m * np.cos(angles)
        )
        # Measured from the centre, so that edges across the 180th meridian are short.
        apart_deg = (lon_deg - self.centre.lon_deg + 180.0) % 360.0 - 180.0
        return np.column_stack([self.centre.lon_deg + apart_deg, lat_deg])

    def _nearest_m(self, corners: FloatArray) -> float:
        """How close the edges come to the centre, from eight points on each."""
        edges = np.roll(corners, -1, axis=0) - corners
        rows = (corners[:, None, :] + _STEPS[None, :, None] * edges[:, None, :]).reshape(-1, 2)
        east_m, north_m = LocalFrame(self.centre).to_local(rows[:, 0], rows[:, 1])
        return float(np.hypot(east_m, north_m).min())


def circle_round(polygon: shapely.Polygon) -> Circle | None:
    """The circle that a polygon stands for, if it stands for one.

    Args:
        polygon: longitude and latitude.

    Returns:
        The smallest circle that holds it, if all corners lie on it (to 0.01 %) and close to each
        other; else None.
    """
    if polygon.interiors:
        return None
    corners = shapely.get_coordinates(polygon.exterior)[:-1]
    middle = polygon.centroid
    frame = LocalFrame(LonLat(middle.x, middle.y))
    east_m, north_m = frame.to_local(corners[:, 0], corners[:, 1])
    # Kasa's least-squares circle, to set the centre right; round ones fit exactly.
    matrix = np.column_stack([2.0 * east_m, 2.0 * north_m, np.ones(len(corners))])
    solution = np.linalg.lstsq(matrix, east_m**2 + north_m**2)[0]
    centre = LonLat(*frame.to_lonlat(float(solution[0]), float(solution[1])))
    east_m, north_m = LocalFrame(centre).to_local(corners[:, 0], corners[:, 1])
    distances_m = np.hypot(east_m, north_m)
    angles_deg = np.sort(np.degrees(np.arctan2(north_m, east_m)))
    gaps_deg = np.diff(np.append(angles_deg, angles_deg[0] + 360.0))
    uneven = np.ptp(distances_m) > _ROUND_SHARE * distances_m.max()
    if uneven or gaps_deg.max() > _WIDEST_GAP_DEG:
        return None
    return Circle(centre, float(distances_m.max()))
