"""The bound of the benchmark is a bound, and its instance the one stated."""

import itertools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.county_sorties import kept, mesh_task
from benchmarks.sortie_bound import lower_bound_m
from flight.planning.sortie_start import first_sorties
from flight.planning.sortie_tasks import SortieTask

points = st.tuples(st.integers(-500, 500), st.integers(-500, 500))


def shortest_m(task: SortieTask) -> float:
    """Shortest sorties without a limit, by trying every order and every way to cut it."""
    count, docks = len(task.places_m), len(task.docks_m)
    best_m = math.inf
    for order in itertools.permutations(range(count)):
        until_m = [0.0]
        for end in range(1, count + 1):
            until_m.append(
                min(
                    until_m[begin] + task.length_m(dock, np.array(order[begin:end]))
                    for begin in range(end)
                    for dock in range(docks)
                )
            )
        best_m = min(best_m, until_m[-1])
    return best_m


@given(
    places=st.lists(points, min_size=2, max_size=5, unique=True),
    docks=st.lists(points, min_size=1, max_size=2),
)
@settings(max_examples=40, deadline=None)
def test_no_sorties_undercut_the_bound(
    places: list[tuple[int, int]], docks: list[tuple[int, int]]
) -> None:
    """Not even the best of all, found by trying them all."""
    task = SortieTask(np.array(places), np.array(docks), np.array([1e6]))
    assert lower_bound_m(task, rounds=60) <= shortest_m(task) + 1e-6


def test_the_bound_is_near_on_a_mesh() -> None:
    """A bound of zero would hold too; this one is worth comparing with."""
    task = mesh_task(100)
    assert lower_bound_m(task, rounds=200) > 0.9 * 100 * 100.0


def test_what_does_not_visit_every_place_is_not_kept() -> None:
    """The judge sees a missing sortie."""
    task = mesh_task(50)
    sorties = first_sorties(task)
    assert kept(task, sorties)
    assert not kept(task, sorties[1:])
