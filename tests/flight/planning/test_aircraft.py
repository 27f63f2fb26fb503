"""Times follow from speed, acceleration, jerk and turns."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanningError
from flight.planning.aircraft import Aircraft

COPTER = Aircraft("drone-1", "dock-1", acceleration_mps2=2.0)
RAMP_10_S = 10.0 / 2.0 + 2.0 / 1.0 + 0.3  # speed / acceleration + acceleration / jerk + build-up
points = st.lists(
    st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=2, max_size=12
).map(np.array)


def test_a_long_leg_is_cruise_with_two_ramps() -> None:
    """1000 m at 10 m/s: 100 s, and one ramp's time for starting and stopping together."""
    (time_s,) = COPTER.leg_times_s(np.array([[0.0, 0.0], [1000.0, 0.0]]), 10.0)
    assert time_s == pytest.approx(100.0 + RAMP_10_S)


def test_a_short_leg_never_reaches_cruise() -> None:
    """8 m with 1 m/s3: longer than the 4 s that 2 m/s2 alone would take."""
    (time_s,) = COPTER.leg_times_s(np.array([[0.0, 0.0], [8.0, 0.0]]), 10.0)
    without_build_up_s = 4.0 * (8.0 / 2.0) ** (1.0 / 3.0)
    assert without_build_up_s <= time_s < without_build_up_s + 4.0 * 0.3


def test_a_straight_joint_costs_nothing() -> None:
    """A point on a straight way does not slow the aircraft."""
    one = COPTER.leg_times_s(np.array([[0.0, 0.0], [200.0, 0.0]]), 8.0).sum()
    two = COPTER.leg_times_s(np.array([[0.0, 0.0], [90.0, 0.0], [200.0, 0.0]]), 8.0).sum()
    assert two == pytest.approx(one)


def test_sharper_turns_cost_more() -> None:
    """Time grows with the angle, from nothing to less than a full stop."""
    times = [COPTER.turn_time_s(turn, 8.0) for turn in (0, 30, 60, 90, 135, 180)]
    assert times == sorted(times)
    assert times[0] == pytest.approx(0.0, abs=1e-6)
    assert 1.0 < times[-1] < 8.0 / 2.0 + 2.3


@settings(max_examples=25, deadline=None)
@given(points, st.floats(1.0, 20.0))
def test_no_flight_is_faster_than_its_shortest_path_or_slower_than_with_halts(
    route: np.ndarray, speed_mps: float
) -> None:
    """Between cruise over a path with all corners cut, and the sum of its legs with halts."""
    lengths = np.hypot(*np.diff(route, axis=0).T)
    together_s = COPTER.leg_times_s(route, speed_mps).sum()
    halting_s = sum(
        COPTER.leg_times_s(route[i : i + 2], speed_mps).sum() for i in range(len(lengths))
    )
    cut_m = 2.0 * COPTER.corner_radius_m * (len(route) - 2)
    assert (lengths.sum() - cut_m) / speed_mps - 1e-6 <= together_s <= halting_s + 1e-6


def test_a_point_takes_no_time() -> None:
    """Nothing flown, nothing spent."""
    assert COPTER.leg_times_s(np.array([[3.0, 4.0]]), 8.0).shape == (0,)


def test_a_climbing_leg_is_as_slow_as_the_climb() -> None:
    """30 m along and 40 m up at 2.5 m/s: 50 m at 3.125 m/s, 1.25 m/s2 along the slope."""
    (time_s,) = COPTER.leg_times_s(np.array([[0.0, 0.0, 0.0], [30.0, 0.0, 40.0]]), 10.0)
    assert time_s == pytest.approx(50.0 / 3.125 + 3.125 / 1.25 + 1.25 + 0.3)


def test_take_off_and_landing_take_time() -> None:
    """40 m up at 2.5, 29.5 m down at 1.5, 10.5 m at 0.5, with their ramps, waits and homing."""
    flat_s = 40.0 / 2.5 + 29.5 / 1.5 + 10.5 / 0.5 + 5.0 + 3.5 + COPTER.homing_time_s
    assert flat_s + 2.0 < COPTER.vertical_time_s(40.0) < flat_s + 5.0


@settings(deadline=None)
@given(st.floats(0.1, 120.0), st.floats(0.0, 20.0))
def test_higher_flights_take_longer(height_m: float, more_m: float) -> None:
    """From a hop to the ceiling, no height is quicker than a lower one."""
    low_s, high_s = COPTER.vertical_time_s(height_m), COPTER.vertical_time_s(height_m + more_m)
    assert high_s >= low_s - 1e-6


def test_a_reserve_is_not_used() -> None:
    """A quarter of time and battery stays."""
    craft = Aircraft("a", "d", endurance_s=1000.0, battery_wh=200.0)
    assert craft.usable_s == pytest.approx(750.0)
    assert craft.usable_wh == pytest.approx(150.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"endurance_s": 0.0},
        {"endurance_s": math.nan},
        {"climb_mps": -1.0},
        {"jerk_mps3": 0.0},
        {"battery_wh": 0.0},
        {"reserve_fraction": 1.0},
        {"reserve_fraction": -0.1},
    ],
)
def test_an_impossible_aircraft_is_refused(wrong: dict[str, Any]) -> None:
    """The aircraft is named."""
    with pytest.raises(PlanningError, match="'drone-7'"):
        dataclasses.replace(Aircraft("drone-7", "dock-1"), **wrong)
