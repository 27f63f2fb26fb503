"""The ground under straight legs, exact between its knots.

Between pixel centres the height is bilinear, so along a straight line through one mesh of the
lattice it is a parabola, known by three of its points. A profile has a knot wherever a leg crosses
a row or a column of centres, and as many between as keep the parabola within `PROFILE_ERROR_M` of
straight lines: a parabola departs from its chord most in the middle, and n equal parts reduce that
to one n-th squared. So no pixel under a leg is missed, whatever its size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geofences.geodesy import LocalFrame

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PROFILE_ERROR_M = 0.05
"""Between two neighbouring knots the ground is nowhere further from the straight line."""

# Short enough that a straight line in metres is straight in any projection, to a millimetre.
_NODE_M = 100.0

_MOST_PIXELS = 2**14  # over the length of a node, of pixels of 6 mm

AltitudesAt = Callable[[FloatArray, FloatArray], FloatArray]
CrossingsOf = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class GroundProfile:
    """Heights of the ground along legs, in flying order.

    Each leg has a knot at both its ends; between two knots of one leg the ground is within
    `PROFILE_ERROR_M` of the straight line between them, or unknown if one of the two is.

    Attributes:
        leg: int64, (K,), which leg a knot belongs to, ascending.
        distance_m: float64, (K,), from the start of that leg, ascending within it.
        alt_amsl_m: float64, (K,), of the ground; NaN where unknown.
    """

    leg: IntArray
    distance_m: FloatArray
    alt_amsl_m: FloatArray

    @property
    def stretches(self) -> NDArray[np.bool_]:
        """Bool, (K - 1,): whether a knot and the next are on one leg."""
        return np.asarray(self.leg[1:] == self.leg[:-1])

    @property
    def unknown(self) -> NDArray[np.bool_]:
        """Bool, (K - 1,): whether the ground between a knot and the next of its leg is unknown."""
        gaps = np.isnan(self.alt_amsl_m)
        return np.asarray(self.stretches & (gaps[1:] | gaps[:-1]))


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Points along all legs, close together; a place between them is a number like an index."""

    leg: IntArray
    distance_m: FloatArray
    lon_deg: FloatArray
    lat_deg: FloatArray

    def places(self, key: FloatArray) -> tuple[FloatArray, FloatArray]:
        index = np.arange(len(self.leg))
        return np.interp(key, index, self.lon_deg), np.interp(key, index, self.lat_deg)


def profile_of_legs(
    legs_m: FloatArray, frame: LocalFrame, altitudes_at: AltitudesAt, crossings_of: CrossingsOf
) -> GroundProfile:
    """The ground under straight legs.

    Args:
        legs_m: float64, (M, 2, 2): of each leg the start and the end, metres in `frame`.
        frame: between metres and degrees.
        altitudes_at: heights above sea level at longitudes and latitudes, each float64, (N,).
        crossings_of: where lines through places cross the meshes of the raster: from float64 (N,)
            longitudes and latitudes, numbers between 0 and N - 1, whole at the places.
    """
    if not len(legs_m):
        return GroundProfile(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
    nodes = _nodes(np.asarray(legs_m, dtype=np.float64).reshape(-1, 2, 2), frame)
    crossings = crossings_of(nodes.lon_deg, nodes.lat_deg)
    # From the last node of one leg to the first of the next nothing is flown.
    before = np.floor(crossings).astype(np.int64)
    after = np.minimum(before + 1, len(nodes.leg) - 1)
    crossings = crossings[nodes.leg[before] == nodes.leg[after]]
    keys = np.unique(np.concatenate([np.arange(len(nodes.leg), dtype=np.float64), crossings]))
    keys, alt_amsl_m = _refined(keys, nodes, altitudes_at)
    index = np.arange(len(nodes.leg))
    return GroundProfile(
        nodes.leg[np.floor(keys).astype(np.int64)],
        np.interp(keys, index, nodes.distance_m),
        alt_amsl_m,
    )


def mesh_crossings(column: FloatArray, row: FloatArray) -> FloatArray:
    """Where lines from each place to the next cross whole columns and whole rows.

    Args:
        column: float64, (N,), of the places.
        row: as `column`.

    Returns:
        float64, (C,): the index of the place before, and the share of the way to the next.
    """
    found = []
    for line in (column, row):
        start, end = line[:-1], line[1:]
        with np.errstate(invalid="ignore"):
            moves = np.isfinite(start) & np.isfinite(end) & (start != end)
        # A jump of so many pixels is no leg but the seam of a projection.
        moves &= np.abs(np.where(moves, end - start, 0.0)) < _MOST_PIXELS
        index = np.flatnonzero(moves)
        first = np.ceil(np.minimum(start[index], end[index]))
        last = np.floor(np.maximum(start[index], end[index]))
        counts = np.maximum(last - first + 1.0, 0.0).astype(np.int64)
        which = np.repeat(index, counts)
        number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        whole = np.repeat(first, counts) + number
        found.append(which + (whole - start[which]) / (end[which] - start[which]))
    return np.concatenate(found)


def _nodes(legs_m: FloatArray, frame: LocalFrame) -> _Nodes:
    start, way = legs_m[:, 0], legs_m[:, 1] - legs_m[:, 0]
    lengths_m = np.hypot(way[:, 0], way[:, 1])
    counts = np.maximum(np.ceil(lengths_m / _NODE_M), 1.0).astype(np.int64) + 1
    leg = np.repeat(np.arange(len(legs_m)), counts)
    number = np.arange(len(leg)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = number / (counts[leg] - 1.0)
    points = start[leg] + share[:, None] * way[leg]
    lon_deg, lat_deg = frame.to_lonlat(points[:, 0], points[:, 1])
    # Without steps at 180 degrees, so that places between nodes can be interpolated.
    return _Nodes(leg, share * lengths_m[leg], np.unwrap(lon_deg, period=360.0), lat_deg)


def _refined(
    keys: FloatArray, nodes: _Nodes, altitudes_at: AltitudesAt
) -> tuple[FloatArray, FloatArray]:
    """Knots, and as many more between them as the parabolas need."""
    middles = (keys[:-1] + keys[1:]) / 2.0
    altitudes = altitudes_at(*nodes.places(np.concatenate([keys, middles])))
    knots, middle = altitudes[: len(keys)], altitudes[len(keys) :]
    departure = np.abs(middle - (knots[:-1] + knots[1:]) / 2.0)
    parts = np.ceil(np.sqrt(np.nan_to_num(departure) / PROFILE_ERROR_M))
    # A mesh with one unknown corner may be entered and left over known ground.
    hidden = np.isnan(middle) & ~np.isnan(knots[:-1] + knots[1:])
    counts = np.maximum(parts, np.where(hidden, 2.0, 1.0)).astype(np.int64)
    apart = (
        nodes.leg[np.floor(keys[:-1]).astype(np.int64)]
        != nodes.leg[np.minimum(np.floor(keys[1:]), len(nodes.leg) - 1).astype(np.int64)]
    )
    counts[apart] = 1
    which = np.repeat(np.arange(len(counts)), counts)
    share = (np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[which]
    start, end, half = knots[:-1][which], knots[1:][which], middle[which]
    # Lagrange's parabola through both ends and the middle; at an end no other point counts.
    curve = start * (2 * share - 1) * (share - 1) + end * share * (2 * share - 1)
    curve += half * 4 * share * (1 - share)
    between = np.where(share == 0.0, start, curve)
    positions = keys[:-1][which] + share * (keys[1:] - keys[:-1])[which]
    return np.append(positions, keys[-1]), np.append(between, knots[-1])
