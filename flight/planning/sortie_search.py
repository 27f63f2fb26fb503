"""Shortening a set of sorties by a seeded search that takes as many steps as it is told."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from flight.planning.sortie_kernel import Dice, Nodes, Rings, Scratch, search
from flight.planning.sortie_tasks import Effort, Sortie, SortieTask

KeepGoing = Callable[[], bool]

_STEPS_AT_ONCE = 50_000
_NEAR = 60
_SPARE_RINGS = 3  # for each dock
_HOT_SPACINGS = 2.0
_COLD_SPACINGS = 0.02
_ROUNDING_M = 1e-3


class _Places(NamedTuple):
    near: Nodes
    home_m: NDArray[np.float64]
    spacing_m: float


def shorten_sorties(
    task: SortieTask,
    sorties: Sequence[Sortie],
    effort: Effort,
    keep_going: KeepGoing = lambda: True,
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
    if not effort.iterations or not len(task.places_m):
        return tuple(sorties)
    places = _surveyed(task)
    dice = _dice(effort.seed)
    hot_m = _HOT_SPACINGS * places.spacing_m
    factor = (_COLD_SPACINGS / _HOT_SPACINGS) ** (1.0 / effort.iterations)
    current, best = list(sorties), tuple(sorties)
    done = 0
    while done < effort.iterations:
        steps = min(_STEPS_AT_ONCE, effort.iterations - done)
        current, found = _searched(task, places, current, (hot_m, factor, steps), dice)
        best = min(best, found, key=_total_m)
        hot_m *= factor**steps
        done += steps
        if not keep_going():
            break
    return tuple(sorted(best, key=lambda sortie: (sortie.dock, sortie.places)))


def _total_m(sorties: Sequence[Sortie]) -> float:
    return math.fsum(sortie.length_m for sortie in sorties)


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
    task: SortieTask,
    places: _Places,
    sorties: Sequence[Sortie],
    heat: tuple[float, float, int],
    dice: Dice,
) -> tuple[list[Sortie], tuple[Sortie, ...]]:
    """The sorties at which some steps ended, and the shortest met on the way."""
    spare = [dock for dock in range(len(task.docks_m)) for _ in range(_SPARE_RINGS)]
    docks = [*spare, *(sortie.dock for sortie in sorties)]
    rings = _linked(task, places, sorties, docks, len(spare))
    best = np.zeros((2, len(rings.following)), dtype=np.int64)
    search(rings, _scratch(len(task.places_m), len(docks)), best, heat, dice)
    return _unlinked(task, rings.following, docks), tuple(_unlinked(task, best[0], docks))


def _linked(
    task: SortieTask, places: _Places, sorties: Sequence[Sortie], docks: list[int], spare: int
) -> Rings:
    count = len(task.places_m)
    following = np.arange(count + len(docks), dtype=np.int64)
    before, ring = following.copy(), following - count
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
        node, places = int(following[count + k]), []
        while node < count:
            places.append(node)
            node = int(following[node])
        if places:
            sorties.append(Sortie(dock, tuple(places), task.length_m(dock, np.array(places))))
    return sorties
