"""The laws that the airframe keeps."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from flight.simulator.physics import Limits, Multirotor, SetPoint, Wind

STEP_S = 0.02
LIMITS = Limits()


def calm() -> Multirotor:
    """Return an aircraft hovering at 50 m without wind."""
    airframe = Multirotor(0.0, Wind(0, 0, 0))
    airframe.body.height_m = 50.0
    airframe.body.on_ground = False
    return airframe


SPEEDS = st.floats(-30, 30)


@effort(max_examples=50, deadline=None)
@given(st.lists(st.tuples(SPEEDS, SPEEDS, SPEEDS), min_size=1, max_size=6))
def test_speed_acceleration_and_jerk_stay_within_limits(
    wanted: list[tuple[float, float, float]],
) -> None:
    """Whatever is asked for, the airframe does no more than it can."""
    airframe = calm()
    airframe.body.height_m = 10_000.0
    before = (0.0, 0.0)
    for north, east, up in wanted:
        for _ in range(100):
            airframe.step(SetPoint(True, north, east, up), STEP_S)
            body = airframe.body
            now = (body.north_mps2, body.east_mps2)
            assert math.hypot(*now) <= LIMITS.acceleration_mps2 + 1e-9
            assert math.dist(now, before) <= LIMITS.jerk_mps3 * STEP_S + 1e-9
            assert abs(body.up_mps2) <= LIMITS.acceleration_mps2 + 1e-9
            assert math.hypot(body.north_mps, body.east_mps) <= LIMITS.speed_mps + 0.5
            assert abs(body.up_mps) <= LIMITS.climb_mps + 0.5
            before = now


def test_wanted_velocity_is_reached_without_overshoot_worth_mention() -> None:
    """Eight metres a second within six seconds."""
    airframe = calm()
    fastest = 0.0
    for _ in range(400):
        airframe.step(SetPoint(True, north_mps=8.0), STEP_S)
        fastest = max(fastest, airframe.body.north_mps)
    assert airframe.body.north_mps == pytest.approx(8, abs=0.05)
    assert fastest < 8.3


def test_nose_goes_down_to_accelerate_and_the_lean_follows_the_heading() -> None:
    """Flying north: pitch while facing north, roll left while facing east."""
    facing_north, facing_east = calm(), calm()
    facing_east.body.heading_deg = 90.0
    for _ in range(50):
        facing_north.step(SetPoint(True, north_mps=8.0, heading_deg=0), STEP_S)
        facing_east.step(SetPoint(True, north_mps=8.0, heading_deg=90), STEP_S)
    assert facing_north.body.pitch_deg < -5
    assert facing_north.body.roll_deg == pytest.approx(0, abs=0.01)
    assert facing_east.body.roll_deg < -5
    assert facing_east.body.pitch_deg == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(("start", "goal", "turned"), [(350, 10, 9), (10, 350, 1), (0, 180, 9)])
def test_heading_turns_the_short_way_at_a_limited_rate(
    start: float, goal: float, turned: float
) -> None:
    """At most 45 degrees a second, through north where that is shorter."""
    airframe = calm()
    airframe.body.heading_deg = start
    airframe.step(SetPoint(True, heading_deg=goal), STEP_S)
    moved = (airframe.body.heading_deg - start + 180) % 360 - 180
    assert abs(moved) <= LIMITS.yaw_rate_dps * STEP_S + 1e-9
    assert (moved > 0) == (turned > 5) or abs(abs(goal - start) - 180) < 1e-9


def test_hovering_in_wind_leans_against_it() -> None:
    """A wind from the north (blowing south) is met by flying northwards through the air."""
    airframe = Multirotor(0.0, Wind(-8.0, 0, 0))
    airframe.body.height_m, airframe.body.on_ground = 50.0, False
    for _ in range(100):
        airframe.step(SetPoint(True), STEP_S)
    assert airframe.body.north_m == pytest.approx(0, abs=0.01)
    assert airframe.body.pitch_deg < -3
    assert airframe.airspeed_mps == pytest.approx(8)


def test_gusts_push_the_aircraft_off_but_not_away() -> None:
    """The controller trims them out with a lag."""
    rng = random.Random(4)
    airframe = Multirotor(0.0, Wind(3.0, 0, 3.0))
    airframe.body.height_m, airframe.body.on_ground = 50.0, False
    speeds = []
    for _ in range(3000):
        airframe.wind.step(STEP_S, rng)
        airframe.step(SetPoint(True), STEP_S)
        speeds.append(abs(airframe.body.north_mps))
    assert 0.02 < max(speeds) < 1.0


def test_motors_off_in_the_air_means_falling_to_the_ground() -> None:
    """And staying there."""
    airframe = calm()
    for _ in range(250):
        airframe.step(SetPoint(), STEP_S)
    body = airframe.body
    assert (body.height_m, body.up_mps, body.on_ground) == (0.0, 0.0, True)


def test_aircraft_on_the_ground_does_not_slide_or_sink() -> None:
    """Only a wanted climb leaves the ground."""
    airframe = Multirotor(0.0, Wind(5, 0, 0))
    for _ in range(100):
        airframe.step(SetPoint(True, north_mps=5.0, up_mps=-1.0), STEP_S)
    assert (airframe.body.north_m, airframe.body.height_m) == (0.0, 0.0)


def test_a_front_comes_up_within_seconds_and_dies_away_to_nothing() -> None:
    """A changed wind is felt at first, trimmed out soon, and leaves no dust of numbers."""
    wind, rng = Wind(0.0, 0.0, 0.0), random.Random(1)
    wind.change(0.0, 10.0, 0.0)
    for _ in range(50):
        wind.step(STEP_S, rng)
    assert 5 < wind.now_mps[1] < 8
    assert wind.untrimmed_mps[1] > 3
    for _ in range(2000):
        wind.step(STEP_S, rng)
    assert wind.now_mps == (0.0, 10.0)
    assert wind.untrimmed_mps == (0.0, 0.0)
