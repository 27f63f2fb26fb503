"""Paths are cut between lanes, evenly by time, and by battery where that is not enough."""

import dataclasses
import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import OutOfReachError, PlanningError
from flight.planning.aircraft import Aircraft
from flight.planning.division import Costs, Flight, Timetable
from flight.planning.division import divide as divide_path

LANES = 6
# Six lanes of 300 m, 30 m apart, flown back and forth.
PATH = np.array([[300.0 * ((i + side) % 2), 30.0 * i] for i in range(LANES) for side in (0, 1)])
CUTS = [(2 * i + 1, 2 * i + 2) for i in range(LANES - 1)]


def table(crew: list[Aircraft], docks: list[tuple[float, float]]) -> Timetable:
    """Times at 8 m/s with straight transits from some docks, and 6 Wh a minute."""
    legs_m = np.hypot(*np.diff(PATH, axis=0).T)
    until_s = np.concatenate([[0.0], np.cumsum(legs_m)]) / 8.0
    times = []
    for dock in docks:
        transit_s = np.hypot(*(PATH - np.array(dock)).T) / 8.0
        times.append(Costs(until_s, transit_s + 60.0, transit_s))
    energies = [Costs(t.until / 10.0, t.out / 10.0, t.home / 10.0) for t in times]
    return Timetable(tuple(crew), tuple(times), tuple(energies))


def divide(times: Timetable, cuts: Sequence[tuple[int, int]]) -> tuple[Flight, ...]:
    """Divide the six lanes."""
    division = divide_path(times, cuts, len(PATH))
    assert not division.left_out
    return division.flights


def crew(count: int, endurance_s: float = 1500.0) -> list[Aircraft]:
    """Some equal aircraft."""
    return [Aircraft(f"d{i}", f"dock-{i}", endurance_s) for i in range(count)]


def flown(flights: tuple[Flight, ...]) -> list[int]:
    """All points flown over, in order."""
    return [i for flight in flights for i in range(flight.first, flight.last + 1)]


def test_equal_aircraft_at_one_dock_share_evenly() -> None:
    """Two aircraft, three lanes each."""
    flights = divide(table(crew(2), [(150, 75), (150, 75)]), CUTS)
    assert sorted((f.first, f.last) for f in flights) == [(0, 5), (6, 11)]


def test_each_aircraft_takes_the_side_of_its_dock() -> None:
    """The aircraft at the top takes the upper lanes, whatever its number."""
    flights = divide(table(crew(2), [(0, 900), (0, -900)]), CUTS)
    assert [f.aircraft_index for f in sorted(flights, key=lambda f: f.first)] == [1, 0]


def test_a_far_aircraft_gets_less() -> None:
    """Time counts, not the number of lanes."""
    near, far = divide(table(crew(2), [(0, 0), (0, 1500)]), CUTS)
    assert near.last - near.first > far.last - far.first


@settings(max_examples=30)
@given(st.integers(1, 5), st.floats(200.0, 2000.0))
def test_every_lane_is_flown_once_and_within_the_battery(count: int, endurance_s: float) -> None:
    """However it is cut, nothing is lost, nothing doubled, and nobody flies too long."""
    times = table(crew(count, endurance_s), [(0.0, 40.0 * i) for i in range(count)])
    lanes = [[Flight(k, 2 * lane, 2 * lane + 1) for k in range(count)] for lane in range(LANES)]
    beyond = [not any(map(times.fits, flights)) for flights in lanes]
    if all(beyond):
        with pytest.raises(OutOfReachError):
            divide(times, CUTS)
        return
    division = divide_path(times, CUTS, len(PATH))
    left = [i for first, last in division.left_out for i in range(first, last + 1)]
    assert left == [i for i in range(2 * LANES) if beyond[i // 2]]
    assert sorted([*flown(division.flights), *left]) == list(range(2 * LANES))
    for flight in division.flights:
        assert times.time_s(flight) <= 0.75 * endurance_s


def test_small_batteries_take_turns() -> None:
    """With batteries for two lanes, two aircraft fly in turn until all is flown."""
    times = table(crew(2, 300.0), [(0, 0), (0, 0)])
    flights = divide(times, CUTS)
    assert len(flights) > 2
    assert [f.aircraft_index for f in flights] == [i % 2 for i in range(len(flights))]


def test_more_aircraft_than_lanes_leaves_some_at_home() -> None:
    """Nobody flies nothing."""
    flights = divide(table(crew(4), [(0, 0)] * 4), CUTS[:1])
    assert len(flights) == 2


def test_lanes_too_long_for_a_battery_are_refused_by_name() -> None:
    """The message has both times."""
    with pytest.raises(OutOfReachError, match=r"'d0' would need \d+ s .* may fly 75 s"):
        divide(table(crew(1, 100.0), [(0, 0)]), CUTS)


def test_the_aircraft_that_is_there_first_flies_next() -> None:
    """One from far away leaves the work to the other until that is worth its way."""
    times = table(crew(2, 1700.0), [(0, 0), (0, -2400.0)])
    small = dataclasses.replace(times, aircraft=(crew(1, 300.0)[0], times.aircraft[1]))
    flights = divide(small, CUTS)
    assert [f.aircraft_index for f in flights][:2] == [0, 0]
    assert {f.aircraft_index for f in flights} == {0, 1}


def test_what_no_way_leads_to_is_left_out() -> None:
    """The rest is flown; where nothing can be reached, the message speaks of zones."""
    times = table(crew(1, 900.0), [(0, 0)])
    (costs,) = times.times_s
    walled = np.where(np.arange(2 * LANES) < 4, np.inf, costs.out)
    barred = Costs(costs.until, walled, costs.home)
    division = divide_path(dataclasses.replace(times, times_s=(barred,)), CUTS, len(PATH))
    assert division.left_out == ((0, 3),)
    assert flown(division.flights) == list(range(4, 2 * LANES))
    nowhere = Costs(costs.until, np.full(2 * LANES, np.inf), costs.home)
    with pytest.raises(OutOfReachError, match="No way leads from any dock"):
        divide(dataclasses.replace(times, times_s=(nowhere,)), CUTS)


def test_no_cut_is_one_flight() -> None:
    """A single lane is not cut."""
    assert divide(table(crew(2), [(0, 0), (0, 0)]), []) in (
        (Flight(0, 0, 11),),
        (Flight(1, 0, 11),),
    )


docks = st.tuples(st.integers(-900, 900), st.integers(-900, 900))


def longest_s(times: Timetable, flights: tuple[Flight, ...]) -> float:
    """Time of the longest flight, which is when the patrol is over."""
    return max(map(times.time_s, flights))


@settings(max_examples=25, deadline=None)
@given(st.lists(docks, min_size=1, max_size=3))
def test_no_other_cut_ends_the_patrol_sooner(at: list[tuple[float, float]]) -> None:
    """Compared with every order of the aircraft and every choice of cuts."""
    times = table(crew(len(at), 9000.0), at)
    others = [
        longest_s(times, flown_by(order, chosen))
        for order in itertools.permutations(range(len(at)))
        for chosen in itertools.combinations(CUTS, len(at) - 1)
    ]
    assert longest_s(times, divide(times, CUTS)) == pytest.approx(min(others))


def flown_by(order: tuple[int, ...], chosen: tuple[tuple[int, int], ...]) -> tuple[Flight, ...]:
    """One flight for each aircraft, between some cuts."""
    firsts = [0, *(after for _, after in chosen)]
    lasts = [*(before for before, _ in chosen), len(PATH) - 1]
    return tuple(Flight(*flight) for flight in zip(order, firsts, lasts, strict=True))


@settings(max_examples=25, deadline=None)
@given(st.lists(docks, min_size=1, max_size=6), st.integers(300, 2000))
def test_lanes_are_cut_nowhere_but_at_the_cuts(
    at: list[tuple[float, float]], endurance_s: int
) -> None:
    """Every piece begins behind a cut and ends before one."""
    times = table(crew(len(at), float(endurance_s)), at)
    try:
        flights = divide_path(times, CUTS, len(PATH)).flights
    except OutOfReachError:
        return
    assert {f.first for f in flights} <= {0, *(after for _, after in CUTS)}
    assert {f.last for f in flights} <= {len(PATH) - 1, *(before for before, _ in CUTS)}


def test_the_ways_from_and_to_the_dock_count_in_full() -> None:
    """At cruise speed, once for either end of the piece."""
    piece = Flight(0, 1, 2)
    near, far = (table(crew(1), [dock]).time_s(piece) for dock in ((0.0, 0.0), (0.0, -400.0)))
    ways_m = [math.dist(PATH[i], (0.0, -400.0)) - math.dist(PATH[i], (0.0, 0.0)) for i in (1, 2)]
    assert far - near == pytest.approx(sum(ways_m) / 8.0)


def test_more_flights_than_anybody_flies_are_refused() -> None:
    """The area is to be planned as several patrols."""
    path = np.array([[300.0 * ((i + side) % 2), 30.0 * i] for i in range(450) for side in (0, 1)])
    cuts = [(2 * i + 1, 2 * i + 2) for i in range(449)]
    until_s = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))]) / 8.0
    costs = Costs(until_s, np.full(len(path), 100.0), np.zeros(len(path)))
    times = Timetable(tuple(crew(1, 250.0)), (costs,), (costs,))
    with pytest.raises(PlanningError, match="more than 200 flights"):
        divide_path(times, cuts, len(path))


@settings(max_examples=25, deadline=None)
@given(st.integers(8, 60))
def test_no_flight_takes_more_energy_than_it_may(battery_wh: int) -> None:
    """The battery counts beside the time that is allowed."""
    weak = [Aircraft("d0", "dock-0", 9000.0, battery_wh=float(battery_wh))]
    times = table(weak, [(0, 0)])
    try:
        flights = divide_path(times, CUTS, len(PATH)).flights
    except OutOfReachError as error:
        assert "Wh" in str(error)  # noqa: PT017
        return
    energies = times.energies_wh[0]
    assert all(energies.of(f.first, f.last) <= 0.75 * battery_wh for f in flights)
