"""A short path that passes within half the spacing of every point of an area.

All geometry here is in metres of a local frame. The area may be concave, have holes and several
parts. The path is laid in steps, each in its own module: the area is cleaned and inset; it is swept
with lanes at the best of several angles, whose cells are put in order and linked without leaving
the area, and filled with rings along its edges; the most promising path of these is pulled tight,
and what is still unseen is reached by small detours.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.cleaning import Room, clean_area, inner_rooms
from flight.planning.finishing import GLANCE, finish, pulled, settled, with_detours
from flight.planning.links import Passage
from flight.planning.ordering import order_cells
from flight.planning.partition import Piece, partition
from flight.planning.rings import RING_PLANS, ring_path
from flight.planning.straight import UNSEEN_COST as SLIVER_COST
from flight.planning.straight import StraightLanes, shortened, straightened
from flight.planning.sweep import Sweep, candidate_angles, sweep
from flight.planning.tightening import UNSEEN_COST, Draft, Task, judged
from flight.planning.trace import Trace

FloatArray = NDArray[np.float64]

_RIM = 0.05  # spacings beyond a piece that its lanes are to cover, as the room's inset
_CUT_SHARE = 0.3  # lanes end this share of the spacing before the edge; the link sees the rest
# In areas of few lanes each counts for more, and takes less time to try.
_ROOM_FOR_TRIES = 300.0  # square spacings
_MOST_TRIES = 3
_MOST_FINISHED = 2
_MORE_LINKED = 5  # sweeps whose cells are ordered and linked, more than are tried
_MORE_LANES = 5  # the same for straight lanes, which take longer to try
_POOR = 1.15  # of the area over the spacing; what costs more is laid in other ways, too
_MANY_VERTICES = 300
_COMB_VERTICES = 600
_SAME_COST = 1e-4
_LEAST_ALLOWED = 0.5  # of what the goal leaves, where parts that no room sees use up the rest
_TURN_COST = 0.02  # spacings
# Measured on 84 fields of our own making: what a lane's two ends cost, in spacings, and each metre
# by which the end of one lies behind that of its neighbour.
_ENDS_COST = 0.2
_SLANT_COST = 0.4


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
    straight: StraightLanes | None = None,
) -> CoveragePath:
    """Lay a path that passes within half the spacing of the area, and never leaves it.

    Args:
        area: Polygon or multipolygon in metres; repaired if it is not valid.
        spacing_m: Distance between lanes.
        turn_cost_m: How many metres of flight one turn is worth; a fiftieth of the spacing if not
            given.
        coverage_goal: Detours are made until this share of each part is covered.
        straight: Keep to straight lanes, which a camera that looks ahead films best, and take the
            quickest; otherwise the path may bend wherever that makes it shorter.

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
    share = max(left_m2 / max(seeable_m2, 1e-9), _LEAST_ALLOWED * (1.0 - coverage_goal))
    tasks = [
        Task(
            room,
            spacing_m,
            allowed_m2=share * room.target.area,
            turn_cost_m=turn_cost_m,
            unseen_cost=SLIVER_COST if straight else UNSEEN_COST,
        )
        for room in rooms
    ]
    laid = [_cover_straight(task, straight) if straight else _cover_room(task) for task in tasks]
    if not laid:
        raise NothingToCoverError(
            f"The area is too thin to fly over with lanes {spacing_m:g} m apart. "
            "Choose a smaller spacing or a larger area."
        )
    simple = [settled(item.draft.trace, task) for item, task in zip(laid, tasks, strict=True)]
    seen = shapely.union_all([trace.swath(spacing_m) for trace in simple])
    return CoveragePath(
        tuple(np.array(trace.points) for trace in simple),
        tuple(tuple(trace.lanes) for trace in simple),
        sum(trace.length_m for trace in simple),
        sum(max(0, len(trace.points) - 2) for trace in simple),
        float(shapely.intersection(seen, parts).area / parts.area),
        math.degrees(laid[0].angle_rad),
    )


@dataclass(frozen=True, slots=True)
class _Laid:
    """One part covered, and the angle of its lanes."""

    draft: Draft
    angle_rad: float

    @property
    def cost_m(self) -> float:
        """What it costs, for comparison."""
        return self.draft.cost_m


def _cover_room(task: Task) -> _Laid:
    room = task.room
    passage, core = Passage(room.polygon), Passage(room.core)
    angles = candidate_angles(room.core)
    if _is_comb(task):
        return _with_all_detours(_linked(core, task, angles, 1)[0], task, passage)
    starts = _swept((core, passage), task, angles)
    if not task.large:
        starts += _ringed(room, core, task, angles[0])
    drafts = [_Laid(pulled(start.draft.trace, task, GLANCE), start.angle_rad) for start in starts]
    drafts.sort(key=lambda laid: laid.cost_m)
    finished = [
        _Laid(finish(laid.draft.trace, task, passage), laid.angle_rad)
        for laid in _different(drafts)[: min(_MOST_FINISHED, _tries(task))]
    ]
    best = min(finished, key=lambda laid: laid.cost_m)
    if _is_vast(task) or best.cost_m <= _POOR * room.target.area / task.spacing_m:
        return best
    return min([best, *_straightened((core, passage), task, angles)], key=lambda laid: laid.cost_m)


def _straightened(
    passages: tuple[Passage, Passage], task: Task, angles: list[float]
) -> list[_Laid]:
    """Lanes that bend only where they are long, which suits areas of few lanes that bend."""
    core, passage = passages
    linked = _linked(core, task, angles, _tries(task) + _MORE_LINKED)
    pieces = partition(task.room.core, task.spacing_m, task.turn_cost_m)
    if len(pieces) > 1:
        apart = _swept_apart(task, pieces)
        linked.insert(0, _Laid(judged(_link(apart, core), task), apart.angle_rad))
    laid = []
    for one in linked[: _tries(task)]:
        lanes = straightened(one.draft.trace, task, passage, parallel=False)
        done = [judged(lanes, task), finish(lanes, task, passage)]
        laid += [_Laid(draft, one.angle_rad) for draft in done]
    return laid


def _cover_straight(task: Task, style: StraightLanes) -> _Laid:
    room, parallel = task.room, style.one_angle
    passage, core = Passage(room.polygon), Passage(room.core)
    vast = _is_vast(task)
    linked = _linked(
        core, task, candidate_angles(room.core), 1 if vast else style.tries + _MORE_LANES
    )[: style.tries]
    if task.large or _is_comb(task):
        return _with_all_detours(linked[0], task, passage)
    pieces = [] if parallel or vast else partition(room.core, task.spacing_m, task.turn_cost_m)
    if len(pieces) > 1:
        apart = _swept_apart(task, pieces)
        linked.append(_Laid(judged(_link(apart, core), task), apart.angle_rad))
    laid = []
    for one in linked:
        straight = straightened(one.draft.trace, task, passage, parallel=parallel)
        lanes = settled(straight, task)
        laid.append((style.time_s(np.array(lanes.points)), lanes, one.angle_rad))
    _, lanes, angle_rad = min(laid, key=lambda item: item[0])
    return _Laid(shortened(lanes, task, passage, parallel=parallel), angle_rad)


def _with_all_detours(lanes: _Laid, task: Task, passage: Passage) -> _Laid:
    """Lanes as they are, with a detour to whatever they leave unseen."""
    whole = with_detours(lanes.draft.trace, task, passage, least_m2=0.0)
    return _Laid(judged(whole, task), lanes.angle_rad)


def _is_vast(task: Task) -> bool:
    """Whether a part takes so long to plan that one way has to do."""
    return task.large or shapely.get_num_coordinates(task.room.polygon) > _MANY_VERTICES


def _is_comb(task: Task) -> bool:
    """Whether a part has so many teeth that reaching them is all there is time for."""
    return int(shapely.get_num_coordinates(task.room.polygon)) > _COMB_VERTICES


def _swept_apart(task: Task, pieces: list[Piece]) -> Sweep:
    """Each piece of a part swept at its own angle; the angle told is that of the largest."""
    rim_m = _RIM * task.spacing_m
    found = []
    for piece in pieces:
        near = shapely.buffer(piece.polygon, rim_m, join_style="mitre", mitre_limit=2.0)
        extent = shapely.intersection(near, task.room.extent)
        cut_m = _CUT_SHARE * task.spacing_m
        found.append(sweep(piece.polygon, extent, piece.angle_rad, task.spacing_m, cut_m))
    largest = max(pieces, key=lambda piece: piece.polygon.area)
    return Sweep(largest.angle_rad, tuple(cell for swept in found for cell in swept.cells))


def _linked(core: Passage, task: Task, angles: list[float], most: int) -> list[_Laid]:
    """The most promising sweeps of the core at one angle each, linked, the best first."""
    sweeps = _by_estimate(task, angles)[:most]
    laid = [_Laid(judged(_link(swept, core), task), swept.angle_rad) for swept in sweeps]
    return sorted(laid, key=lambda item: item.cost_m)


def _by_estimate(task: Task, angles: list[float]) -> list[Sweep]:
    """The core swept at each angle, the most promising first."""
    room, cut_m = task.room, _CUT_SHARE * task.spacing_m
    sweeps = [sweep(room.core, room.extent, angle, task.spacing_m, cut_m) for angle in angles]
    return sorted(sweeps, key=lambda swept: _estimate_m(swept, task.spacing_m, task.turn_cost_m))


def _tries(task: Task) -> int:
    """How many paths of each kind are tried."""
    size = task.room.target.area / task.spacing_m**2
    return int(np.clip(_ROOM_FOR_TRIES / size, 1, _MOST_TRIES))


def _different(drafts: list[_Laid]) -> list[_Laid]:
    """The drafts without those that cost as much as the one before."""
    pairs = itertools.pairwise(drafts)
    return drafts[:1] + [b for a, b in pairs if b.cost_m > a.cost_m * (1.0 + _SAME_COST)]


def _swept(passages: tuple[Passage, Passage], task: Task, angles: list[float]) -> list[_Laid]:
    """The best sweeps of the core at one angle each, with detours in all of the room."""
    core, passage = passages
    laid = _linked(core, task, angles, 1 if task.large else _tries(task) + _MORE_LINKED)
    return [
        _Laid(
            judged(
                with_detours(item.draft.trace, task, passage),
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


def _estimate_m(candidate: Sweep, spacing_m: float, turn_cost_m: float) -> float:
    """What a sweep will cost, before its cells are ordered.

    Each lane has one link and two turns, each cell another way to the next; what lanes leave
    unseen at their ends has to be reached, more of it where they meet an edge slantwise.
    """
    per_lane_m = (1.0 + _ENDS_COST) * spacing_m + 2.0 * turn_cost_m
    per_cell_m = 3.0 * spacing_m
    lanes_m = candidate.lanes_length_m + candidate.lane_count * per_lane_m
    slant_m = sum(map(_slant_m, candidate.cells))
    return lanes_m + len(candidate.cells) * per_cell_m + _SLANT_COST * slant_m


def _slant_m(cell: FloatArray) -> float:
    """How far the ends of neighbouring lanes lie behind each other, in all."""
    along = cell[:, 2:] - cell[:, :2]
    longest = along[np.argmax(np.hypot(along[:, 0], along[:, 1]))]
    length_m = math.hypot(*longest)
    if length_m == 0.0:
        return 0.0
    ends = np.column_stack([cell[:, :2] @ longest, cell[:, 2:] @ longest]) / length_m
    return float(np.abs(np.diff(ends, axis=0)).sum())


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
