"""Legs from rest to rest: their laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.ramps import Ramps

lengths = st.floats(0.01, 800.0)
speeds = st.floats(0.5, 20.0)
gains = st.floats(0.5, 5.0)
law = settings(max_examples=60, deadline=None)
ONE = np.zeros(400, dtype=np.intp)


def leg(length_m: float, speed_mps: float, gain: float, jerk: float = 1.0) -> Ramps:
    """One leg."""
    arrays = (np.array([value]) for value in (length_m, speed_mps, gain))
    return Ramps(*arrays, jerk_mps3=jerk, jerk_time_s=0.3)


@law
@given(lengths, speeds, gains)
def test_speed_is_the_change_of_distance_and_acceleration_that_of_speed(
    length_m: float, speed_mps: float, gain: float
) -> None:
    """The three agree, and stay within the limits."""
    ramps = leg(length_m, speed_mps, gain)
    times = np.linspace(0.0, float(ramps.duration_s[0]), len(ONE))
    far, speed, change = ramps.moved(ONE, times)
    step_s = times[1]
    assert np.allclose(np.diff(far), (speed[1:] + speed[:-1]) / 2.0 * step_s, atol=0.2 * step_s**2)
    assert np.allclose(np.diff(speed), (change[1:] + change[:-1]) / 2.0 * step_s, atol=step_s**2)
    assert far[0] == 0.0
    assert far[-1] == pytest.approx(length_m)
    assert (np.diff(far) >= -1e-9).all()
    assert speed.max() <= speed_mps + 1e-9
    assert np.abs(change).max() <= gain + 1e-9


@law
@given(lengths, speeds, gains, st.floats(1.0, 1.5))
def test_more_speed_or_a_shorter_way_never_takes_longer(
    length_m: float, speed_mps: float, gain: float, factor: float
) -> None:
    """Time is monotone in both."""
    time_s = float(leg(length_m, speed_mps, gain).duration_s[0])
    assert float(leg(length_m, factor * speed_mps, gain).duration_s[0]) <= time_s + 1e-6
    assert float(leg(length_m * factor, speed_mps, gain).duration_s[0]) >= time_s - 1e-6


def test_the_textbook_leg() -> None:
    """300 m at 10 m/s with 2.5 m/s2 and 1 m/s3: way over speed, and one ramp of 6.8 s."""
    ramps = leg(300.0, 10.0, 2.5)
    assert float(ramps.ramp_s[0]) == pytest.approx(10.0 / 2.5 + 2.5 / 1.0 + 0.3)
    assert float(ramps.duration_s[0]) == pytest.approx(30.0 + 6.8)


def test_no_way_takes_no_time() -> None:
    """Two equal points."""
    ramps = leg(0.0, 10.0, 2.5)
    assert float(ramps.duration_s[0]) == pytest.approx(0.0, abs=1e-3)
