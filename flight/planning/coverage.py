"""A short path that passes within half the spacing of every point of an area.

All geometry here is in metres of a local frame. The area may be concave, have holes and several
parts. The path is laid in four steps, each in its own module: the area is cleaned and inset, swept
with lanes at the best of several angles, its cells are put in order and linked without leaving the
area, and what is still unseen is reached by small detours.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.cleaning import Room, clean_area, inner_rooms
from flight.planning.detours import add_detours, unseen
from flight.planning.links import Passage
from flight.planning.ordering import order_cells
from flight.planning.sweep import Sweep, candidate_angles, sweep
from flight.planning.trace import Trace

FloatArray = NDArray[np.float64]

_CUT_SHARE = 0.3  # lanes end this share of the spacing before the edge; the link sees the rest
_LINKED = 6  # sweeps whose cells are ordered and linked, best estimates first
_FINISHED = 2  # of those, how many are completed with detours
_MANY_VERTICES = 200  # in rooms with more, fewer sweeps are tried
_UNSEEN_COST = 4.0  # metres of detour for what one metre of lane would have seen


@dataclass(frozen=True, slots=True)
class CoveragePath:
    """A path over an area.

    Attributes:
        runs: Connected pieces, each float64, (points, 2) in metres; more than one only where the
            area has parts that no way inside it joins. A run of one point is a place to fly over.
        lanes: For each run and each of its legs, whether it is a lane; other legs only link.
        length_m: Length of all runs.
        turns: Corners flown in all runs.
        covered_fraction: Share of the area within half a spacing of the path.
        angle_deg: Direction of the lanes of the largest part, anticlockwise from east.
    """

    runs: tuple[FloatArray, ...]
    lanes: tuple[tuple[bool, ...], ...]
    length_m: float
    turns: int
    covered_fraction: float
    angle_deg: float


def cover(
    area: shapely.Geometry,
    spacing_m: float,
    *,
    turn_cost_m: float | None = None,
    coverage_goal: float = 0.9992,
) -> CoveragePath:
    """Lay a path that passes within half the spacing of the area, and never leaves it.

    Args:
        area: Polygon or multipolygon in metres; repaired if it is not valid.
        spacing_m: Distance between lanes.
        turn_cost_m: How many metres of flight one turn is worth; a quarter of the spacing if not
            given.
        coverage_goal: Detours are made until this share of each part is covered.

    Returns:
        The path, with the coverage that it really has.

    Raises:
        PlanningError: If the spacing is not a positive number.
        NothingToCoverError: If the area is empty, or thinner than a thousandth of the spacing.
    """
    if not (math.isfinite(spacing_m) and spacing_m > 0.0):
        raise PlanningError(f"The lane spacing must be more than 0 m, not {spacing_m}.")
    turn_cost_m = 0.25 * spacing_m if turn_cost_m is None else turn_cost_m
    parts = clean_area(area)
    laid = [
        _cover_room(room, spacing_m, turn_cost_m, coverage_goal)
        for part in shapely.get_parts(parts)
        for room in inner_rooms(part, spacing_m)
    ]
    return _summary(laid, parts, spacing_m)


@dataclass(frozen=True, slots=True)
class _Laid:
    """One part covered, and the angle it was swept at."""

    trace: Trace
    angle_rad: float


def _cover_room(
    room: Room,
    spacing_m: float,
    turn_cost_m: float,
    coverage_goal: float,
) -> _Laid:
    passage = Passage(room.polygon)
    sweeps = [
        sweep(room.polygon, room.extent, angle, spacing_m, _CUT_SHARE * spacing_m)
        for angle in candidate_angles(room.polygon)
    ]
    sweeps.sort(key=lambda s: _estimate_m(s, spacing_m, turn_cost_m))
    patient = shapely.get_num_coordinates(room.polygon) <= _MANY_VERTICES
    linked, finished = (_LINKED, _FINISHED) if patient else (2, 1)
    laid = [_Laid(_link(tried, passage), tried.angle_rad) for tried in sweeps[:linked]]

    def cost_m(item: _Laid) -> float:
        unseen_m2: float = sum(piece.area for piece in unseen(item.trace, room.target, spacing_m))
        excess_m2: float = max(0.0, unseen_m2 - (1.0 - coverage_goal) * room.target.area)
        flown_m = item.trace.length_m + turn_cost_m * item.trace.turns
        return flown_m + _UNSEEN_COST * excess_m2 / spacing_m

    full = [
        _Laid(
            add_detours(item.trace, room.target, passage, spacing_m, coverage_goal), item.angle_rad
        )
        for item in sorted(laid, key=cost_m)[:finished]
    ]
    return min(full, key=cost_m)


def _estimate_m(candidate: Sweep, spacing_m: float, turn_cost_m: float) -> float:
    """What a sweep will cost, before its cells are ordered.

    Each lane has one link and two turns, each cell another way to the next.
    """
    per_lane_m = spacing_m + 2.0 * turn_cost_m
    per_cell_m = 3.0 * spacing_m
    lanes_m = candidate.lanes_length_m + candidate.lane_count * per_lane_m
    return lanes_m + len(candidate.cells) * per_cell_m


def _link(candidate: Sweep, passage: Passage) -> Trace:
    """Join the ordered lanes of a sweep into one trace."""
    cells = order_cells(candidate.cells, passage)
    points = np.vstack(cells)
    seen = passage.sees(points[:-1], points[1:])
    trace = Trace.start(points[0])
    for i in range(1, len(points)):
        if i % 2 == 1:
            trace.lane_to(points[i])
        elif seen[i - 1]:
            trace.link_to(points[i])
        else:
            _link_around(trace, passage, points[i])
    return trace


def _link_around(trace: Trace, passage: Passage, target: FloatArray) -> None:
    way = passage.way(trace.end, (float(target[0]), float(target[1])))
    if way is None:
        raise PlanningError("Two lanes of one part have no way between them inside the area.")
    for point in way[1:]:
        trace.link_to(np.array(point))


def _summary(laid: list[_Laid], parts: shapely.MultiPolygon, spacing_m: float) -> CoveragePath:
    if not laid:
        raise NothingToCoverError(
            f"The area is too thin to fly over with lanes {spacing_m:g} m apart. "
            "Choose a smaller spacing or a larger area."
        )
    simple = [item.trace.simplified() for item in laid]
    seen = shapely.union_all([item.trace.swath(spacing_m) for item in laid])
    return CoveragePath(
        tuple(np.array(trace.points) for trace in simple),
        tuple(tuple(trace.lanes) for trace in simple),
        sum(item.trace.length_m for item in laid),
        sum(item.trace.turns for item in laid),
        float(shapely.intersection(seen, parts).area / parts.area),
        math.degrees(laid[0].angle_rad),
    )
