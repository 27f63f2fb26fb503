"""The laws of foretold time and energy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanningError, WindTooStrongError
from flight.planning.aircraft import Aircraft
from flight.planning.energy import energy_home_wh, foretell, foretell_flight, needed_wh, transits
from flight.planning.wind import CALM, Wind

COPTER = Aircraft("drone-1", "dock-1")
OUT_AND_BACK = np.array([[0.0, 0.0, 40.0], [400.0, 0.0, 40.0], [0.0, 0.0, 40.0]])
coordinates = st.floats(-600, 600)
routes = st.lists(
    st.tuples(coordinates, coordinates, st.floats(10, 90)), min_size=2, max_size=8
).map(np.array)
winds = st.tuples(st.floats(-9, 9), st.floats(-9, 9)).map(lambda v: Wind(*v))
law = settings(max_examples=20, deadline=None)


def turned(points: np.ndarray, angle: float) -> np.ndarray:
    """Rows with their first two numbers rotated."""
    rotation = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return np.column_stack([points[:, :2] @ rotation, points[:, 2]])


@law
@given(routes, st.floats(2, 14), winds)
def test_parts_are_positive_and_make_up_the_whole(
    route: np.ndarray, speed_mps: float, wind: Wind
) -> None:
    """No leg takes less than nothing, and nothing is lost between them."""
    told = foretell(route, speed_mps, wind, COPTER)
    assert told.leg_times_s.shape == told.leg_energies_wh.shape == (len(route) - 1,)
    assert (told.leg_times_s >= 0).all()
    assert (told.leg_energies_wh >= 0).all()
    assert told.time_s == pytest.approx(told.leg_times_s.sum())
    assert told.energy_wh == pytest.approx(told.leg_energies_wh.sum())


@law
@given(routes, st.floats(2, 14), winds, st.floats(0, 2 * math.pi))
def test_only_the_angle_between_wind_and_route_counts(
    route: np.ndarray, speed_mps: float, wind: Wind, angle: float
) -> None:
    """Turning both together changes nothing."""
    east, north, _ = turned(wind.vector[None, :], angle)[0]
    one = foretell(route, speed_mps, wind, COPTER)
    two = foretell(turned(route, angle), speed_mps, Wind(east, north), COPTER)
    assert two.time_s == pytest.approx(one.time_s, rel=1e-4)
    assert two.energy_wh == pytest.approx(one.energy_wh, rel=2e-3)


@law
@given(st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=8), st.floats(2, 14))
def test_a_level_route_in_still_air_takes_as_long_backwards(
    places: list[tuple[float, float]], speed_mps: float
) -> None:
    """Time has no direction."""
    route = np.array([(*place, 40.0) for place in places])
    there = foretell(route, speed_mps, CALM, COPTER)
    back = foretell(route[::-1], speed_mps, CALM, COPTER)
    assert back.time_s == pytest.approx(there.time_s, rel=1e-6)
    assert back.energy_wh == pytest.approx(there.energy_wh, rel=1e-3)


@law
@given(st.floats(0, 20), st.floats(0, 2), st.floats(0, 360), st.floats(4, 14))
def test_a_stronger_wind_never_shortens_the_way_out_and_back(
    wind_mps: float, more_mps: float, from_deg: float, speed_mps: float
) -> None:
    """What the one way gains the other loses, at the least."""
    less = foretell(OUT_AND_BACK, speed_mps, Wind.coming_from(from_deg, wind_mps), COPTER)
    more = Wind.coming_from(from_deg, wind_mps + more_mps)
    assert foretell(OUT_AND_BACK, speed_mps, more, COPTER).time_s >= less.time_s - 1e-6


def test_a_headwind_beyond_the_lean_costs_time() -> None:
    """14 m/s over the ground against 15 m/s of wind is more than 23.6 m/s through the air."""
    calm = foretell(OUT_AND_BACK, 14.0, CALM, COPTER)
    times = [foretell(OUT_AND_BACK, 14.0, Wind(mps), COPTER).time_s for mps in (5, 12, 15, 18)]
    assert times[0] == pytest.approx(calm.time_s)
    assert calm.time_s < times[1] < times[2] < times[3]


def test_against_the_wind_costs_more_than_with_it() -> None:
    """At the same ground speed the air makes the difference."""
    out_wh, back_wh = foretell(OUT_AND_BACK, 10.0, Wind(-8.0), COPTER).leg_energies_wh
    assert out_wh > 1.2 * back_wh


@pytest.mark.parametrize("wind", [Wind(-25.0), Wind(0.0, 30.0), Wind(math.nan)])
def test_a_wind_that_cannot_be_held_is_an_error(wind: Wind) -> None:
    """Typed, with the aircraft's name and what to do."""
    for ask in (
        lambda: foretell(OUT_AND_BACK, 8.0, wind, COPTER),
        lambda: energy_home_wh(OUT_AND_BACK, (0, 0, 40), 8.0, wind, COPTER),
    ):
        with pytest.raises(WindTooStrongError, match=r"'drone-1'.*Wait"):
            ask()


@pytest.mark.parametrize(
    ("points", "speed_mps", "hovers_s"),
    [
        (OUT_AND_BACK[:, :2], 8.0, None),
        (OUT_AND_BACK + math.inf, 8.0, None),
        (OUT_AND_BACK, 0.0, None),
        (OUT_AND_BACK, math.nan, None),
        (OUT_AND_BACK, 8.0, [1.0]),
        (OUT_AND_BACK, 8.0, [0.0, -1.0, 0.0]),
    ],
)
def test_what_cannot_be_flown_is_refused(
    points: np.ndarray, speed_mps: float, hovers_s: list[float] | None
) -> None:
    """Shapes and numbers."""
    with pytest.raises(PlanningError):
        foretell(points, speed_mps, CALM, COPTER, hovers_s)


def test_hovering_stops_and_takes_its_time_and_power() -> None:
    """30 s at a point of a straight way: 30 s, and one stop, at 390 W out of the cells."""
    straight = np.array([[0.0, 0.0, 40.0], [200.0, 0.0, 40.0], [400.0, 0.0, 40.0]])
    passing = foretell(straight, 8.0, CALM, COPTER)
    stopping = foretell(straight, 8.0, CALM, COPTER, [0.0, 30.0, 0.0])
    halt_s = 8.0 / 2.5 + 2.5 + 0.3
    assert stopping.time_s - passing.time_s == pytest.approx(30.0 + halt_s, abs=0.01)
    more_wh = stopping.energy_wh - passing.energy_wh
    assert more_wh == pytest.approx(390.0 * (30.0 + halt_s / 2.0) / 3600.0, rel=0.1)
    waiting = foretell(straight[:1], 8.0, CALM, COPTER, [60.0])
    assert waiting.time_s == 60.0
    assert waiting.energy_wh == pytest.approx(6.48, abs=0.03)


def test_a_whole_flight_adds_take_off_and_landing() -> None:
    """As long as the aircraft says, and dearer per second than the cruise."""
    route = foretell(OUT_AND_BACK, 8.0, CALM, COPTER)
    flight = foretell_flight(OUT_AND_BACK, 8.0, CALM, COPTER)
    vertical_s = flight.time_s - route.time_s
    assert vertical_s == pytest.approx(COPTER.vertical_time_s(40.0))
    assert 0.08 < (flight.energy_wh - route.energy_wh) / vertical_s < 0.12


@law
@given(routes, st.floats(4, 12), winds)
def test_single_ways_agree_with_routes_of_one_leg(
    route: np.ndarray, speed_mps: float, wind: Wind
) -> None:
    """Two ways of adding up the same power."""
    times, energies = transits(route[:-1], route[1:], speed_mps, wind, COPTER)
    for start, end, time_s, energy_wh in zip(route[:-1], route[1:], times, energies, strict=True):
        told = foretell(np.array([start, end]), speed_mps, wind, COPTER)
        assert time_s == pytest.approx(told.time_s)
        assert energy_wh == pytest.approx(told.energy_wh, rel=4e-3, abs=1e-6)


def test_the_way_home_is_dearest_from_the_far_end_upwind_of_home() -> None:
    """The farthest point counts against the wind, and a longer way costs more."""
    points = np.array([[x, 0.0, 40.0] for x in (-800.0, -100.0, 0.0, 100.0, 800.0)])
    home_wh = energy_home_wh(points, (0.0, 0.0, 40.0), 8.0, Wind(8.0), COPTER)
    assert home_wh.argmin() == 2
    assert home_wh[4] > home_wh[0] > home_wh[1]
    around = energy_home_wh(
        points, (0.0, 0.0, 40.0), 8.0, Wind(8.0), COPTER, np.abs(points[:, 0]) + 200.0
    )
    assert (around > home_wh + 2.0).all()


def test_a_return_from_below_climbs_first() -> None:
    """Coming home at 60 m from 20 m costs more than from 60 m, less than climb and fall apart."""
    points = np.array([[300.0, 0.0, 20.0], [300.0, 0.0, 60.0]])
    low_wh, high_wh = energy_home_wh(points, (0.0, 0.0, 60.0), 8.0, CALM, COPTER)
    assert 40.0 / 2.5 * 400.0 / 3600.0 < low_wh - high_wh < 3.0


def test_breaking_off_at_the_end_is_the_flight_itself() -> None:
    """Above home there is only the landing left, as in the plan."""
    flight = foretell_flight(OUT_AND_BACK, 8.0, Wind(5.0), COPTER)
    needed = needed_wh(OUT_AND_BACK, flight, (0.0, 0.0, 40.0), 8.0, Wind(5.0), COPTER)
    assert needed[-1] == pytest.approx(flight.energy_wh)
    assert needed[0] < needed[1]


def test_winds_are_given_by_where_they_come_from() -> None:
    """A west wind blows to the east."""
    west = Wind.coming_from(270.0, 5.0)
    assert (west.east_mps, west.north_mps) == pytest.approx((5.0, 0.0), abs=1e-12)
    assert west.speed_mps == pytest.approx(5.0)
