"""Which polygon a point lies in: one point within microseconds, a million within a second.

A bucket that lies wholly inside one polygon, or outside all, answers at once. In any other, one
point is settled by counting crossings in double precision, and handed to shapely where the
rounding bound of the orientation test (J. R. Shewchuk, Adaptive Precision Floating-Point
Arithmetic and Fast Robust Geometric Predicates, 1997) leaves open on which side of an edge it is.
Many points go straight to shapely, with only the polygons that their buckets name. Every answer
is therefore exactly shapely's.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from geofences.bucket_table import (
    FIRST_SHARED,
    OUTSIDE,
    BucketTable,
    Edges,
    edges_of,
    fill_table,
    lattice_over,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Edge = tuple[float, float, float, float, float]
"""x and y of its lower end, how far it goes east and north, and y of its upper end."""

_AtHand = tuple[
    float,
    float,
    float,
    float,
    float,
    float,
    int,
    "memoryview[int]",
    list[int],
    list[int],
    list[list[Edge]],
]

_MOST_EDGES_COUNTED = 24
_CHUNK = 65_536
# (3 + 16 eps) eps with eps = 2^-53, rounded up; the tiny term covers products that underflow.
_ROUNDING = 3.34e-16
_UNDERFLOW = 1e-290


class CellIndex:
    """Finds the first polygon that a point touches; the table is made at the first question.

    Args:
        polygons: valid and not empty, (N,), N > 0. Where several touch a point (on a shared edge
            or corner, or where they overlap), the one with the smallest index has it.
    """

    def __init__(self, polygons: NDArray[np.object_]) -> None:
        # A prepared polygon answers a point without walking along its whole outline. It prepares
        # itself at its first question, which two threads must not ask at the same time.
        shapely.prepare(polygons)
        west, south, east, north = shapely.bounds(polygons).T
        shapely.intersects_xy(polygons, (west + east) / 2.0, (south + north) / 2.0)
        self._polygons = polygons

    def index_at(self, x: float, y: float) -> int:
        """The smallest index of the polygons that touch a point; -1 where none does."""
        west, south, east, north, per_x, per_y, columns, answers, starts, named, outlines = (
            self._at_hand
        )
        if not (west <= x <= east and south <= y <= north):
            return OUTSIDE
        answer = answers[int((y - south) * per_y) * columns + int((x - west) * per_x)]
        if answer > FIRST_SHARED:
            return answer
        shared = FIRST_SHARED - answer
        for index in named[starts[shared] : starts[shared + 1]]:
            edges = outlines[index]
            inside = _counted(edges, x, y) if edges else None
            if inside is None:
                inside = shapely.intersects_xy(self._polygons[index], x, y)
            if inside:
                return index
        return OUTSIDE

    def indices_at(self, x: FloatArray, y: FloatArray) -> IntArray:
        """For each point the smallest index of the polygons that touch it.

        Args:
            x: float64, (N,).
            y: float64, (N,).

        Returns:
            int64, (N,), -1 where no polygon does, or where a coordinate is not a number.
        """
        indices = np.empty(len(x), dtype=np.int64)
        # Arrays of this length stay in the processor's cache from step to step.
        for start in range(0, len(x), _CHUNK):
            part = slice(start, start + _CHUNK)
            indices[part] = self._indices_of_chunk(x[part], y[part])
        return indices

    def _indices_of_chunk(self, x: FloatArray, y: FloatArray) -> IntArray:
        lattice, table = self._table.lattice, self._table
        covered = (x >= lattice.west) & (x <= lattice.east)
        covered &= (y >= lattice.south) & (y <= lattice.north)
        if not covered.all():
            everywhere = np.full(len(x), OUTSIDE, dtype=np.int64)
            everywhere[covered] = self._indices_of_chunk(x[covered], y[covered])
            return everywhere
        bucket = lattice.row(y) * lattice.columns + lattice.column(x)
        indices: IntArray = table.answers[bucket].astype(np.int64)
        (open_,) = np.nonzero(indices <= FIRST_SHARED)
        shared = FIRST_SHARED - indices[open_]
        indices[open_] = OUTSIDE
        place, end = table.starts[shared], table.starts[shared + 1]
        while len(open_):
            named = table.named[place]
            inside = shapely.intersects_xy(self._polygons[named], x[open_], y[open_])
            indices[open_[inside]] = named[inside]
            place = place + 1
            more = ~inside & (place < end)
            open_, place, end = open_[more], place[more], end[more]
        return indices

    @cached_property
    def _edges(self) -> Edges:
        return edges_of(self._polygons)

    @cached_property
    def _table(self) -> BucketTable:
        return fill_table(lattice_over(self._polygons), self._edges)

    @cached_property
    def _at_hand(self) -> _AtHand:
        """What one point needs, in the types that Python reads fastest."""
        lattice = self._table.lattice
        return (
            lattice.west,
            lattice.south,
            lattice.east,
            lattice.north,
            lattice.per_x,
            lattice.per_y,
            lattice.columns,
            self._table.answers.data,
            self._table.starts.tolist(),
            self._table.named.tolist(),
            _outlines(self._edges, len(self._polygons)),
        )


def _outlines(edges: Edges, polygons: int) -> list[list[Edge]]:
    """The edges of each polygon that has few; those of one with many would take longer to walk."""
    (west, south), (east, north) = edges.low.T, edges.high.T
    columns = (west, south, east - west, north - south, north)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    ends = np.searchsorted(edges.owner, np.arange(polygons + 1)).tolist()
    return [
        rows[start:end] if end - start <= _MOST_EDGES_COUNTED else []
        for start, end in pairwise(ends)
    ]


def _counted(edges: list[Edge], x: float, y: float) -> bool | None:
    """Whether a point lies inside an outline; None where rounding could decide.

    A ray to the east crosses the edges whose left side the point is on.
    """
    inside = False
    for low_x, low_y, east, north, high_y in edges:
        if low_y <= y <= high_y:
            one, other = east * (y - low_y), north * (x - low_x)
            left = one - other
            bound = _ROUNDING * (abs(one) + abs(other)) + _UNDERFLOW
            if -bound <= left <= bound:
                return None
            # An edge owns its lower end only, so that two edges share no crossing.
            if left > 0.0 and y < high_y:
                inside = not inside
    return inside
