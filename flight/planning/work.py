"""What is flown between the way out and the way back, however it came about.

Covering an area, following a river, driving down every street and circling a tower all end up as
one `WorkPath`: points in order, the places where it may be cut between two batteries, and what
happens at some of its points.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stop:
    """What happens at one point of a path.

    Attributes:
        hover_s: How long the aircraft stands still there.
        look_at: What the camera keeps in view from there up to the next point that says
            otherwise, metres of the path's frame; None to look ahead again.
        look_at_height_home_m: How high above home the middle of that thing is.
    """

    hover_s: float = 0.0
    look_at: tuple[float, float] | None = None
    look_at_height_home_m: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.hover_s < math.inf:
            raise ValueError(f"A stop lasts 0 seconds or more, not {self.hover_s}.")
        if not all(map(math.isfinite, (*(self.look_at or ()), self.look_at_height_home_m))):
            raise ValueError(
                f"A camera cannot look at {self.look_at}, {self.look_at_height_home_m} m high."
            )


def _nothing() -> Mapping[int, Stop]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class WorkPath:
    """Points to be flown in order.

    Attributes:
        points: float64, (N, 2), metres of a local frame.
        cuts: Where the path may be divided between flights, ascending: the last point before and
            the first point after, which may be the same. What lies between is a link that nobody
            flies then.
        stops: What happens at a point, by its index.
        films: Whether the camera runs along the path.
    """

    points: FloatArray
    cuts: tuple[tuple[int, int], ...] = ()
    stops: Mapping[int, Stop] = field(default_factory=_nothing)
    films: bool = True

    def __post_init__(self) -> None:
        points = np.asarray(self.points, dtype=np.float64)
        if points.ndim != 2 or points.shape[1:] != (2,) or not len(points):
            raise ValueError(f"A path is at least one pair of metres, not {points.shape}.")
        if not np.isfinite(points).all():
            raise ValueError("A path cannot lead through a point that is not a number.")
        object.__setattr__(self, "points", points)
        inside = range(len(points))
        if any(before not in inside or after not in inside for before, after in self.cuts):
            raise ValueError(f"A cut of {self.cuts} is outside a path of {len(points)} points.")
        if any(before > after for before, after in self.cuts) or any(
            earlier > later for (_, earlier), (later, _) in itertools.pairwise(self.cuts)
        ):
            raise ValueError(f"The cuts {self.cuts} of a path must ascend.")
        if any(index not in inside for index in self.stops):
            raise ValueError(
                f"A stop at {sorted(self.stops)} is outside a path of {len(points)} points."
            )

    def in_short_legs(self, most_m: float) -> "WorkPath":
        """The same path with points along its longer legs, each of them a place to divide it.

        Args:
            most_m: No leg is longer then, but for links that a cut leaves out.
        """
        skipped = {leg for before, after in self.cuts for leg in range(before, after)}
        lengths_m = np.hypot(*np.diff(self.points, axis=0).T)
        parts = [
            1 if leg in skipped else max(1, math.ceil(length_m / most_m))
            for leg, length_m in enumerate(lengths_m.tolist())
        ]
        moved = np.concatenate([[0], np.cumsum(parts)]).astype(int).tolist()
        points = [
            self.points[leg] + share * (self.points[leg + 1] - self.points[leg])
            for leg, count in enumerate(parts)
            for share in np.arange(count) / count
        ]
        between = set(range(moved[-1])) - set(moved)
        cuts = [(moved[before], moved[after]) for before, after in self.cuts]
        return WorkPath(
            np.vstack([*points, self.points[-1]]),
            tuple(sorted([*cuts, *((index, index) for index in between)])),
            {moved[index]: stop for index, stop in self.stops.items()},
            self.films,
        )
