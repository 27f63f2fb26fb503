"""The speed profile of a leg: rest to rest, within its limits, symmetrical."""

import itertools

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from flight.simulator.scurve import PathLimits, Scurve

LIMITS = PathLimits(cruise_mps=8.0)
STEP_S = 0.05
legs = st.tuples(st.floats(-200, 200), st.floats(-200, 200), st.floats(-40, 40))


def sampled(curve: Scurve) -> list[tuple[float, float, float]]:
    """Distance, speed and acceleration through the whole leg."""
    count = int(curve.duration_s / STEP_S) + 2
    return [curve.at(index * STEP_S) for index in range(count)]


@effort(max_examples=30, deadline=None)
@given(legs)
def test_every_leg_goes_from_rest_to_rest_within_its_limits(
    step_m: tuple[float, float, float],
) -> None:
    """Forwards only, no faster than each axis allows, and exactly as far as the leg is long."""
    curve = Scurve(step_m, LIMITS)
    rows = sampled(curve)
    north, east, up = curve.direction
    level = (north**2 + east**2) ** 0.5
    assert all(b[0] >= a[0] - 1e-9 for a, b in itertools.pairwise(rows))
    assert max(speed for _, speed, _ in rows) * level <= 8.0 + 0.02
    assert max(speed for _, speed, _ in rows) * abs(up) <= (2.5 if up > 0 else 1.5) + 0.02
    assert max(abs(gain) for *_, gain in rows) * level <= 2.5 * 1.02
    assert max(abs(gain) for *_, gain in rows) * abs(up) <= 1.0 * 1.02
    assert curve.at(0.0) == pytest.approx((0.0, 0.0, 0.0), abs=1e-3)
    assert curve.at(curve.duration_s) == (curve.length_m, 0.0, 0.0)


def test_jerk_is_limited() -> None:
    """The acceleration needs two seconds and a half for 2.5 m/s2."""
    rows = sampled(Scurve((300.0, 0.0, 0.0), LIMITS))
    jerks = [(b[2] - a[2]) / STEP_S for a, b in itertools.pairwise(rows)]
    assert max(map(abs, jerks)) == pytest.approx(1.0, abs=0.03)


def test_the_end_mirrors_the_start() -> None:
    """What is flown after the start is left before the end."""
    curve = Scurve((37.0, 0.0, 0.0), LIMITS)
    for time_s in (0.5, 1.5, 3.0, 5.0):
        begun, left = curve.at(time_s), curve.at(curve.duration_s - time_s)
        assert begun[0] == pytest.approx(curve.length_m - left[0], abs=0.01)
        assert begun[1] == pytest.approx(left[1], abs=0.01)


def test_a_long_leg_takes_its_way_and_one_ramp() -> None:
    """Speed over acceleration, acceleration over jerk, and the building up of the jerk."""
    ramp_s = 8.0 / 2.5 + 2.5 / 1.0 + 0.3
    assert Scurve((400.0, 300.0, 0.0), LIMITS).duration_s == pytest.approx(62.5 + ramp_s, abs=0.1)


def test_no_way_takes_no_time() -> None:
    """A leg between two equal places."""
    curve = Scurve((0.0, 0.0, 0.0), LIMITS)
    assert (curve.duration_s, curve.at(1.0)) == (0.0, (0.0, 0.0, 0.0))


def test_a_leg_to_the_end_of_the_world_is_a_leg() -> None:
    """It takes its time, and no memory."""
    curve = Scurve((0.0, 0.0, 6.7e9), LIMITS)
    assert curve.duration_s == pytest.approx(6.7e9 / 2.5, rel=1e-6)
    assert curve.at(curve.duration_s / 2) == pytest.approx((3.35e9, 2.5, 0.0))
