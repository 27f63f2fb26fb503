"""Sorties as linked rings through their dock, as the compiled search keeps them.

Nodes are numbered: places from 0, then the dock end of each ring. Taking a place out, putting it
back and undoing either cost the same however long a ring is.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Nodes = NDArray[np.int64]
Flags = NDArray[np.bool_]
Dice = NDArray[np.uint64]
"""(1,): the state of the random numbers, never 0."""

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function, keeping the result on disk where there is a place for it."""
    try:
        return cast("Function", numba.njit(cache=True)(function))
    except RuntimeError:  # neither the source folder nor the user's cache can be written
        return cast("Function", numba.njit()(function))


def spliced(function: Function) -> Function:
    """Compile a small function into its callers, since handing arrays over costs more than sums."""
    return cast("Function", numba.njit(inline="always")(function))


class Barrier(NamedTuple):
    """What bars straight legs.

    Attributes:
        row: int64, (nodes,): the row of each node in the tables.
        clear_m: float64, (nodes,): distance from each to the nearest barred ground.
        home_m: float64, (D, N): ways between docks and places.
        discs_m: float64, (K, 3): x, y and radius of discs that hold all barred ground.
        edges_m: float64, (E, 4): outlines of barred ground, x and y of both ends.
        reach_m: float64, (P, C): straight ways to the corners that are seen; infinite to others.
        over_m: float64, (P, C): shortest ways to the corners.
        asked: int64, (M,): the pairs that are remembered, -1 for none.
        told_m: float64, (M,): their lengths.
    """

    row: Nodes
    clear_m: Floats
    home_m: Floats
    discs_m: Floats
    edges_m: Floats
    reach_m: Floats
    over_m: Floats
    asked: Nodes
    told_m: Floats


class Rings(NamedTuple):
    """All sorties as linked rings, and what never changes about them.

    Attributes:
        xy_m: float64, (N + R, 2): places, then the dock of each ring.
        near: int64, (N, K): the places nearest to each, nearest first.
        stops_m: float64, (N,): range that a stop costs.
        home_m: float64, (N,): way to the nearest dock.
        price_m: float64, (N,): what leaving a place out costs.
        following: int64, (N + R,): the node after each.
        before: int64, (N + R,).
        ring: int64, (N + R,): the ring each node is in.
        length_m: float64, (R,).
        held: int64, (R,): places in each ring.
        limit_m: float64, (R,).
        spare: int: the first so many rings began empty.
    """

    xy_m: Floats
    near: Nodes
    stops_m: Floats
    home_m: Floats
    price_m: Floats
    following: Nodes
    before: Nodes
    ring: Nodes
    length_m: Floats
    held: Nodes
    limit_m: Floats
    spare: int


class Scratch(NamedTuple):
    """Room for one step.

    Attributes:
        out: bool, (N,): places in no ring.
        hit: bool, (R,): rings that already lost a string.
        taken: int64, (N,): places to put back, in that order.
        key: float64, (N,): what they are sorted by.
        undo: int64, (N, 3): node, following, before of each place taken, in the order of taking.
        put: int64, (N, 2): node, former ring of each place put into a ring.
        length_m: float64, (R,): lengths before the step.
        held: int64, (R,): counts before the step.
    """

    out: Flags
    hit: Flags
    taken: Nodes
    key: Floats
    undo: Nodes
    put: Nodes
    length_m: Floats
    held: Nodes
