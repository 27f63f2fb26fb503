"""Heights above ground along straight legs, exact along every metre of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.planning.route_ground import GroundBelow
from geofences.geodesy import LonLat
from geofences.ground_profile import PROFILE_ERROR_M, GroundProfile

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Extreme:
    """The worst place of one leg.

    Attributes:
        leg: Which leg.
        height_ground_m: Height above ground there, its uncertainty between knots counted.
        position: Where.
    """

    leg: int
    height_ground_m: float
    position: LonLat


@dataclass(frozen=True, slots=True)
class UnknownRun:
    """A way over ground that is not known.

    Attributes:
        position: Where it begins.
        length_m: How far it goes.
    """

    position: LonLat
    length_m: float


@dataclass(frozen=True, slots=True, eq=False)
class HeightsAboveGround:
    """How high straight legs are above ground.

    Attributes:
        legs_m: float64, (M, 2, 2), start and end of each, metres.
        below: The ground.
        profile: The ground under the legs.
        height_ground_m: float64, (K,), above ground at the knots of the profile; NaN if unknown.
    """

    legs_m: FloatArray
    below: GroundBelow
    profile: GroundProfile
    height_ground_m: FloatArray

    @classmethod
    def along(
        cls, legs_m: FloatArray, heights_home_m: FloatArray, below: GroundBelow
    ) -> "HeightsAboveGround":
        """Measure legs.

        Args:
            legs_m: float64, (M, 2, 2), start and end of each, metres of `below.frame`.
            heights_home_m: float64, (M, 2), above home at start and end.
            below: The ground.
        """
        profile = below.terrain.under(legs_m, below.frame)
        way = legs_m[:, 1] - legs_m[:, 0]
        lengths_m = np.hypot(way[:, 0], way[:, 1])
        # A leg without length goes straight up or down; what counts is where it arrives.
        share = np.divide(
            profile.distance_m,
            lengths_m[profile.leg],
            out=np.ones_like(profile.distance_m),
            where=lengths_m[profile.leg] > 0.0,
        )
        start, end = heights_home_m[profile.leg].T
        alt_m = below.home_alt_amsl_m + start + share * (end - start)
        return cls(legs_m, below, profile, alt_m - profile.alt_amsl_m)

    def lowest(self, limit_m: float) -> Iterator[Extreme]:
        """The lowest place of each leg that may come below a limit."""
        worst = np.where(np.isnan(self.height_ground_m), np.inf, self.height_ground_m)
        for knot in _last_of_each(self.profile.leg, -worst):
            height_m = float(worst[knot]) - PROFILE_ERROR_M
            if height_m < limit_m:
                yield Extreme(int(self.profile.leg[knot]), height_m, self.position(knot))

    def highest(self, limit_m: float) -> Iterator[Extreme]:
        """The highest place of each leg that may come above a limit."""
        worst = np.where(np.isnan(self.height_ground_m), -np.inf, self.height_ground_m)
        for knot in _last_of_each(self.profile.leg, worst):
            height_m = float(worst[knot]) + PROFILE_ERROR_M
            if height_m > limit_m:
                yield Extreme(int(self.profile.leg[knot]), height_m, self.position(knot))

    def highest_inside(self, area_m: shapely.Geometry, limit_m: float) -> Iterator[Extreme]:
        """The highest place of each leg inside an area, its edge included, above a limit."""
        points_m = self.points_m()
        known = ~np.isnan(self.height_ground_m)
        inside = np.flatnonzero(known & shapely.intersects_xy(area_m, points_m))
        edge_legs, edge_heights_m, edge_points_m = self._at_edge(area_m, points_m)
        legs = np.concatenate([self.profile.leg[inside], edge_legs])
        heights_m = np.concatenate([self.height_ground_m[inside], edge_heights_m])
        places_m = np.concatenate([points_m[inside], edge_points_m])
        for worst in _last_of_each(legs, heights_m):
            height_m = float(heights_m[worst]) + PROFILE_ERROR_M
            if height_m > limit_m:
                yield Extreme(int(legs[worst]), height_m, self._place(places_m[worst]))

    def unknown_runs(self) -> list[UnknownRun]:
        """Unknown ground under the legs: stretches that follow each other, over corners too."""
        unknown = self.profile.unknown
        # Between two legs there is no way, but a gap goes on from one to the next.
        goes_on = ~self.profile.stretches & np.isnan(
            self.profile.alt_amsl_m[1:] + self.profile.alt_amsl_m[:-1]
        )
        edges = np.diff(np.concatenate([[False], unknown | goes_on, [False]]).astype(np.int8))
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        steps_m = np.where(unknown, np.diff(self.profile.distance_m), 0.0)
        passed_m = np.concatenate([[0.0], np.cumsum(steps_m)])
        return [
            UnknownRun(self.position(start), float(passed_m[end] - passed_m[start]))
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]

    def points_m(self) -> FloatArray:
        """Float64, (K, 2): where the knots are."""
        return self._points_at(np.arange(len(self.profile.leg)))

    def position(self, knot: int) -> LonLat:
        """Where a knot is."""
        return self._place(self._points_at(np.array([knot]))[0])

    def _points_at(self, knots: IntArray) -> FloatArray:
        legs = self.legs_m[self.profile.leg[knots]]
        way = legs[:, 1] - legs[:, 0]
        lengths_m = np.maximum(np.hypot(way[:, 0], way[:, 1]), np.finfo(float).tiny)
        share = self.profile.distance_m[knots] / lengths_m
        return np.asarray(legs[:, 0] + share[:, None] * way)

    def _place(self, point: FloatArray) -> LonLat:
        return LonLat(*self.below.frame.to_lonlat(float(point[0]), float(point[1])))

    def _at_edge(
        self, area_m: shapely.Geometry, points_m: FloatArray
    ) -> tuple[IntArray, FloatArray, FloatArray]:
        """Leg, height and place wherever a known stretch between knots meets an area's edge."""
        known = np.flatnonzero(self.profile.stretches & ~self.profile.unknown)
        lines = shapely.linestrings(np.stack([points_m[known], points_m[known + 1]], axis=1))
        met = shapely.intersects(area_m, lines)
        known, lines = known[met], lines[met]
        places_m, which = shapely.get_coordinates(
            shapely.intersection(lines, area_m), return_index=True
        )
        along_m = np.hypot(*(places_m - points_m[known[which]]).T)
        lengths_m = np.maximum(shapely.length(lines)[which], np.finfo(float).tiny)
        start, end = self.height_ground_m[known[which]], self.height_ground_m[known[which] + 1]
        heights_m = start + np.minimum(along_m / lengths_m, 1.0) * (end - start)
        return self.profile.leg[known[which]], heights_m, places_m


def _last_of_each(legs: IntArray, values: FloatArray) -> IntArray:
    """For each leg where its greatest value is."""
    order = np.lexsort((values, legs))
    if not len(order):
        return order
    return np.asarray(order[np.append(np.diff(legs[order]) != 0, True)])
