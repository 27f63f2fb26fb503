"""A path while it is being laid: its points, and which of its legs are lanes.

All geometry here is in metres of a local frame.
"""

import itertools
import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_SAME_POINT_M = 1e-3
_STRAIGHT_RAD = math.radians(1.0)  # less is rounding, and no aircraft slows down for it
_DRIFT_M = 0.1  # many bends that are no turns are a curve
_LONG_POINTS = 1000
_PIECE_LEGS = 64
_SWATH_QUAD_SEGMENTS = 16  # polygons inscribed in the true discs: coverage is never overstated


@dataclass(slots=True)
class Trace:
    """A polyline that grows.

    Attributes:
        points: In flying order, metres.
        lanes: For each leg, whether it is a lane, which detours must not displace.
    """

    points: list[FloatArray]
    lanes: list[bool]

    @classmethod
    def start(cls, point: FloatArray) -> "Trace":
        """Begin at a point."""
        return cls([point], [])

    @property
    def end(self) -> tuple[float, float]:
        """The last point."""
        return float(self.points[-1][0]), float(self.points[-1][1])

    @property
    def length_m(self) -> float:
        """Length of all legs."""
        steps = np.diff(np.array(self.points), axis=0)
        return float(np.hypot(steps[:, 0], steps[:, 1]).sum())

    @property
    def turns(self) -> int:
        """Corners that remain after straight joints are taken out."""
        return max(0, len(self.simplified().points) - 2)

    @property
    def turning(self) -> float:
        """How much is turned, in right angles; turning back is two, slight bends hardly count."""
        return turning(np.array(self.points))

    def lane_to(self, point: FloatArray) -> None:
        """Fly a lane to a point; a lane without length is only its point."""
        if math.dist(point, self.points[-1]) > _SAME_POINT_M:
            self.points.append(point)
            self.lanes.append(True)

    def link_to(self, point: FloatArray) -> None:
        """Fly to a point on the way to somewhere."""
        if math.dist(point, self.points[-1]) > _SAME_POINT_M:
            self.points.append(point)
            self.lanes.append(False)

    def insert(self, leg: int, points: list[FloatArray]) -> None:
        """Go by way of some points.

        Args:
            leg: On which leg; -1 is before the first point, the number of legs after the last.
            points: Where to; the legs between them are links, the two outer ones keep the leg's
                kind.
        """
        links = [False] * (len(points) - 1)
        if leg in {-1, len(self.lanes)}:
            at = 0 if leg == -1 else len(self.points)
            self.points[at:at] = points
            self.lanes[max(leg, 0) : max(leg, 0)] = [*links, False]
            return
        # Both halves of a lane stay lanes, or a later detour would displace them.
        kind = self.lanes[leg]
        self.points[leg + 1 : leg + 1] = points
        self.lanes[leg : leg + 1] = [kind, *links, kind]

    def line(self) -> shapely.Geometry:
        """The path as a line, or as a point if it has no length."""
        if len(self.points) == 1:
            return shapely.Point(self.points[0])
        return shapely.linestrings(np.array(self.points))

    def swath(self, width_m: float) -> shapely.Geometry:
        """Everything within half a width of the path."""
        radius_m, quad_segs = width_m / 2.0, _SWATH_QUAD_SEGMENTS
        with np.errstate(all="ignore"):  # GEOS divides by zero, harmlessly, in tiny legs
            if len(self.points) <= _LONG_POINTS:
                return shapely.buffer(self.line(), radius_m, quad_segs=quad_segs)
            # Thousands of lanes whose strips touch to the last digit take minutes at once.
            points = np.array(self.points)
            firsts = range(0, len(points) - 1, _PIECE_LEGS)
            pieces = [shapely.linestrings(points[i : i + _PIECE_LEGS + 1]) for i in firsts]
            return shapely.union_all(shapely.buffer(pieces, radius_m, quad_segs=quad_segs))

    def simplified(self, drift_m: float = _DRIFT_M) -> "Trace":
        """The same path without the points at which it does not turn.

        Args:
            drift_m: No point left out lies farther than this from the simpler path.
        """
        simple = Trace.start(self.points[0])
        first = 0  # the point at which the last leg of the simple path begins
        for leg, lane in enumerate(self.lanes):
            point = self.points[leg + 1]
            if math.dist(simple.points[-1], point) <= _SAME_POINT_M:
                continue
            if simple.lanes and self._is_straight(simple, first, leg + 1, drift_m):
                simple.points[-1] = point
                simple.lanes[-1] |= lane
            else:
                first = leg
                simple.points.append(point)
                simple.lanes.append(lane)
        return simple

    def among(self, kept: list[int]) -> "Trace":
        """The path straight between some of its points."""
        spans = itertools.pairwise(kept)
        return Trace([self.points[i] for i in kept], [any(self.lanes[a:b]) for a, b in spans])

    def without(self, out: Collection[int]) -> "Trace":
        """The path without some of its points; what leads past one of a lane is a lane."""
        kept = [i for i in range(len(self.points)) if i not in out]
        return self.among(kept)

    def thinned(self, drift_m: float) -> list[int]:
        """Which points keep a path's shape: Douglas and Peucker (1973).

        Args:
            drift_m: No point left out lies farther than this from the thinner path.
        """
        thin = shapely.simplify(self.line(), drift_m, preserve_topology=False)
        kept, wanted = [0], shapely.get_coordinates(thin)
        for i in range(1, len(self.points)):
            if len(kept) < len(wanted) and np.array_equal(self.points[i], wanted[len(kept)]):
                kept.append(i)
        # A path may end where it has been before.
        return [*kept[:-1], len(self.points) - 1] if len(kept) > 1 else [0, len(self.points) - 1]

    def _is_straight(self, simple: "Trace", first: int, last: int, drift_m: float) -> bool:
        """Whether the last leg of a simpler path can go on to a point past all between."""
        start, end = simple.points[-2], self.points[last]
        if _turn_rad(start, simple.points[-1], end) > _STRAIGHT_RAD:
            return False
        between = np.array(self.points[first + 1 : last])
        way = (end - start) / max(math.dist(start, end), _SAME_POINT_M)
        off_m = (between[:, 0] - start[0]) * way[1] - (between[:, 1] - start[1]) * way[0]
        return bool(np.abs(off_m).max() <= drift_m)


def turning(points: FloatArray) -> float:
    """How much is turned on a way through points, float64, (N, 2), in right angles."""
    steps = np.diff(points, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    products = (steps[1:] * steps[:-1]).sum(axis=1)
    cosines = products / np.maximum(lengths[1:] * lengths[:-1], 1e-12)
    return float((1.0 - np.clip(cosines, -1.0, 1.0)).sum())


def _turn_rad(a: FloatArray, b: FloatArray, c: FloatArray) -> float:
    """How far the direction changes at b on the way from a to c."""
    first, second = b - a, c - b
    cross = first[0] * second[1] - first[1] * second[0]
    return abs(math.atan2(cross, float(first @ second)))
