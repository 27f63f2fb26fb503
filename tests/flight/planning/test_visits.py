"""Paths over places that never leave the open air, and flights that stay within their limits."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.links import Passage
from flight.planning.sortie_balance import Crews, even_sorties
from flight.planning.sortie_tasks import Effort, Sortie, SortieTask
from flight.planning.visits import Round, Rounds, lead_sorties, plan_visits, reachable_task
from flight.planning.work import Stop

AIR = shapely.box(-1000.0, -1000.0, 1000.0, 1000.0)
WALL = shapely.box(-20.0, -800.0, 20.0, 800.0)


def mesh(limit_m: float, docks: tuple[tuple[float, float], ...] = ((-500.0, 0.0),)) -> SortieTask:
    """Six by six places 200 m apart."""
    steps = np.linspace(-500.0, 500.0, 6)
    places_m = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    return SortieTask(places_m, np.array(docks), np.array([limit_m]))


def flown_m(task: SortieTask, flight: Round, passage: Passage) -> float:
    """The whole way measured anew, stops counted; every leg must be open."""
    dock = (float(task.docks_m[flight.dock, 0]), float(task.docks_m[flight.dock, 1]))
    points = [(float(x), float(y)) for x, y in flight.work.points]
    out, back = passage.way(dock, points[0]), passage.way(points[-1], dock)
    assert out is not None
    assert back is not None
    way = np.array([*out, *points[1:-1], *back]) if len(points) > 1 else np.array([*out, *back[1:]])
    assert passage.sees(way[:-1], way[1:]).all()
    stops_m = float(task.stops_m[list(flight.places)].sum())
    return sum(math.dist(a, b) for a, b in itertools.pairwise(way.tolist())) + stops_m


def assert_sound(task: SortieTask, found: Rounds, passage: Passage) -> None:
    """All places once or not reached, every flight open, measured rightly and within its limit."""
    visited = [place for each in found.rounds for place in each.places]
    assert sorted([*visited, *found.unreached]) == list(range(len(task.places_m)))
    for flight in found.rounds:
        assert flown_m(task, flight, passage) == pytest.approx(flight.length_m, abs=1e-3)
        assert flight.length_m <= task.limits_m[flight.dock]


corners = st.integers(-900, 800)


@given(
    boxes=st.lists(st.tuples(corners, corners, st.integers(20, 500)), max_size=4),
    limit_m=st.sampled_from([1800.0, 3000.0, 6000.0]),
    stop_m=st.sampled_from([0.0, 25.0]),
)
@settings(max_examples=40, deadline=None)
def test_flights_keep_out_of_zones_and_within_their_limits(
    boxes: list[tuple[int, int, int]], limit_m: float, stop_m: float
) -> None:
    """Whatever zones lie between places and docks, on top of places too."""
    zones = shapely.union_all([shapely.box(x, y, x + wide, y + wide) for x, y, wide in boxes])
    docks_m = [(-990.0, -990.0), (990.0, 990.0)]
    air = AIR.difference(zones).union(shapely.MultiPoint(docks_m).buffer(5.0)).buffer(0.0)
    passage = Passage(air)
    plain = mesh(limit_m, ((-990.0, -990.0), (990.0, 990.0)))
    task = SortieTask(
        plain.places_m, plain.docks_m, plain.limits_m, np.full(len(plain.places_m), stop_m)
    )
    assert_sound(task, plan_visits(task, passage, Effort(200)), passage)


def test_every_place_is_visited_when_the_air_is_open() -> None:
    """Without zones the flights are those of the sorties."""
    task = mesh(3000.0)
    passage = Passage(AIR)
    found = plan_visits(task, passage, Effort(3000))
    assert_sound(task, found, passage)
    assert found.unreached == ()
    assert all(np.isin(each.work.points, task.places_m).all() for each in found.rounds)


def test_a_wall_is_flown_round() -> None:
    """The way from one side to the other leads over the wall's end, and is counted."""
    passage = Passage(AIR.difference(WALL))
    task = SortieTask(
        np.array([[-100.0, 0.0], [100.0, 0.0]]), np.array([[-200.0, 0.0]]), np.array([9000.0])
    )
    (flight,) = plan_visits(task, passage, Effort(100)).rounds
    assert flight.length_m > 4 * 800.0
    assert len(flight.work.points) == 4
    assert len(flight.work.cuts) == 1


def test_what_a_wall_puts_out_of_reach_is_told() -> None:
    """As the crow flies it would be near."""
    passage = Passage(AIR.difference(WALL))
    task = SortieTask(
        np.array([[-100.0, 0.0], [100.0, 0.0]]), np.array([[-200.0, 0.0]]), np.array([900.0])
    )
    found = plan_visits(task, passage, Effort(100))
    assert found.unreached == (1,)
    assert [each.places for each in found.rounds] == [(0,)]


def test_a_place_in_a_narrow_zone_is_looked_at_from_beside_it() -> None:
    """One deep inside a wide zone is not."""
    air = AIR.difference(WALL).difference(shapely.box(300.0, -300.0, 900.0, 300.0))
    task = SortieTask(
        np.array([[15.0, 0.0], [600.0, 0.0]]), np.array([[100.0, 0.0]]), np.array([5000.0])
    )
    found = plan_visits(task, Passage(air), Effort(100))
    assert found.unreached == (1,)
    assert found.rounds[0].work.points.tolist() == [[20.0, 0.0]]


def test_sorties_beside_a_wall_are_searched_with_their_true_lengths() -> None:
    """None is over its limit once it is led round, so none has to be divided.

    Led round afterwards, sorties that were planned across the wall were divided, and were longer.
    """
    passage = Passage(AIR.difference(WALL))
    task = mesh(4000.0, ((-500.0, 0.0), (-500.0, 400.0)))
    near, reached = reachable_task(task, passage)
    found = even_sorties(near, near.dock_legs_m(), Crews((1, 1)), Effort(6000))
    led = lead_sorties(task.part(reached), found, passage)
    assert [flight.places for flight in led.rounds] == [each.places for each in found]
    assert all(each.length_m <= 4000.0 for each in found)
    blind = even_sorties(
        dataclasses.replace(near, ways=None), near.dock_legs_m(), Crews((1, 1)), Effort(6000)
    )
    seen_m = sum(flight.length_m for flight in led.rounds)
    mended = lead_sorties(task.part(reached), blind, passage)
    assert len(mended.rounds) > len(blind)
    assert seen_m < sum(flight.length_m for flight in mended.rounds)


def test_paths_may_be_divided_between_any_two_places() -> None:
    """What lies between them is flown round zones only if it is not."""
    task, passage = mesh(90_000.0), Passage(AIR.difference(WALL))
    sorties = [Sortie(0, tuple(range(36)), 0.0)]
    (flight,) = lead_sorties(task, sorties, passage, hover_s=4.0).rounds
    assert len(flight.work.points) > 36
    places = [flight.work.cuts[0][0], *(after for _, after in flight.work.cuts)]
    assert flight.work.points[places].tolist() == task.places_m[list(flight.places)].tolist()
    assert dict(flight.work.stops) == dict.fromkeys(places, Stop(4.0))


def test_given_sorties_keep_their_order_and_are_divided_where_too_long() -> None:
    """The limit holds with true lengths."""
    passage = Passage(AIR.difference(WALL))
    places_m = np.array([[-100.0, 600.0], [-100.0, 700.0], [100.0, 700.0], [100.0, 600.0]])
    sorties = [Sortie(0, (0, 1, 2, 3), 0.0)]
    for limit_m, flights in ((2900.0, [(0, 1, 2, 3)]), (2140.0, [(0, 1), (2, 3)])):
        task = SortieTask(places_m, np.array([[-100.0, 0.0]]), np.array([limit_m]))
        found = lead_sorties(task, sorties, passage)
        assert [each.places for each in found.rounds] == flights
        assert_sound(task, found, passage)


def test_the_same_effort_gives_the_same_flights() -> None:
    """A patrol planned twice is the same patrol."""
    task, passage = mesh(3500.0), Passage(AIR.difference(WALL))
    once, again = (plan_visits(task, passage, Effort(1000, seed=2)) for _ in range(2))
    assert [each.places for each in once.rounds] == [each.places for each in again.rounds]
