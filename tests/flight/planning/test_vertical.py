"""Take-off and landing: judged by stepping through the same control."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.vertical import climb_time_s, descent_times_s, settling

STEP_S = 0.002


def settling_mps(left_m: float, gain: float) -> float:
    """The square-root controller."""
    return left_m if left_m <= gain else math.sqrt(2.0 * gain * (left_m - gain / 2.0))


def stepped_climb_s(height_m: float, speed_mps: float, gain: float) -> float:
    """Climb in small steps until nine tenths of the height and a tenth of the speed."""
    time_s = height = rate = 0.0
    while height < 0.9 * height_m or rate > 0.1 * speed_mps:
        wanted = min(speed_mps, settling_mps(max(0.0, height_m - height), gain))
        rate += max(-gain * STEP_S, min(gain * STEP_S, wanted - rate))
        height += rate * STEP_S
        time_s += STEP_S
    return time_s


def stepped_descent_s(height_m: float, speed_mps: float, final_mps: float, gain: float) -> float:
    """Descend in small steps to the ground."""
    time_s, height, rate = 0.0, height_m, 0.0
    while height > 0.0:
        wanted = max(final_mps, min(speed_mps, settling_mps(max(0.0, height - 10.0), gain)))
        rate += max(-gain * STEP_S, min(gain * STEP_S, wanted - rate))
        height -= rate * STEP_S
        time_s += STEP_S
    return time_s


@settings(max_examples=15, deadline=None)
@given(st.floats(8, 100), st.floats(1.0, 4.0), st.floats(0.6, 2.0))
def test_a_climb_takes_as_long_as_its_control(
    height_m: float, speed_mps: float, gain: float
) -> None:
    """Within half a second."""
    stepped_s = stepped_climb_s(height_m, speed_mps, gain)
    assert climb_time_s(height_m, speed_mps, gain) == pytest.approx(stepped_s, abs=0.5)


@settings(max_examples=15, deadline=None)
@given(st.floats(2, 100), st.floats(1.0, 3.0), st.floats(0.4, 0.9))
def test_a_descent_takes_as_long_as_its_control(
    height_m: float, speed_mps: float, final_mps: float
) -> None:
    """Within a second, from any height."""
    stepped_s = stepped_descent_s(height_m, speed_mps, final_mps, 1.0)
    told_s = sum(descent_times_s(height_m, speed_mps, final_mps, 1.0))
    assert told_s == pytest.approx(stepped_s, abs=1.0)


def test_settling_ends_with_an_exponential_approach() -> None:
    """From 3 m/s with 1 m/s2: 2 s to 1 m/s, with 5 m left at the beginning."""
    assert settling(3.0, 1.0) == (2.0, 5.0)
    assert settling(0.5, 1.0) == (0.0, 0.5)
