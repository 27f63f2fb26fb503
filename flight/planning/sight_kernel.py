"""What a path leaves unseen, and how that changes as the path moves, compiled by numba.

All geometry here is in lane spacings: a path sees half a unit to either side, bounded by lines
beside its legs and arcs round its corners. Where these are exposed, over ground that no other leg
sees, moving the path moves the bound of what is seen.
"""

import math
from typing import NamedTuple

import numpy as np

from flight.planning.sight_geometry import (
    REACHED,
    SIGHT,
    Edges,
    Floats,
    Indices,
    Near,
    Span,
    Spot,
    away2,
    compiled,
    cross,
    in_sight,
    near,
    point,
)

_ARC_STEP_RAD = 0.15
_STRAIGHT_RAD = 0.02
_MOST_SPANS = 128


class Sight(NamedTuple):
    """A path and what matters to what it sees.

    Attributes:
        path: float64, (N, 2).
        legs: The legs near each leg.
        rims: The edges of the ground near each leg.
        ground: The rim of what is to be seen.
        spans: float64, (128, 2), scratch.
        shares: float64, (128,), scratch.
    """

    path: Floats
    legs: Near
    rims: Near
    ground: Edges
    spans: Floats
    shares: Floats


class Row(NamedTuple):
    """Scratch for what a row crosses, as shares of its width.

    Attributes:
        rims: float64, (M,).
        lows: float64, (N,): where spans begin.
        highs: float64, (N,).
    """

    rims: Floats
    lows: Floats
    highs: Floats


@compiled
def watch(path: Floats, ground: Edges, trust: float) -> Sight:
    """Gather what matters to a path until one of its points has moved as far as is trusted."""
    own = Edges(path[:-1].copy(), path[1:].copy())
    legs = near(path, own, 2.0 * (SIGHT + trust))
    rims = near(path, ground, SIGHT + trust)
    return Sight(path, legs, rims, ground, np.empty((_MOST_SPANS, 2)), np.empty(_MOST_SPANS))


@compiled
def _ground_there(sight: Sight, leg: int, here: Spot, there: Spot) -> bool:
    """Whether a point beside a leg is ground, told from a point of the leg, which is."""
    same = True
    for n in range(sight.rims.first[leg], sight.rims.first[leg + 1]):
        k = sight.rims.items[n]
        if cross(here, there, point(sight.ground.starts, k), point(sight.ground.ends, k)):
            same = not same
    return same


@compiled
def _beyond(p: Spot, foot: Spot, step: Spot) -> float:
    """How far a point lies to the left of a step, times the step's length."""
    return step[0] * (p[1] - foot[1]) - step[1] * (p[0] - foot[0])


@compiled
def _note_seen(sight: Sight, leg: int, hand: float, start: Spot, step: Spot) -> int:
    """Note the spans of a leg's side that other legs see, in order; returns their number."""
    spans, count, foot = sight.spans, 0, point(sight.path, leg)
    for n in range(sight.legs.first[leg], sight.legs.first[leg + 1]):
        other = sight.legs.items[n]
        if other == leg or count == _MOST_SPANS:
            continue
        a, b = point(sight.path, other), point(sight.path, other + 1)
        # A leg on the far side of this one sees nothing beyond what this one sees.
        if _beyond(a, foot, step) * hand <= 0.0 and _beyond(b, foot, step) * hand <= 0.0:
            continue
        low, high = in_sight(start, step, a, b)
        if low <= 0.0 and high >= 1.0:
            spans[0, 0], spans[0, 1] = 0.0, 1.0
            return 1
        if low < high:
            at = count
            while at > 0 and spans[at - 1, 0] > low:
                spans[at, 0], spans[at, 1] = spans[at - 1, 0], spans[at - 1, 1]
                at -= 1
            spans[at, 0], spans[at, 1] = low, high
            count += 1
    return count


@compiled
def _note_rims(sight: Sight, leg: int, start: Spot, step: Spot) -> int:
    """Note where a leg's side crosses the rim of the ground, in order, and its end."""
    shares, count = sight.shares, 0
    for n in range(sight.rims.first[leg], sight.rims.first[leg + 1]):
        k = sight.rims.items[n]
        ax, ay = sight.ground.starts[k, 0] - start[0], sight.ground.starts[k, 1] - start[1]
        bx, by = sight.ground.ends[k, 0] - start[0], sight.ground.ends[k, 1] - start[1]
        side_a, side_b = step[0] * ay - step[1] * ax, step[0] * by - step[1] * bx
        if (side_a > 0.0) == (side_b > 0.0) or count == _MOST_SPANS - 1:
            continue
        part = side_a / (side_a - side_b)
        x, y = ax + part * (bx - ax), ay + part * (by - ay)
        share = (x * step[0] + y * step[1]) / (step[0] ** 2 + step[1] ** 2)
        if 0.0 < share < 1.0:
            at = count
            while at > 0 and shares[at - 1] > share:
                shares[at] = shares[at - 1]
                at -= 1
            shares[at] = share
            count += 1
    shares[count] = 1.0
    return count + 1


@compiled
def _add_span(slope: Floats, leg: int, across: Spot, span: Span) -> None:
    """Share an exposed span of a leg's side between the leg's two points."""
    later = 0.5 * (span[1] ** 2 - span[0] ** 2)
    sooner = span[1] - span[0] - later
    slope[leg, 0] -= sooner * across[0]
    slope[leg, 1] -= sooner * across[1]
    slope[leg + 1, 0] -= later * across[0]
    slope[leg + 1, 1] -= later * across[1]


@compiled
def _add_side(sight: Sight, slope: Floats, leg: int, hand: float) -> None:
    """Add what the exposed spans of one side of a leg ask of its two points."""
    a, b = point(sight.path, leg), point(sight.path, leg + 1)
    step = (b[0] - a[0], b[1] - a[1])
    length = math.sqrt(step[0] ** 2 + step[1] ** 2)
    if length < 1e-9:
        return
    across = (-hand * step[1], hand * step[0])
    start = (a[0] + SIGHT * across[0] / length, a[1] + SIGHT * across[1] / length)
    seen = _note_seen(sight, leg, hand, start, step)
    if seen == 1 and sight.spans[0, 0] <= 0.0 and sight.spans[0, 1] >= 1.0:
        return
    at, n = 0.0, 0
    for k in range(_note_rims(sight, leg, start, step)):
        # Between two crossings of the rim all is ground, or nothing is.
        end = sight.shares[k]
        middle = 0.5 * (at + end)
        foot = (a[0] + middle * step[0], a[1] + middle * step[1])
        eye = (start[0] + middle * step[0], start[1] + middle * step[1])
        exposed = _ground_there(sight, leg, foot, eye)
        while at < end:
            while n < seen and sight.spans[n, 0] <= at:
                at = max(at, sight.spans[n, 1])
                n += 1
            stop = min(end, sight.spans[n, 0]) if n < seen else end
            if exposed and at < stop:
                _add_span(slope, leg, across, (at, stop))
            at = max(at, stop)


@compiled
def _fan(path: Floats, i: int) -> Span:
    """The first angle and the width of the arc round a corner that its own legs do not see."""
    last = len(path) - 1
    into, out = max(i - 1, 0), min(i, last - 1)
    before = math.atan2(path[into + 1, 1] - path[into, 1], path[into + 1, 0] - path[into, 0])
    after = math.atan2(path[out + 1, 1] - path[out, 1], path[out + 1, 0] - path[out, 0])
    if i == 0:
        return after + 0.5 * math.pi, math.pi
    if i == last:
        return before - 0.5 * math.pi, math.pi
    turn = (after - before + math.pi) % (2.0 * math.pi) - math.pi
    return (before - 0.5 * math.pi if turn > 0.0 else before + 0.5 * math.pi), turn


@compiled
def _others_see(path: Floats, first: Indices, items: Indices, i: int, eye: Spot) -> bool:
    """Whether legs that do not meet at a corner see a point."""
    for leg in range(max(i - 1, 0), min(i + 1, len(path) - 1)):
        for n in range(first[leg], first[leg + 1]):
            other = items[n]
            if other == i or other == i - 1:
                continue
            a, b = point(path, other), point(path, other + 1)
            if away2(eye, a, b) < REACHED**2:
                return True
    return False


@compiled
def _add_corner(sight: Sight, slope: Floats, i: int) -> None:
    """Add what the exposed pieces of the arc round a corner ask of it."""
    begin, width = _fan(sight.path, i)
    if abs(width) < _STRAIGHT_RAD:
        return
    corner = point(sight.path, i)
    count = int(abs(width) / _ARC_STEP_RAD) + 1
    piece = SIGHT * abs(width) / count
    for n in range(count):
        angle = begin + (n + 0.5) * width / count
        out = (math.cos(angle), math.sin(angle))
        eye = (corner[0] + SIGHT * out[0], corner[1] + SIGHT * out[1])
        if not _others_see(
            sight.path, sight.legs.first, sight.legs.items, i, eye
        ) and _ground_there(sight, max(i - 1, 0), corner, eye):
            slope[i, 0] -= piece * out[0]
            slope[i, 1] -= piece * out[1]


@compiled
def unseen_slopes(sight: Sight, slope: Floats) -> None:
    """Write the slope of the unseen area by every point of the path, float64, (N, 2)."""
    slope[:] = 0.0
    for leg in range(len(sight.path) - 1):
        _add_side(sight, slope, leg, 1.0)
        _add_side(sight, slope, leg, -1.0)
    for i in range(len(sight.path)):
        _add_corner(sight, slope, i)


@compiled
def keep_inside(moved: Floats, path: Floats, walls: Near, room: Edges) -> None:
    """Take back the moves of legs that would cross a wall: by half twice, then altogether."""
    legs = len(path) - 1
    due = np.ones(legs + 2, np.bool_)  # by leg, with a stranger at either end
    for attempt in range(len(path) + 3):
        back, clear = (0.5 if attempt < 2 else 1.0), True
        for leg in range(legs):
            if not due[leg + 1]:
                continue
            due[leg + 1] = False
            a, b = point(moved, leg), point(moved, leg + 1)
            for n in range(walls.first[leg], walls.first[leg + 1]):
                k = walls.items[n]
                if cross(a, b, point(room.starts, k), point(room.ends, k)):
                    moved[leg : leg + 2] += back * (path[leg : leg + 2] - moved[leg : leg + 2])
                    due[leg : leg + 3] = True
                    clear = False
                    break
        if clear:
            break


@compiled
def _note_row(path: Floats, ground: Edges, start: Spot, width: float, row: Row) -> tuple[int, int]:
    """Note where a row enters and leaves the ground, and the spans that a path sees."""
    y, rims, seen = start[1], 0, 0
    for k in range(len(ground.starts)):
        a, b = point(ground.starts, k), point(ground.ends, k)
        if (a[1] <= y) != (b[1] <= y):
            x = a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
            row.rims[rims] = (x - start[0]) / width
            rims += 1
    for leg in range(len(path) - 1):
        a, b = point(path, leg), point(path, leg + 1)
        if min(a[1], b[1]) - SIGHT < y < max(a[1], b[1]) + SIGHT:
            low, high = in_sight(start, (width, 0.0), a, b)
            if low < high:
                row.lows[seen], row.highs[seen] = low, high
                seen += 1
    return rims, seen


@compiled
def count_rows(ground: Edges, pitch: float) -> int:
    """How many rows a ground has."""
    return int((ground.starts[:, 1].max() - ground.starts[:, 1].min()) / pitch) + 1


@compiled
def unseen_rows(path: Floats, ground: Edges, pitch: float, first: int, last: int) -> Floats:
    """The ground that a path leaves unseen in each of some rows, by exact lengths along them.

    Args:
        path: float64, (N, 2).
        ground: The rim of what is to be seen.
        pitch: Distance between rows.
        first: The lowest row to be looked at, 0 or more.
        last: The row to stop before, at most `count_rows`.

    Returns:
        float64, (last - first,), areas.
    """
    left, right = ground.starts[:, 0].min() - pitch, ground.starts[:, 0].max() + pitch
    low = ground.starts[:, 1].min()
    row = Row(np.empty(len(ground.starts)), np.empty(len(path)), np.empty(len(path)))
    width, areas = float(right - left), np.zeros(last - first)
    for n in range(first, last):
        rims, seen = _note_row(path, ground, (left, low + (n + 0.5) * pitch), width, row)
        entries = np.sort(row.rims[:rims])
        order = np.argsort(row.lows[:seen])
        unseen = 0.0
        i = 0
        for k in range(0, rims - 1, 2):
            at, end = float(entries[k]), float(entries[k + 1])
            while i < seen and row.lows[order[i]] <= end:
                unseen += max(0.0, float(row.lows[order[i]]) - at)
                at = max(at, float(row.highs[order[i]]))
                i += 1
            unseen += max(0.0, end - at)
            # A span may reach across a gap in the ground.
            i = 0
        areas[n - first] = unseen * width * pitch
    return areas


@compiled
def unseen_area(path: Floats, ground: Edges, pitch: float) -> float:
    """The ground that a path leaves unseen, in all rows."""
    rows = unseen_rows(path, ground, pitch, 0, count_rows(ground, pitch))
    return float(rows.sum())
