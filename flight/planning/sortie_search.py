"""Bettering a set of sorties by a seeded search that takes as many steps as it is told."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from flight.planning.sortie_kernel import search
from flight.planning.sortie_rings import Dice, Nodes, Rings, Scratch
from flight.planning.sortie_tasks import Effort, FloatArray, Sortie, SortieTask

KeepGoing = Callable[[float, float], bool]
"""Is asked, told what share of the steps is done and how long the best sorties are, metres."""

_STEPS_AT_ONCE = 50_000
_NEAR = 60
_SPARE_RINGS = 3  # for each dock
_HOT_SPACINGS = 2.0
_COLD_SPACINGS = 0.02
_MEAN_PRICE_SPACINGS = 10.0
_ROUNDING_M = 1e-3


class _Places(NamedTuple):
    near: Nodes
    home_m: FloatArray
    spacing_m: float


def shorten_sorties(
    task: SortieTask,
    sorties: Sequence[Sortie],
    effort: Effort,
    keep_going: KeepGoing = lambda _share, _length_m: True,
) -> tuple[Sortie, ...]:
    """Make sorties shorter in total, never longer, within the limits.

    Args:
        task: What to visit, from where.
        sorties: That visit every place once, within the limits.
        effort: How many steps, and the seed; the same effort gives the same sorties.
        keep_going: Asked after every 50,000 steps; on False the search ends there, and what it
            found then depends on when that was.

    Returns:
        Sorties by dock and first place.
    """
    prohibitive_m = np.full(len(task.places_m), 1e3 * float(task.limits_m.max()))
    return _annealed(_Search(task, prohibitive_m, _SPARE_RINGS), sorties, effort, keep_going)


def choose_places(
    task: SortieTask, urgency: FloatArray, sorties: Sequence[Sortie], effort: Effort
) -> tuple[Sortie, ...]:
    """Make sorties visit what is most urgent, without adding any.

    Args:
        task: What may be visited, from where.
        urgency: float64, (N,), above 0: what visiting each place is worth.
        sorties: Within the limits; those that visit nothing yet may be used.
        effort: How many steps, and the seed.

    Returns:
        Sorties by dock and first place; those without places are left out.
    """
    if not len(task.places_m):
        return ()
    # Dear enough to use the range up, cheap enough to give a place up for others.
    mean_price_m = _MEAN_PRICE_SPACINGS * _surveyed(task).spacing_m
    prices_m = urgency * (mean_price_m / float(urgency.mean()))
    return _annealed(_Search(task, prices_m, 0), sorties, effort, lambda _share, _length_m: True)


class _Search(NamedTuple):
    task: SortieTask
    prices_m: FloatArray
    spare_rings: int  # for each dock

    def cost_m(self, sorties: Sequence[Sortie]) -> float:
        left = np.ones(len(self.prices_m), dtype=np.bool_)
        for sortie in sorties:
            left[list(sortie.places)] = False
        return math.fsum(each.length_m for each in sorties) + float(self.prices_m[left].sum())


def _annealed(
    wanted: _Search, sorties: Sequence[Sortie], effort: Effort, keep_going: KeepGoing
) -> tuple[Sortie, ...]:
    if not effort.iterations or not len(wanted.task.places_m):
        return tuple(sorties)
    places = _surveyed(wanted.task)
    dice = _dice(effort.seed)
    hot_m = _HOT_SPACINGS * places.spacing_m
    factor = (_COLD_SPACINGS / _HOT_SPACINGS) ** (1.0 / effort.iterations)
    current, best = list(sorties), list(sorties)
    done = 0
    while done < effort.iterations:
        steps = min(_STEPS_AT_ONCE, effort.iterations - done)
        current, found = _searched(wanted, places, current, (hot_m, factor, steps), dice)
        best = min(best, found, key=wanted.cost_m)
        hot_m *= factor**steps
        done += steps
        if not keep_going(done / effort.iterations, wanted.cost_m(best)):
            break
    flown = [sortie for sortie in best if sortie.places]
    return tuple(sorted(flown, key=lambda sortie: (sortie.dock, sortie.places)))


def _surveyed(task: SortieTask) -> _Places:
    count = len(task.places_m)
    known = min(_NEAR, count - 1)
    near = np.zeros((count, 0), dtype=np.int64)
    spacing_m = float(task.dock_legs_m().min())
    if known:
        apart_m, near = cKDTree(task.places_m).query(task.places_m, k=np.arange(2, known + 2))
        spacing_m = float(np.mean(apart_m[:, 0]))
    home_m = task.dock_legs_m().min(axis=0)
    return _Places(np.ascontiguousarray(near, dtype=np.int64), home_m, max(spacing_m, 1e-6))


def _dice(seed: int) -> Dice:
    # The generator's state must not be 0; a mixed seed is, for one seed in 2^64.
    state: Dice = np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1)
    return state


def _searched(
    wanted: _Search,
    places: _Places,
    sorties: Sequence[Sortie],
    heat: tuple[float, float, int],
    dice: Dice,
) -> tuple[list[Sortie], list[Sortie]]:
    """The sorties at which some steps ended, and the best met on the way."""
    task = wanted.task
    spare = [dock for dock in range(len(task.docks_m)) for _ in range(wanted.spare_rings)]
    docks = [*spare, *(sortie.dock for sortie in sorties)]
    rings = _linked(wanted, places, sorties, docks)
    scratch = _scratch(len(task.places_m), len(docks))
    scratch.out[:] = True
    for sortie in sorties:
        scratch.out[list(sortie.places)] = False
    best = np.zeros((2, len(rings.following)), dtype=np.int64)
    barrier = None if task.ways is None else task.ways.barrier_of(docks)
    search(rings, barrier, scratch, best, heat, dice)
    # Rings that were spare may go again; those that were given stay, be they empty.
    ended, met = _unlinked(task, rings.following, docks), _unlinked(task, best[0], docks)
    kept = len(spare)
    return (
        [sortie for k, sortie in enumerate(ended) if sortie.places or k >= kept],
        [sortie for k, sortie in enumerate(met) if sortie.places or k >= kept],
    )


def _linked(wanted: _Search, places: _Places, sorties: Sequence[Sortie], docks: list[int]) -> Rings:
    task, spare = wanted.task, len(docks) - len(sorties)
    count = len(task.places_m)
    following = np.arange(count + len(docks), dtype=np.int64)
    before, ring = following.copy(), np.maximum(following - count, 0)
    lengths_m, held = np.zeros(len(docks)), np.zeros(len(docks), dtype=np.int64)
    for k, sortie in enumerate(sorties, start=spare):
        nodes = np.array([count + k, *sortie.places, count + k])
        following[nodes[:-1]] = nodes[1:]
        before[nodes[1:]] = nodes[:-1]
        ring[nodes] = k
        lengths_m[k] = task.length_m(sortie.dock, nodes[1:-1])
        held[k] = len(sortie.places)
    return Rings(
        xy_m=np.vstack([task.places_m, task.docks_m[docks]]),
        near=places.near,
        stops_m=task.stops_m,
        home_m=places.home_m,
        price_m=wanted.prices_m,
        following=following,
        before=before,
        ring=ring,
        length_m=lengths_m,
        held=held,
        # Sums of a million small changes are off by less than this.
        limit_m=task.limits_m[docks] - _ROUNDING_M,
        spare=spare,
    )


def _scratch(places: int, rings: int) -> Scratch:
    return Scratch(
        out=np.zeros(places, dtype=np.bool_),
        hit=np.zeros(rings, dtype=np.bool_),
        taken=np.zeros(places, dtype=np.int64),
        key=np.zeros(places),
        undo=np.zeros((places, 3), dtype=np.int64),
        put=np.zeros((places, 2), dtype=np.int64),
        length_m=np.zeros(rings),
        held=np.zeros(rings, dtype=np.int64),
    )


def _unlinked(task: SortieTask, following: Nodes, docks: list[int]) -> list[Sortie]:
    count = len(task.places_m)
    sorties = []
    for k, dock in enumerate(docks):
        node, places = int(following[count + k]), list[int]()
        while node < count:
            places.append(node)
            node = int(following[node])
        length_m = task.length_m(dock, np.array(places, dtype=np.intp))
        sorties.append(Sortie(dock, tuple(places), length_m))
    return sorties
