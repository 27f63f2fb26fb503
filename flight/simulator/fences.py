"""The polygons and circles of a fence: how they are validated, and who is outside them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flight.simulator.flat_earth import FlatEarth
from flight.simulator.items import Item, position_refusal
from flight.simulator.mavlink_ids import Command

POLYGON_COMMANDS = (Command.FENCE_POLYGON_INCLUSION, Command.FENCE_POLYGON_EXCLUSION)
_CIRCLES = (Command.FENCE_CIRCLE_INCLUSION, Command.FENCE_CIRCLE_EXCLUSION)
FENCE_COMMANDS = frozenset({*POLYGON_COMMANDS, *_CIRCLES, Command.FENCE_RETURN_POINT})

#: Bytes of the fence store: 70 items of 8 bytes, shared with headers (decision 0041).
_STORAGE_BYTES = 560
_HEADER_BYTES = 5

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Polygon:
    """A ring of (north_m, east_m) points that must, or must not, hold the aircraft."""

    inclusion: bool
    ring: tuple[Point, ...]

    def outside_m(self, point: Point) -> float:
        """Return how far on the wrong side a point is, negative on the right side."""
        distance_m = _distance_to_ring_m(point, self.ring)
        return -distance_m if _inside(point, self.ring) == self.inclusion else distance_m


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle about (north_m, east_m) that must, or must not, hold the aircraft."""

    inclusion: bool
    centre: Point
    radius_m: float

    def outside_m(self, point: Point) -> float:
        """Return how far on the wrong side a point is, negative on the right side."""
        beyond_m = math.dist(point, self.centre) - self.radius_m
        return beyond_m if self.inclusion else -beyond_m


@dataclass(frozen=True, slots=True)
class FenceShapes:
    """All shapes of one valid fence; an aircraft must satisfy each of them."""

    shapes: tuple[Polygon | Circle, ...] = ()

    def outside_m(self, point: Point) -> float | None:
        """Return the worst excursion, negative when all is well, None without any shape."""
        if not self.shapes:
            return None
        return max(shape.outside_m(point) for shape in self.shapes)


def fence_problems(items: Sequence[Item]) -> tuple[str, ...]:
    """Return the status texts with which ArduPilot refuses a fence, empty if it takes it."""
    problem = _first_problem(items)
    if problem is None:
        return ()
    return (problem, "Fence validation failed") if "storage" not in problem else (problem,)


def _first_problem(items: Sequence[Item]) -> str | None:
    index, stored_bytes = 0, _HEADER_BYTES
    while index < len(items):
        item = items[index]
        if position_refusal(item) is not None:
            return "Bad lat or lon"
        length = _claimed_length(item)
        problem = _shape_problem(items[index : index + max(1, length)], length)
        if problem is not None:
            return problem
        stored_bytes += _stored_bytes(item, length)
        index += length
    return "Fence exceeds storage size" if stored_bytes > _STORAGE_BYTES else None


def _claimed_length(item: Item) -> int:
    """Return how many items the shape that starts here says to have."""
    if item.command not in POLYGON_COMMANDS:
        return 1
    return int(item.params[0]) if math.isfinite(item.params[0]) else 0


def _shape_problem(run: Sequence[Item], length: int) -> str | None:
    first = run[0]
    if first.command in _CIRCLES:
        return "Invalid circle radius" if not 0 < first.params[0] < math.inf else None
    if first.command not in POLYGON_COMMANDS:
        return None
    if length < 3:
        return "Invalid vertex count"
    same = all(item.command == first.command and item.params[0] == length for item in run)
    if len(run) < length or not same:
        return "Incorrect item count"
    return "Bad lat or lon" if any(position_refusal(item) for item in run) else None


def _stored_bytes(item: Item, length: int) -> int:
    if item.command in POLYGON_COMMANDS:
        return 2 + 8 * length
    return 13 if item.command in _CIRCLES else 9


def shapes_of(items: Sequence[Item], earth: FlatEarth) -> FenceShapes:
    """Build the shapes of a valid fence."""
    shapes: list[Polygon | Circle] = []
    index = 0
    while index < len(items):
        item = items[index]
        length = 1
        if item.command in POLYGON_COMMANDS:
            length = int(item.params[0])
            ring = tuple(
                earth.to_local(entry.lon_deg, entry.lat_deg)
                for entry in items[index : index + length]
            )
            shapes.append(Polygon(item.command == Command.FENCE_POLYGON_INCLUSION, ring))
        elif item.command in _CIRCLES:
            centre = earth.to_local(item.lon_deg, item.lat_deg)
            inclusion = item.command == Command.FENCE_CIRCLE_INCLUSION
            shapes.append(Circle(inclusion, centre, item.params[0]))
        index += length
    return FenceShapes(tuple(shapes))


def _inside(point: Point, ring: Sequence[Point]) -> bool:
    """Even-odd rule, so a bow-tie is taken as it comes."""
    north, east = point
    inside = False
    north_1, east_1 = ring[-1]
    for north_2, east_2 in ring:
        if (east_1 > east) != (east_2 > east):
            crossing = north_1 + (east - east_1) / (east_2 - east_1) * (north_2 - north_1)
            inside ^= north < crossing
        north_1, east_1 = north_2, east_2
    return inside


def _distance_to_ring_m(point: Point, ring: Sequence[Point]) -> float:
    return min(
        _distance_to_edge_m(point, ring[index - 1], ring[index]) for index in range(len(ring))
    )


def _distance_to_edge_m(point: Point, start: Point, end: Point) -> float:
    north, east = end[0] - start[0], end[1] - start[1]
    squared = north * north + east * east
    share = 0.0
    if squared > 0:
        share = ((point[0] - start[0]) * north + (point[1] - start[1]) * east) / squared
        share = max(0.0, min(1.0, share))
    return math.dist(point, (start[0] + share * north, start[1] + share * east))
