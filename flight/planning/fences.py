"""The fence that an autopilot enforces on one mission: one ring round it, and the zones within.

All plane geometry here is in metres of a local frame until the fence is made.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.errors import PlanningError
from flight.missions import Fence
from flight.planning.cleaning import polygons_of, simplified
from geofences.geodesy import LocalFrame

STORAGE_BYTES = 560
"""What ArduPilot keeps a fence in with its default parameters: 5 bytes, and 2 + 8 n for a ring."""

_MOST_RING_VERTICES = 60
_QUAD_SEGMENTS = 4
FloatArray = NDArray[np.float64]

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
        One inclusion without holes and the zones that reach into it, as small as autopilots need.

    Raises:
        PlanningError: If there are so many zones that the autopilot cannot hold them.
    """
    ring = _ring(route, margin_m, _MOST_RING_VERTICES)
    bodies = [body for zone in no_fly for body in polygons_of(zone)]
    inside = [body for body in bodies if shapely.intersects(body, ring)]
    for tolerance_m in (0.2, 1.0, 2.0, 4.0):
        exclusions = [_outward(zone, tolerance_m) for zone in inside]
        left = (STORAGE_BYTES - stored_bytes(exclusions) - 2) // 8
        if left >= 4:
            ring = _ring(route, margin_m, min(left, _MOST_RING_VERTICES))
            return Fence(
                _rounded(ring, frame),
                tuple(_rounded(zone, frame) for zone in exclusions),
                ceiling_height_home_m,
            )
    raise PlanningError(
        f"{len(inside)} no-fly zones reach into one mission; its fence would need more than the "
        f"{STORAGE_BYTES} bytes that an autopilot keeps for it. Plan fewer cells at a time."
    )


def with_ways_home(route: FloatArray, no_fly: Sequence[shapely.Geometry]) -> shapely.Geometry:
    """A route and the straight ways home from its points, which a failsafe may fly.

    Those that a no-fly zone bars are left out: the fence must bar them too.

    Args:
        route: float64, (N, 2), metres, from home on.
        no_fly: Zones near it, metres.
    """
    home = route[0]
    lines = [shapely.linestrings([p, home]) for p in route if math.dist(p, home) > 0.0]
    barred = shapely.union_all(no_fly)
    open_lines = [line for line in lines if not shapely.intersects(line, barred)]
    return shapely.MultiLineString([shapely.linestrings(route), *open_lines])


def stored_bytes(rings: Iterable[shapely.Polygon]) -> int:
    """Return how much of ArduPilot's fence storage some rings take."""
    return 5 + sum(2 + 8 * _vertices(ring) for ring in rings)


def _ring(route: shapely.Geometry, margin_m: float, most: int) -> shapely.Polygon:
    """The outer ring round a route, as close as so many vertices allow."""
    # GEOS 3.14 cuts the tip off the buffer of a closed line with a sharp angle, which may be home.
    legs = _legs(route)
    tolerance_m = margin_m / 16.0
    while True:
        # Arcs are drawn as polygons inside them, so the radius is made up for that.
        radius_m = (margin_m + tolerance_m) / math.cos(math.pi / 4 / _QUAD_SEGMENTS)
        # Each by itself, then united: twenty times as fast as all at once where ways home cross.
        wide = shapely.union_all(shapely.buffer(legs, radius_m, quad_segs=_QUAD_SEGMENTS))
        ring = shapely.Polygon(polygons_of(wide)[0].exterior)
        simple = simplified(ring, tolerance_m)
        if _vertices(simple) <= most:
            return simple
        if tolerance_m > 8.0 * margin_m:
            return shapely.minimum_rotated_rectangle(wide)
        tolerance_m *= 1.5


def _legs(route: shapely.Geometry) -> list[shapely.Geometry]:
    """Return each straight leg of a route by itself; a route of one point is a leg of none."""
    legs: list[shapely.Geometry] = []
    for line in shapely.get_parts(route):
        points = shapely.get_coordinates(line)
        ends = pairwise(points) if len(points) > 1 else [(points[0], points[0])]
        legs.extend(shapely.LineString(pair) for pair in ends)
    return legs


def _outward(body: shapely.Polygon, tolerance_m: float) -> shapely.Polygon:
    """A ring in few vertices that contains a zone."""
    wide = shapely.buffer(shapely.Polygon(body.exterior), tolerance_m, join_style="mitre")
    simple = simplified(wide, tolerance_m)
    return simple if simple.geom_type == "Polygon" else shapely.convex_hull(wide)


def _vertices(polygon: shapely.Polygon) -> int:
    return len(polygon.exterior.coords) - 1


def _rounded(polygon: shapely.Polygon, frame: LocalFrame) -> shapely.Polygon:
    degrees = frame.geometry_to_lonlat(shapely.Polygon(polygon.exterior))
    return shapely.transform(degrees, lambda rows: np.round(rows, _DECIMALS_DEG))
