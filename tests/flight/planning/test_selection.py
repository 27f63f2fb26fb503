"""The most urgent places the fleet can reach, and patrols that nobody can foretell."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.urgency_peers import greedy_urgency, most_urgency
from flight.errors import PlanningError
from flight.planning.selection import (
    random_delays_s,
    select_sorties,
    shuffled_sorties,
    urgencies,
)
from flight.planning.sortie_tasks import Effort, Sortie, SortieTask

DAY_S = 86_400.0


def scattered(count: int, limit_m: float, seed: int = 1) -> tuple[SortieTask, np.ndarray]:
    """Places around two docks, and how urgent they are."""
    chance = np.random.default_rng(seed)
    places_m = chance.uniform(-1000.0, 1000.0, (count, 2))
    docks_m = np.array([[-500.0, 0.0], [500.0, 0.0]])
    task = SortieTask(places_m, docks_m, np.array([limit_m]))
    return task, chance.choice([0.0, 1.0, 2.0, 8.0], count)


def gathered(sorties: tuple[Sortie, ...], urgency: np.ndarray) -> float:
    """Urgency of all places visited."""
    return float(sum(urgency[list(sortie.places)].sum() for sortie in sorties))


@given(
    count=st.integers(1, 40),
    limit_m=st.floats(3700.0, 9000.0),
    per_dock=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    seed=st.integers(0, 1000),
)
@settings(max_examples=40, deadline=None)
def test_sorties_are_few_enough_short_enough_and_visit_nothing_twice(
    count: int, limit_m: float, per_dock: tuple[int, int], seed: int
) -> None:
    """Nor do they visit what is of no urgency, or gather more than is possible."""
    task, urgency = scattered(count, limit_m, seed)
    sorties = select_sorties(task, urgency, per_dock, Effort(300, seed))
    visited = [place for sortie in sorties for place in sortie.places]
    assert len(set(visited)) == len(visited)
    assert (urgency[visited] > 0.0).all()
    for dock, allowed in enumerate(per_dock):
        assert sum(sortie.dock == dock for sortie in sorties) <= allowed
    for sortie in sorties:
        assert sortie.length_m == task.length_m(sortie.dock, np.array(sortie.places))
        assert sortie.length_m <= limit_m
    assert gathered(sorties, urgency) <= most_urgency(task, urgency, per_dock) + 1e-6


def test_a_fleet_that_can_visit_all_visits_all() -> None:
    """Nothing is left out that there is range for."""
    task, urgency = scattered(30, 20_000.0)
    sorties = select_sorties(task, urgency, (1, 1), Effort(2000))
    assert gathered(sorties, urgency) == urgency.sum()


def test_what_still_fits_is_visited() -> None:
    """Even without any search, sorties are filled, the most urgent places first."""
    task, urgency = scattered(30, 20_000.0)
    assert gathered(select_sorties(task, urgency, (1, 1), Effort(0)), urgency) == urgency.sum()
    tight, urgency = scattered(60, 2600.0)
    sorties = select_sorties(tight, urgency, (1, 0), Effort(0))
    visited = [place for sortie in sorties for place in sortie.places]
    assert float(urgency[visited].mean()) > float(urgency[urgency > 0.0].mean())


def test_more_urgency_than_greed_gathers() -> None:
    """Always flying to the next best place wastes range."""
    task, urgency = scattered(300, 3800.0)
    sorties = select_sorties(task, urgency, (1, 1), Effort(5000))
    assert gathered(sorties, urgency) > 1.05 * greedy_urgency(task, urgency, (1, 1))


def test_the_same_effort_selects_the_same() -> None:
    """Chance comes from the seed alone."""
    task, urgency = scattered(100, 4000.0)
    once = select_sorties(task, urgency, (1, 2), Effort(1000, seed=4))
    assert once == select_sorties(task, urgency, (1, 2), Effort(1000, seed=4))


def test_urgency_grows_with_priority_and_with_time_since_seen() -> None:
    """A place never seen is twice as overdue as any other, and at least twice its interval."""
    found = urgencies(
        np.array([1.0, 1.0, 3.0, 1.0, 0.0]),
        np.array([DAY_S, 3.0 * DAY_S, DAY_S, math.inf, math.inf]),
        np.full(5, DAY_S),
    )
    assert found.tolist() == [1.0, 3.0, 3.0, 6.0, 0.0]
    assert urgencies(np.ones(1), np.array([np.inf]), np.ones(1)).tolist() == [2.0]


@pytest.mark.parametrize(
    ("priority", "seen_s_ago", "every_s", "words"),
    [(-1.0, 0.0, 1.0, "Priorities"), (1.0, -1.0, 1.0, "future"), (1.0, 0.0, 0.0, "0 seconds")],
)
def test_urgencies_need_numbers_that_make_sense(
    priority: float, seen_s_ago: float, every_s: float, words: str
) -> None:
    """The sentence says which number is wrong."""
    with pytest.raises(PlanningError, match=words):
        urgencies(np.array([priority]), np.array([seen_s_ago]), np.array([every_s]))


def test_docks_and_places_must_agree() -> None:
    """A number for each."""
    task, urgency = scattered(5, 4000.0)
    with pytest.raises(PlanningError, match="2 docks and 5 places"):
        select_sorties(task, urgency, (1,), Effort(1))


@given(seed=st.integers(0, 2**32))
def test_shuffled_sorties_are_the_same_sorties(seed: int) -> None:
    """In another order and direction; the same seed gives the same."""
    sorties = tuple(Sortie(k % 2, (3 * k, 3 * k + 1, 3 * k + 2), 100.0 + k) for k in range(8))
    shuffled = shuffled_sorties(sorties, seed)
    assert shuffled == shuffled_sorties(sorties, seed)
    unturned = {min(each.places, each.places[::-1]): each.length_m for each in shuffled}
    assert unturned == {each.places: each.length_m for each in sorties}


def test_another_seed_gives_another_patrol() -> None:
    """Eight sorties have ten million orders and directions."""
    sorties = tuple(Sortie(0, (2 * k, 2 * k + 1), 1.0) for k in range(8))
    assert shuffled_sorties(sorties, 1) != shuffled_sorties(sorties, 2)
    assert random_delays_s(3, 600.0, 1).tolist() != random_delays_s(3, 600.0, 2).tolist()
    assert random_delays_s(3, 600.0, 1).tolist() == random_delays_s(3, 600.0, 1).tolist()
    assert (random_delays_s(50, 600.0, 1) <= 600.0).all()
    with pytest.raises(PlanningError, match="0 or more"):
        random_delays_s(3, -1.0, 1)
