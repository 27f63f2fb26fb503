"""Docks share what is to be visited, without flying much farther for it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanningError
from flight.planning.sortie_balance import Crews, even_sorties, share_places
from flight.planning.sortie_tasks import Effort, Sortie, SortieTask
from flight.planning.sorties import plan_sorties

FLIGHT_M = 2000.0
EFFORT = Effort(30_000)


def mesh(docks_m: list[tuple[float, float]], limit_m: float = 7500.0) -> SortieTask:
    """Twenty by twenty places 100 m apart, from the origin to the north-east."""
    k = np.arange(400)
    places_m = 100.0 * np.stack([k % 20, k // 20], axis=1).astype(np.float64)
    return SortieTask(places_m, np.array(docks_m), np.full(len(docks_m), limit_m))


def even(task: SortieTask, *aircraft: int) -> tuple[Sortie, ...]:
    """The sorties of so many aircraft at each dock."""
    crews = Crews(aircraft, FLIGHT_M)
    found = even_sorties(task, task.dock_legs_m(), crews, EFFORT)
    assert sorted(p for each in found for p in each.places) == list(range(len(task.places_m)))
    assert all(each.length_m <= task.limits_m[each.dock] for each in found)
    return found


def total_m(sorties: tuple[Sortie, ...]) -> float:
    """Length of all sorties together."""
    return math.fsum(sortie.length_m for sortie in sorties)


def test_docks_side_by_side_share_what_one_is_nearer_to() -> None:
    """The search for short sorties alone leaves nearly all to the one; hardly any way is saved."""
    task = mesh([(900.0, 900.0), (1500.0, 500.0)])
    shortest = plan_sorties(task, EFFORT)
    found = even(task, 1, 1)
    crews = Crews((1, 1), FLIGHT_M)
    assert crews.loads_m(found).max() < 0.75 * crews.loads_m(shortest).max()
    assert total_m(found) < 1.04 * total_m(shortest)


def test_two_aircraft_do_twice_as_much_as_one() -> None:
    """From docks that are equally near, each aircraft gets about the same."""
    loads_m = Crews((2, 1), FLIGHT_M).loads_m(even(mesh([(600.0, -90.0), (1300.0, -90.0)]), 2, 1))
    assert loads_m.max() < 1.6 * loads_m.min()


def test_docks_in_one_place_share() -> None:
    """Nothing tells them apart, and still none is idle."""
    found = even(mesh([(900.0, 900.0)] * 3, limit_m=4000.0), 1, 1, 1)
    assert {each.dock for each in found} == {0, 1, 2}


def test_a_dock_too_far_to_help_stays_at_home() -> None:
    """An even share is not worth flying much farther."""
    task = mesh([(900.0, 900.0), (900.0, 4000.0)])
    assert {each.dock for each in even(task, 1, 1)} == {0}


def test_a_place_goes_to_a_dock_that_reaches_it_round_zones() -> None:
    """However much that dock has to do; as the crow flies another would be nearer."""
    task = mesh([(0.0, 900.0), (1900.0, 900.0)])
    ways_m = task.dock_legs_m()
    ways_m[1, :390] = np.inf
    owners = share_places(task, ways_m, Crews((1, 1)), eagerness=4.0)
    assert set(owners[:390].tolist()) == {0}
    assert set(owners[390:].tolist()) == {1}


def test_how_far_the_search_is_rises_to_its_end() -> None:
    """Whoever is told also hears how long the sorties are by then."""
    told: list[tuple[float, float]] = []
    task = mesh([(900.0, 900.0)])
    found = even_sorties(
        task,
        task.dock_legs_m(),
        Crews((1,)),
        Effort(120_000),
        lambda share, length_m: told.append((share, length_m)),
    )
    shares = [share for share, _ in told]
    assert len(shares) >= 3
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert told[-1][1] == pytest.approx(total_m(found))


points = st.tuples(st.floats(-3000.0, 3000.0), st.floats(-3000.0, 3000.0))


@given(
    places=st.lists(points, max_size=25),
    docks=st.lists(points, min_size=1, max_size=4),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=30, deadline=None)
def test_every_place_is_visited_once_and_the_same_seed_gives_the_same_sorties(
    places: list[tuple[float, float]], docks: list[tuple[float, float]], seed: int
) -> None:
    """Wherever places and docks lie, on top of each other too, and without any place."""
    task = SortieTask(np.array(places), np.array(docks), np.full(len(docks), 20_000.0))
    once, again = (
        even_sorties(task, task.dock_legs_m(), Crews((1,) * len(docks), 500.0), Effort(300, seed))
        for _ in range(2)
    )
    assert once == again
    assert sorted(p for each in once for p in each.places) == list(range(len(places)))
    assert all(each.length_m <= 20_000.0 for each in once)


def test_what_no_dock_reaches_is_refused() -> None:
    """As where sorties are planned without sharing."""
    with pytest.raises(PlanningError, match="too far"):
        even_sorties(
            task := mesh([(0.0, 0.0), (90.0, 0.0)], limit_m=500.0),
            task.dock_legs_m(),
            Crews((1, 1)),
            EFFORT,
        )
