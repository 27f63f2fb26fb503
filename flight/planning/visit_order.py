"""The order in which to look at places, and the way to look at each: a short tour.

Each place can be looked at in several ways that begin and end at different points: a travelling
salesman with a choice at every stop (generalised TSP).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.planning.links import Passage, Point

FloatArray = NDArray[np.float64]

_ROUNDS = 4  # of choosing an order for the ways, then ways for the order
_WORTH_M = 1e-6
_MOST_IMPROVEMENTS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One way to look at a place.

    Attributes:
        points: What is flown for it, float64 (N, 2), metres.
    """

    points: FloatArray

    @property
    def length_m(self) -> float:
        """Length of what is flown."""
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())


def best_tour(
    visits: Sequence[Sequence[Choice]], passage: Passage, home: Point | None
) -> list[tuple[int, int]]:
    """Order visits and choose how each is made.

    Args:
        visits: For each place, the ways to look at it; at least one each.
        passage: The air; ways between places keep within it.
        home: Where the tour begins and ends; None if that does not matter.

    Returns:
        For each visit in order, which place it is and which of its choices, by index.
    """
    chosen = [0] * len(visits)
    best: tuple[float, list[tuple[int, int]]] = (math.inf, [])
    for _ in range(_ROUNDS):
        entries = np.array([visits[i][c].points[0] for i, c in enumerate(chosen)])
        exits = np.array([visits[i][c].points[-1] for i, c in enumerate(chosen)])
        order = _order((entries + exits) / 2.0, passage, home)
        length_m, choices = _choose([visits[i] for i in order], home)
        if length_m >= best[0] - _WORTH_M:
            break
        best = (length_m, list(zip(order, choices, strict=True)))
        for place, choice in best[1]:
            chosen[place] = choice
    return best[1]


def _order(middles: FloatArray, passage: Passage, home: Point | None) -> list[int]:
    """A short order, from the nearest next place, then by 2-opt and by moving single places."""
    ends = middles.mean(axis=0) if home is None else np.array(home)
    lengths_m = passage.distances(np.vstack([middles, ends]))
    lengths_m[~np.isfinite(lengths_m)] = 1e9
    count = len(middles)
    if home is None:
        lengths_m[count, :] = lengths_m[:, count] = 0.0  # begins and ends anywhere
    tour = [count]
    while len(tour) <= count:
        away_m = lengths_m[tour[-1]].copy()
        away_m[tour] = np.inf
        tour.append(int(np.argmin(away_m)))
    for _ in range(_MOST_IMPROVEMENTS):
        shorter = _reversed(tour, lengths_m) or _moved(tour, lengths_m)
        if shorter is None:
            break
        tour = shorter
    return tour[1:]


def _reversed(tour: list[int], lengths_m: FloatArray) -> list[int] | None:
    """The tour with one stretch flown backwards, if that is shorter (2-opt)."""
    here = np.array(tour)
    after = np.roll(here, -1)
    step_m = lengths_m[here, after]
    gain_m = step_m[:, None] + step_m[None, :]
    gain_m -= lengths_m[np.ix_(here, here)] + lengths_m[np.ix_(after, after)]
    gain_m[np.tri(len(tour), dtype=np.bool_)] = -np.inf
    i, j = np.unravel_index(int(np.argmax(gain_m)), gain_m.shape)
    if gain_m[i, j] <= _WORTH_M:
        return None
    return [*tour[: i + 1], *reversed(tour[i + 1 : j + 1]), *tour[j + 1 :]]


def _moved(tour: list[int], lengths_m: FloatArray) -> list[int] | None:
    """The tour with one place visited elsewhere, if that is shorter (Or-opt of one)."""
    for position in range(1, len(tour)):
        place = tour[position]
        rest = tour[:position] + tour[position + 1 :]
        before, after = np.array(rest), np.roll(rest, -1)
        extra_m = lengths_m[before, place] + lengths_m[place, after] - lengths_m[before, after]
        best = int(np.argmin(extra_m))
        if extra_m[position - 1] - extra_m[best] > _WORTH_M:
            return [*rest[: best + 1], place, *rest[best + 1 :]]
    return None


def _choose(visits: Sequence[Sequence[Choice]], home: Point | None) -> tuple[float, list[int]]:
    """The choices that make an order shortest, by dynamic programming; straight ways count."""
    starts = [np.array([choice.points[0] for choice in choices]) for choices in visits]
    ends = [np.array([choice.points[-1] for choice in choices]) for choices in visits]
    inside_m = [np.array([choice.length_m for choice in choices]) for choices in visits]
    total_m = inside_m[0] + _from_home_m(starts[0], home)
    came_from: list[NDArray[np.int64]] = []
    for index in range(1, len(visits)):
        steps = starts[index][:, None, :] - ends[index - 1][None, :, :]
        reached_m = np.hypot(steps[..., 0], steps[..., 1]) + total_m[None, :]
        came_from.append(np.argmin(reached_m, axis=1))
        total_m = reached_m.min(axis=1) + inside_m[index]
    total_m = total_m + _from_home_m(ends[-1], home)
    chosen = [int(np.argmin(total_m))]
    for previous in reversed(came_from):
        chosen.append(int(previous[chosen[-1]]))
    return float(total_m.min()), chosen[::-1]


def _from_home_m(points: FloatArray, home: Point | None) -> FloatArray:
    if home is None:
        return np.zeros(len(points))
    away_m: FloatArray = np.hypot(*(points - np.array(home)).T)
    return away_m
