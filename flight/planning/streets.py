"""Patrolling a street network: every street at least once, by the shortest tour.

Aircraft need no street to get from one street to the next, so ways in between are straight, or
round what must not be entered. All geometry here is in metres of a local frame.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.links import Passage, Point
from flight.planning.postman import shortest_hops
from flight.planning.street_graph import Block, Street, StreetGraph, build_graph
from flight.planning.trails import Direction, Edge, straightest_trail
from flight.planning.work import WorkPath

FloatArray = NDArray[np.float64]

_SAME_M = 0.02  # points nearer than this are one
_MOST_CUTS = 200
_SAVING_SHARE = 0.2  # of the distance between cuts, from which a way is worth a cut


@dataclass(frozen=True, slots=True)
class StreetView:
    """How streets are looked at.

    Attributes:
        width_m: How much the camera sees across.
        run_in_m: How far before a street the aircraft must come in, because the camera looks
            ahead.
        snap_m: Ends of streets nearer than this to another street are joined to it.
        simplify_m: How far the flight may leave a street's line to need fewer waypoints.
        cut_every_m: How far apart the places are at which the tour may be divided, at least.
    """

    width_m: float
    run_in_m: float = 0.0
    snap_m: float = 2.0
    simplify_m: float = 0.5
    cut_every_m: float = 250.0

    def __post_init__(self) -> None:
        if not 0.0 < self.width_m < math.inf:
            raise PlanningError(
                f"A camera that sees {self.width_m:g} m across cannot see a street. Fly higher."
            )


@dataclass(frozen=True, slots=True, eq=False)
class StreetTour:
    """A patrol of streets.

    Attributes:
        work: What is flown, in order.
        ground: What the camera is meant to see.
        length_m: Length of the whole tour, from home to home where there is one.
        streets_m: Length of what must be flown along streets.
        bound_m: No tour along these streets is shorter.
        closed_m: How many metres of street cannot be patrolled, because nobody may fly there.
    """

    work: WorkPath
    ground: shapely.Geometry
    length_m: float
    streets_m: float
    bound_m: float
    closed_m: float


def patrol_streets(
    streets: Sequence[Street], passage: Passage, view: StreetView, home: Point | None = None
) -> StreetTour:
    """Find a short tour along all streets.

    Args:
        streets: What to patrol; they need not hang together.
        passage: The air that must not be left.
        view: How streets are looked at.
        home: Where the aircraft comes from; the tour begins and ends well for it. None if that
            does not matter.

    Returns:
        The tour; the camera runs all along.

    Raises:
        NothingToCoverError: If no street is where aircraft may fly.
        PlanningError: If there is no way from one street to another.
    """
    lines = [shapely.simplify(street.line, view.simplify_m) for street in streets]
    simpler = [Street(line, s.width_m) for line, s in zip(lines, streets, strict=True)]
    graph = build_graph(simpler, passage.room, view_width_m=view.width_m, snap_m=view.snap_m)
    if not graph.blocks:
        raise NothingToCoverError(
            "No street of the request lies where aircraft may fly. Choose other streets."
        )
    hops = shortest_hops(graph.nodes, graph.blocks, passage, home)
    flown = _flown(graph, hops.pairs, (hops.first, hops.last))
    work = _work(list(flown), passage, view)
    flown_m = _length_m(work.points)
    if home is not None:
        ends = ((float(x), float(y)) for x, y in work.points[[0, -1]])
        flown_m += sum(_length_m(np.array(_way(passage, home, end))) for end in ends)
    return StreetTour(
        work,
        graph.ground,
        length_m=flown_m,
        streets_m=graph.length_m,
        bound_m=graph.length_m + hops.bound_m,
        closed_m=graph.closed_m,
    )


def _flown(
    graph: StreetGraph, hops: Sequence[tuple[int, int]], ends: tuple[int, int]
) -> Iterator[FloatArray]:
    """The blocks in flying order, each as it is flown."""
    first, last = ends
    away = Edge(last, first, (0.0, 0.0), (0.0, 0.0))  # closes the trail, and nobody flies it
    edges = [away, *map(_block_edge, graph.blocks), *(_hop_edge(graph, hop) for hop in hops)]
    for index, forward in straightest_trail(edges)[1:]:
        if index <= len(graph.blocks):
            points = graph.blocks[index - 1].points
            yield points if forward else points[::-1]


def _block_edge(block: Block) -> Edge:
    points = block.points
    return Edge(
        block.start,
        block.end,
        _direction(points[0], points[1]),
        _direction(points[-1], points[-2]),
    )


def _hop_edge(graph: StreetGraph, hop: tuple[int, int]) -> Edge:
    start, end = graph.nodes[list(hop)]
    return Edge(*hop, _direction(start, end), _direction(end, start))


def _direction(start: FloatArray, end: FloatArray) -> Direction:
    step = end - start
    length_m = math.hypot(*step)
    return (float(step[0] / length_m), float(step[1] / length_m)) if length_m > 0.0 else (0.0, 0.0)


def _work(flown: Sequence[FloatArray], passage: Passage, view: StreetView) -> WorkPath:
    """Blocks joined by ways, with the places where they may be divided."""
    total_m = sum(_length_m(block) for block in flown)
    cut_every_m = max(view.cut_every_m, total_m / _MOST_CUTS)
    points: list[Point] = []
    cuts: list[tuple[int, int]] = []
    since_cut_m = 0.0
    for block in flown:
        for piece in _pieces(block, cut_every_m):
            before = len(points) - 1
            hop_m = math.dist(points[-1], piece[0]) if points else math.inf
            if hop_m > _SAME_M:
                piece[:0] = _run_in(piece, passage, view.run_in_m)
            if points and hop_m > _SAME_M:
                points += _way(passage, points[-1], piece[0])[1:-1]
            joined = bool(points) and math.dist(points[-1], piece[0]) <= _SAME_M
            first = before if joined else len(points)
            points += piece[1:] if joined else piece
            # Where the aircraft leaves the streets anyway, a cut saves the way between.
            if before >= 0 and (since_cut_m >= cut_every_m or hop_m >= _SAVING_SHARE * cut_every_m):
                cuts.append((before, first))
                since_cut_m = 0.0
            since_cut_m += _length_m(np.array(piece))
    return WorkPath(np.array(points), tuple(cuts))


def _pieces(block: FloatArray, longest_m: float) -> Iterator[list[Point]]:
    """A block in pieces of equal length, none longer than wanted."""
    line = shapely.LineString(block)
    count = max(1, math.ceil(line.length / longest_m - 1e-9))
    for number in range(count):
        piece = shapely.ops.substring(line, number / count, (number + 1) / count, normalized=True)
        yield [(float(x), float(y)) for x, y in shapely.get_coordinates(piece)]


def _run_in(piece: list[Point], passage: Passage, run_in_m: float) -> list[Point]:
    """Where to come in, if there is room, so that a camera that looks ahead sees the start."""
    if run_in_m <= 0.0:
        return []
    (x, y), (dx, dy) = piece[0], _direction(np.array(piece[0]), np.array(piece[1]))
    earlier = (x - run_in_m * dx, y - run_in_m * dy)
    return [earlier] if passage.sees(np.array([earlier]), np.array([piece[0]]))[0] else []


def _way(passage: Passage, start: Point, end: Point) -> list[Point]:
    way = passage.way(start, end)
    if way is None:
        raise PlanningError(
            "There is no way between two of the streets that keeps clear of every zone. Leave out "
            "the streets behind the zone."
        )
    return way


def _length_m(points: FloatArray) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())
