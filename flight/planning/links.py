"""Shortest ways between points without leaving an area, over its inner corners.

A shortest way turns only at corners that stick into the free space, and it passes each of them as
a tangent: both edges of the corner lie on one side of it. Single ways are searched from their start
by A*, looking along lines only where a shorter way might lead; tables of distances use the whole
graph of tangents between corners.

All geometry here is in metres of a local frame.
"""

import heapq
import math

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import shortest_path

from flight.planning.crossing_kernel import Outline

FloatArray = NDArray[np.float64]
Indices = NDArray[np.intp]
Point = tuple[float, float]

_MANY_VERTICES = 1000  # from here on it pays to look for plain crossings first
_TOUCH_M = 1e-6  # a way along an edge may differ from it by rounding
_SAME_SIDE = 1e-9  # share of the lengths by which a tangent may miss its corner's edge


class Passage:
    """An area in which ways are found; built once, asked often.

    What was once looked at is remembered, so that later ways are found faster.
    """

    def __init__(self, room: shapely.Geometry) -> None:
        """Prepare an area.

        Args:
            room: Polygon or multipolygon; ways exist within one connected part only.
        """
        self._room = room
        self._tested = shapely.buffer(room, _TOUCH_M, quad_segs=1)
        shapely.prepare(self._tested)
        many = shapely.get_num_coordinates(room) > _MANY_VERTICES
        self._outline = Outline.of(room) if many else None
        self._corners, self._edges = _inner_corners(room)
        self._ways: FloatArray | None = None
        # Which corners see each other: -1 not yet looked at, 0 no, 1 yes; rows made when needed.
        self._sight: dict[int, NDArray[np.int8]] = {}

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
        clear = np.ones(len(a), dtype=np.bool_)
        if self._outline is not None:
            clear = ~self._outline.bars(a, b, 2.0 * _TOUCH_M)
        lines = shapely.linestrings(np.stack([a[clear], b[clear]], axis=1))
        clear[clear] = shapely.covers(self._tested, lines)
        return clear

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
        if self.sees(np.array([start]), np.array([end]))[0]:
            return [start, end]
        turns = _Search(self, np.array(start), np.array(end)).turns()
        if turns is None:
            return None
        middle = [(float(x), float(y)) for x, y in self._corners[turns]]
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
        reach = self.reach(points)
        via = (reach[:, :, None] + self.corner_ways()[None, :, :]).min(axis=1)
        around = (via[:, None, :] + reach[None, :, :]).min(axis=2)
        shortest: FloatArray = np.where(seen, straight, around)
        return shortest

    def reach(self, points: FloatArray) -> FloatArray:
        """Straight distances from points to the corners they see as tangents; infinite else.

        Args:
            points: float64, (N, 2).

        Returns:
            float64, (N, C).
        """
        count, corners = len(points), len(self._corners)
        a, b = np.nonzero(self.touches(points, np.arange(corners)))
        reach = np.full((count, corners), np.inf)
        seen = self.sees(points[a], self._corners[b])
        a, b = a[seen], b[seen]
        reach[a, b] = np.hypot(*(points[a] - self._corners[b]).T)
        return reach

    def corner_ways(self) -> FloatArray:
        """Lengths of the shortest ways between all corners, float64, (C, C)."""
        if self._ways is None:
            touching = self.touches(self._corners, np.arange(len(self._corners)))
            a, b = np.nonzero(np.triu(touching & touching.T, 1))
            seen = self.sees(self._corners[a], self._corners[b])
            a, b = a[seen], b[seen]
            # A leg of no length would count as none.
            legs_m = np.maximum(np.hypot(*(self._corners[a] - self._corners[b]).T), 1e-9)
            shape = (len(self._corners), len(self._corners))
            graph = coo_matrix((legs_m, (a, b)), shape=shape).tocsr()
            self._ways = shortest_path(graph, directed=False)
        return self._ways

    def touches(self, points: FloatArray, corners: Indices) -> NDArray[np.bool_]:
        """Whether lines from points to corners have both edges of the corner on one side.

        Args:
            points: float64, (N, 2).
            corners: Indices of corners, (M,).

        Returns:
            bool, (N, M); the only lines on which a shortest way comes to a corner.
        """
        lines = self._corners[corners][None, :, :] - points[:, None, :]
        before, after = self._edges[0][corners], self._edges[1][corners]
        side_1 = lines[..., 0] * before[:, 1] - lines[..., 1] * before[:, 0]
        side_2 = lines[..., 0] * after[:, 1] - lines[..., 1] * after[:, 0]
        lengths = np.hypot(lines[..., 0], lines[..., 1])
        slack = _SAME_SIDE * (1.0 + lengths)
        apart = ((side_1 > slack) & (side_2 < -slack)) | ((side_1 < -slack) & (side_2 > slack))
        touching: NDArray[np.bool_] = ~apart
        return touching

    def seen_from(self, corner: int, others: Indices) -> NDArray[np.bool_]:
        """Whether corners see a corner; each pair is looked at once.

        Args:
            corner: Index of the corner.
            others: Indices of the others, (M,).

        Returns:
            bool, (M,).
        """
        known = self._sight_of(corner)
        asked = others[known[others] < 0]
        if len(asked):
            here = np.broadcast_to(self._corners[corner], (len(asked), 2))
            seen = self.sees(here, self._corners[asked])
            known[asked] = seen
            for other in asked.tolist():
                self._sight_of(other)[corner] = known[other]
        answer: NDArray[np.bool_] = known[others] > 0
        return answer

    def _sight_of(self, corner: int) -> NDArray[np.int8]:
        row = self._sight.get(corner)
        if row is None:
            row = np.full(len(self._corners), -1, dtype=np.int8)
            self._sight[corner] = row
        return row


class _Search:
    """One search for the shortest way between two points that do not see each other."""

    def __init__(self, passage: Passage, start: FloatArray, end: FloatArray) -> None:
        self._passage = passage
        self._start, self._end = start, end
        corners = passage.corners
        every = np.arange(len(corners))
        self._ahead_m = np.hypot(*(corners - end).T)
        self._ends = passage.touches(end[None, :], every)[0]
        self._from_start = passage.touches(start[None, :], every)[0]
        self._gone_m = np.full(len(corners), np.inf)
        self._before = np.full(len(corners), -1)
        self._closed = np.zeros(len(corners), dtype=np.bool_)
        self._best_m, self._last = math.inf, -1
        self._open: list[tuple[float, int]] = []

    def turns(self) -> list[int] | None:
        """The corners of the shortest way in order, None if there is no way."""
        corners = self._passage.corners
        if not len(corners):
            return None
        first_m = np.hypot(*(corners - self._start).T)
        at = np.flatnonzero(self._from_start)
        here = np.broadcast_to(self._start, (len(at), 2))
        self._reach(at[self._passage.sees(here, corners[at])], first_m, -1)
        while self._open:
            bound_m, corner = heapq.heappop(self._open)
            if bound_m >= self._best_m:
                break
            if not self._closed[corner]:
                self._closed[corner] = True
                self._expand(corner)
        if not math.isfinite(self._best_m):
            return None
        way = [self._last]
        while self._before[way[-1]] >= 0:
            way.append(int(self._before[way[-1]]))
        return way[::-1]

    def _expand(self, corner: int) -> None:
        passage, place = self._passage, self._passage.corners[corner]
        home_m = float(self._gone_m[corner] + self._ahead_m[corner])
        touching = self._ends[corner] and home_m < self._best_m
        if touching and passage.sees(place[None, :], self._end[None, :])[0]:
            self._best_m, self._last = home_m, corner
        over_m = self._gone_m[corner] + np.hypot(*(passage.corners - place).T)
        shorter = (over_m < self._gone_m) & (over_m + self._ahead_m < self._best_m)
        at = np.flatnonzero(shorter & ~self._closed)
        at = at[passage.touches(place[None, :], at)[0]]
        # The line must also be a tangent where it leaves this corner.
        at = at[passage.touches(passage.corners[at], np.array([corner]))[:, 0]]
        self._reach(at[passage.seen_from(corner, at)], over_m, corner)

    def _reach(self, corners: Indices, over_m: FloatArray, before: int) -> None:
        self._gone_m[corners] = over_m[corners]
        self._before[corners] = before
        for corner in corners.tolist():
            bound_m = float(over_m[corner] + self._ahead_m[corner])
            heapq.heappush(self._open, (bound_m, corner))


def _inner_corners(room: shapely.Geometry) -> tuple[FloatArray, tuple[FloatArray, FloatArray]]:
    """Vertices at which the free space spans more than half a turn, and their two edges.

    Returns:
        The vertices, float64 (N, 2), and unit vectors from them to the vertex before and to the
        one after, (N, 2) each.
    """
    corners, befores, afters = ([np.zeros((0, 2))] for _ in range(3))
    for polygon in shapely.get_parts(room):
        oriented = shapely.orient_polygons(polygon)
        for ring in shapely.get_rings(oriented):
            at = shapely.get_coordinates(ring)[:-1]
            before, after = np.roll(at, 1, axis=0) - at, np.roll(at, -1, axis=0) - at
            # Free space lies left of every oriented ring; a right turn sticks into it.
            inner = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] > 0.0
            corners.append(at[inner])
            befores.append(_units(before[inner]))
            afters.append(_units(after[inner]))
    return np.vstack(corners), (np.vstack(befores), np.vstack(afters))


def _units(vectors: FloatArray) -> FloatArray:
    lengths = np.maximum(np.hypot(vectors[:, 0], vectors[:, 1]), 1e-12)
    units: FloatArray = vectors / lengths[:, None]
    return units
