"""The order in which the cells of a sweep are flown, and from which corner each is begun.

A small open travelling salesman problem: greedy from several starts, then moving single cells and
turning stretches round until nothing gets shorter. Deterministic.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.planning.links import Passage

FloatArray = NDArray[np.float64]
Visit = tuple[int, int]  # cell, and the corner it is begun at: 2 * (last lane?) + (right end?)

_MOST_STARTS = 8
_MOST_ROUNDS = 20
_GAIN_M = 1e-6


@dataclass(frozen=True, slots=True)
class _Costs:
    """Way lengths between corners, and where a visit ends."""

    between: list[list[float]]
    lane_counts: tuple[int, ...]

    def exit(self, visit: Visit) -> int:
        cell, corner = visit
        crossed = self.lane_counts[cell] % 2
        return 4 * cell + ((corner ^ 2) ^ crossed)

    def step(self, before: Visit | None, after: Visit | None) -> float:
        if before is None or after is None:
            return 0.0
        return self.between[self.exit(before)][4 * after[0] + after[1]]

    def turned(self, visit: Visit) -> Visit:
        return visit[0], self.exit(visit) % 4

    def total(self, visits: list[Visit]) -> float:
        return sum(self.step(a, b) for a, b in itertools.pairwise(visits))


def order_cells(cells: tuple[FloatArray, ...], passage: Passage) -> list[FloatArray]:
    """Put cells in a short order and turn each into the points of its zigzag.

    Args:
        cells: Each float64, (lanes, 4): x0 y0 x1 y1 in metres.
        passage: The area that the ways between cells must not leave.

    Returns:
        For each cell in flying order its points, float64, (2 * lanes, 2); lane k joins points 2k
        and 2k + 1.
    """
    if not cells:
        return []
    corners = np.vstack([np.vstack([c[0, :2], c[0, 2:], c[-1, :2], c[-1, 2:]]) for c in cells])
    costs = _Costs(passage.distances(corners).tolist(), tuple(len(c) for c in cells))
    tours = [_greedy(costs, start) for start in _starts(len(cells))]
    best = min(tours, key=costs.total)
    for _ in range(_MOST_ROUNDS):
        if not (_turn_stretch(costs, best) or _move_cell(costs, best)):
            break
    return [zigzag(cells[cell], corner) for cell, corner in best]


def zigzag(lanes: FloatArray, corner: int) -> FloatArray:
    """The points of one cell's lanes, flown back and forth.

    Args:
        lanes: float64, (lanes, 4).
        corner: Where it begins: 2 for the last lane, plus 1 for the right end.

    Returns:
        float64, (2 * lanes, 2).
    """
    points = lanes.reshape(-1, 2, 2)
    if corner & 2:
        points = points[::-1]
    backwards = (np.arange(len(points)) + corner) % 2 == 1
    flown = np.where(backwards[:, None, None], points[:, ::-1], points)
    return flown.reshape(-1, 2)


def _starts(count: int) -> list[Visit]:
    step = max(1, 4 * count // _MOST_STARTS)
    return [(i // 4, i % 4) for i in range(0, 4 * count, step)]


def _greedy(costs: _Costs, start: Visit) -> list[Visit]:
    tour, left = [start], set(range(len(costs.lane_counts))) - {start[0]}
    while left:
        last = tour[-1]
        choices = [(cell, corner) for cell in sorted(left) for corner in range(4)]
        tour.append(min(choices, key=lambda visit: costs.step(last, visit)))
        left.remove(tour[-1][0])
    return tour


def _turn_stretch(costs: _Costs, tour: list[Visit]) -> bool:
    """Fly a stretch of the tour backwards where that is shorter; True if any was."""
    improved = False
    padded: list[Visit | None] = [None, *tour, None]
    for i in range(1, len(padded) - 1):
        for j in range(i, len(padded) - 1):
            first, last = padded[i], padded[j]
            if first is None or last is None:
                continue
            old = costs.step(padded[i - 1], first) + costs.step(last, padded[j + 1])
            new = costs.step(padded[i - 1], costs.turned(last))
            new += costs.step(costs.turned(first), padded[j + 1])
            if new < old - _GAIN_M:
                stretch = [costs.turned(v) for v in reversed(padded[i : j + 1]) if v is not None]
                padded[i : j + 1] = stretch
                improved = True
    tour[:] = [visit for visit in padded if visit is not None]
    return improved


def _move_cell(costs: _Costs, tour: list[Visit]) -> bool:
    """Put single cells where they cost least, begun at their best corner; True if any moved."""
    improved = False
    for cell in range(len(costs.lane_counts)):
        at = next(i for i, visit in enumerate(tour) if visit[0] == cell)
        rest = tour[:at] + tour[at + 1 :]
        padded: list[Visit | None] = [None, *rest, None]
        inserted = [
            (costs.step(a, (cell, k)) + costs.step((cell, k), b) - costs.step(a, b), i, k)
            for i, (a, b) in enumerate(itertools.pairwise(padded))
            for k in range(4)
        ]
        now = costs.step(padded[at], tour[at]) + costs.step(tour[at], padded[at + 1])
        extra, place, corner = min(inserted)
        if extra < now - costs.step(padded[at], padded[at + 1]) - _GAIN_M:
            tour[:] = [*rest[:place], (cell, corner), *rest[place:]]
            improved = True
    return improved
