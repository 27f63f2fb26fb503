"""Straight pieces, and how far a path sees: the geometry of pulling paths tight, compiled.

All geometry here is in lane spacings: a path sees half a unit to either side.

Numba keeps compiled functions by their own file's date, callers with what they call: after a
change here, `sight_kernel.py` has to be touched too.
"""

import math
from typing import NamedTuple, cast

import numba
import numpy as np
from numpy.typing import NDArray

from flight.planning.sortie_rings import Function

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Spot = tuple[float, float]
Span = tuple[float, float]

SIGHT = 0.5
TOUCH = 5e-5  # lanes exactly a spacing apart leave nothing unseen between them
REACHED = SIGHT + TOUCH
_NO_SPAN = (2.0, -1.0)


def compiled(function: Function) -> Function:
    """Compile a function that divides by nothing that can be zero, so that it need not look."""
    try:
        return cast("Function", numba.njit(cache=True, error_model="numpy")(function))
    except RuntimeError:  # neither the source folder nor the user's cache can be written
        return cast("Function", numba.njit(error_model="numpy")(function))


class Edges(NamedTuple):
    """Straight pieces, float64, (M, 2) each."""

    starts: Floats
    ends: Floats


class Near(NamedTuple):
    """For each leg the pieces near it: `items[first[leg]:first[leg + 1]]`."""

    first: Indices
    items: Indices


@compiled
def point(at: Floats, i: int) -> Spot:
    """One of many points."""
    return at[i, 0], at[i, 1]


@compiled
def away2(p: Spot, a: Spot, b: Spot) -> float:
    """Squared distance of a point from a straight piece."""
    ux, uy = b[0] - a[0], b[1] - a[1]
    wx, wy = p[0] - a[0], p[1] - a[1]
    squared = ux * ux + uy * uy
    share = 0.0
    if squared > 1e-18:
        share = min(1.0, max(0.0, (wx * ux + wy * uy) / squared))
    wx -= share * ux
    wy -= share * uy
    return wx * wx + wy * wy


@compiled
def cross(a: Spot, b: Spot, c: Spot, d: Spot) -> bool:
    """Whether two straight pieces cross."""
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    left_c = ux * (c[1] - a[1]) - uy * (c[0] - a[0]) > 0.0
    left_d = ux * (d[1] - a[1]) - uy * (d[0] - a[0]) > 0.0
    if left_c == left_d:
        return False
    left_a = vx * (a[1] - c[1]) - vy * (a[0] - c[0]) > 0.0
    left_b = vx * (b[1] - c[1]) - vy * (b[0] - c[0]) > 0.0
    return left_a != left_b


@compiled
def _apart2(a: Spot, b: Spot, c: Spot, d: Spot) -> float:
    """Squared distance between two straight pieces."""
    if cross(a, b, c, d):
        return 0.0
    return min(away2(a, c, d), away2(b, c, d), away2(c, a, b), away2(d, a, b))


@compiled
def near(path: Floats, edges: Edges, reach: float) -> Near:
    """The edges within reach of each leg of a path."""
    first = np.zeros(len(path), np.int64)
    found = []
    for leg in range(len(path) - 1):
        a, b = point(path, leg), point(path, leg + 1)
        low_x, high_x = min(a[0], b[0]) - reach, max(a[0], b[0]) + reach
        low_y, high_y = min(a[1], b[1]) - reach, max(a[1], b[1]) + reach
        for k in range(len(edges.starts)):
            c, d = point(edges.starts, k), point(edges.ends, k)
            if max(c[0], d[0]) < low_x or min(c[0], d[0]) > high_x:
                continue
            if max(c[1], d[1]) < low_y or min(c[1], d[1]) > high_y:
                continue
            if _apart2(a, b, c, d) < reach * reach:
                found.append(k)
        first[leg + 1] = len(found)
    items = np.empty(len(found), np.int64)
    for i in range(len(found)):
        items[i] = found[i]
    return Near(first, items)


@compiled
def _in_disc(start: Spot, step: Spot, centre: Spot) -> Span:
    """Which shares of a step are within sight of a point."""
    wx, wy = start[0] - centre[0], start[1] - centre[1]
    squared = step[0] ** 2 + step[1] ** 2
    half = wx * step[0] + wy * step[1]
    inner = half * half - squared * (wx * wx + wy * wy - REACHED**2)
    if inner <= 0.0:
        return _NO_SPAN
    root = math.sqrt(inner)
    return (-half - root) / squared, (-half + root) / squared


@compiled
def _between(start: float, step: float, low: float, high: float) -> Span:
    """Which shares of a step along a number line are between two numbers."""
    if abs(step) < 1e-12:
        return (-1e9, 1e9) if low < start < high else _NO_SPAN
    one, two = (low - start) / step, (high - start) / step
    return min(one, two), max(one, two)


@compiled
def in_sight(start: Spot, step: Spot, a: Spot, b: Spot) -> Span:
    """Which shares of a step are within sight of a leg: one span, for what a leg sees is convex."""
    one, two = _in_disc(start, step, a), _in_disc(start, step, b)
    low, high = min(one[0], two[0]), max(one[1], two[1])
    ux, uy = b[0] - a[0], b[1] - a[1]
    length = math.sqrt(ux * ux + uy * uy)
    if length > 1e-9:
        ux, uy = ux / length, uy / length
        wx, wy = start[0] - a[0], start[1] - a[1]
        along = _between(wx * ux + wy * uy, step[0] * ux + step[1] * uy, 0.0, length)
        across = _between(wy * ux - wx * uy, step[1] * ux - step[0] * uy, -REACHED, REACHED)
        begin, end = max(along[0], across[0]), min(along[1], across[1])
        if begin < end:
            low, high = min(low, begin), max(high, end)
    return max(low, 0.0), min(high, 1.0)
