"""Shortest ways between points without leaving an area: a visibility graph over its inner corners.

All geometry here is in metres of a local frame.
"""

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import shortest_path

FloatArray = NDArray[np.float64]
Point = tuple[float, float]

_TOUCH_M = 1e-6  # a way along an edge may differ from it by rounding


class Passage:
    """An area in which ways are found; built once, asked often.

    Only corners that stick into the free space can be turning points of a shortest way. The ways
    between them are worked out when first needed.
    """

    def __init__(self, room: shapely.Geometry) -> None:
        """Prepare an area.

        Args:
            room: Polygon or multipolygon; ways exist within one connected part only.
        """
        self._room = room
        self._tested = shapely.buffer(room, _TOUCH_M, quad_segs=1)
        shapely.prepare(self._tested)
        self._corners = _inner_corners(room)
        self._ways: tuple[FloatArray, NDArray[np.int32]] | None = None

    @property
    def room(self) -> shapely.Geometry:
        """The area itself."""
        return self._room

    @property
    def corners(self) -> FloatArray:
        """Where shortest ways may turn, float64, (N, 2)."""
        return self._corners

    def sees(self, a: FloatArray, b: FloatArray) -> NDArray[np.bool_]:
        """Whether the straight ways between pairs of points stay inside.

        Args:
            a: float64, (N, 2).
            b: float64, (N, 2).

        Returns:
            bool, (N,).
        """
        if not len(a):
            return np.zeros(0, dtype=np.bool_)
        lines = shapely.linestrings(np.stack([a, b], axis=1))
        covered: NDArray[np.bool_] = shapely.covers(self._tested, lines)
        return covered

    def nearest_inside(self, point: FloatArray) -> FloatArray:
        """The point inside that is nearest to a point, float64, (2,)."""
        line = shapely.shortest_line(self._room, shapely.Point(point))
        nearest: FloatArray = shapely.get_coordinates(line)[0]
        return nearest

    def longest_inside(self, line: shapely.Geometry) -> FloatArray | None:
        """The longest straight piece of a line that is inside.

        Args:
            line: One straight line.

        Returns:
            Its two ends, float64, (2, 2); None if nothing of the line is inside.
        """
        pieces = shapely.get_parts(shapely.intersection(line, self._room))
        lengths_m: FloatArray = shapely.length(pieces)
        if not len(pieces) or not lengths_m.max() > 0.0:
            return None
        coordinates: FloatArray = shapely.get_coordinates(pieces[int(np.argmax(lengths_m))])
        return coordinates[[0, -1]]

    def way(self, start: Point, end: Point) -> list[Point] | None:
        """The shortest way between two points.

        Returns:
            Its points, both ends included; None if there is none inside the area.
        """
        a, b = np.array([start]), np.array([end])
        if self.sees(a, b)[0]:
            return [start, end]
        if not len(self._corners):
            return None
        lengths, predecessors = self._corner_ways()
        total = self._reach(a)[0][:, None] + lengths + self._reach(b)[0][None, :]
        first, last = np.unravel_index(int(np.argmin(total)), total.shape)
        if not math.isfinite(total[first, last]):
            return None
        turns = [int(last)]
        while turns[-1] != first:
            turns.append(int(predecessors[first, turns[-1]]))
        middle = [(float(x), float(y)) for x, y in self._corners[turns[::-1]]]
        return [start, *middle, end]

    def distances(self, points: FloatArray) -> FloatArray:
        """Lengths of the shortest ways between all pairs of points.

        Args:
            points: float64, (N, 2).

        Returns:
            float64, (N, N); infinite where there is no way.
        """
        count = len(points)
        straight = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
        rows, columns = np.triu_indices(count, 1)
        seen = np.eye(count, dtype=np.bool_)
        seen[rows, columns] = self.sees(points[rows], points[columns])
        seen |= seen.T
        if seen.all() or not len(self._corners):
            return np.where(seen, straight, np.inf)
        reach = self._reach(points)
        via = (reach[:, :, None] + self._corner_ways()[0][None, :, :]).min(axis=1)
        around = (via[:, None, :] + reach[None, :, :]).min(axis=2)
        shortest: FloatArray = np.where(seen, straight, around)
        return shortest

    def _reach(self, points: FloatArray) -> FloatArray:
        """Straight distances from points to the corners they see; infinite to the others."""
        count, corners = len(points), len(self._corners)
        a = np.repeat(points, corners, axis=0)
        b = np.tile(self._corners, (count, 1))
        straight = np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1])
        reach: FloatArray = np.where(self.sees(a, b), straight, np.inf)
        return reach.reshape(count, corners)

    def _corner_ways(self) -> tuple[FloatArray, NDArray[np.int32]]:
        if self._ways is None:
            direct = self._reach(self._corners)
            np.fill_diagonal(direct, 0.0)
            lengths, predecessors = shortest_path(
                np.where(np.isfinite(direct), direct, 0.0), directed=False, return_predecessors=True
            )
            self._ways = (lengths, predecessors)
        return self._ways


def _inner_corners(room: shapely.Geometry) -> FloatArray:
    """Vertices at which the free space spans more than half a turn, float64 (N, 2)."""
    corners = [np.zeros((0, 2))]
    for polygon in shapely.get_parts(room):
        oriented = shapely.orient_polygons(polygon)
        for ring in shapely.get_rings(oriented):
            at = shapely.get_coordinates(ring)[:-1]
            before, after = at - np.roll(at, 1, axis=0), np.roll(at, -1, axis=0) - at
            # Free space lies left of every oriented ring; a right turn sticks into it.
            corners.append(at[before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] < 0.0])
    return np.vstack(corners)
