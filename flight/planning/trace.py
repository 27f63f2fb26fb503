"""A path while it is being laid: its points, and which of its legs are lanes.

All geometry here is in metres of a local frame.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_SAME_POINT_M = 1e-3
_STRAIGHT_RAD = math.radians(1.0)  # less is rounding, and no aircraft slows down for it
_SWATH_QUAD_SEGMENTS = 8  # polygons inscribed in the true discs: coverage is never overstated


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
        return shapely.buffer(self.line(), width_m / 2.0, quad_segs=_SWATH_QUAD_SEGMENTS)

    def simplified(self) -> "Trace":
        """The same path without the points at which it does not turn."""
        simple = Trace.start(self.points[0])
        for leg, lane in enumerate(self.lanes):
            point = self.points[leg + 1]
            if math.dist(simple.points[-1], point) <= _SAME_POINT_M:
                continue
            if (
                simple.lanes
                and _turn_rad(simple.points[-2], simple.points[-1], point) <= _STRAIGHT_RAD
            ):
                simple.points[-1] = point
                simple.lanes[-1] |= lane
            else:
                simple.points.append(point)
                simple.lanes.append(lane)
        return simple


def _turn_rad(a: FloatArray, b: FloatArray, c: FloatArray) -> float:
    """How far the direction changes at b on the way from a to c."""
    first, second = b - a, c - b
    cross = first[0] * second[1] - first[1] * second[0]
    return abs(math.atan2(cross, float(first @ second)))
