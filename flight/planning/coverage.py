"""A short path that passes within half the spacing of every point of an area.

All geometry here is in metres of a local frame. The area may be concave, have holes and several
parts. The path is laid in four steps, each in its own module: the area is cleaned and inset, swept
with lanes at the best of several angles, its cells are put in order and linked without leaving the
area, and what is still unseen is reached by small detours.
"""

import dataclasses
import itertools
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
from flight.planning.rings import RING_PLANS, ring_path
from flight.planning.sweep import Sweep, candidate_angles, sweep
from flight.planning.tightening import Draft, Effort, Task, judged, tighten
from flight.planning.trace import Trace

FloatArray = NDArray[np.float64]

_CUT_SHARE = 0.3  # lanes end this share of the spacing before the edge; the link sees the rest
# In areas of few lanes each counts for more, and takes less time to try.
_ROOM_FOR_TRIES = 300.0  # square spacings
_MOST_TRIES = 3
_MOST_FINISHED = 2
_MORE_LINKED = 2  # sweeps whose cells are ordered and linked, more than are tried
_THINNINGS = 1
_MOST_REPAIRS = 4
_MOST_LEG_STEPS = 100_000
_SAME_COST = 1e-4
_STRICT = 0.5
_STRICTEST = 0.7  # of what may stay unseen, asked when that is not met
_MARGIN = 0.97  # of what may stay unseen, for what is measured in a hurry
_LEAST_PIECE = 0.05  # square spacings; what is smaller, pulling reaches
_DRIFT = 0.002  # spacings that a point left out may lie beside the path
_ROUGH_DRIFT = 0.006
_THIN_DRIFT = 0.04
_TURN_COST = 0.02  # spacings
_GLANCE = Effort(rounds=2, steps=9, last=0.02, whole=False)
_CARE = Effort(rounds=8, steps=12)
_AGAIN = Effort(rounds=6, steps=10, first=0.02, price=10.0, elbows=False)
_REPAIR = Effort(rounds=4, steps=12, first=0.02, price=40.0, elbows=False)


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
    coverage_goal: float = 0.99905,
    straight: bool = False,
) -> CoveragePath:
    """Lay a path that passes within half the spacing of the area, and never leaves it.

    Args:
        area: Polygon or multipolygon in metres; repaired if it is not valid.
        spacing_m: Distance between lanes.
        turn_cost_m: How many metres of flight one turn is worth; a fiftieth of the spacing if not
            given.
        coverage_goal: Detours are made until this share of each part is covered.
        straight: Keep to straight lanes at one angle, which a camera that looks ahead films best;
            otherwise the path may bend wherever that makes it shorter.

    Returns:
        The path, with the coverage that it really has.

    Raises:
        PlanningError: If the spacing is not a positive number.
        NothingToCoverError: If the area is empty, or thinner than a thousandth of the spacing.
    """
    if not (math.isfinite(spacing_m) and spacing_m > 0.0):
        raise PlanningError(f"The lane spacing must be more than 0 m, not {spacing_m}.")
    turn_cost_m = _TURN_COST * spacing_m if turn_cost_m is None else turn_cost_m
    parts = clean_area(area)
    rooms = [room for part in shapely.get_parts(parts) for room in inner_rooms(part, spacing_m)]
    seeable_m2 = shapely.union_all([room.target for room in rooms]).area
    # What no room sees, such as the far end of a hair, uses up what may stay unseen.
    left_m2 = seeable_m2 - coverage_goal * parts.area
    share = max(left_m2 / max(seeable_m2, 1e-9), _STRICT * (1.0 - coverage_goal))
    tasks = [
        Task(
            room,
            spacing_m,
            allowed_m2=share * room.target.area,
            turn_cost_m=turn_cost_m,
        )
        for room in rooms
    ]
    lay = _cover_straight if straight else _cover_room
    laid = [lay(task.room, task) for task in tasks]
    return _summary(laid, parts, spacing_m)


@dataclass(frozen=True, slots=True)
class _Laid:
    """One part covered, and the angle of its lanes."""

    draft: Draft
    angle_rad: float

    @property
    def cost_m(self) -> float:
        """What it costs, for comparison."""
        return self.draft.cost_m


def _cover_room(room: Room, task: Task) -> _Laid:
    passage, core = Passage(room.polygon), Passage(room.core)
    angles = candidate_angles(room.core)
    starts = _swept(room, (core, passage), task, angles)
    if not task.large:
        starts += _ringed(room, core, task, angles[0])
    drafts = [_Laid(_pulled(start.draft.trace, task, _GLANCE), start.angle_rad) for start in starts]
    drafts.sort(key=lambda laid: laid.cost_m)
    finished = [
        _Laid(_finished(laid.draft.trace, task, passage), laid.angle_rad)
        for laid in _different(drafts)[: min(_MOST_FINISHED, _tries(task))]
    ]
    return min(finished, key=lambda laid: laid.cost_m)


def _cover_straight(room: Room, task: Task) -> _Laid:
    passage, core = Passage(room.polygon), Passage(room.core)
    swept = _swept(room, (core, passage), task, candidate_angles(room.core))
    laid = [
        _Laid(judged(_with_detours(one.draft.trace, task, passage, 0.0), task), one.angle_rad)
        for one in swept
    ]
    return min(laid, key=lambda item: item.cost_m)


def _tries(task: Task) -> int:
    """How many paths of each kind are tried."""
    size = task.room.target.area / task.spacing_m**2
    return int(np.clip(_ROOM_FOR_TRIES / size, 1, _MOST_TRIES))


def _different(drafts: list[_Laid]) -> list[_Laid]:
    """The drafts without those that cost as much as the one before."""
    pairs = itertools.pairwise(drafts)
    return drafts[:1] + [b for a, b in pairs if b.cost_m > a.cost_m * (1.0 + _SAME_COST)]


def _swept(
    room: Room, passages: tuple[Passage, Passage], task: Task, angles: list[float]
) -> list[_Laid]:
    """The best sweeps of the core at one angle each, with detours in all of the room."""
    core, passage = passages
    cut_m = _CUT_SHARE * task.spacing_m
    sweeps = [sweep(room.core, room.extent, angle, task.spacing_m, cut_m) for angle in angles]
    sweeps.sort(key=lambda swept: _estimate_m(swept, task.spacing_m, task.turn_cost_m))
    most = 1 if task.large else _tries(task) + _MORE_LINKED
    linked = [(_link(swept, core), swept.angle_rad) for swept in sweeps[:most]]
    laid = [_Laid(judged(trace, task), angle_rad) for trace, angle_rad in linked]
    laid.sort(key=lambda item: item.cost_m)
    return [
        _Laid(
            judged(
                _with_detours(item.draft.trace, task, passage, _LEAST_PIECE * task.spacing_m**2),
                task,
            ),
            item.angle_rad,
        )
        for item in laid[: _tries(task)]
    ]


def _ringed(room: Room, passage: Passage, task: Task, angle_rad: float) -> list[_Laid]:
    """Rings along the edges, laid in several ways."""
    plans = RING_PLANS[: _tries(task)]
    paths = [ring_path(room, passage, task.spacing_m, plan) for plan in plans]
    return [_Laid(judged(path, task), angle_rad) for path in paths if path is not None]


def _finished(trace: Trace, task: Task, passage: Passage) -> Draft:
    """Pull a path tight for long, complete it, and leave out points that hardly bend it."""
    asked = task.stricter(_MARGIN * task.allowed_m2)
    done = _pulled(trace.simplified(_ROUGH_DRIFT * task.spacing_m), asked, _CARE)
    best = _completed(done, asked, task, passage)
    for _ in range(_THINNINGS):
        thin = _pulled(_thinned(best.trace, task, passage), asked, _AGAIN)
        if thin.cost_m < best.cost_m and _lacking_m2(thin.trace, task) <= 0.0:
            best = judged(thin.trace, task)
    return best


def _completed(done: Draft, asked: Task, task: Task, passage: Passage) -> Draft:
    """Reach what pulling has left unseen, large pieces first, and pull again."""
    least_m2 = _LEAST_PIECE * task.spacing_m**2
    for _ in range(_MOST_REPAIRS):
        lacking_m2 = _lacking_m2(done.trace, task)
        if lacking_m2 <= 0.0:
            return judged(done.trace, task)
        left_m2 = asked.allowed_m2 - 1.2 * lacking_m2
        asked = asked.stricter(max(_STRICTEST * task.allowed_m2, left_m2))
        whole = _with_detours(done.trace, task, passage, least_m2)
        done, least_m2 = _pulled(whole, asked, _REPAIR), 0.1 * least_m2
    if _lacking_m2(done.trace, task) > 0.0:
        return judged(_with_detours(done.trace, asked, passage, 0.0), task)
    return judged(done.trace, task)


def _thinned(trace: Trace, task: Task, passage: Passage) -> Trace:
    """A path in fewer points, where it stays in the room."""
    kept = trace.thinned(_THIN_DRIFT * task.spacing_m)
    at = np.array(trace.points)[kept]
    seen = passage.sees(at[:-1], at[1:])
    spans = [
        [a] if clear else list(range(a, b))
        for a, b, clear in zip(kept[:-1], kept[1:], seen, strict=True)
    ]
    return trace.among([*itertools.chain(*spans), kept[-1]])


def _pulled(trace: Trace, task: Task, effort: Effort) -> Draft:
    """Pull a path tight, a long one for fewer steps: it has fewer ends for its length."""
    steps = _MOST_LEG_STEPS // (effort.rounds * len(trace.points))
    if task.large or not steps:
        return judged(trace, task)
    return tighten(trace, task, dataclasses.replace(effort, steps=min(effort.steps, steps)))


def _lacking_m2(trace: Trace, task: Task) -> float:
    """How much too much a path leaves unseen, exactly; not above 0 if it sees enough."""
    simple = trace.simplified(_DRIFT * task.spacing_m)
    left = unseen(simple, task.room.target, task.spacing_m)
    return float(sum(piece.area for piece in left)) - task.allowed_m2


def _with_detours(trace: Trace, task: Task, passage: Passage, least_m2: float) -> Trace:
    """Reach what a path has left unseen, but for small pieces."""
    target = task.room.target
    goal = 1.0 - task.allowed_m2 / target.area
    # Pulled tight, a point may lie a hair beyond the room, from where no way is seen.
    points = np.array(trace.points)
    near = shapely.shortest_line(task.room.polygon, shapely.points(points))
    drawn_in = Trace(list(shapely.get_coordinates(near)[::2]), list(trace.lanes))
    return add_detours(drawn_in, target, passage, task.spacing_m, goal, least_m2=least_m2)


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
    simple = [item.draft.trace.simplified(_DRIFT * spacing_m) for item in laid]
    seen = shapely.union_all([trace.swath(spacing_m) for trace in simple])
    return CoveragePath(
        tuple(np.array(trace.points) for trace in simple),
        tuple(tuple(trace.lanes) for trace in simple),
        sum(trace.length_m for trace in simple),
        sum(max(0, len(trace.points) - 2) for trace in simple),
        float(shapely.intersection(seen, parts).area / parts.area),
        math.degrees(laid[0].angle_rad),
    )
