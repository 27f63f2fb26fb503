"""One trail along all edges of a graph in which every node has an even number of edge ends.

Which edge follows which at a crossing is free as far as length goes, so it is chosen for flying:
straight on where possible, because every turn is a slowing down and a speeding up.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

Direction = tuple[float, float]
End = tuple[int, int]  # edge, and 0 where it begins or 1 where it ends


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge to be flown once, either way.

    Attributes:
        start: A node.
        end: A node; it may be the same.
        leaving_start: The direction in which it leaves its start, a unit vector; (0, 0) where
            direction does not matter.
        leaving_end: The direction in which it leaves its end, flown the other way.
    """

    start: int
    end: int
    leaving_start: Direction
    leaving_end: Direction


def straightest_trail(edges: Sequence[Edge]) -> list[tuple[int, bool]]:
    """Put all edges into one closed trail with few turns.

    Args:
        edges: Connected, with an even number of ends at every node.

    Returns:
        Each edge by index and whether it is flown from its start, beginning with edge 0.

    Raises:
        ValueError: If there is no such trail.
    """
    pairs = _Crossings(edges)
    pairs.connect()
    trail = [(0, True)]
    while True:
        edge, forward = trail[-1]
        following, side = pairs.next_of[(edge, 1 if forward else 0)]
        if following == 0 and side == 0:
            break
        trail.append((following, side == 0))
    if len(trail) != len(edges):
        raise ValueError("The edges of a trail must be connected.")
    return trail


class _Crossings:
    """Which edge end is flown on from which."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self._edges = edges
        self.next_of: dict[End, End] = {}
        self._at: dict[int, list[tuple[End, End]]] = {}
        ends: dict[int, list[End]] = {}
        for index, edge in enumerate(edges):
            ends.setdefault(edge.start, []).append((index, 0))
            ends.setdefault(edge.end, []).append((index, 1))
        for node, here in ends.items():
            if len(here) % 2:
                raise ValueError(f"A trail cannot end at node {node}.")
            self._at[node] = self._straightest(here)
            for pair in self._at[node]:
                self._join(pair)

    def connect(self) -> None:
        """Merge closed trails that share a node, where that costs the least turning."""
        trail_of = self._trails()
        for pairs in self._at.values():
            while True:
                choices = [
                    (self._turn(new_a) + self._turn(new_b), i, j, new_a, new_b)
                    for (i, (a, b)), (j, (c, d)) in itertools.combinations(enumerate(pairs), 2)
                    if trail_of[a[0]] != trail_of[c[0]]
                    for new_a, new_b in (((a, c), (b, d)), ((a, d), (b, c)))
                ]
                if not choices:
                    break
                _, i, j, pairs[i], pairs[j] = min(choices)
                for pair in (pairs[i], pairs[j]):
                    self._join(pair)
                kept, gone = trail_of[pairs[i][0][0]], trail_of[pairs[i][1][0]]
                trail_of = {e: kept if name == gone else name for e, name in trail_of.items()}

    def _straightest(self, ends: list[End]) -> list[tuple[End, End]]:
        left = set(ends)
        pairs = []
        for pair in sorted(itertools.combinations(ends, 2), key=lambda p: (self._turn(p), p)):
            if left.issuperset(pair):
                left -= set(pair)
                pairs.append(pair)
        return pairs

    def _turn(self, pair: tuple[End, End]) -> float:
        """How far one turns coming along one end and leaving along the other, radians."""
        (ax, ay), (bx, by) = (self._leaving(end) for end in pair)
        if (ax, ay) == (0.0, 0.0) or (bx, by) == (0.0, 0.0):
            return 0.0
        return math.pi - abs(math.atan2(ax * by - ay * bx, ax * bx + ay * by))

    def _leaving(self, end: End) -> Direction:
        edge = self._edges[end[0]]
        return edge.leaving_end if end[1] else edge.leaving_start

    def _join(self, pair: tuple[End, End]) -> None:
        self.next_of[pair[0]], self.next_of[pair[1]] = pair[1], pair[0]

    def _trails(self) -> dict[int, int]:
        """Which closed trail each edge is in."""
        trail_of: dict[int, int] = {}
        for first in range(len(self._edges)):
            edge, side = first, 0
            while edge not in trail_of:
                trail_of[edge] = first
                edge, side = self.next_of[(edge, 1 - side)]
        return trail_of
