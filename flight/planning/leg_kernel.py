"""How long the way from one place to another is where zones lie between, compiled by numba.

Most legs are short and far from every zone, which one comparison tells; of the others each is
looked at once and then remembered.
"""

import math

import numpy as np

from flight.planning.sortie_rings import Barrier, Floats, Nodes, compiled

NO_WAY_M = 1e7
"""Length of a way that does not exist: longer than any flight, and small enough to be summed."""

_ROOM_FOR = 18  # bits of what is remembered: a quarter of a million legs
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
    inside, beside = False, False
    for k in range(len(edges_m)):
        if _crosses(edges_m, k, a, b):
            return True
        px, py, qx, qy = edges_m[k, 0], edges_m[k, 1], edges_m[k, 2], edges_m[k, 3]
        if (py <= y) != (qy <= y) and px + (y - py) * (qx - px) / (qy - py) > x:
            inside = not inside
        beside = beside or _away_m(edges_m, k, x, y) < _RIM_M
    return inside and not beside


@compiled
def _around_m(barrier: Barrier, i: int, j: int) -> float:
    """The way between two rows that turns at corners."""
    over_m, reach_m = barrier.over_m, barrier.reach_m
    least_m = NO_WAY_M
    for c in range(over_m.shape[1]):
        least_m = min(least_m, over_m[i, c] + reach_m[j, c])
    return least_m


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
    dx, dy = xy_m[b, 0] - xy_m[a, 0], xy_m[b, 1] - xy_m[a, 1]
    straight_m = math.sqrt(dx * dx + dy * dy)
    i, j = barrier.row[a], barrier.row[b]
    if straight_m <= barrier.clear_m[i] + barrier.clear_m[j]:
        return straight_m
    if i > j:
        i, j = j, i
    pair = i * barrier.clear_m.size + j
    slot = (np.uint64(pair) * np.uint64(_MIX)) >> np.uint64(64 - _ROOM_FOR)
    if barrier.asked[slot] == pair:
        return float(barrier.told_m[slot])
    start, end = (xy_m[a, 0], xy_m[a, 1]), (xy_m[b, 0], xy_m[b, 1])
    length_m = straight_m
    if _barred(barrier.edges_m, start, end):
        length_m = max(straight_m, _around_m(barrier, i, j))
    barrier.asked[slot] = pair
    barrier.told_m[slot] = length_m
    return length_m


@compiled
def detour_m(xy_m: Floats, barrier: Barrier, a: int, place: int, b: int) -> float:
    """How much longer the way from one node to another is over a place."""
    if barrier.clear_m.size == 0:
        to_x, to_y = xy_m[place, 0] - xy_m[a, 0], xy_m[place, 1] - xy_m[a, 1]
        on_x, on_y = xy_m[b, 0] - xy_m[place, 0], xy_m[b, 1] - xy_m[place, 1]
        over_m = math.sqrt(to_x * to_x + to_y * to_y) + math.sqrt(on_x * on_x + on_y * on_y)
        return over_m - math.sqrt((to_x + on_x) ** 2 + (to_y + on_y) ** 2)
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
