"""Times follow from speed, acceleration and turns."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.errors import PlanningError
from flight.planning.aircraft import Aircraft

COPTER = Aircraft("drone-1", "dock-1", acceleration_mps2=2.0)
points = st.lists(
    st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=2, max_size=12
).map(np.array)


def test_a_long_leg_is_cruise_with_two_ramps() -> None:
    """1000 m at 10 m/s with 2 m/s2: 100 s and 5 s for starting and stopping."""
    (time_s,) = COPTER.leg_times_s(np.array([[0.0, 0.0], [1000.0, 0.0]]), 10.0)
    assert time_s == pytest.approx(105.0)


def test_a_short_leg_never_reaches_cruise() -> None:
    """8 m with 2 m/s2: half of it speeding up, 2 s, and as long slowing down."""
    (time_s,) = COPTER.leg_times_s(np.array([[0.0, 0.0], [8.0, 0.0]]), 10.0)
    assert time_s == pytest.approx(4.0)


def test_a_straight_joint_costs_nothing() -> None:
    """A point on a straight way does not slow the aircraft."""
    one = COPTER.leg_times_s(np.array([[0.0, 0.0], [200.0, 0.0]]), 8.0).sum()
    two = COPTER.leg_times_s(np.array([[0.0, 0.0], [90.0, 0.0], [200.0, 0.0]]), 8.0).sum()
    assert two == pytest.approx(one)


def test_sharper_turns_cost_more() -> None:
    """Time grows with the angle, up to a full stop."""

    def time_s(turn_deg: float) -> float:
        turn = math.radians(turn_deg)
        corner = [200.0 + 200.0 * math.cos(turn), 200.0 * math.sin(turn)]
        return float(COPTER.leg_times_s(np.array([[0, 0], [200, 0], corner]), 8.0).sum())

    times = [time_s(turn) for turn in (0, 30, 60, 90, 135, 180)]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(2 * (200.0 / 8.0 + 4.0))


@given(points, st.floats(1.0, 20.0))
def test_no_flight_is_faster_than_cruise_or_slower_than_stopping_at_each_point(
    route: np.ndarray, speed_mps: float
) -> None:
    """Each leg lies between flying through at cruise and halting at both ends."""
    lengths = np.hypot(*np.diff(route, axis=0).T)
    times = COPTER.leg_times_s(route, speed_mps)
    assert np.all(times >= lengths / speed_mps - 1e-6)
    assert np.all(times <= lengths / speed_mps + speed_mps / 2.0 + 1e-6)


def test_a_point_takes_no_time() -> None:
    """Nothing flown, nothing spent."""
    assert COPTER.leg_times_s(np.array([[3.0, 4.0]]), 8.0).shape == (0,)


def test_take_off_and_landing_take_time() -> None:
    """40 m up at 2.5, 30 m down at 1.5, 10 m at 0.5, and 4 s on the ground."""
    assert COPTER.vertical_time_s(40.0) == pytest.approx(16.0 + 20.0 + 20.0 + 4.0)


def test_a_reserve_is_not_used() -> None:
    """A quarter of the battery stays in it."""
    assert Aircraft("a", "d", endurance_s=1000.0).usable_s == pytest.approx(750.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"endurance_s": 0.0},
        {"endurance_s": math.nan},
        {"climb_mps": -1.0},
        {"reserve_fraction": 1.0},
        {"reserve_fraction": -0.1},
    ],
)
def test_an_impossible_aircraft_is_refused(wrong: dict[str, float]) -> None:
    """The aircraft is named."""
    with pytest.raises(PlanningError, match="'drone-7'"):
        Aircraft("drone-7", "dock-1", **wrong)
