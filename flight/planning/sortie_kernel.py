"""The inner loop of the search for short sorties, compiled by numba.

Slack induction by string removals, Christiaens and Vanden Berghe, Transportation Science 54
(2020): again and again strings of neighbouring visits are taken out of a few adjacent sorties and
put back where they cost least; simulated annealing decides whether the change stays. Only
places beside near ones, and the first and last legs of sorties, are
tried, which makes a step nearly independent of the number of places.

A place may be left out for its price; where every place must be visited, the price is prohibitive.
"""

import math

import numpy as np

from flight.planning.leg_kernel import detour_m, least_detour_m, open_detour_m
from flight.planning.sortie_rings import Barrier, Dice, Nodes, Rings, Scratch, compiled

_BLINK = 0.01  # share of better positions overlooked
_SPLIT = 0.5  # share of strings that leave a stretch in their middle where it is
_SPLIT_ENDS = 0.01  # chance that this stretch grows no longer
_LONGEST_STRING = 15.0
_MEAN_TAKEN = 15.0
_TRIED_NEAR = 10
_MOST_CALLED = 15  # left-out places tried again in a step
_LEGS_TRIED = 64
_GAIN_M = 1e-6

Bars = Barrier | None


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
def _take(rings: Rings, barrier: Bars, scratch: Scratch, place: int, taken: int) -> None:
    """Take one place out of its ring."""
    a, b = rings.before[place], rings.following[place]
    undo = scratch.undo[taken]
    undo[0], undo[1], undo[2] = place, b, a
    rings.following[a] = b
    rings.before[b] = a
    scratch.out[place] = True
    scratch.taken[taken] = place
    ring = rings.ring[place]
    if barrier is None:
        extra_m = open_detour_m(rings.xy_m, a, place, b)
    else:
        extra_m = detour_m(rings.xy_m, barrier, a, place, b)
    rings.length_m[ring] -= extra_m + rings.stops_m[place]
    rings.held[ring] -= 1


@compiled
def _take_string(
    rings: Rings,
    barrier: Bars,
    scratch: Scratch,
    string: tuple[int, float, int],
    dice: Dice,
) -> int:
    """Take a string of visits out of its ring; returns how many are out by then.

    The string: a place of it, how long it may be, and how many places are out before.
    """
    place, longest, taken = string
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
            _take(rings, barrier, scratch, at, taken)
            taken += 1
        at = after
    return taken


@compiled
def _ruin(rings: Rings, barrier: Bars, scratch: Scratch, seed: int, used: int, dice: Dice) -> int:
    """Take strings out of a few rings near one place; returns how many places are taken."""
    places = rings.near.shape[0]
    longest = min(_LONGEST_STRING, places / max(1, used))
    strings = int(chance(dice) * (4.0 * _MEAN_TAKEN / (1.0 + longest) - 1.0) + 1.0)
    scratch.hit[:] = False
    taken = 0
    hit = 0
    for k in range(-1, rings.near.shape[1]):
        place = seed if k < 0 else rings.near[seed, k]
        ring = rings.ring[place]
        if scratch.out[place] or scratch.hit[ring]:
            continue
        scratch.hit[ring] = True
        taken = _take_string(rings, barrier, scratch, (place, longest, taken), dice)
        hit += 1
        if hit == strings:
            break
    return taken


@compiled
def _call(rings: Rings, scratch: Scratch, seed: int, taken: int) -> int:
    """Give left-out places near one place another chance; returns how many are to be put back."""
    now = taken
    for k in range(-1, rings.near.shape[1]):
        place = seed if k < 0 else rings.near[seed, k]
        if not scratch.out[place]:
            continue
        mine = False
        for i in range(taken):
            mine = mine or scratch.taken[i] == place
        if not mine:
            scratch.taken[now] = place
            now += 1
        if now == taken + _MOST_CALLED:
            break
    return now


@compiled
def _sort(rings: Rings, scratch: Scratch, taken: int, dice: Dice) -> None:
    """Choose the order of putting back: by chance, nearest, farthest or dearest first."""
    kind = chance(dice)
    order, key = scratch.taken, scratch.key
    for i in range(taken):
        if kind < 0.4:
            key[i] = chance(dice)
        elif kind < 0.8:
            key[i] = rings.home_m[order[i]] * (1.0 if kind < 0.6 else -1.0)
        else:
            key[i] = -rings.price_m[order[i]] * (0.5 + chance(dice))
    for i in range(1, taken):
        place, value = order[i], key[i]
        j = i - 1
        while j >= 0 and key[j] > value:
            key[j + 1], order[j + 1] = key[j], order[j]
            j -= 1
        key[j + 1], order[j + 1] = value, place


@compiled
def _cheapest_beside(
    rings: Rings, barrier: Bars, scratch: Scratch, place: int, dice: Dice
) -> tuple[int, float]:
    """The node next to a near place behind which a place costs least; -1 if there is none."""
    # Arrays are named before the loop: reaching into the rings there costs more than the sums.
    xy_m, near, following, before = rings.xy_m, rings.near, rings.following, rings.before
    ring, length_m, limit_m, out = rings.ring, rings.length_m, rings.limit_m, scratch.out
    if barrier is not None:
        clear_m, row, home_m = barrier.clear_m, barrier.row, barrier.home_m
    stop_m = rings.stops_m[place]
    best, least_m = -1, np.inf
    for k in range(min(_TRIED_NEAR, near.shape[1])):
        beside = near[place, k]
        if out[beside]:
            continue
        room_m = limit_m[ring[beside]] - length_m[ring[beside]] - stop_m
        for after in (beside, before[beside]):
            if barrier is None:
                extra_m = open_detour_m(xy_m, after, place, following[after])
            else:
                over = (after, place, following[after])
                extra_m, sure = least_detour_m(xy_m, clear_m, row, home_m, over)
                if not sure and extra_m < least_m and extra_m <= room_m:
                    extra_m = detour_m(xy_m, barrier, after, place, following[after])
            if extra_m < least_m and extra_m <= room_m and chance(dice) > _BLINK:
                best, least_m = after, extra_m
    return best, least_m


@compiled
def _cheapest_leg(
    rings: Rings, barrier: Bars, place: int, best: int, least_m: float, dice: Dice
) -> tuple[int, float]:
    """The same among the first and last legs of all sorties, if they are cheaper still."""
    xy_m, following, before = rings.xy_m, rings.following, rings.before
    length_m, limit_m = rings.length_m, rings.limit_m
    if barrier is not None:
        clear_m, row, home_m = barrier.clear_m, barrier.row, barrier.home_m
    places, stop_m = rings.near.shape[0], rings.stops_m[place]
    # With very many sorties every so-manyth is tried, so that a step stays quick.
    skip = 2 * (limit_m.size // _LEGS_TRIED)
    ring = 0
    while ring < limit_m.size:
        room_m = limit_m[ring] - length_m[ring] - stop_m
        for after in (places + ring, before[places + ring]):
            if barrier is None:
                extra_m = open_detour_m(xy_m, after, place, following[after])
            else:
                over = (after, place, following[after])
                extra_m, sure = least_detour_m(xy_m, clear_m, row, home_m, over)
                if not sure and extra_m < least_m and extra_m <= room_m:
                    extra_m = detour_m(xy_m, barrier, after, place, following[after])
            if extra_m < least_m and extra_m <= room_m and chance(dice) > _BLINK:
                best, least_m = after, extra_m
        ring += 1
        if skip and ring > rings.spare:
            ring += int(chance(dice) * skip)
    return best, least_m


@compiled
def _put_back(rings: Rings, barrier: Bars, scratch: Scratch, taken: int, dice: Dice) -> int:
    """Put places where they cost least; returns how many found a sortie with room for them."""
    put = 0
    for i in range(taken):
        place = scratch.taken[i]
        after, extra_m = _cheapest_beside(rings, barrier, scratch, place, dice)
        after, extra_m = _cheapest_leg(rings, barrier, place, after, extra_m, dice)
        if after < 0:
            continue
        b, ring = rings.following[after], rings.ring[after]
        rings.following[after], rings.before[place] = place, after
        rings.following[place], rings.before[b] = b, place
        scratch.put[put, 0], scratch.put[put, 1] = place, rings.ring[place]
        put += 1
        rings.ring[place] = ring
        scratch.out[place] = False
        rings.length_m[ring] += extra_m + rings.stops_m[place]
        rings.held[ring] += 1
    return put


@compiled
def _undo(rings: Rings, scratch: Scratch, taken: int, put: int) -> None:
    """Put everything where it was before the step."""
    for i in range(put - 1, -1, -1):
        place = scratch.put[i, 0]
        a, b = rings.before[place], rings.following[place]
        rings.following[a], rings.before[b] = b, a
        rings.ring[place] = scratch.put[i, 1]
        scratch.out[place] = True
    for i in range(taken - 1, -1, -1):
        place, b, a = scratch.undo[i, 0], scratch.undo[i, 1], scratch.undo[i, 2]
        rings.following[a], rings.before[b] = place, place
        rings.following[place], rings.before[place] = b, a
        scratch.out[place] = False
    rings.length_m[:] = scratch.length_m
    rings.held[:] = scratch.held


@compiled
def _left_m(rings: Rings, scratch: Scratch, listed: int) -> float:
    """The prices of those of the listed places that are in no ring."""
    total_m = 0.0
    for i in range(listed):
        if scratch.out[scratch.taken[i]]:
            total_m += rings.price_m[scratch.taken[i]]
    return total_m


@compiled
def search(
    rings: Rings,
    barrier: Bars,
    scratch: Scratch,
    best: Nodes,
    heat: tuple[float, float, int],
    dice: Dice,
) -> float:
    """Take so many steps; the rings end where the last step left them.

    Args:
        rings: The sorties, changed in place.
        barrier: What bars straight legs; None compiles to code that never asks.
        scratch: Room for a step; `out` tells which places are in no ring.
        best: int64, (2, N + R): receives `following` and `ring` of the best sorties met.
        heat: Metres that a change may cost, about, at the first step; the factor by which that
            falls from step to step; and the number of steps.
        dice: The state of the random numbers, changed in place.

    Returns:
        By how much the best sorties met are better than those at the start, metres.
    """
    places = rings.near.shape[0]
    length_m: float = rings.length_m.sum()
    gain_m, best_gain_m, warm_m = 0.0, 0.0, heat[0]
    best[0, :], best[1, :] = rings.following, rings.ring
    for _ in range(heat[2]):
        warm_m *= heat[1]
        scratch.length_m[:] = rings.length_m
        scratch.held[:] = rings.held
        seed = int(chance(dice) * places)
        taken = _ruin(rings, barrier, scratch, seed, (rings.held > 0).sum(), dice)
        listed = _call(rings, scratch, seed, taken)
        paid_m = 0.0
        for i in range(taken, listed):
            paid_m += rings.price_m[scratch.taken[i]]
        _sort(rings, scratch, listed, dice)
        put = _put_back(rings, barrier, scratch, listed, dice)
        new_m: float = rings.length_m.sum()
        cost_m = new_m - length_m + _left_m(rings, scratch, listed) - paid_m
        if cost_m >= -warm_m * math.log(1.0 - chance(dice)):
            _undo(rings, scratch, taken, put)
            continue
        length_m = new_m
        gain_m -= cost_m
        if gain_m > best_gain_m + _GAIN_M:
            best_gain_m = gain_m
            best[0, :], best[1, :] = rings.following, rings.ring
    return best_gain_m
