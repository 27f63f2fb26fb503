"""Following a line, such as a river or a road, with as many lanes as its width needs.

All geometry here is in metres of a local frame.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.block_tour import BlockStyle, fly_blocks
from flight.planning.cleaning import polygons_of
from flight.planning.links import Passage, Point
from flight.planning.street_graph import Block
from flight.planning.work import WorkPath

FloatArray = NDArray[np.float64]

_PLAIN = BlockStyle()
_QUAD_SEGS = 8
_UNSEEN_SHARE = 0.0004  # of the ground may stay unseen; the goal is 0.001
_SMALLEST_SHARE = 0.00005  # pieces smaller than this are not worth a detour
_MOST_REPAIRS = 6
_SHORTEST_M = 0.05


@dataclass(frozen=True, slots=True)
class Corridor:
    """A line and how far from it the camera is to see.

    Attributes:
        line: Its middle, metres.
        widths_m: How wide it is, half to either side: one width, or one at each vertex of the
            line, between which it changes evenly.
    """

    line: shapely.LineString
    widths_m: tuple[float, ...]

    def __post_init__(self) -> None:
        count = len(shapely.get_coordinates(self.line))
        if len(self.widths_m) not in {1, count} or not self.line.length > 0.0:
            raise PlanningError(
                f"A corridor along {count} points of {self.line.length:.1f} m cannot have "
                f"{len(self.widths_m)} widths. Give one, or one for each point."
            )
        if not all(0.0 < width < math.inf for width in self.widths_m):
            raise PlanningError(f"A corridor is wider than 0 m, not {min(self.widths_m):g} m.")

    @property
    def ground(self) -> shapely.Geometry:
        """Everything in it."""
        if len(self.widths_m) == 1:
            return _band(self.line, self.widths_m[0])
        points = shapely.points(shapely.get_coordinates(self.line))
        discs = shapely.buffer(points, np.array(self.widths_m) / 2.0, quad_segs=_QUAD_SEGS)
        hulls = [shapely.union(a, b).convex_hull for a, b in itertools.pairwise(discs)]
        # Discs reach beyond the ends of the line, where the corridor ends.
        return shapely.intersection(shapely.union_all(hulls), _band(self.line, max(self.widths_m)))


@dataclass(frozen=True, slots=True)
class LaneView:
    """How a corridor is looked at.

    Attributes:
        width_m: How much the camera sees across.
        spacing_m: How far apart lanes are at most, so that their views overlap.
        simplify_m: How far the flight may leave a lane's line to need fewer waypoints.
        style: How lanes are flown.
    """

    width_m: float
    spacing_m: float
    simplify_m: float = 0.5
    style: BlockStyle = _PLAIN

    def __post_init__(self) -> None:
        if not 0.0 < self.spacing_m <= self.width_m < math.inf:
            raise PlanningError(
                f"Lanes {self.spacing_m:g} m apart cannot be seen with a view of "
                f"{self.width_m:g} m. Fly higher, or overlap less."
            )

    @property
    def sure_m(self) -> float:
        """How much the camera sees across although the flight may leave the lane a little."""
        return max(self.width_m - 2.0 * self.simplify_m, 0.5 * self.width_m)


@dataclass(frozen=True, slots=True, eq=False)
class CorridorPath:
    """A patrol along a corridor.

    Attributes:
        work: What is flown, in order.
        ground: What of the corridors lies below the open air, and is to be seen.
        seen_share: How much of that ground the view passes over.
        lanes: How many lanes lie side by side at the widest place.
        length_m: Of the path, and of the ways from and to home where there is one.
    """

    work: WorkPath
    ground: shapely.Geometry
    seen_share: float
    lanes: int
    length_m: float


def follow_corridors(
    corridors: Sequence[Corridor], passage: Passage, view: LaneView, home: Point | None = None
) -> CorridorPath:
    """Lay lanes along corridors and join them all to one path.

    Args:
        corridors: What is to be seen, at least one.
        passage: The air that must not be left; lanes end at its edge and go on behind a zone.
        view: How the camera sees it.
        home: Where the aircraft comes from; None if that does not matter.

    Returns:
        The path: one lane along the middle where the view is wide enough, else several, joined at
        their ends.

    Raises:
        NothingToCoverError: If aircraft may fly nowhere along them.
        PlanningError: If there is no way from one part to another.
    """
    grounds = [shapely.intersection(corridor.ground, passage.room) for corridor in corridors]
    counts: list[int] = []
    pieces: list[shapely.Geometry] = []
    for corridor, ground in zip(corridors, grounds, strict=True):
        offsets_m = _offsets(max(corridor.widths_m), view, odd=len(corridor.widths_m) > 1)
        lanes = list(_lanes(corridor, offsets_m, view))
        parts = shapely.get_parts(shapely.intersection(lanes, passage.room)).tolist()
        open_parts = [part for part in parts if part.length > _SHORTEST_M]
        counts.append(len(offsets_m))
        if open_parts and ground.area > 0.0:
            pieces += [*open_parts, *_repairs(open_parts, ground, passage, view.width_m)]
    if not pieces:
        raise NothingToCoverError(
            "Aircraft may fly nowhere along this corridor. Choose another one."
        )
    blocks = [
        Block(2 * i, 2 * i + 1, shapely.get_coordinates(piece)) for i, piece in enumerate(pieces)
    ]
    nodes = np.vstack([block.points[[0, -1]] for block in blocks])
    tour = fly_blocks(nodes, blocks, passage, view.style, home)
    ground = shapely.union_all(grounds)
    unseen = shapely.difference(ground, _seen(shapely.LineString(tour.work.points), view))
    seen_share = 1.0 - float(unseen.area) / float(ground.area)
    return CorridorPath(tour.work, ground, seen_share, max(counts), tour.length_m)


def _offsets(width_m: float, view: LaneView, *, odd: bool) -> list[float]:
    """How far beside the middle lanes are laid; one along the middle where they must be odd."""
    beyond_m = width_m - view.sure_m
    if odd:
        sides = max(0, math.ceil(beyond_m / 2.0 / view.spacing_m - 1e-9))
        return [number * view.spacing_m for number in range(-sides, sides + 1)]
    count = 1 + max(0, math.ceil(beyond_m / view.spacing_m - 1e-9))
    if count == 1:
        return [0.0]
    return [beyond_m * (number / (count - 1) - 0.5) for number in range(count)]


def _lanes(
    corridor: Corridor, offsets_m: Sequence[float], view: LaneView
) -> Iterator[shapely.Geometry]:
    """Lines beside the middle, each where the one before it does not see enough."""
    needed = shapely.buffer(corridor.ground, view.spacing_m - view.sure_m / 2.0)
    for offset_m in offsets_m:
        lane = corridor.line
        if offset_m != 0.0:
            # GEOS leaves out what a bend folds over, so that lanes do not cross themselves.
            lane = shapely.offset_curve(lane, offset_m, quad_segs=_QUAD_SEGS)
        if offset_m != 0.0 and len(corridor.widths_m) > 1:
            lane = shapely.intersection(lane, needed)
        yield shapely.simplify(lane, view.simplify_m)


def _repairs(
    pieces: Sequence[shapely.Geometry], ground: shapely.Geometry, passage: Passage, width_m: float
) -> list[shapely.Geometry]:
    """Short extra lanes over what is still unseen: at sharp bends and along zones."""
    extra: list[shapely.Geometry] = []
    for _ in range(_MOST_REPAIRS):
        seen = shapely.buffer(
            shapely.union_all([*pieces, *extra]), width_m / 2.0, quad_segs=_QUAD_SEGS
        )
        unseen = sorted(polygons_of(shapely.difference(ground, seen)), key=lambda part: -part.area)
        if sum(part.area for part in unseen) <= _UNSEEN_SHARE * ground.area:
            break
        extra += [
            _through(part, passage) for part in unseen if part.area > _SMALLEST_SHARE * ground.area
        ]
    return extra


def _through(part: shapely.Polygon, passage: Passage) -> shapely.Geometry:
    """The longest straight line through a piece of ground along its longer side."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(part))
    if len(corners) < 4:
        corners = shapely.get_coordinates(part.envelope)
    sides = [(corners[0] + corners[3], corners[1] + corners[2])]
    sides.append((corners[0] + corners[1], corners[2] + corners[3]))
    start, end = max(sides, key=lambda side: float(np.hypot(*(side[1] - side[0]))))
    inside = passage.longest_inside(shapely.LineString([start / 2.0, end / 2.0]))
    if inside is None:
        near = passage.nearest_inside(shapely.get_coordinates(part.representative_point())[0])
        inside = np.array([near, near])
    return shapely.LineString(inside)


def _band(line: shapely.Geometry, width_m: float) -> shapely.Geometry:
    return shapely.buffer(line, width_m / 2.0, quad_segs=_QUAD_SEGS, cap_style="flat")


def _seen(line: shapely.Geometry, view: LaneView) -> shapely.Geometry:
    return shapely.buffer(line, view.width_m / 2.0, quad_segs=_QUAD_SEGS)
