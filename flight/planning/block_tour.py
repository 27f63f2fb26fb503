"""Flying blocks, pieces of line that must all be flown, as one path by short ways in between.

All geometry here is in metres of a local frame.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray

from flight.errors import PlanningError
from flight.planning.links import Passage, Point
from flight.planning.postman import Hops, shortest_hops
from flight.planning.street_graph import Block
from flight.planning.trails import Direction, Edge, straightest_trail
from flight.planning.work import WorkPath

FloatArray = NDArray[np.float64]

_SAME_M = 0.02  # points nearer than this are one
_MOST_CUTS = 200
_SAVING_SHARE = 0.2  # of the distance between cuts, from which a way is worth a cut


@dataclass(frozen=True, slots=True)
class BlockStyle:
    """How blocks are flown.

    Attributes:
        run_in_m: How far before a block the aircraft must come in, because the camera looks
            ahead.
        cut_every_m: How far apart the places are at which the path may be divided, at least.
    """

    run_in_m: float = 0.0
    cut_every_m: float = 250.0


@dataclass(frozen=True, slots=True, eq=False)
class BlockTour:
    """A path along all blocks.

    Attributes:
        work: What is flown, in order.
        length_m: Its length, and that of the ways from and to home where there is one.
        bound_m: No path along these blocks is shorter.
    """

    work: WorkPath
    length_m: float
    bound_m: float


def fly_blocks(
    nodes: FloatArray,
    blocks: Sequence[Block],
    passage: Passage,
    style: BlockStyle,
    home: Point | None,
) -> BlockTour:
    """Find a short path along all blocks.

    Args:
        nodes: Where blocks begin and end, float64 (N, 2), metres.
        blocks: What must be flown, at least one.
        passage: The air that must not be left.
        style: How they are flown.
        home: Where the aircraft comes from and goes back to; None if that does not matter.

    Returns:
        The path; the camera runs all along.

    Raises:
        PlanningError: If there is no way from one block to another.
    """
    hops = shortest_hops(nodes, blocks, passage, home)
    work = _work(list(_flown(nodes, blocks, hops)), passage, style)
    flown_m = _length_m(work.points)
    if home is not None:
        ends = ((float(x), float(y)) for x, y in work.points[[0, -1]])
        flown_m += sum(_length_m(np.array(_way(passage, home, end))) for end in ends)
    return BlockTour(work, flown_m, sum(block.length_m for block in blocks) + hops.bound_m)


def _flown(nodes: FloatArray, blocks: Sequence[Block], hops: Hops) -> Iterator[FloatArray]:
    """The blocks in flying order, each as it is flown."""
    # Closes the trail, and nobody flies it.
    away = Edge(hops.last, hops.first, (0.0, 0.0), (0.0, 0.0))
    edges = [away, *map(_block_edge, blocks), *(_hop_edge(nodes, hop) for hop in hops.pairs)]
    for index, forward in straightest_trail(edges)[1:]:
        if index <= len(blocks):
            points = blocks[index - 1].points
            yield points if forward else points[::-1]


def _block_edge(block: Block) -> Edge:
    points = block.points
    return Edge(
        block.start,
        block.end,
        _direction(points[0], points[1]),
        _direction(points[-1], points[-2]),
    )


def _hop_edge(nodes: FloatArray, hop: tuple[int, int]) -> Edge:
    start, end = nodes[list(hop)]
    return Edge(*hop, _direction(start, end), _direction(end, start))


def _direction(start: FloatArray, end: FloatArray) -> Direction:
    step = end - start
    length_m = math.hypot(*step)
    return (float(step[0] / length_m), float(step[1] / length_m)) if length_m > 0.0 else (0.0, 0.0)


def _work(flown: Sequence[FloatArray], passage: Passage, style: BlockStyle) -> WorkPath:
    """Blocks joined by ways, with the places where they may be divided."""
    total_m = sum(_length_m(block) for block in flown)
    cut_every_m = max(style.cut_every_m, total_m / _MOST_CUTS)
    points: list[Point] = []
    cuts: list[tuple[int, int]] = []
    since_cut_m = 0.0
    for block in flown:
        for piece in _pieces(block, cut_every_m):
            before = len(points) - 1
            hop_m = math.dist(points[-1], piece[0]) if points else math.inf
            if hop_m > _SAME_M:
                piece[:0] = _run_in(piece, passage, style.run_in_m)
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
        places = " to ".join(f"({x:.0f}, {y:.0f})" for x, y in (start, end))
        raise PlanningError(
            f"There is no way from {places} (metres from the middle of the patrol) that keeps "
            "clear of every zone. Leave out what lies behind the zone."
        )
    return way


def _length_m(points: FloatArray) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())
