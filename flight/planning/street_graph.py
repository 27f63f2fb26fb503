"""Streets as a graph: split where they meet, joined where they nearly do, clipped to open air.

All geometry here is in metres of a local frame.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_GRID_M = 0.01  # crossings are found on it, which makes finding them robust
_PROBES = (0.1, 0.5, 0.9)  # where on a street is looked first whether others see it
_SHORTEST_M = 0.05
_SEEN = 0.999  # of a street's area, for it to be seen from others


@dataclass(frozen=True, slots=True)
class Street:
    """A street by its middle line.

    Attributes:
        line: Metres.
        width_m: From kerb to kerb, or of what is to be seen; 0 if only the line matters.
    """

    line: shapely.LineString
    width_m: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.width_m < math.inf:
            raise ValueError(f"A street is 0 m wide or more, not {self.width_m}.")


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A piece of street between two crossings or ends.

    Attributes:
        start: The node that it begins at.
        end: The node that it ends at.
        points: Its line as it is to be flown, float64 (N, 2), from node to node.
    """

    start: int
    end: int
    points: FloatArray

    @property
    def length_m(self) -> float:
        """Length of its line."""
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())


@dataclass(frozen=True, slots=True, eq=False)
class StreetGraph:
    """What is to be flown.

    Attributes:
        nodes: Crossings and ends, float64 (N, 2); each lane of a street that is flown several times
            has its own.
        blocks: The pieces of street between them, each to be flown once.
        ground: Everything that is to be seen.
        closed_m: How many metres of street lie outside the open air.
    """

    nodes: FloatArray
    blocks: tuple[Block, ...]
    ground: shapely.Geometry
    closed_m: float

    @property
    def length_m(self) -> float:
        """Length of all blocks."""
        return sum(block.length_m for block in self.blocks)


def build_graph(
    streets: Sequence[Street], room: shapely.Geometry, *, view_width_m: float, snap_m: float
) -> StreetGraph:
    """Make a graph of streets.

    Args:
        streets: In metres; they may cross, touch, nearly touch and repeat each other.
        room: Where aircraft may fly.
        view_width_m: How much the camera sees across. A street that others see in passing, such
            as the second carriageway of a road or the stub of one drawn too far, is left out; a
            wider one is flown several times.
        snap_m: Ends this near to another street are joined to it.

    Returns:
        The graph; empty if no street is in the room.
    """
    tree = shapely.STRtree([street.line for street in streets])
    lines = [_joined(number, tree, snap_m) for number in range(len(streets))]
    # A little inside, as putting crossings on the grid moves ends.
    inside = shapely.buffer(room, -2.0 * _GRID_M)
    open_lines = shapely.intersection(np.array(lines, dtype=object), inside)
    closed_m = float(shapely.length(lines).sum() - shapely.length(open_lines).sum())
    noded = shapely.get_parts(shapely.union_all(open_lines, grid_size=_GRID_M))
    pieces = [piece for piece in noded if piece.length > 0.0]
    widths_m = _widths(pieces, tree, streets)
    kept = _not_seen_from_others(pieces, widths_m, view_width_m)
    passes = [(pieces[i], max(1, math.ceil(widths_m[i] / view_width_m - 1e-9))) for i in kept]
    strips = [_strip(piece, width) for piece, width in zip(pieces, widths_m, strict=True)]
    ground = shapely.intersection(shapely.union_all(strips), room)
    nodes, blocks = _linked(passes, [widths_m[i] for i in kept], inside)
    return StreetGraph(nodes, blocks, ground, max(0.0, closed_m))


def _joined(number: int, tree: shapely.STRtree, snap_m: float) -> shapely.LineString:
    """A street's line with its ends led on to what is near."""
    lines = tree.geometries
    points = shapely.get_coordinates(lines[number])
    ends = [np.zeros((0, 2)), np.zeros((0, 2))]
    for index, end in enumerate(shapely.points(points[[0, -1]])):
        near = [i for i in tree.query(end, "dwithin", snap_m).tolist() if i != number]
        links = shapely.shortest_line(end, lines[near])
        lengths_m = shapely.length(links)
        if near and lengths_m.min() > _GRID_M:
            ends[index] = shapely.get_coordinates(links[int(np.argmin(lengths_m))])[1:]
    return shapely.LineString(np.vstack([ends[0], points, ends[1]]))


def _end_keys(piece: shapely.LineString) -> tuple[tuple[int, int], tuple[int, int]]:
    points = np.round(shapely.get_coordinates(piece)[[0, -1]] / _GRID_M).astype(int).tolist()
    return (points[0][0], points[0][1]), (points[1][0], points[1][1])


def _widths(
    pieces: Sequence[shapely.LineString], tree: shapely.STRtree, streets: Sequence[Street]
) -> list[float]:
    """The width of the street that each piece is of."""
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    return [streets[int(i)].width_m for i in tree.nearest(middles)]


def _strip(piece: shapely.LineString, width_m: float) -> shapely.Geometry:
    return shapely.buffer(piece, width_m / 2.0, cap_style="flat")


def _not_seen_from_others(
    pieces: Sequence[shapely.LineString], widths_m: Sequence[float], view_width_m: float
) -> list[int]:
    """The pieces that must be flown, the shortest being the first to be spared."""
    bands = [_strip(piece, view_width_m) for piece in pieces]
    tree = shapely.STRtree(bands)
    flown = set(range(len(pieces)))
    for index in sorted(flown, key=lambda i: (pieces[i].length, i)):
        probes = shapely.line_interpolate_point(pieces[index], _PROBES, normalized=True)
        seen_by = [set(tree.query(p, "intersects").tolist()) & flown - {index} for p in probes]
        if not all(seen_by):
            continue
        strip = _strip(pieces[index], max(widths_m[index], 2.0 * _GRID_M))
        near = [bands[i] for i in set(tree.query(strip).tolist()) & flown - {index}]
        seen = shapely.intersection(strip, shapely.union_all(near))
        if seen.area >= _SEEN * strip.area:
            flown.discard(index)
    return sorted(flown)


def _linked(
    passes: Sequence[tuple[shapely.LineString, int]],
    widths_m: Sequence[float],
    room: shapely.Geometry,
) -> tuple[FloatArray, tuple[Block, ...]]:
    """Nodes at the ends of pieces, and a block for each time that a piece is flown."""
    numbers: dict[tuple[int, int], int] = {}
    places: list[FloatArray] = []
    blocks: list[Block] = []
    for (piece, count), width_m in zip(passes, widths_m, strict=True):
        if count > 1:
            for lane in _lanes(piece, width_m, count, room):
                places += [lane[0], lane[-1]]
                blocks.append(Block(len(places) - 2, len(places) - 1, lane))
            continue
        points = shapely.get_coordinates(piece)
        ends = []
        for key, place in zip(_end_keys(piece), points[[0, -1]], strict=True):
            if key not in numbers:
                numbers[key] = len(places)
                places.append(place)
            ends.append(numbers[key])
        blocks.append(Block(ends[0], ends[1], points))
    return np.array(places).reshape(-1, 2), tuple(blocks)


def _lanes(
    piece: shapely.LineString, width_m: float, count: int, room: shapely.Geometry
) -> Iterator[FloatArray]:
    """Lines side by side along a piece, as far as there is room."""
    found = False
    for number in range(count):
        offset_m = (number - (count - 1) / 2.0) * width_m / count
        lane = shapely.offset_curve(piece, offset_m, join_style="mitre") if offset_m else piece
        for part in shapely.get_parts(shapely.intersection(lane, room)):
            if part.length > _SHORTEST_M:
                found = True
                yield shapely.get_coordinates(part)
    if not found:  # a bend sharper than every offset
        yield shapely.get_coordinates(piece)
