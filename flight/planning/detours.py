"""Small detours to what a path has left unseen.

All geometry here is in metres of a local frame. Lanes end before the edge and cells end between
lanes, so slivers remain at corners, along holes and in tips. The largest of them are reached, each
by the cheapest detour, until the goal is met; the rest is below what the goal allows.
"""

import math

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.planning.cleaning import polygons_of
from flight.planning.links import Passage
from flight.planning.trace import Trace

FloatArray = NDArray[np.float64]

# Most areas need three; a star with sharp tips has been seen to need more than twelve.
_MOST_ROUNDS = 24
_ROUNDS_TO_LARGE = 8  # pieces only, as what they leave is pulled at afterwards
_ROUNDS_THAT_BEND_LINKS = 3
_NEAR_LEGS = 12
_MOST_PIECES = 120  # in one round; detours to the largest show many of the others
_NEAR_POINTS = 48
_TRIED_SHARES = np.linspace(0.05, 1.0, 20)
_NEARLY_ALL = 0.8  # of an edge; the last bits cost more than the goal asks for
_NO_STEP = 0.01
_OVERREACH = 1.02  # discs are drawn as polygons inside them, so reach a little farther


def add_detours(
    trace: Trace,
    part: shapely.Polygon,
    passage: Passage,
    spacing_m: float,
    goal: float,
    *,
    least_m2: float = 0.0,
) -> Trace:
    """Reach what the path does not see.

    Args:
        trace: The path; not changed.
        part: What is to be seen.
        passage: What must not be left.
        spacing_m: The path sees half of it to either side.
        goal: Share of the part to be seen.
        least_m2: Smaller pieces are left alone.

    Returns:
        The longer path; where detours no longer help, it sees less than the goal.
    """
    trace = Trace(list(trace.points), list(trace.lanes))
    allowed_m2 = (1.0 - goal) * part.area
    for number in range(_MOST_ROUNDS if least_m2 == 0.0 else _ROUNDS_TO_LARGE):
        pieces = unseen(trace, part, spacing_m)
        if sum(piece.area for piece in pieces) <= allowed_m2:
            break
        # Bending a link is cheap but may uncover what it saw; the last rounds only add.
        bend = number < _ROUNDS_THAT_BEND_LINKS
        worth = [p for p in _worth_a_detour(pieces, allowed_m2) if p.area >= least_m2]
        if not worth:
            break
        added: list[FloatArray] = []
        for piece in worth[:_MOST_PIECES]:
            if not _is_seen(piece, added, spacing_m / 2.0):
                added += _reach(trace, piece, passage, spacing_m / 2.0, bend=bend)
    return trace


def unseen(trace: Trace, part: shapely.Polygon, spacing_m: float) -> list[shapely.Polygon]:
    """What of a part lies farther than half a spacing from a path."""
    swath = trace.swath(spacing_m)
    try:
        left = shapely.difference(part, swath)
    except shapely.errors.GEOSException:
        # Lanes that touch to the last digit: one leg after the other is slow, and always right.
        lines = shapely.linestrings(np.stack([trace.points[:-1], trace.points[1:]], axis=1))
        strips = shapely.buffer(lines, spacing_m / 2.0, quad_segs=4)
        left = shapely.difference(part, shapely.union_all(strips))
    return polygons_of(left)


def _worth_a_detour(pieces: list[shapely.Polygon], allowed_m2: float) -> list[shapely.Polygon]:
    """The largest pieces, so many that the others together are allowed to stay unseen."""
    by_area = sorted(pieces, key=lambda piece: piece.area)
    sums_m2 = np.cumsum([piece.area for piece in by_area])
    return by_area[int(np.searchsorted(sums_m2, allowed_m2)) :][::-1]


def _reach(
    trace: Trace, piece: shapely.Polygon, passage: Passage, reach_m: float, *, bend: bool
) -> list[FloatArray]:
    """Insert the cheapest detour that sees a piece, or at least its far end; returns its stops."""
    stops = _stops(trace, piece, passage, reach_m)
    if not stops:
        return []
    choices = _excursions(trace, stops, passage)
    if bend:
        choices += _insertions(trace, stops, passage)
    choices = choices or _long_excursion(trace, stops, passage)
    if choices:
        _, leg, points = min(choices, key=lambda choice: choice[0])
        trace.insert(leg, points)
    return stops if choices else []


def _is_seen(piece: shapely.Polygon, stops: list[FloatArray], reach_m: float) -> bool:
    """Whether detours made for other pieces see most of one."""
    if not stops:
        return False
    rim = shapely.get_coordinates(piece.exterior)
    away_m = shapely.distance(shapely.multipoints(np.array(stops)), shapely.points(rim))
    return bool(np.mean(away_m <= reach_m) >= _NEARLY_ALL)


def _stops(
    trace: Trace, piece: shapely.Polygon, passage: Passage, reach_m: float
) -> list[FloatArray]:
    """Where to go to see a piece: along its axis if it is long, else towards its far end."""
    edge = shapely.get_coordinates(shapely.segmentize(piece.exterior, 0.2 * reach_m))
    axis = _long_axis(piece)
    length_m = math.dist(*axis)
    if length_m > 2.0 * reach_m:
        inward = (axis[1] - axis[0]) * min(0.5, 0.9 * reach_m / length_m)
        shortened = shapely.linestrings(np.array([axis[0] + inward, axis[1] - inward]))
        inside = passage.longest_inside(shortened)
        if inside is not None:
            return list(inside)
    with np.errstate(all="ignore"):  # GEOS divides by zero, harmlessly, in slivers
        pole = shapely.get_coordinates(shapely.maximum_inscribed_circle(piece))[:1]
    line = trace.line()
    places = np.vstack([edge, pole])
    away_m = shapely.distance(line, shapely.points(places))
    far = places[int(np.argmax(away_m))]
    stops = [_step_towards(target, line, edge, reach_m) for target in (far, pole[0])]
    nearest = min(stops, key=lambda stop: (not stop[0], stop[1]))
    stop = passage.nearest_inside(nearest[2])
    if (
        math.dist(stop, pole[0]) > reach_m
        or shapely.distance(line, shapely.Point(stop)) < _NO_STEP * reach_m
    ):
        # The path is near only through a wall: go to the place itself.
        stop = passage.nearest_inside(pole[0])
    return [stop]


def _step_towards(
    target: FloatArray, line: shapely.Geometry, edge: FloatArray, reach_m: float
) -> tuple[bool, float, FloatArray]:
    """The first place on the way from a path to a target that sees all of an edge.

    Returns:
        Whether there is one, how far it is from the path, and the place; where nothing sees all,
        the place that sees the target.
    """
    near = shapely.get_coordinates(shapely.shortest_line(line, shapely.Point(target)))[0]
    way = target - near
    tried = near + _TRIED_SHARES[:, None] * way
    spans = edge[None, :, :] - tried[:, None, :]
    farthest_m = np.quantile(np.hypot(spans[..., 0], spans[..., 1]), _NEARLY_ALL, axis=1)
    fitting = np.flatnonzero(farthest_m <= 0.995 * reach_m)
    away_m = float(np.hypot(*way))
    if len(fitting):
        share = float(_TRIED_SHARES[fitting[0]])
        return True, share * away_m, near + share * way
    step_m = min(away_m, _OVERREACH * max(0.0, away_m - reach_m) + 0.02 * reach_m)
    return False, step_m, near + way * (step_m / max(away_m, 1e-9))


def _long_axis(piece: shapely.Polygon) -> FloatArray:
    """The middle line of the smallest rectangle around a piece, float64, (2, 2)."""
    box: FloatArray = shapely.get_coordinates(shapely.minimum_rotated_rectangle(piece))
    if len(box) < 5:
        return box[:2]
    if math.dist(box[0], box[1]) < math.dist(box[1], box[2]):
        box = np.roll(box[:4], -1, axis=0)
    return np.array([(box[0] + box[3]) / 2.0, (box[1] + box[2]) / 2.0])


def _insertions(
    trace: Trace, stops: list[FloatArray], passage: Passage
) -> list[tuple[float, int, list[FloatArray]]]:
    """Ways to pass the stops on a link between lanes, with their cost in metres."""
    links = [leg for leg, lane in enumerate(trace.lanes) if not lane]
    if not links:
        return []
    starts = np.array([trace.points[leg] for leg in links])
    ends = np.array([trace.points[leg + 1] for leg in links])
    inner_m = math.dist(stops[0], stops[-1])
    found = []
    for order in [stops] if len(stops) == 1 else [stops, stops[::-1]]:
        first, last = order[0], order[-1]
        extra_m = _lengths(starts - first) + _lengths(ends - last) + inner_m
        extra_m -= _lengths(ends - starts)
        nearest = np.argsort(extra_m, kind="stable")[:_NEAR_LEGS]
        seen = passage.sees(starts[nearest], np.tile(first, (len(nearest), 1)))
        seen &= passage.sees(np.tile(last, (len(nearest), 1)), ends[nearest])
        found += [(float(extra_m[i]), links[i], list(order)) for i in nearest[seen][:1]]
    return found


def _excursions(
    trace: Trace, stops: list[FloatArray], passage: Passage
) -> list[tuple[float, int, list[FloatArray]]]:
    """Going out from the nearest point of the path and back, or on from one of its two ends."""
    at = np.array(trace.points)
    inner_m = math.dist(stops[0], stops[-1])
    found = []
    for order in [stops] if len(stops) == 1 else [stops, stops[::-1]]:
        first, last = order[0], order[-1]
        leg, foot = _nearest_on_path(at, first)
        for end, place, points in (
            (at[0], -1, order[::-1]),
            (at[-1], len(trace.lanes), order),
            (foot, leg, [foot, *order, foot]),
        ):
            back_m = math.dist(last, end) if end is foot else 0.0
            ways = np.array([first, last if end is foot else first])
            if passage.sees(np.array([end, end]), ways).all():
                found.append((math.dist(end, first) + inner_m + back_m, place, list(points)))
    return found


def _long_excursion(
    trace: Trace, stops: list[FloatArray], passage: Passage
) -> list[tuple[float, int, list[FloatArray]]]:
    """To stops that the nearest of the path does not see: from what does, or round corners."""
    at = np.array(trace.points)
    away_m = _lengths(at - stops[0])
    nearest = np.argsort(away_m, kind="stable")[:_NEAR_POINTS]
    seen = nearest[passage.sees(at[nearest], np.tile(stops[0], (len(nearest), 1)))]
    if len(seen):
        point, index = at[seen[0]], int(seen[0])
        out_m = float(away_m[index]) + math.dist(stops[0], stops[-1])
        # A leg begins at its point; after the last point the path ends.
        return [(2.0 * out_m, min(index, len(trace.lanes)), [point, *stops, *stops[-2::-1], point])]
    leg = min(int(nearest[0]), max(0, len(trace.lanes) - 1))
    way = passage.way((float(at[leg][0]), float(at[leg][1])), tuple(stops[0].tolist()))
    if way is None:
        return []
    out = [np.array(point) for point in way]
    return [(2.0 * shapely.length(shapely.linestrings(way)), leg, [*out, *stops[1:], *out[::-1]])]


def _nearest_on_path(points: FloatArray, target: FloatArray) -> tuple[int, FloatArray]:
    if len(points) == 1:
        return 0, points[0]
    starts, steps = points[:-1], np.diff(points, axis=0)
    squared = np.maximum((steps**2).sum(axis=1), 1e-12)  # a leg without length is its start
    share = ((target - starts) * steps).sum(axis=1) / squared
    feet = starts + np.clip(share, 0.0, 1.0)[:, None] * steps
    leg = int(np.argmin(_lengths(feet - target)))
    return leg, feet[leg]


def _lengths(vectors: FloatArray) -> FloatArray:
    lengths: FloatArray = np.hypot(vectors[:, 0], vectors[:, 1])
    return lengths
