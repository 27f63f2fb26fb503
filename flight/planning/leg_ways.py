"""Lengths of ways round zones between thousands of places and a few docks, quick to ask for.

A leg that is no longer than its ends are away from zones, together, is straight. Any other is
looked at by the compiled kernel, and where it is barred its length is read off tables of the ways
over corners (`flight.planning.links`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.planning.leg_kernel import NO_WAY_M, legs_m, memory, over_corners_m
from flight.planning.links import Passage
from flight.planning.sortie_rings import Barrier

FloatArray = NDArray[np.float64]
Rows = NDArray[np.intp]

_AT_ONCE = 500  # places whose corners are looked for together, which bounds the memory


@dataclass(frozen=True, slots=True, eq=False)
class LegWays:
    """Lengths of the ways between some places and docks.

    Attributes:
        points_m: float64, (N + D, 2): places, then docks.
        docks: How many docks.
        barrier: What bars straight legs, a row for each point.
    """

    points_m: FloatArray
    docks: int
    barrier: Barrier

    @property
    def places(self) -> int:
        """How many places."""
        return len(self.points_m) - self.docks

    def legs_m(self, starts: Rows, ends: Rows) -> FloatArray:
        """Lengths of ways, float64, (M,), infinite where there are none; by rows of the points."""
        found: FloatArray = legs_m(
            self.points_m, self.barrier, np.asarray(starts, np.int64), np.asarray(ends, np.int64)
        )
        return np.where(found >= NO_WAY_M, np.inf, found)

    def dock_legs_m(self) -> FloatArray:
        """Ways from each dock to each place, float64, (D, N)."""
        home_m = self.barrier.home_m
        return np.where(home_m >= NO_WAY_M, np.inf, home_m)

    def round_m(self, dock: int, places: Rows) -> float:
        """The way from a dock over places in order and back."""
        stops = np.concatenate([[self.places + dock], places, [self.places + dock]])
        return float(self.legs_m(stops[:-1], stops[1:]).sum())

    def part(self, places: Rows, docks: Sequence[int]) -> LegWays:
        """The ways between some of the places and docks."""
        rows = np.concatenate([places, self.places + np.asarray(docks, np.intp)]).astype(np.intp)
        whole = self.barrier
        asked, told_m = memory()
        part = Barrier(
            np.arange(len(rows)),
            whole.clear_m[rows],
            np.ascontiguousarray(whole.home_m[list(docks)][:, places]),
            whole.discs_m,
            whole.edges_m,
            whole.reach_m[rows],
            whole.over_m[rows],
            asked,
            told_m,
        )
        return LegWays(self.points_m[rows], len(docks), part)

    def barrier_of(self, docks: Sequence[int]) -> Barrier:
        """What bars legs between nodes that are the places and then one of the docks each."""
        rows = np.concatenate([np.arange(self.places), self.places + np.asarray(docks, np.int64)])
        rows = rows.astype(np.int64)
        return self.barrier._replace(row=rows, clear_m=self.barrier.clear_m[rows])


def leg_ways(passage: Passage, places_m: FloatArray, docks_m: FloatArray) -> LegWays | None:
    """Prepare to ask for ways.

    Args:
        passage: The area that ways must not leave.
        places_m: float64, (N, 2), inside it.
        docks_m: float64, (D, 2), inside it.

    Returns:
        None where nothing can bar a leg.
    """
    room = passage.room
    barred = shapely.difference(shapely.convex_hull(room), room)
    points_m = np.vstack([places_m, docks_m])
    if barred.is_empty or not len(passage.corners):
        return None
    clear_m: FloatArray = shapely.distance(shapely.points(points_m), barred)
    begins = range(0, len(points_m), _AT_ONCE)
    reach_m = np.vstack([passage.reach(points_m[at : at + _AT_ONCE]) for at in begins])
    asked, told_m = memory()
    barrier = Barrier(
        np.arange(len(points_m)),
        clear_m,
        np.zeros((len(docks_m), len(places_m))),
        _discs_m(barred),
        _edges_m(barred),
        reach_m,
        over_corners_m(reach_m, passage.corner_ways()),
        asked,
        told_m,
    )
    every = np.arange(len(places_m))
    for dock, row in enumerate(barrier.home_m):
        row[:] = legs_m(points_m, barrier, every, np.full(len(every), len(every) + dock))
    return LegWays(points_m, len(docks_m), barrier)


def _discs_m(ground: shapely.Geometry) -> FloatArray:
    """A disc round each part, x, y and radius, float64, (K, 3)."""
    parts = shapely.get_parts(ground)
    middles = shapely.get_coordinates(shapely.centroid(shapely.minimum_bounding_circle(parts)))
    corners = [shapely.get_coordinates(part) - at for part, at in zip(parts, middles, strict=True)]
    radii = [float(np.hypot(each[:, 0], each[:, 1]).max()) for each in corners]
    discs: FloatArray = np.column_stack([middles, radii])
    return discs


def _edges_m(ground: shapely.Geometry) -> FloatArray:
    """Both ends of each edge of all outlines, float64, (E, 4)."""
    # Points on straight edges would be taken for corners.
    rings = shapely.get_rings(shapely.get_parts(shapely.simplify(ground, 0.0)))
    ends = [shapely.get_coordinates(ring) for ring in rings]
    edges: FloatArray = np.vstack([np.hstack([each[:-1], each[1:]]) for each in ends])
    return edges
