"""Which places to visit when not all can be, and in an order nobody can foretell.

A place's urgency is its priority times how long ago it was seen, in units of how often it should
be seen. Given the sorties that a fleet can fly, those are flown that gather the most urgency (the
team orienteering problem: Chao, Golden and Wasil, Eur. J. Oper. Res. 88 (1996)).
"""

from collections.abc import Sequence

import numpy as np

from flight.errors import PlanningError
from flight.planning.sortie_tasks import Effort, FloatArray, Sortie, SortieTask


def urgencies(
    priorities: FloatArray, seen_s_ago: FloatArray, wanted_every_s: FloatArray
) -> FloatArray:
    """How much each place asks for being seen.

    Args:
        priorities: float64, (N,): weights, 0 for places of no interest.
        seen_s_ago: float64, (N,): infinite for a place never seen, which then counts as twice as
            overdue as the most overdue of the others, and at least twice its interval.
        wanted_every_s: float64, (N,): how often it should be seen.

    Returns:
        float64, (N,): 1 for a place of weight 1 that is just due.

    Raises:
        PlanningError: If a number is out of range.
    """
    priorities, seen_s_ago, wanted_every_s = (
        np.asarray(each, np.float64) for each in (priorities, seen_s_ago, wanted_every_s)
    )
    if not (np.isfinite(priorities).all() and (priorities >= 0.0).all()):
        raise PlanningError("Priorities of places must be 0 or more. Correct the request.")
    if np.isnan(seen_s_ago).any() or (seen_s_ago < 0.0).any():
        raise PlanningError("A place cannot have been seen in the future. Check the clock.")
    if not (np.isfinite(wanted_every_s).all() and (wanted_every_s > 0.0).all()):
        raise PlanningError("How often places should be seen must be more than 0 seconds.")
    overdue = seen_s_ago / wanted_every_s
    seen = overdue[np.isfinite(overdue)]
    never = 2.0 * max(1.0, float(seen.max(initial=0.0)))
    return priorities * np.where(np.isfinite(overdue), overdue, never)


def select_sorties(
    task: SortieTask, urgency: FloatArray, sorties_per_dock: Sequence[int], effort: Effort
) -> tuple[Sortie, ...]:
    """Fly the sorties that gather the most urgency.

    Args:
        task: What may be visited, from where.
        urgency: float64, (N,), 0 or more.
        sorties_per_dock: How many may be flown from each dock.
        effort: How many steps to search, and the seed; the same effort gives the same sorties.

    Returns:
        Sorties by dock, at most as many as allowed, none over its limit. Places of no urgency are
        not visited.

    Raises:
        PlanningError: If the numbers of docks or places disagree.
    """
    if len(sorties_per_dock) != len(task.docks_m) or len(urgency) != len(task.places_m):
        raise PlanningError(
            f"{len(task.docks_m)} docks and {len(task.places_m)} places need as many numbers of "
            f"sorties and urgencies, not {len(sorties_per_dock)} and {len(urgency)}."
        )
    asked = np.flatnonzero(urgency > 0.0)
    empty = [
        Sortie(dock, (), 0.0) for dock, count in enumerate(sorties_per_dock) for _ in range(count)
    ]
    if not len(asked) or not empty:
        return ()
    # Compiled, so imported only by those who need it.
    from flight.planning.sortie_search import choose_places  # noqa: PLC0415

    smaller = task.part(asked)
    chosen = list(choose_places(smaller, urgency[asked], empty, effort))
    for dock, count in enumerate(sorties_per_dock):
        used = sum(sortie.dock == dock for sortie in chosen)
        chosen += [Sortie(dock, (), 0.0)] * (count - used)
    return tuple(
        Sortie(each.dock, tuple(asked[list(each.places)].tolist()), each.length_m)
        for each in _filled(smaller, urgency[asked], chosen)
        if each.places
    )


def shuffled_sorties(sorties: Sequence[Sortie], seed: int) -> tuple[Sortie, ...]:
    """The same sorties in an order, and each in a direction, that only the seed foretells.

    Args:
        sorties: As planned.
        seed: A new one for every patrol; the same one gives the same order.

    Returns:
        As many sorties, of the same lengths.
    """
    chance = np.random.default_rng(seed)
    backwards = chance.random(len(sorties)) < 0.5
    turned = [
        Sortie(each.dock, each.places[::-1], each.length_m) if back else each
        for each, back in zip(sorties, backwards.tolist(), strict=True)
    ]
    return tuple(turned[i] for i in chance.permutation(len(turned)))


def random_delays_s(count: int, longest_s: float, seed: int) -> FloatArray:
    """How long each of some flights is held back, so that nobody can tell when they come.

    Args:
        count: Of flights.
        longest_s: No delay is longer.
        seed: A new one for every patrol.

    Returns:
        float64, (count,).

    Raises:
        PlanningError: If the longest delay is negative or not finite.
    """
    if not 0.0 <= longest_s < np.inf:
        raise PlanningError(f"Flights cannot be held back by {longest_s} s; give 0 or more.")
    return np.random.default_rng([seed, count]).uniform(0.0, longest_s, count)


def _filled(task: SortieTask, urgency: FloatArray, sorties: Sequence[Sortie]) -> list[Sortie]:
    """Put what is still left into the sorties that have room for it, the most urgent first."""
    filled = list(sorties)
    left = set(range(len(urgency))) - {place for each in filled for place in each.places}
    for place in sorted(left, key=lambda place: (-urgency[place], place)):
        options = [_with(task, sortie, place) for sortie in filled]
        extras_m = [
            option.length_m - sortie.length_m
            if option.length_m <= task.limits_m[sortie.dock]
            else np.inf
            for option, sortie in zip(options, filled, strict=True)
        ]
        best = int(np.argmin(extras_m))
        if np.isfinite(extras_m[best]):
            filled[best] = options[best]
    return filled


def _with(task: SortieTask, sortie: Sortie, place: int) -> Sortie:
    """A sortie with one more place, where that lengthens it least."""
    held = list(sortie.places)
    at = task.places_m[place]
    ends_m = np.vstack([task.docks_m[sortie.dock], task.places_m[held], task.docks_m[sortie.dock]])
    there_m = np.hypot(*(ends_m - at).T)
    legs_m = np.hypot(*np.diff(ends_m, axis=0).T)
    where = int(np.argmin(there_m[:-1] + there_m[1:] - legs_m))
    places = (*held[:where], place, *held[where:])
    return Sortie(sortie.dock, places, task.length_m(sortie.dock, np.array(places)))
