"""The fence that an autopilot enforces on one mission: one ring round it, and the zones within.

All plane geometry here is in metres of a local frame until the fence is made.
"""

from collections.abc import Sequence

import numpy as np
import shapely

from flight.errors import PlanningError
from flight.missions import Fence
from flight.planning.cleaning import polygons_of
from geofences.geodesy import LocalFrame

MOST_VERTICES = 70
"""What ArduPilot stores with its default parameters."""

_MOST_RING_VERTICES = 60
_DECIMALS_DEG = 7  # what MAVLink carries: about a centimetre


def build_fence(
    route: shapely.Geometry,
    no_fly: Sequence[shapely.Geometry],
    frame: LocalFrame,
    *,
    margin_m: float,
    ceiling_height_home_m: float,
) -> Fence:
    """Draw a fence around everything a mission flies over.

    Args:
        route: Dock, transits and lanes, metres.
        no_fly: Zones near it, metres.
        frame: Between metres and degrees.
        margin_m: Least distance of the ring from the route.
        ceiling_height_home_m: Greatest height.

    Returns:
        One inclusion without holes and the zones that reach into it, with at most 70 vertices.

    Raises:
        PlanningError: If there are so many zones that the autopilot cannot hold them.
    """
    ring = _ring(route, margin_m, _MOST_RING_VERTICES)
    inside = [zone for zone in no_fly if shapely.intersects(zone, ring)]
    for tolerance_m in (0.2, 1.0, 2.0, 4.0):
        exclusions = [_outward(zone, tolerance_m) for zone in inside]
        left = MOST_VERTICES - sum(_vertices(zone) for zone in exclusions)
        if left >= 4:
            ring = _ring(route, margin_m, min(left, _MOST_RING_VERTICES))
            return Fence(
                _rounded(ring, frame),
                tuple(_rounded(zone, frame) for zone in exclusions),
                ceiling_height_home_m,
            )
    raise PlanningError(
        f"{len(inside)} no-fly zones reach into one mission; its fence would need more than the "
        f"{MOST_VERTICES} vertices that an autopilot holds. Plan fewer cells at a time."
    )


def _ring(route: shapely.Geometry, margin_m: float, most: int) -> shapely.Polygon:
    """The outer ring round a route, as close as so many vertices allow."""
    tolerance_m = margin_m / 16.0
    while True:
        wide = shapely.buffer(route, margin_m + tolerance_m, quad_segs=4)
        ring = shapely.Polygon(polygons_of(wide)[0].exterior)
        simple = shapely.simplify(ring, tolerance_m)
        if _vertices(simple) <= most:
            return simple
        if tolerance_m > 8.0 * margin_m:
            return shapely.minimum_rotated_rectangle(wide)
        tolerance_m *= 1.5


def _outward(zone: shapely.Geometry, tolerance_m: float) -> shapely.Polygon:
    """A ring in few vertices that contains a zone."""
    body = polygons_of(zone)[0]
    wide = shapely.buffer(shapely.Polygon(body.exterior), tolerance_m, join_style="mitre")
    simple = shapely.simplify(wide, tolerance_m)
    return simple if simple.geom_type == "Polygon" else shapely.convex_hull(wide)


def _vertices(polygon: shapely.Polygon) -> int:
    return len(polygon.exterior.coords) - 1


def _rounded(polygon: shapely.Polygon, frame: LocalFrame) -> shapely.Polygon:
    degrees = frame.geometry_to_lonlat(shapely.Polygon(polygon.exterior))
    return shapely.transform(degrees, lambda rows: np.round(rows, _DECIMALS_DEG))
