"""Every place once, no sortie over its limit, the same sorties for the same effort."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanningError
from flight.planning.sortie_search import shorten_sorties
from flight.planning.sortie_start import first_sorties, split_order
from flight.planning.sortie_tasks import ITERATIONS_PER_S, Effort, Sortie, SortieTask
from flight.planning.sorties import plan_sorties


def mesh(wide: int, limit_m: float = 5000.0, docks: int = 2) -> SortieTask:
    """Places 100 m apart in a square, docks on its lower edge."""
    k = np.arange(wide * wide)
    places_m = 100.0 * np.stack([k % wide, k // wide], axis=1).astype(np.float64)
    docks_m = np.array([[100.0 * wide * (d + 0.5) / docks, -50.0] for d in range(docks)])
    return SortieTask(places_m, docks_m, np.full(docks, limit_m))


def total_m(sorties: tuple[Sortie, ...]) -> float:
    """Length of all sorties together."""
    return math.fsum(sortie.length_m for sortie in sorties)


def assert_whole(task: SortieTask, sorties: tuple[Sortie, ...]) -> None:
    """Every place is visited once, and lengths are true and within the limits."""
    assert sorted(p for sortie in sorties for p in sortie.places) == list(range(len(task.places_m)))
    for sortie in sorties:
        assert sortie.length_m == task.length_m(sortie.dock, np.array(sortie.places))
        assert sortie.length_m <= task.limits_m[sortie.dock]


coordinates = st.floats(-3000.0, 3000.0)
points = st.tuples(coordinates, coordinates)


@given(
    places=st.lists(points, min_size=1, max_size=30),
    docks=st.lists(points, min_size=1, max_size=3),
    slack_m=st.floats(0.0, 9000.0),
    stop_m=st.sampled_from([0.0, 40.0]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60, deadline=None)
def test_every_place_is_visited_once_within_the_limit(
    places: list[tuple[float, float]],
    docks: list[tuple[float, float]],
    slack_m: float,
    stop_m: float,
    seed: int,
) -> None:
    """Wherever places and docks lie, on top of each other too, whatever the limit allows."""
    apart_m = max(min(math.dist(p, d) for d in docks) for p in places)
    limit_m = 2.0 * apart_m + stop_m + slack_m + 0.1
    task = SortieTask(
        np.array(places), np.array(docks), np.array([limit_m]), np.full(len(places), stop_m)
    )
    first = first_sorties(task)
    assert_whole(task, first)
    short = shorten_sorties(task, first, Effort(300, seed))
    assert_whole(task, short)
    assert total_m(short) <= total_m(first) + 1e-6


def test_the_search_shortens_rows_to_within_a_tenth_of_the_mesh() -> None:
    """A square of 144 places cannot be visited in less than 100 m each; the search comes near."""
    task = mesh(12)
    short = plan_sorties(task)
    assert_whole(task, short)
    assert total_m(short) < 1.1 * 100.0 * 144
    assert total_m(short) < total_m(first_sorties(task))


def test_the_same_effort_gives_the_same_sorties() -> None:
    """Another seed gives others."""
    task = mesh(10)
    once = plan_sorties(task, Effort(3000, seed=5))
    assert once == plan_sorties(task, Effort(3000, seed=5))
    assert once != plan_sorties(task, Effort(3000, seed=6))


def test_docks_have_limits_of_their_own() -> None:
    """A dock with a weak aircraft leaves the far places to the other."""
    places_m = np.array([[float(x), 0.0] for x in range(100, 2000, 100)])
    task = SortieTask(places_m, np.array([[0.0, 0.0], [2000.0, 0.0]]), np.array([900.0, 9000.0]))
    sorties = plan_sorties(task, Effort(2000))
    assert_whole(task, sorties)
    assert max(task.places_m[p, 0] for s in sorties if s.dock == 0 for p in s.places) <= 450.0


@given(places=st.lists(points, min_size=1, max_size=7), slack_m=st.floats(0.0, 9000.0))
@settings(max_examples=40, deadline=None)
def test_the_split_of_an_order_is_the_shortest_there_is(
    places: list[tuple[float, float]], slack_m: float
) -> None:
    """No other way to cut it is shorter, tried one by one."""
    limit_m = 2.0 * max(math.hypot(*place) for place in places) + slack_m + 0.1
    task = SortieTask(np.array(places), np.zeros((1, 2)), np.array([limit_m]))
    order = np.arange(len(places))
    totals_m = []
    for cuts in itertools.product([False, True], repeat=len(places) - 1):
        pieces = np.split(order, np.flatnonzero(cuts) + 1)
        lengths_m = [task.length_m(0, piece) for piece in pieces]
        totals_m.append(sum(lengths_m) if max(lengths_m) <= limit_m else math.inf)
    found = list(split_order(task, 0, order))
    assert np.concatenate(found).tolist() == order.tolist()
    assert sum(task.length_m(0, piece) for piece in found) == pytest.approx(min(totals_m))


def test_nothing_to_visit_needs_no_sortie() -> None:
    """An empty task is a plan, not an error."""
    assert plan_sorties(SortieTask(np.zeros((0, 2)), np.zeros((1, 2)), np.array([1.0]))) == ()


def test_a_stopped_search_keeps_what_it_found() -> None:
    """Whoever cannot wait gets sorties that may fly."""
    task = mesh(8)
    first = first_sorties(task)
    stopped = shorten_sorties(
        task, first, Effort(200_000), keep_going=lambda _share, _length_m: False
    )
    assert_whole(task, stopped)
    assert total_m(stopped) <= total_m(first)


def test_seconds_of_effort_are_steps() -> None:
    """A clock would make plans depend on the load of the machine."""
    assert Effort.of_seconds(2.0, seed=3) == Effort(2 * ITERATIONS_PER_S, seed=3)
    assert Effort.for_places(4747).iterations < Effort.of_seconds(10.0).iterations
    assert Effort.for_places(1).iterations > 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"docks_m": np.zeros((0, 2))}, "dock"),
        ({"limits_m": np.array([300.0])}, "100 m more"),
        ({"places_m": np.array([[np.nan, 0.0]])}, "finite"),
        ({"stops_m": np.array([1.0, 2.0])}, "2 stops"),
    ],
)
def test_what_cannot_be_visited_is_refused_in_words(
    change: dict[str, np.ndarray], words: str
) -> None:
    """The sentence says what is wrong and what to do."""
    task: dict[str, Any] = {
        "places_m": np.array([[200.0, 0.0]]),
        "docks_m": np.zeros((1, 2)),
        "limits_m": np.array([500.0]),
    }
    with pytest.raises(PlanningError, match=words):
        plan_sorties(SortieTask(**{**task, **change}), Effort(0))


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf])
def test_effort_is_a_number_of_steps(seconds: float) -> None:
    """Less than nothing is refused."""
    with pytest.raises(PlanningError, match="0 or more"):
        Effort.of_seconds(seconds)
    with pytest.raises(PlanningError, match="0 or more"):
        Effort(-1)
