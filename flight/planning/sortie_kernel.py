"""The inner loop of the search for short sorties, compiled by numba.

Slack induction by string removals, Christiaens and Vanden Berghe, Transportation Science 54
(2020): again and again strings of neighbouring visits are taken out of a few adjacent sorties and
put back where they cost least; simulated annealing decides whether the change stays. Sorties are
doubly linked rings through their dock, so that taking out, putting back and undoing cost the same
however long a sortie is. Only places beside near ones, and the first and last legs of sorties, are
tried, which makes a step nearly independent of the number of places.

Nodes are numbered: places from 0, then the dock end of each sortie.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Nodes = NDArray[np.int64]
Flags = NDArray[np.bool_]
Dice = NDArray[np.uint64]  # (1,): the state of the random numbers
Function = TypeVar("Function", bound=Callable[..., Any])

_BLINK = 0.01  # share of better positions overlooked
_SPLIT = 0.5  # share of strings that leave a stretch in their middle where it is
_SPLIT_ENDS = 0.01  # chance that this stretch grows no longer
_LONGEST_STRING = 15.0
_MEAN_TAKEN = 15.0
_TRIED_NEAR = 10
_LEGS_TRIED = 64
_GAIN_M = 1e-6


def compiled(function: Function) -> Function:
    """Compile a function, keeping the result on disk where there is a place for it."""
    try:
        return cast("Function", numba.njit(cache=True)(function))
    except RuntimeError:  # neither the source folder nor the user's cache can be written
        return cast("Function", numba.njit()(function))


class Rings(NamedTuple):
    """All sorties as linked rings, and what never changes about them.

    Attributes:
        xy_m: float64, (N + R, 2): places, then the dock of each ring.
        near: int64, (N, K): the places nearest to each, nearest first.
        stops_m: float64, (N,): range that a stop costs.
        home_m: float64, (N,): way to the nearest dock.
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
        out: bool, (N,): places taken out and not put back.
        hit: bool, (R,): rings that already lost a string.
        taken: int64, (N,): places to put back, in that order.
        key: float64, (N,): what they are sorted by.
        undo: int64, (N, 3): node, following, before of each place taken, in the order of taking.
        put: int64, (N, 2): node, former ring of each place put back.
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


@compiled
def chance(dice: Dice) -> float:
    """A number from 0 to below 1; xorshift64, Marsaglia, J. Stat. Softw. 8 (2003)."""
    x = dice[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    dice[0] = x
    return float(x >> np.uint64(11)) / 9007199254740992.0


@compiled
def _detour_m(xy_m: Floats, a: int, place: int, b: int) -> float:
    """How much longer the way from one node to another is over a place."""
    to_x, to_y = xy_m[place, 0] - xy_m[a, 0], xy_m[place, 1] - xy_m[a, 1]
    on_x, on_y = xy_m[b, 0] - xy_m[place, 0], xy_m[b, 1] - xy_m[place, 1]
    over_m = math.sqrt(to_x * to_x + to_y * to_y) + math.sqrt(on_x * on_x + on_y * on_y)
    return over_m - math.sqrt((to_x + on_x) ** 2 + (to_y + on_y) ** 2)


@compiled
def _take(rings: Rings, scratch: Scratch, place: int, taken: int) -> None:
    """Take one place out of its ring."""
    a, b = rings.before[place], rings.following[place]
    undo = scratch.undo[taken]
    undo[0], undo[1], undo[2] = place, b, a
    rings.following[a] = b
    rings.before[b] = a
    scratch.out[place] = True
    scratch.taken[taken] = place
    ring = rings.ring[place]
    rings.length_m[ring] -= _detour_m(rings.xy_m, a, place, b) + rings.stops_m[place]
    rings.held[ring] -= 1


@compiled
def _take_string(
    rings: Rings, scratch: Scratch, place: int, longest: float, taken: int, dice: Dice
) -> int:
    """Take a string of visits around a place out of its ring; returns how many are out by then."""
    places = rings.following.size - rings.limit_m.size
    held = rings.held[rings.ring[place]]
    wanted = int(chance(dice) * min(float(held), longest) + 1.0)
    kept = 0
    if 1 < wanted < held and chance(dice) < _SPLIT:
        kept = 1
        while wanted + kept < held and chance(dice) > _SPLIT_ENDS:
            kept += 1
    at = place
    for _ in range(int(chance(dice) * (wanted + kept))):
        if rings.before[at] >= places:
            break
        at = rings.before[at]
    first_kept = 1 + int(chance(dice) * (wanted - 1)) if kept else wanted
    for step in range(wanted + kept):
        if at >= places:
            break
        after = rings.following[at]
        if step < first_kept or step >= first_kept + kept:
            _take(rings, scratch, at, taken)
            taken += 1
        at = after
    return taken


@compiled
def _ruin(rings: Rings, scratch: Scratch, used: int, dice: Dice) -> int:
    """Take strings out of a few rings near one place; returns how many places are out."""
    places = rings.near.shape[0]
    longest = min(_LONGEST_STRING, places / max(1, used))
    strings = int(chance(dice) * (4.0 * _MEAN_TAKEN / (1.0 + longest) - 1.0) + 1.0)
    seed = int(chance(dice) * places)
    scratch.hit[:] = False
    taken = 0
    hit = 0
    for k in range(-1, rings.near.shape[1]):
        place = seed if k < 0 else rings.near[seed, k]
        ring = rings.ring[place]
        if scratch.out[place] or scratch.hit[ring]:
            continue
        scratch.hit[ring] = True
        taken = _take_string(rings, scratch, place, longest, taken, dice)
        hit += 1
        if hit == strings:
            break
    return taken


@compiled
def _sort(rings: Rings, scratch: Scratch, taken: int, dice: Dice) -> None:
    """Choose the order of putting back: by chance, farthest first or nearest first."""
    kind = chance(dice)
    order, key = scratch.taken, scratch.key
    for i in range(taken):
        if kind < 0.5:
            key[i] = chance(dice)
        else:
            key[i] = rings.home_m[order[i]] * (1.0 if kind < 0.75 else -1.0)
    for i in range(1, taken):
        place, value = order[i], key[i]
        j = i - 1
        while j >= 0 and key[j] > value:
            key[j + 1], order[j + 1] = key[j], order[j]
            j -= 1
        key[j + 1], order[j + 1] = value, place


@compiled
def _cheapest_beside(rings: Rings, scratch: Scratch, place: int, dice: Dice) -> tuple[int, float]:
    """The node next to a near place behind which a place costs least; -1 if there is none."""
    # Arrays are named before the loop: reaching into the rings there costs more than the sums.
    xy_m, near, following, before = rings.xy_m, rings.near, rings.following, rings.before
    ring, length_m, limit_m, out = rings.ring, rings.length_m, rings.limit_m, scratch.out
    stop_m = rings.stops_m[place]
    best, least_m = -1, np.inf
    for k in range(min(_TRIED_NEAR, near.shape[1])):
        beside = near[place, k]
        if out[beside]:
            continue
        room_m = limit_m[ring[beside]] - length_m[ring[beside]] - stop_m
        for after in (beside, before[beside]):
            extra_m = _detour_m(xy_m, after, place, following[after])
            if extra_m < least_m and extra_m <= room_m and chance(dice) > _BLINK:
                best, least_m = after, extra_m
    return best, least_m


@compiled
def _cheapest_leg(
    rings: Rings, place: int, best: int, least_m: float, dice: Dice
) -> tuple[int, float]:
    """The same among the first and last legs of all sorties, if they are cheaper still."""
    xy_m, following, before = rings.xy_m, rings.following, rings.before
    length_m, limit_m = rings.length_m, rings.limit_m
    places, stop_m = rings.near.shape[0], rings.stops_m[place]
    # With very many sorties every so-manyth is tried, so that a step stays quick.
    skip = 2 * (limit_m.size // _LEGS_TRIED)
    ring = 0
    while ring < limit_m.size:
        room_m = limit_m[ring] - length_m[ring] - stop_m
        for after in (places + ring, before[places + ring]):
            extra_m = _detour_m(xy_m, after, place, following[after])
            if extra_m < least_m and extra_m <= room_m and chance(dice) > _BLINK:
                best, least_m = after, extra_m
        ring += 1
        if skip and ring > rings.spare:
            ring += int(chance(dice) * skip)
    return best, least_m


@compiled
def _put_back(rings: Rings, scratch: Scratch, taken: int, dice: Dice) -> int:
    """Put places where they cost least; returns how many found one."""
    for i in range(taken):
        place = scratch.taken[i]
        after, extra_m = _cheapest_beside(rings, scratch, place, dice)
        after, extra_m = _cheapest_leg(rings, place, after, extra_m, dice)
        if after < 0:
            return i
        b, ring = rings.following[after], rings.ring[after]
        rings.following[after], rings.before[place] = place, after
        rings.following[place], rings.before[b] = b, place
        scratch.put[i, 0], scratch.put[i, 1] = place, rings.ring[place]
        rings.ring[place] = ring
        scratch.out[place] = False
        rings.length_m[ring] += extra_m + rings.stops_m[place]
        rings.held[ring] += 1
    return taken


@compiled
def _undo(rings: Rings, scratch: Scratch, taken: int, put: int) -> None:
    """Put everything where it was before the step."""
    for i in range(put - 1, -1, -1):
        place = scratch.put[i, 0]
        a, b = rings.before[place], rings.following[place]
        rings.following[a], rings.before[b] = b, a
        rings.ring[place] = scratch.put[i, 1]
    for i in range(taken - 1, -1, -1):
        place, b, a = scratch.undo[i, 0], scratch.undo[i, 1], scratch.undo[i, 2]
        rings.following[a], rings.before[b] = place, place
        rings.following[place], rings.before[place] = b, a
        scratch.out[place] = False
    rings.length_m[:] = scratch.length_m
    rings.held[:] = scratch.held


@compiled
def search(
    rings: Rings, scratch: Scratch, best: Nodes, heat: tuple[float, float, int], dice: Dice
) -> float:
    """Take so many steps; the rings end where the last step left them.

    Args:
        rings: The sorties, changed in place.
        scratch: Room for a step, with nothing out.
        best: int64, (2, N + R): receives `following` and `ring` of the shortest sorties met.
        heat: Metres that a change may cost, about, at the first step; the factor by which that
            falls from step to step; and the number of steps.
        dice: The state of the random numbers, changed in place.

    Returns:
        The length of the shortest sorties met.
    """
    now_m: float = rings.length_m.sum()
    least_m = now_m
    best[0, :], best[1, :] = rings.following, rings.ring
    warm_m = heat[0]
    for _ in range(heat[2]):
        warm_m *= heat[1]
        scratch.length_m[:] = rings.length_m
        scratch.held[:] = rings.held
        taken = _ruin(rings, scratch, (rings.held > 0).sum(), dice)
        _sort(rings, scratch, taken, dice)
        put = _put_back(rings, scratch, taken, dice)
        new_m = rings.length_m.sum()
        if put < taken or new_m >= now_m - warm_m * math.log(1.0 - chance(dice)):
            _undo(rings, scratch, taken, put)
            continue
        now_m = new_m
        if now_m < least_m - _GAIN_M:
            least_m = now_m
            best[0, :], best[1, :] = rings.following, rings.ring
    return least_m
