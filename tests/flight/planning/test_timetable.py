"""Every flight gets an aircraft and a time; more aircraft are used only where that ends sooner."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanningError
from flight.planning.timetable import Flights, Slot, Timetable, Upkeep, make_timetable

BY_ITSELF = Upkeep(swap_s=0.0)


def alike(durations_s: list[float], aircraft: int, upkeep: Upkeep = BY_ITSELF) -> Flights:
    """Flights that every aircraft of one dock flies in the same time, at 0.1 Wh a second."""
    times_s = np.tile(np.array(durations_s)[:, None], (1, aircraft))
    return Flights(times_s, 0.1 * times_s, (upkeep,) * aircraft, (0,) * aircraft)


def of_aircraft(table: Timetable, aircraft: int) -> list[Slot]:
    """Its flights in order of time."""
    return sorted((s for s in table.slots if s.aircraft == aircraft), key=lambda s: s.start_s)


@st.composite
def fleets(draw: st.DrawFn) -> Flights:
    """Up to eight flights and four aircraft of different speed at up to two docks."""
    docks = draw(st.lists(st.integers(0, 1), min_size=1, max_size=4))
    of_flight = draw(st.lists(st.sampled_from(docks), min_size=1, max_size=8))
    times_s = np.array(
        [
            [float(draw(st.integers(60, 1800))) if dock == own else math.inf for dock in docks]
            for own in of_flight
        ]
    )
    upkeep = Upkeep(
        set_up_s=draw(st.sampled_from([0.0, 300.0])),
        swap_s=draw(st.sampled_from([0.0, 120.0])),
        batteries=draw(st.integers(1, 3)),
        charge_s=draw(st.sampled_from([0.0, 600.0])),
        charge_s_per_wh=draw(st.sampled_from([0.0, 20.0])),
    )
    energies_wh = np.where(np.isfinite(times_s), 0.1 * times_s, 0.0)
    return Flights(times_s, energies_wh, (upkeep,) * len(docks), tuple(docks))


@given(flights=fleets())
@settings(max_examples=100, deadline=None)
def test_no_aircraft_flies_two_flights_at_once_or_on_an_empty_battery(flights: Flights) -> None:
    """Every flight is made once, by one that can, after set-up, swap and charging."""
    table = make_timetable(flights)
    assert [slot.flight for slot in table.slots] == list(range(len(flights.durations_s)))
    assert table.end_s == max(slot.end_s for slot in table.slots)
    for aircraft, upkeep in enumerate(flights.upkeep):
        own = of_aircraft(table, aircraft)
        full_s: list[float] = [0.0] * upkeep.batteries
        for slot in own:
            time_s = flights.durations_s[slot.flight, aircraft]
            assert math.isfinite(time_s)
            assert slot.end_s == pytest.approx(slot.start_s + time_s)
            assert slot.start_s >= upkeep.set_up_s
            assert slot.start_s >= min(full_s) - 1e-9
            used_wh = flights.energies_wh[slot.flight, aircraft]
            full_s[full_s.index(min(full_s))] = (
                slot.end_s + upkeep.charge_s + upkeep.charge_s_per_wh * used_wh
            )
        for before, after in itertools.pairwise(own):
            assert after.start_s >= before.end_s + upkeep.swap_s - 1e-9


@given(
    durations_s=st.lists(st.integers(60, 1800).map(float), min_size=1, max_size=6),
    aircraft=st.integers(1, 3),
)
@settings(max_examples=60, deadline=None)
def test_the_patrol_ends_nearly_as_soon_as_is_possible(
    durations_s: list[float], aircraft: int
) -> None:
    """Within the third that longest-first promises; the best is found by trying all."""
    best_s = min(
        max(
            sum(t for t, who in zip(durations_s, crew, strict=True) if who == each)
            for each in range(aircraft)
        )
        for crew in itertools.product(range(aircraft), repeat=len(durations_s))
    )
    end_s = make_timetable(alike(durations_s, aircraft)).end_s
    assert best_s - 1e-6 <= end_s <= (4.0 / 3.0) * best_s + 1e-6


def test_swaps_better_what_longest_first_hands_out() -> None:
    """3 3 2 2 2 on two aircraft: longest first ends after 7, moving flights after 6."""
    assert make_timetable(alike([300.0, 300.0, 200.0, 200.0, 200.0], 2)).end_s == 600.0


def test_more_aircraft_are_used_only_while_they_pay() -> None:
    """Set-up of 25 min each: three aircraft are done before two or four."""
    flights = alike([1500.0] * 6, 4, Upkeep(set_up_s=1500.0, swap_s=0.0))
    table = make_timetable(flights)
    used = {slot.aircraft for slot in table.slots}
    ends_s = table.ends_s[0]
    assert table.end_s == min(ends_s)
    assert len(used) == ends_s.index(min(ends_s)) + 1 == 3
    assert ends_s[0] > ends_s[2] <= ends_s[3]


def test_a_crew_sets_up_one_aircraft_after_the_other() -> None:
    """The second is ready when the first has long been in the air."""
    table = make_timetable(alike([2000.0, 2000.0], 2, Upkeep(set_up_s=1000.0, swap_s=0.0)))
    assert sorted(slot.start_s for slot in table.slots) == [1000.0, 2000.0]
    assert table.ends_s == ((5000.0, 4000.0),)


def test_the_most_charging_comes_last() -> None:
    """Nobody waits for the battery of the last flight, so the longest one is made then."""
    table = make_timetable(alike([1200.0, 600.0], 1, Upkeep(swap_s=60.0, charge_s_per_wh=30.0)))
    assert [slot.flight for slot in of_aircraft(table, 0)] == [1, 0]
    assert table.end_s == 600.0 + 30.0 * 60.0 + 1200.0


def test_a_second_battery_saves_the_charging() -> None:
    """It is swapped in while the first one charges."""
    one = make_timetable(alike([600.0] * 3, 1, Upkeep(swap_s=60.0, charge_s=1800.0)))
    two = make_timetable(alike([600.0] * 3, 1, Upkeep(swap_s=60.0, charge_s=1800.0, batteries=2)))
    assert one.end_s == 3 * 600.0 + 2 * 1800.0
    assert two.end_s == 600.0 + 1800.0 + 600.0


def test_weak_aircraft_get_the_short_flights() -> None:
    """One that cannot make the long flight does not keep the other from it."""
    times_s = np.array([[900.0, math.inf], [300.0, 300.0]])
    table = make_timetable(Flights(times_s, np.zeros((2, 2)), (BY_ITSELF,) * 2, (0, 0)))
    assert [slot.aircraft for slot in table.slots] == [0, 1]
    assert table.end_s == 900.0


def test_a_flight_that_nobody_can_make_is_refused() -> None:
    """The sentence says which and what to do."""
    with pytest.raises(PlanningError, match="flight 1"):
        Flights(np.array([[60.0], [math.inf]]), np.zeros((2, 1)), (BY_ITSELF,), (0,))


def test_nothing_to_fly_is_over_at_once() -> None:
    """An empty patrol has an empty timetable."""
    assert make_timetable(alike([], 2)) == Timetable((), 0.0, ((0.0, 0.0),))


def test_flights_and_upkeep_make_sense() -> None:
    """Shapes fit, and no aircraft is without a battery."""
    with pytest.raises(ValueError, match="do not fit"):
        Flights(np.ones((2, 1)), np.ones((2, 1)), (), ())
    with pytest.raises(ValueError, match="two docks"):
        Flights(np.ones((1, 2)), np.ones((1, 2)), (BY_ITSELF,) * 2, (0, 1))
    with pytest.raises(PlanningError, match="battery"):
        Upkeep(batteries=0)
