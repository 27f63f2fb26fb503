"""How long the way from one place to another is where zones lie between, compiled by numba.

Most legs are short and far from every zone, which one comparison tells; of the others each is
looked at once and then remembered.
"""

import math

import numpy as np

from flight.planning.sortie_rings import Barrier, Floats, Nodes, compiled, spliced

NO_WAY_M = 1e7
"""Length of a way that does not exist: longer than any flight, and small enough to be summed."""

_ROOM_FOR = 20  # bits of what is remembered: a million legs in 16 MB
_MIX = 0x9E3779B97F4A7C15
_TOUCH = 1e-9
_RIM_M = 1e-6


def memory() -> tuple[Nodes, Floats]:
    """Room to remember legs in."""
    return np.full(1 << _ROOM_FOR, -1, dtype=np.int64), np.zeros(1 << _ROOM_FOR)


@compiled
def _crosses(edges_m: Floats, k: int, a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether a leg crosses an edge or passes over its beginning; touching it is not crossing.

    A leg that only grazes a corner is as long over that corner as it is straight.
    """
    px, py, qx, qy = edges_m[k, 0], edges_m[k, 1], edges_m[k, 2], edges_m[k, 3]
    dx, dy, ex, ey = b[0] - a[0], b[1] - a[1], qx - px, qy - py
    slack = _TOUCH * (dx * dx + dy * dy + ex * ex + ey * ey)
    p_side, q_side = dx * (py - a[1]) - dy * (px - a[0]), dx * (qy - a[1]) - dy * (qx - a[0])
    a_side, b_side = ex * (a[1] - py) - ey * (a[0] - px), ex * (b[1] - py) - ey * (b[0] - px)
    along = dx * (px - a[0]) + dy * (py - a[1])
    if abs(p_side) <= slack < along < dx * dx + dy * dy - slack:
        return True
    if not ((p_side > slack and q_side < -slack) or (p_side < -slack and q_side > slack)):
        return False
    return bool((a_side > slack and b_side < -slack) or (a_side < -slack and b_side > slack))


@compiled
def _away_m(edges_m: Floats, k: int, x: float, y: float) -> float:
    """Distance of a point from an edge."""
    px, py = edges_m[k, 0], edges_m[k, 1]
    ex, ey = edges_m[k, 2] - px, edges_m[k, 3] - py
    share = ((x - px) * ex + (y - py) * ey) / max(ex * ex + ey * ey, _TOUCH)
    share = min(1.0, max(0.0, share))
    return math.hypot(px + share * ex - x, py + share * ey - y)


@compiled
def _barred(edges_m: Floats, a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether a leg crosses an outline, or lies in barred ground with both ends on its rim."""
    x, y = 0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])
    inside = False
    for k in range(len(edges_m)):
        if _crosses(edges_m, k, a, b):
            return True
        px, py, qx, qy = edges_m[k, 0], edges_m[k, 1], edges_m[k, 2], edges_m[k, 3]
        if (py <= y) != (qy <= y) and px + (y - py) * (qx - px) / (qy - py) > x:
            inside = not inside
    if not inside:
        return False
    for k in range(len(edges_m)):  # noqa: SIM110 - the compiler knows no generators
        if _away_m(edges_m, k, x, y) < _RIM_M:
            return False
    return True


@compiled
def _beside_all(discs_m: Floats, a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether a leg meets none of some discs."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    long2 = dx * dx + dy * dy
    for k in range(len(discs_m)):
        ex, ey, radius = discs_m[k, 0] - a[0], discs_m[k, 1] - a[1], discs_m[k, 2]
        along = ex * dx + ey * dy
        if along <= 0.0:
            away2 = ex * ex + ey * ey
        elif along >= long2:
            away2 = (ex - dx) ** 2 + (ey - dy) ** 2
        else:
            away2 = (ex * dy - ey * dx) ** 2 / long2
        if away2 < radius * radius:
            return False
    return True


@compiled
def _around_m(barrier: Barrier, i: int, j: int) -> float:
    """The way between two rows that turns at corners."""
    over_m, reach_m = barrier.over_m, barrier.reach_m
    least_m = NO_WAY_M
    for c in range(over_m.shape[1]):
        least_m = min(least_m, over_m[i, c] + reach_m[j, c])
    return least_m


@compiled
def _looked_at_m(xy_m: Floats, barrier: Barrier, a: int, b: int) -> float:
    """Length of a way that may be barred, remembered."""
    start, end = (xy_m[a, 0], xy_m[a, 1]), (xy_m[b, 0], xy_m[b, 1])
    straight_m = math.hypot(end[0] - start[0], end[1] - start[1])
    if _beside_all(barrier.discs_m, start, end):
        return straight_m
    i, j = min(barrier.row[a], barrier.row[b]), max(barrier.row[a], barrier.row[b])
    pair = i * barrier.reach_m.shape[0] + j
    slot = (np.uint64(pair) * np.uint64(_MIX)) >> np.uint64(64 - _ROOM_FOR)
    if barrier.asked[slot] == pair:
        return float(barrier.told_m[slot])
    length_m = straight_m
    if _barred(barrier.edges_m, start, end):
        length_m = max(straight_m, _around_m(barrier, i, j))
    barrier.asked[slot] = pair
    barrier.told_m[slot] = length_m
    return length_m


@spliced
def _clear_leg_m(xy_m: Floats, clear_m: Floats, a: int, b: int) -> float:
    """Length of a leg that is shorter than its ends are away from zones; of any other, negative."""
    dx, dy = xy_m[b, 0] - xy_m[a, 0], xy_m[b, 1] - xy_m[a, 1]
    straight_m = math.sqrt(dx * dx + dy * dy)
    return straight_m if straight_m <= clear_m[a] + clear_m[b] else -straight_m


@compiled
def leg_m(xy_m: Floats, barrier: Barrier, a: int, b: int) -> float:
    """Length of the shortest way from one node to another.

    Args:
        xy_m: float64, (nodes, 2).
        barrier: What bars straight legs.
        a: A node.
        b: Another.

    Returns:
        Metres; `NO_WAY_M` where there is none.
    """
    clear_m = _clear_leg_m(xy_m, barrier.clear_m, a, b)
    return clear_m if clear_m >= 0.0 else _looked_at_m(xy_m, barrier, a, b)


@spliced
def open_detour_m(xy_m: Floats, a: int, place: int, b: int) -> float:
    """How much longer the way from one node to another is over a place, where nothing is barred."""
    to_x, to_y = xy_m[place, 0] - xy_m[a, 0], xy_m[place, 1] - xy_m[a, 1]
    on_x, on_y = xy_m[b, 0] - xy_m[place, 0], xy_m[b, 1] - xy_m[place, 1]
    over_m = math.sqrt(to_x * to_x + to_y * to_y) + math.sqrt(on_x * on_x + on_y * on_y)
    return over_m - math.sqrt((to_x + on_x) ** 2 + (to_y + on_y) ** 2)


@spliced
def _told_leg_m(
    xy_m: Floats, clear_m: Floats, row: Nodes, home_m: Floats, leg: tuple[int, int]
) -> float:
    """Length of a leg from or to a dock, or far from zones; negative and no longer of any other."""
    a, b = leg
    places = home_m.shape[1]
    if a >= places:
        return 0.0 if b >= places else float(home_m[row[a] - places, b])
    if b >= places:
        return float(home_m[row[b] - places, a])
    return _clear_leg_m(xy_m, clear_m, a, b)


@spliced
def least_detour_m(
    xy_m: Floats, clear_m: Floats, row: Nodes, home_m: Floats, over: tuple[int, int, int]
) -> tuple[float, bool]:
    """What a detour costs at least, without looking at what may be barred.

    Args:
        xy_m: float64, (nodes, 2).
        clear_m: As in the barrier, and so on; named one by one because reaching into it costs
            more than the sums.
        row: Likewise.
        home_m: Likewise.
        over: The node before, the place and the node after it.

    Returns:
        Metres, and whether it costs just that.
    """
    by_m = _told_leg_m(xy_m, clear_m, row, home_m, (over[0], over[2]))
    to_m = _told_leg_m(xy_m, clear_m, row, home_m, (over[0], over[1]))
    on_m = _told_leg_m(xy_m, clear_m, row, home_m, (over[1], over[2]))
    sure = min(by_m, to_m, on_m) >= 0.0
    return (0.0 if by_m < 0.0 else abs(to_m) + abs(on_m) - by_m), sure


@compiled
def detour_m(xy_m: Floats, barrier: Barrier, a: int, place: int, b: int) -> float:
    """How much longer the way from one node to another is over a place."""
    over_m = leg_m(xy_m, barrier, a, place) + leg_m(xy_m, barrier, place, b)
    return over_m - leg_m(xy_m, barrier, a, b)


@compiled
def legs_m(xy_m: Floats, barrier: Barrier, starts: Nodes, ends: Nodes) -> Floats:
    """Lengths of the ways between pairs of nodes, float64, (N,)."""
    lengths_m = np.zeros(len(starts))
    for n in range(len(starts)):
        lengths_m[n] = leg_m(xy_m, barrier, starts[n], ends[n])
    return lengths_m


@compiled
def over_corners_m(reach_m: Floats, between_m: Floats) -> Floats:
    """Shortest ways from places to all corners.

    Args:
        reach_m: float64, (P, C): to those that are seen; infinite to others.
        between_m: float64, (C, C): shortest ways between corners.

    Returns:
        float64, (P, C).
    """
    over_m = np.full(reach_m.shape, np.inf)
    for i in range(reach_m.shape[0]):
        for first in range(reach_m.shape[1]):
            if reach_m[i, first] < np.inf:
                for c in range(reach_m.shape[1]):
                    over_m[i, c] = min(over_m[i, c], reach_m[i, first] + between_m[first, c])
    return over_m
