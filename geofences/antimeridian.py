"""Outlines that cross the 180th meridian, as parts that do not.

In longitude and latitude such an outline would run round the world the wrong way. An edge that
spans more than 180 degrees of longitude is taken to cross it (RFC 7946, section 3.1.9, asks authors
to cut such outlines themselves; many do not).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from geofences.errors import InvalidGeometryError
from geofences.geodesy import FloatArray

_WORLD_DEG = 360.0


def parts_of_outline(rings: Sequence[Sequence[tuple[float, float]]]) -> tuple[shapely.Polygon, ...]:
    """The polygons of an outline, each within -180 to 180 degrees of longitude.

    Args:
        rings: the outer ring and then its holes, longitude and latitude in degrees; longitudes may
            run on over 180.

    Returns:
        One polygon, or those to both sides of the meridian.

    Raises:
        InvalidGeometryError: it has no ring, a ring has too few corners or goes round a pole, it
            crosses itself, or lies further than once round the world.
    """
    if not rings:
        raise InvalidGeometryError("the outline has no ring; draw one")
    outer = _unrolled(rings[0])
    holes = [_beside(outer, _unrolled(ring)) for ring in rings[1:]]
    polygon = shapely.Polygon(outer, holes)
    if not polygon.is_valid:
        reason = shapely.is_valid_reason(polygon)
        raise InvalidGeometryError(f"the outline is not a valid polygon ({reason}); redraw it")
    west_deg, _, east_deg, _ = polygon.bounds
    if max(-west_deg, east_deg) > 1.5 * _WORLD_DEG:
        raise InvalidGeometryError(
            "the outline lies more than once round the world; give longitudes from -180 to 180"
        )
    if west_deg >= -180.0 and east_deg <= 180.0:
        return (polygon,)
    return tuple(part for turn in (-1, 0, 1) for part in _turned(polygon, turn))


def _unrolled(ring: Sequence[tuple[float, float]]) -> FloatArray:
    """Corners with steps of at most half the world, (N, 2)."""
    corners = np.array(ring, dtype=np.float64).reshape(-1, 2)
    if len(np.unique(corners, axis=0)) < 3:
        raise InvalidGeometryError("a ring has fewer than three corners; redraw it")
    is_closed = np.array_equal(corners[0], corners[-1])
    closed = corners if is_closed else np.vstack([corners, corners[:1]])
    turns = np.round(np.diff(closed[:, 0]) / _WORLD_DEG)
    if turns.sum() != 0:
        raise InvalidGeometryError("the outline goes round a pole; cut it into smaller parts")
    closed[1:, 0] -= _WORLD_DEG * np.cumsum(turns)
    return closed


def _beside(outer: FloatArray, ring: FloatArray) -> FloatArray:
    middles = outer[:, 0].mean(), ring[:, 0].mean()
    ring[:, 0] += _WORLD_DEG * np.round((middles[0] - middles[1]) / _WORLD_DEG)
    return ring


def _turned(polygon: shapely.Polygon, turn: int) -> list[shapely.Polygon]:
    west_deg = -180.0 + turn * _WORLD_DEG
    world = shapely.box(west_deg, -90.0, west_deg + _WORLD_DEG, 90.0)
    inside = shapely.intersection(polygon, world)
    moved = shapely.transform(inside, lambda rows: rows - np.array([turn * _WORLD_DEG, 0.0]))
    # Where the outline only touches the meridian, lines and points come out.
    parts = shapely.get_parts(moved)
    return [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
