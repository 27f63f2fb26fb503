"""Paths that follow the edges of an area: rings one spacing apart, joined into one path.

All geometry here is in metres of a local frame. Where an area has many corners or holes, lanes at
one angle end at edges that slant, and every end costs. Rings along the edges, and round the holes,
end nowhere: two neighbours are joined by leaving out a spacing of both and flying across twice,
which costs nothing.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.planning.cleaning import Room, polygons_of
from flight.planning.links import Passage
from flight.planning.trace import Trace

FloatArray = NDArray[np.float64]

_MITRE_LIMIT = 2.5
_SMOOTHED = 0.02  # spacings
_MOST_RINGS = 200
_TRIED_EDGES = 8


@dataclass(frozen=True, slots=True)
class RingPlan:
    """How rings are laid.

    Attributes:
        outer: Distance of the outer ring from the edge, in spacings.
        step: Distance between rings, in spacings.
    """

    outer: float
    step: float


RING_PLANS = (
    RingPlan(0.42, 0.97),
    RingPlan(0.5, 0.97),
    RingPlan(0.46, 0.9),
    RingPlan(0.4, 1.0),
    RingPlan(0.4, 0.83),
)


def ring_path(room: Room, passage: Passage, spacing_m: float, plan: RingPlan) -> Trace | None:
    """Lay rings in a room and join them.

    Args:
        room: Where the path may run, and what it should see.
        passage: The same room, for ways.
        spacing_m: Lane spacing.
        plan: How the rings are laid.

    Returns:
        A path of lanes, and of links where one ring leads to another; None where no ring fits or
        some cannot be joined.
    """
    waiting = _rings(room, spacing_m, plan)
    if not waiting or len(waiting) > _MOST_RINGS:
        return None
    tour = _Tour.of(waiting.pop(0))
    lines = np.array([shapely.linearrings(ring) for ring in waiting], dtype=object)
    away_m = shapely.distance(lines, shapely.linearrings(tour.points)) if waiting else np.zeros(0)
    left = np.ones(len(waiting), dtype=np.bool_)
    while left.any():
        nearest = int(np.argmin(np.where(left, away_m, np.inf)))
        left[nearest] = False
        joined = tour.joined(waiting[nearest], passage, spacing_m)
        if joined is None:
            return None
        tour = joined
        away_m = np.minimum(away_m, shapely.distance(lines, lines[nearest]))
    return tour.opened()


def _rings(room: Room, spacing_m: float, plan: RingPlan) -> list[FloatArray]:
    """Closed rings without their last point, outer ones first."""
    found: list[FloatArray] = []
    inset_m = plan.outer * spacing_m
    while len(found) <= _MOST_RINGS:
        inner = shapely.buffer(room.extent, -inset_m, join_style="mitre", mitre_limit=_MITRE_LIMIT)
        # A room may be smaller than the inset of its extent, and simpler.
        inner = shapely.intersection(shapely.simplify(inner, _SMOOTHED * spacing_m), room.core)
        parts = polygons_of(inner)
        if not parts:
            break
        rings = shapely.get_rings(parts)
        found += [shapely.get_coordinates(ring)[:-1] for ring in rings]
        inset_m += plan.step * spacing_m
    return found


@dataclass(frozen=True, slots=True)
class _Tour:
    """A closed path: its points, and for each whether a lane leads from it to the next."""

    points: FloatArray
    lanes: tuple[bool, ...]

    @classmethod
    def of(cls, ring: FloatArray) -> "_Tour":
        """A ring is all lanes."""
        return cls(ring, (True,) * len(ring))

    def joined(self, ring: FloatArray, passage: Passage, spacing_m: float) -> "_Tour | None":
        """The tour by way of a ring, crossing over where that costs least."""
        best: tuple[float, int, int, FloatArray] | None = None
        steps = np.roll(ring, -1, axis=0) - ring
        lengths_m = np.hypot(steps[:, 0], steps[:, 1])
        for edge in np.argsort(-lengths_m, kind="stable")[:_TRIED_EDGES]:
            half = 0.5 * min(spacing_m, 0.9 * lengths_m[edge]) / max(lengths_m[edge], 1e-9)
            ends = ring[edge] + np.outer([0.5 - half, 0.5 + half], steps[edge])
            leg, feet = self._feet(ends)
            if not passage.sees(ends, feet).all():
                continue
            cost_m = float(np.hypot(*(ends - feet).T).sum()) - math.dist(*ends) - math.dist(*feet)
            if best is None or cost_m < best[0]:
                best = cost_m, int(edge), leg, np.vstack([ends, feet])
        return None if best is None else self._spliced(ring, *best[1:])

    def _feet(self, ends: FloatArray) -> tuple[int, FloatArray]:
        """The leg nearest to the middle of two points, and the points of it nearest to each."""
        starts = self.points
        steps = np.roll(starts, -1, axis=0) - starts
        squared = np.maximum((steps**2).sum(axis=1), 1e-12)

        def feet(target: FloatArray) -> FloatArray:
            share = np.clip(((target - starts) * steps).sum(axis=1) / squared, 0.0, 1.0)
            found: FloatArray = starts + share[:, None] * steps
            return found

        off = feet(ends.mean(axis=0)) - ends.mean(axis=0)
        leg = int(np.argmin(np.hypot(off[:, 0], off[:, 1])))
        return leg, np.vstack([feet(ends[0])[leg], feet(ends[1])[leg]])

    def _spliced(self, ring: FloatArray, edge: int, leg: int, cross: FloatArray) -> "_Tour":
        """The tour with a ring in place of a piece of one leg; `cross` is two ends, two feet."""
        ends, feet = cross[:2], cross[2:]
        round_ring = np.vstack([ends[1:], np.roll(ring, -(edge + 1), axis=0), ends[:1]])
        start = self.points[leg]
        if math.dist(start, feet[0]) <= math.dist(start, feet[1]):
            round_ring = round_ring[::-1]
        else:
            feet = feet[::-1]
        points = np.vstack(
            [self.points[: leg + 1], feet[:1], round_ring, feet[1:], self.points[leg + 1 :]]
        )
        kind = self.lanes[leg]
        inner = (kind, False, *(True,) * (len(round_ring) - 1), False, kind)
        return _Tour(points, (*self.lanes[:leg], *inner, *self.lanes[leg + 1 :]))

    def opened(self) -> Trace:
        """The tour as a path, without its longest link, if it has one."""
        steps = np.roll(self.points, -1, axis=0) - self.points
        lengths_m = np.where(self.lanes, 0.0, np.hypot(steps[:, 0], steps[:, 1]))
        order = np.roll(np.arange(len(self.points)), -(int(np.argmax(lengths_m)) + 1))
        if all(self.lanes):
            order = np.append(order, order[0])
        trace = Trace.start(self.points[order[0]])
        for before, after in itertools.pairwise(order):
            (trace.lane_to if self.lanes[before] else trace.link_to)(self.points[after])
        return trace
