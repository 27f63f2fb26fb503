"""The shortest tour that flies every block of a street graph, straight through the air in between.

A tour that ends where it began passes each node as often towards it as away from it. So the ways
through the air pair up the nodes at which an odd number of blocks end: the cheapest pairing is the
least that any tour can add (the Chinese postman's argument, Edmonds and Johnson 1973). Where
streets do not hang together, ways between the parts are added where they cost least (the rural
postman's part, Lenstra and Rinnooy Kan 1976), and pairs of ways are swapped while that helps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from flight.planning.links import Passage, Point
from flight.planning.pairing import cheapest_pairs
from flight.planning.street_graph import Block

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Ends = tuple[int, int]

_WORTH_M = 1e-6
_MOST_ROUNDS = 6  # of finding out which ways lead round a zone
_MOST_SWAPS = 2000
_TRIED_SWAPS = 20


@dataclass(frozen=True, slots=True)
class Hops:
    """The ways through the air that make a tour of blocks.

    Attributes:
        pairs: Nodes between which a way is flown.
        first: The node at which the tour begins.
        last: The node at which it ends.
        bound_m: No tour's ways through the air, those from and to home included, are shorter.
    """

    pairs: tuple[Ends, ...]
    first: int
    last: int
    bound_m: float


def shortest_hops(
    nodes: FloatArray, blocks: Sequence[Block], passage: Passage, home: Point | None
) -> Hops:
    """Find the ways through the air.

    Args:
        nodes: float64, (N, 2), metres.
        blocks: What is flown, at least one.
        passage: Finds ways round what must not be entered.
        home: Where the flight comes from and goes back to; None if that does not matter.

    Returns:
        The ways; blocks and ways together are one trail from the first node to the last.
    """
    air = _Air(nodes, passage, home)
    while True:
        solver = _Solver(air, blocks)
        solver.solve()
        # Straight ways are cheap guesses; only those chosen are looked at, and put right.
        if air.rounds >= _MOST_ROUNDS or not air.corrected(solver.hops):
            break
    away = [(a, b) for a, b in solver.hops if max(a, b) >= len(nodes)]
    first, last = (min(pair) for pair in sorted(away, key=max))
    inner = tuple(pair for pair in solver.hops if max(pair) < len(nodes))
    return Hops(inner, first, last, solver.bound_m)


class _Air:
    """Lengths of the ways between all nodes, and between nodes and the two ends of the tour."""

    def __init__(self, nodes: FloatArray, passage: Passage, home: Point | None) -> None:
        count = len(nodes)
        self.rounds = 0
        self.start, self.end = count, count + 1
        self._nodes = nodes
        self._passage = passage
        self.lengths_m = np.zeros((count + 2, count + 2))
        self.lengths_m[:count, :count] = np.hypot(
            *(nodes[:, None, :] - nodes[None, :, :]).transpose(2, 0, 1)
        )
        from_home_m = np.zeros(count) if home is None else np.hypot(*(nodes - home).T)
        for end in (self.start, self.end):
            self.lengths_m[end, :count] = self.lengths_m[:count, end] = from_home_m
        # A tour that begins where it ends: out to the nearest node and back.
        self.lengths_m[self.start, self.end] = 2.0 * from_home_m.min()
        self.lengths_m[self.end, self.start] = 2.0 * from_home_m.min()

    def corrected(self, hops: Sequence[Ends]) -> bool:
        """Put right the lengths of ways that lead round something; whether any did."""
        self.rounds += 1
        inner_pairs = [pair for pair in hops if max(pair) < self.start]
        inner = np.array(inner_pairs, dtype=np.int64).reshape(-1, 2)
        seen = self._passage.sees(self._nodes[inner[:, 0]], self._nodes[inner[:, 1]])
        changed = False
        for a, b in inner[~seen].tolist():
            start, end = (tuple(self._nodes[i].tolist()) for i in (a, b))
            way = self._passage.way(start, end)
            steps = np.diff(np.array(way), axis=0) if way else np.full((1, 2), 1e6)
            length_m = float(np.hypot(*steps.T).sum())
            changed |= length_m > self.lengths_m[a, b] + _WORTH_M
            self.lengths_m[a, b] = self.lengths_m[b, a] = length_m
        return changed


@dataclass(frozen=True, slots=True)
class _Move:
    """A change of the ways: what it costs, which go (by index) and which come."""

    cost_m: float
    gone: tuple[int, ...]
    new: tuple[Ends, ...]


class _Solver:
    """Ways that make all blocks one closed trail through the two ends, which stand for home."""

    def __init__(self, air: _Air, blocks: Sequence[Block]) -> None:
        self._air = air
        self._d = air.lengths_m
        self._blocks = [(block.start, block.end) for block in blocks] + [(air.start, air.end)]
        self._bridges = self._shortest_bridges()
        self.hops: list[Ends] = []
        self.bound_m = 0.0

    def solve(self) -> None:
        """Find the ways and the bound."""
        degrees = np.bincount(np.ravel(self._blocks), minlength=len(self._d))
        odd = np.flatnonzero(degrees % 2)
        pairing = cheapest_pairs(self._d[np.ix_(odd, odd)])
        self.hops = [(int(odd[a]), int(odd[b])) for a, b in pairing.pairs]
        self._open_at_one_node()
        joining_m = sum(self._d[a, b] for a, b in self._bridges.tolist())
        self.bound_m = max(
            pairing.bound, float(joining_m + self._d[self._air.start, self._air.end])
        )
        self._join_parts()
        for _ in range(_MOST_SWAPS):
            if not self._swap():
                break

    def _open_at_one_node(self) -> None:
        """Where the tour is to end where it begins, let it begin at the node nearest to home."""
        start, end = self._air.start, self._air.end
        if (start, end) in self.hops:
            near = int(np.argmin(self._d[start, :start]))
            self.hops.remove((start, end))
            self.hops += [(near, start), (near, end)]

    def _shortest_bridges(self) -> IntArray:
        """The ways that hang all parts of the streets together at least length, (parts - 1, 2)."""
        parts = self._parts(self._blocks)[: self._air.start]
        lengths_m = self._d[: self._air.start, : self._air.start] + _WORTH_M
        lengths_m[parts[:, None] == parts[None, :]] = _WORTH_M / 2.0
        tree = minimum_spanning_tree(lengths_m).tocoo()
        between = parts[tree.row] != parts[tree.col]
        bridges: IntArray = np.column_stack([tree.row[between], tree.col[between]])
        return bridges

    def _parts(self, edges: Sequence[Ends]) -> NDArray[np.int32]:
        """Which connected part each node is in."""
        first, second = np.array(edges).T
        count = len(self._d)
        graph = csr_array((np.ones(len(first)), (first, second)), shape=(count, count))
        labels: NDArray[np.int32] = connected_components(graph, directed=False)[1]
        return labels

    def _join_parts(self) -> None:
        """Join the parts of the tour, always where it costs least."""
        while True:
            parts = self._parts([*self._blocks, *self.hops])
            if len(np.unique(parts)) == 1:
                return
            moves = [self._there_and_back(parts), self._call(parts)]
            moves += self._swaps(parts[:, None] != parts[None, :], 1)
            self._make(min(moves, key=lambda move: move.cost_m))

    def _swap(self) -> bool:
        """Exchange the ends of two ways if that is shorter and all still hangs together."""
        for move in self._swaps(None, _TRIED_SWAPS):
            if move.cost_m > -_WORTH_M:
                return False
            before = list(self.hops)
            self._make(move)
            if len(np.unique(self._parts([*self._blocks, *self.hops]))) == 1:
                return True
            self.hops = before
        return False

    def _make(self, move: "_Move") -> None:
        kept = [pair for i, pair in enumerate(self.hops) if i not in move.gone]
        self.hops = [*kept, *((a, b) for a, b in move.new if a != b)]

    def _there_and_back(self, parts: NDArray[np.int32]) -> "_Move":
        """From a node of one part to one of another and back again."""
        a, b = self._bridges.T
        costs = np.where(parts[a] == parts[b], np.inf, 2.0 * self._d[a, b])
        best = int(np.argmin(costs))
        pair = (int(a[best]), int(b[best]))
        return _Move(float(costs[best]), (), (pair, pair))

    def _call(self, parts: NDArray[np.int32]) -> "_Move":
        """A way of one part that calls at a node of another."""
        a, b = np.array(self.hops).T
        nodes = np.unique(self._bridges)
        costs = self._d[np.ix_(a, nodes)] + self._d[np.ix_(b, nodes)] - self._d[a, b][:, None]
        costs[parts[a][:, None] == parts[nodes][None, :]] = np.inf
        i, j = np.unravel_index(int(np.argmin(costs)), costs.shape)
        node = int(nodes[j])
        return _Move(float(costs[i, j]), (int(i),), ((int(a[i]), node), (int(b[i]), node)))

    def _swaps(self, allowed: NDArray[np.bool_] | None, count: int) -> list["_Move"]:
        """The best exchanges of ends between two ways, between nodes for which that is allowed."""
        a, b = np.array(self.hops).T
        now = self._d[a, b]
        moves: list[_Move] = []
        for c, d in ((a, b), (b, a)):
            costs = self._d[np.ix_(a, c)] + self._d[np.ix_(b, d)] - now[:, None] - now[None, :]
            # Nobody flies between the two ends of the tour; a way is not exchanged with itself.
            forbidden = np.tri(len(a), dtype=np.bool_)
            for x, y in ((a, c), (b, d)):
                forbidden |= (x[:, None] >= self._air.start) & (y[None, :] >= self._air.start)
            if allowed is not None:
                forbidden |= ~allowed[np.ix_(a, c)]
            costs[forbidden] = np.inf
            for flat in np.argsort(costs, axis=None, kind="stable")[:count].tolist():
                i, j = divmod(flat, len(a))
                new = ((int(a[i]), int(c[j])), (int(b[i]), int(d[j])))
                moves.append(_Move(float(costs[i, j]), (i, j), new))
        return sorted(moves, key=lambda move: move.cost_m)
