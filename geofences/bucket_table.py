"""A table of equal buckets over polygons: which of them reach into which bucket.

A bucket that no outline passes through lies wholly inside or wholly outside each polygon. The
outlines are followed row by row, a little widened, so that rounding may only ever name a polygon
too many for a bucket, never one too few.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

OUTSIDE = -1
"""The answer of a bucket that no polygon reaches into."""

FIRST_SHARED = -2
"""Answers from here downwards count the shared buckets: -2 is the first, -3 the second."""

_BUCKETS_ACROSS = 5
_MOST_BUCKETS = 2_000_000
# Bucket borders are computed with rounding; an edge this near to one counts for both sides.
_BORDER_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges of polygons, each directed upwards.

    Attributes:
        owner: index of its polygon, int64, (E,), ascending.
        low: its lower end, float64, (E, 2).
        high: its upper end, float64, (E, 2).
    """

    owner: IntArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Lattice:
    """Equal rectangles over an extent: rows northwards, columns eastwards, counted from 0.

    The functions never decrease, so what lies between two points lies between their buckets too.
    """

    west: float
    south: float
    east: float
    north: float
    per_x: float
    per_y: float
    columns: int
    rows: int

    def column(self, x: FloatArray) -> IntArray:
        """The column of each x, (N,); the nearest one for x outside."""
        return np.clip(((x - self.west) * self.per_x).astype(np.int64), 0, self.columns - 1)

    def row(self, y: FloatArray) -> IntArray:
        """The row of each y, (N,); the nearest one for y outside."""
        return np.clip(((y - self.south) * self.per_y).astype(np.int64), 0, self.rows - 1)


@dataclass(frozen=True, slots=True)
class BucketTable:
    """What each bucket knows of the polygons.

    Attributes:
        lattice: where the buckets lie.
        answers: int32, (rows * columns,): the index of the one polygon that a bucket lies wholly
            inside; `OUTSIDE`; or from `FIRST_SHARED` downwards which shared bucket it is.
        starts: int64, (shared + 1,): where the polygons of each shared bucket begin in `named`.
        named: int64: indices of the polygons that reach into a shared bucket, ascending in each.
    """

    lattice: Lattice
    answers: NDArray[np.int32]
    starts: IntArray
    named: IntArray


def edges_of(polygons: NDArray[np.object_]) -> Edges:
    """All edges of the outlines and holes of polygons, (N,)."""
    rings, polygon_of_ring = shapely.get_rings(polygons, return_index=True)
    corners, ring_of_corner = shapely.get_coordinates(rings, return_index=True)
    joined = ring_of_corner[:-1] == ring_of_corner[1:]
    first, second = corners[:-1][joined], corners[1:][joined]
    falling = (first[:, 1] > second[:, 1])[:, None]
    return Edges(
        polygon_of_ring[ring_of_corner[:-1][joined]],
        np.where(falling, second, first),
        np.where(falling, first, second),
    )


def lattice_over(polygons: NDArray[np.object_]) -> Lattice:
    """A lattice over polygons, (N,), N > 0, a few buckets across each polygon of the usual size."""
    bounds = shapely.bounds(polygons)
    west, south, east, north = shapely.total_bounds(polygons).tolist()
    sizes = np.median(bounds[:, 2:] - bounds[:, :2], axis=0) / _BUCKETS_ACROSS
    across, upwards = (east - west) / sizes[0], (north - south) / sizes[1]
    coarser = max(1.0, math.sqrt(across * upwards / _MOST_BUCKETS))
    columns, rows = max(1, int(across / coarser)), max(1, int(upwards / coarser))
    # A hair less than so many a degree keeps the eastern and northern border in the last bucket.
    per_x = columns * (1.0 - _BORDER_SHARE) / (east - west)
    per_y = rows * (1.0 - _BORDER_SHARE) / (north - south)
    return Lattice(west, south, east, north, per_x, per_y, columns, rows)


def fill_table(lattice: Lattice, edges: Edges) -> BucketTable:
    """Say for each bucket of a lattice which of the polygons with these edges reach into it."""
    # A bucket that an outline passes through may have its middle inside too: touched sorts first.
    keys = np.sort(np.concatenate([2 * _touched(lattice, edges), 2 * _inside(lattice, edges) + 1]))
    keys = keys[np.diff(keys >> 1, prepend=-1) > 0]
    whole = keys % 2 == 1
    bucket, polygon = np.divmod(keys >> 1, edges.owner[-1] + 1)
    begins = np.flatnonzero(np.diff(bucket, prepend=-1))
    counts = np.diff(begins, append=len(bucket))
    alone = (counts == 1) & whole[begins]
    shared = np.repeat(~alone, counts)
    answers = np.full(lattice.rows * lattice.columns, OUTSIDE, dtype=np.int32)
    answers[bucket[begins[alone]]] = polygon[begins[alone]]
    answers[bucket[begins[~alone]]] = FIRST_SHARED - np.arange(np.count_nonzero(~alone))
    return BucketTable(
        lattice, answers, np.concatenate([[0], np.cumsum(counts[~alone])]), polygon[shared]
    )


def _touched(lattice: Lattice, edges: Edges) -> IntArray:
    """Keys (bucket * polygons + polygon) of the buckets that edges pass through."""
    low_y, high_y = edges.low[:, 1], edges.high[:, 1]
    edge, row = _runs(lattice.row(low_y), lattice.row(high_y))
    low, high = edges.low[edge], edges.high[edge]
    # Both ends of the piece of the edge that lies in this row, as shares of the edge's rise.
    rise = np.maximum(high[:, 1] - low[:, 1], np.finfo(float).tiny)
    border = lattice.south + (row - _BORDER_SHARE) / lattice.per_y - low[:, 1]
    enters = np.clip(border / rise, 0.0, 1.0)
    leaves = np.clip((border + (1 + 2 * _BORDER_SHARE) / lattice.per_y) / rise, 0.0, 1.0)
    run = high[:, 0] - low[:, 0]
    one, other = low[:, 0] + enters * run, low[:, 0] + leaves * run
    margin = _BORDER_SHARE / lattice.per_x
    piece, column = _runs(
        lattice.column(np.minimum(one, other) - margin),
        lattice.column(np.maximum(one, other) + margin),
    )
    return _keys(lattice, edges, row[piece], column, edges.owner[edge[piece]])


def _inside(lattice: Lattice, edges: Edges) -> IntArray:
    """Keys of the buckets whose middle lies inside a polygon."""
    low_y, high_y = edges.low[:, 1], edges.high[:, 1]
    edge, row = _runs(lattice.row(low_y), lattice.row(high_y))
    middle = lattice.south + (row + 0.5) / lattice.per_y
    crosses = (low_y[edge] <= middle) & (middle < high_y[edge])
    edge, row, middle = edge[crosses], row[crosses], middle[crosses]
    low, high = edges.low[edge], edges.high[edge]
    x = low[:, 0] + (middle - low[:, 1]) / (high[:, 1] - low[:, 1]) * (high[:, 0] - low[:, 0])
    order = np.lexsort((x, row, edges.owner[edge]))
    across = (x[order] - lattice.west) * lattice.per_x - 0.5
    # A line crosses a closed outline an even number of times, and is inside between each two.
    first = np.clip(np.ceil(across[0::2]), 0, lattice.columns).astype(np.int64)
    last = np.clip(np.floor(across[1::2]), -1, lattice.columns - 1).astype(np.int64)
    span, column = _runs(first, last)
    start = order[0::2][span]
    return _keys(lattice, edges, row[start], column, edges.owner[edge[start]])


def _runs(first: IntArray, last: IntArray) -> tuple[IntArray, IntArray]:
    """All whole numbers from each first to its last, with the index of the pair they come from."""
    lengths = np.maximum(last - first + 1, 0)
    pair = np.repeat(np.arange(len(first)), lengths)
    before = np.cumsum(lengths) - lengths
    return pair, first[pair] + np.arange(len(pair)) - before[pair]


def _keys(
    lattice: Lattice, edges: Edges, row: IntArray, column: IntArray, owner: IntArray
) -> IntArray:
    return (row * lattice.columns + column) * (int(edges.owner[-1]) + 1) + owner
