"""The ground along a whole route, and what of it a flight must know."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geofences.geodesy import LocalFrame, LonLat
from geofences.terrain import Terrain

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

CLEARANCE_M = 20.0
"""The least height above the ground of an elevation model: trees, poles, and the model's errors."""

_SHORTEST_LEG_M = 1e-6
# shapely measures how far a point is from a line; over so long a line that is the height alone.
_STRETCH = 1e4


@dataclass(frozen=True, slots=True, eq=False)
class GroundBelow:
    """The ground as one home sees it.

    Attributes:
        terrain: Heights of the ground above mean sea level.
        frame: Between metres and degrees.
        home_alt_amsl_m: Altitude of the take-off point above mean sea level.
        ceilings: Areas in metres of `frame`, and the greatest height above ground in each.
    """

    terrain: Terrain
    frame: LocalFrame
    home_alt_amsl_m: float
    ceilings: Sequence[tuple[shapely.Geometry, float]] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Stretches of a route that follow each other.

    Attributes:
        first: The knot at which they begin.
        last: The knot at which they end.
        position: Where they begin.
        length_m: How far they go.
    """

    first: int
    last: int
    position: LonLat
    length_m: float


@dataclass(frozen=True, slots=True, eq=False)
class RouteGround:
    """The ground under a route: straight between its knots, within `PROFILE_ERROR_M`.

    Attributes:
        distance_m: float64, (K,), along the route, strictly ascending.
        alt_amsl_m: float64, (K,), of the ground; NaN where unknown.
        points_m: float64, (K, 2), metres of the frame.
        corner: bool, (K,), whether the route has a point there.
        ceiling_m: float64, (K - 1,), the greatest height above ground of each stretch.
        unknown: bool, (K - 1,), stretches whose ground is not known.
        frame: Between metres and degrees.
    """

    distance_m: FloatArray
    alt_amsl_m: FloatArray
    points_m: FloatArray
    corner: BoolArray
    ceiling_m: FloatArray
    unknown: BoolArray
    frame: LocalFrame

    def place(self, knot: int) -> LonLat:
        """Where a knot is."""
        east_m, north_m = self.points_m[knot].tolist()
        return LonLat(*self.frame.to_lonlat(east_m, north_m))

    def runs(self, stretches: BoolArray) -> tuple[Run, ...]:
        """Marked stretches, those that follow each other as one.

        Args:
            stretches: bool, (K - 1,).
        """
        edges = np.diff(np.concatenate([[False], stretches, [False]]).astype(np.int8))
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        lengths_m = self.distance_m[ends] - self.distance_m[starts]
        return tuple(
            Run(first, last, self.place(first), length_m)
            for first, last, length_m in zip(
                starts.tolist(), ends.tolist(), lengths_m.tolist(), strict=True
            )
        )

    def bridged(self) -> "RouteGround":
        """Unknown ground as if it ran straight from edge to edge; some of it must be known."""
        known = ~np.isnan(self.alt_amsl_m)
        alt_amsl_m = np.interp(self.distance_m, self.distance_m[known], self.alt_amsl_m[known])
        return dataclasses.replace(self, alt_amsl_m=alt_amsl_m)

    def thinned(self, most_m: float) -> "RouteGround":
        """Only the knots that it takes to tell the ground to so many metres, and all corners."""
        if len(self.distance_m) < 3:
            return self
        ends = self.corner.copy()
        ends[1:-1] |= (np.diff(self.ceiling_m) != 0.0) | (self.unknown[1:] != self.unknown[:-1])
        # A knot where one piece ends and the next begins belongs to both.
        shared = ends & ~np.isin(np.arange(len(ends)), (0, len(ends) - 1))
        index = np.repeat(np.arange(len(ends)), np.where(shared, 2, 1))
        piece = np.cumsum(np.append(False, index[1:] == index[:-1]))
        along = self.distance_m * _STRETCH
        lines = shapely.linestrings(along[index], self.alt_amsl_m[index], indices=piece)
        left = shapely.get_coordinates(shapely.simplify(lines, most_m, preserve_topology=False))
        kept = np.flatnonzero(np.isin(along, left[:, 0]))
        return dataclasses.replace(
            self,
            distance_m=self.distance_m[kept],
            alt_amsl_m=self.alt_amsl_m[kept],
            points_m=self.points_m[kept],
            corner=self.corner[kept],
            ceiling_m=self.ceiling_m[kept[:-1]],
            unknown=self.unknown[kept[:-1]],
        )


def ground_under(corners_m: FloatArray, below: GroundBelow, ceiling_m: float) -> RouteGround:
    """The ground under a route.

    Args:
        corners_m: float64, (N, 2), metres of `below.frame`, no two in a row in one place.
        below: The ground.
        ceiling_m: The greatest height above ground outside `below.ceilings`.
    """
    # A route of one point is a leg that ends where it starts.
    ends_m = corners_m[1:] if len(corners_m) > 1 else corners_m
    starts_m = corners_m[: len(ends_m)]
    profile = below.terrain.under(np.stack([starts_m, ends_m], axis=1), below.frame)
    last = np.flatnonzero(np.append(~profile.stretches, True))
    corner_at_m = np.concatenate([[0.0], np.cumsum(profile.distance_m[last])])
    distance_m = corner_at_m[profile.leg] + profile.distance_m
    # The end of one leg and the start of the next are one knot.
    kept = np.append(True, np.diff(distance_m) > 0.0)
    distance_m, leg = distance_m[kept], profile.leg[kept]
    share = (distance_m - corner_at_m[leg]) / np.maximum(np.diff(corner_at_m)[leg], _SHORTEST_LEG_M)
    points_m = starts_m[leg] + share[:, None] * (ends_m - starts_m)[leg]
    alt_amsl_m = profile.alt_amsl_m[kept]
    gaps = np.isnan(alt_amsl_m)
    return RouteGround(
        distance_m=distance_m,
        alt_amsl_m=alt_amsl_m,
        points_m=points_m,
        corner=np.isin(distance_m, corner_at_m),
        ceiling_m=stretch_ceilings(points_m, below.ceilings, ceiling_m),
        unknown=gaps[1:] | gaps[:-1],
        frame=below.frame,
    )


def stretch_ceilings(
    points_m: FloatArray, ceilings: Sequence[tuple[shapely.Geometry, float]], ceiling_m: float
) -> FloatArray:
    """The lowest ceiling that the stretch from each point to the next touches.

    Args:
        points_m: float64, (K, 2), metres.
        ceilings: Areas in the same metres, and the greatest height above ground in each.
        ceiling_m: Outside them.

    Returns:
        float64, (K - 1,).
    """
    found = np.full(len(points_m) - 1, ceiling_m)
    lines = shapely.linestrings(np.stack([points_m[:-1], points_m[1:]], axis=1))
    for area, limit_m in ceilings:
        shapely.prepare(area)
        touched = shapely.intersects(area, lines)
        found[touched] = np.minimum(found[touched], limit_m)
    return found
