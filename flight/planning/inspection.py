"""Looking closely at places: circling each, or hovering beside it with the camera on it.

All plane geometry here is in metres of a local frame; heights are above home.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.links import Passage, Point
from flight.planning.visit_order import Choice, best_tour
from flight.planning.work import Stop, WorkPath
from geofences.view import Camera

FloatArray = NDArray[np.float64]

_SIDES = 24  # of the polygon flown for a circle, and directions to hover in
_SHORTEST_ARC = 0.1  # of a circle, below which a piece left by zones shows nothing new


@dataclass(frozen=True, slots=True)
class Target:
    """A place to look at.

    Attributes:
        name: For people.
        position: Metres.
        height_home_m: How high above home the middle of what is there is.
        standoff_m: Distance over the ground at which it is looked at; 0 hovers right above.
        hover_s: How long to hover beside it; 0 to circle it.
    """

    name: str
    position: Point
    height_home_m: float
    standoff_m: float
    hover_s: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.hover_s < math.inf:
            raise PlanningError(f"{self.name} cannot be looked at for {self.hover_s:g} s.")
        if not 0.0 <= self.standoff_m < math.inf or (self.hover_s == 0.0 and not self.standoff_m):
            raise PlanningError(
                f"{self.name} cannot be circled at a distance of {self.standoff_m:g} m. Give a "
                "distance of more than 0 m."
            )


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """A flight past places.

    Attributes:
        work: What is flown; the camera runs all along and keeps each target in view at it.
        order: The targets in flying order, by index.
        seen_from: For each target, the share of directions from which it is looked at: 1 for a
            whole circle, less where zones cut it, 0 where none is open. A hover counts as 1.
        left_out: The targets, by index, that cannot be looked at from anywhere.
        length_m: Of the path, and of the ways from and to home where there is one.
    """

    work: WorkPath
    order: tuple[int, ...]
    seen_from: tuple[float, ...]
    left_out: tuple[int, ...]
    length_m: float


def orbit_radius_m(camera: Camera, ground_sample_m: float, height_above_m: float) -> float:
    """How far from a thing to circle so that a pixel shows so much of it.

    Args:
        camera: What looks.
        ground_sample_m: Metres per pixel at the thing, in the middle of the picture.
        height_above_m: How much higher than the thing the aircraft flies.

    Returns:
        Distance over the ground; the slant distance is focal length times sample distance.

    Raises:
        PlanningError: If the aircraft flies too high for such a sample distance.
    """
    slant_m = camera.focal_px * ground_sample_m
    if not slant_m > abs(height_above_m):
        raise PlanningError(
            f"At {abs(height_above_m):g} m above what it looks at, {camera.name!r} cannot show "
            f"{ground_sample_m * 1000.0:g} mm in a pixel. Fly at most {slant_m:.1f} m above it."
        )
    return math.sqrt(slant_m**2 - height_above_m**2)


def inspect(targets: Sequence[Target], passage: Passage, home: Point | None = None) -> Inspection:
    """Lay a circle or a hover at each target and join them in a good order.

    Args:
        targets: What to look at.
        passage: The air that must not be left.
        home: Where the aircraft comes from and goes back to; None if that does not matter.

    Returns:
        The flight.

    Raises:
        NothingToCoverError: If no target can be looked at.
        PlanningError: If there is no way from one target to another.
    """
    visits = [_choices(target, passage) for target in targets]
    reached = [index for index, choices in enumerate(visits) if choices]
    if not reached:
        raise NothingToCoverError(
            "None of the places can be looked at from where aircraft may fly. Choose a greater "
            "distance, or other places."
        )
    chosen = best_tour([visits[index] for index in reached], passage, home)
    order = tuple(reached[place] for place, _ in chosen)
    paths = [visits[reached[place]][choice].points for place, choice in chosen]
    work = _work([targets[index] for index in order], paths, passage)
    ways = [work.points]
    if home is not None:
        ends = [(float(x), float(y)) for x, y in work.points[[0, -1]]]
        ways += [np.array(_way(passage, home, end)) for end in ends]
    return Inspection(
        work,
        order,
        tuple(_seen_from(target, passage) for target in targets),
        tuple(sorted(set(range(len(targets))) - set(reached))),
        sum(float(np.hypot(*np.diff(way, axis=0).T).sum()) for way in ways),
    )


def _choices(target: Target, passage: Passage) -> list[Choice]:
    """The ways in which a target can be looked at."""
    if target.hover_s > 0.0:
        around = _circle(target)[:-1] if target.standoff_m else np.array([target.position])
        open_here = shapely.covers(passage.room, shapely.points(around))
        return [Choice(point[None, :]) for point in around[open_here]]
    arcs = _arcs(target, passage)
    if len(arcs) == 1 and math.dist(arcs[0][0], arcs[0][-1]) < 1e-6:
        ring = arcs[0][:-1]
        return [Choice(np.vstack([np.roll(ring, -i, axis=0), ring[i]])) for i in range(len(ring))]
    if not arcs:
        return []
    joined = [arcs[0]]
    for arc in arcs[1:]:
        way = _way(passage, (joined[-1][-1][0], joined[-1][-1][1]), (arc[0][0], arc[0][1]))
        joined += [np.array(way[1:-1]).reshape(-1, 2), arc]
    path = np.vstack(joined)
    return [Choice(path), Choice(path[::-1])]


def _arcs(target: Target, passage: Passage) -> list[FloatArray]:
    """The pieces of a circle that are open, long enough, in their order round it."""
    ring = shapely.LineString(_circle(target))
    pieces = shapely.get_parts(
        shapely.line_merge(shapely.intersection(ring, passage.room), directed=True)
    )
    long_enough = [p for p in pieces if p.length >= _SHORTEST_ARC * ring.length]
    along = [shapely.line_locate_point(ring, shapely.get_point(p, 0)) for p in long_enough]
    return [shapely.get_coordinates(long_enough[i]) for i in np.argsort(along)]


def _circle(target: Target) -> FloatArray:
    """A closed polygon round a target that comes nowhere nearer than asked, (_SIDES + 1, 2)."""
    radius_m = target.standoff_m / math.cos(math.pi / _SIDES)
    angles = np.arange(_SIDES + 1) % _SIDES * (2.0 * math.pi / _SIDES)
    return radius_m * np.column_stack([np.cos(angles), np.sin(angles)]) + target.position


def _seen_from(target: Target, passage: Passage) -> float:
    if target.hover_s > 0.0:
        return 1.0 if _choices(target, passage) else 0.0
    open_m = sum(float(shapely.LineString(arc).length) for arc in _arcs(target, passage))
    return min(1.0, open_m / float(shapely.LineString(_circle(target)).length))


def _work(targets: Sequence[Target], paths: Sequence[FloatArray], passage: Passage) -> WorkPath:
    points: list[Point] = []
    cuts: list[tuple[int, int]] = []
    stops: dict[int, Stop] = {}
    for target, path in zip(targets, paths, strict=True):
        flown = [(float(x), float(y)) for x, y in path]
        if points:
            before = len(points) - 1
            points += _way(passage, points[-1], flown[0])[1:-1]
            cuts.append((before, len(points)))
        first = len(points)
        points += flown
        stops[first] = Stop(target.hover_s, target.position, target.height_home_m)
        if len(flown) > 1:
            stops[len(points) - 1] = Stop()  # looks ahead again on the way to the next
    return WorkPath(np.array(points), tuple(cuts), stops)


def _way(passage: Passage, start: Point, end: Point) -> list[Point]:
    way = passage.way(start, end)
    if way is None:
        places = " to ".join(f"({x:.0f}, {y:.0f})" for x, y in (start, end))
        raise PlanningError(
            f"There is no way from {places} (metres from the middle of the patrol) that keeps "
            "clear of every zone. Leave out the place behind the zone."
        )
    return way
