"""The wind, told by how an aircraft leans into it."""

import math
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from flight.planning.power import GRAVITY_MPS2, PowerModel
from flight.states import VehicleState
from flight.wind_estimate import WindEstimator
from geofences.geodesy import LonLat

POWER = PowerModel()
DRAG_PER_M = 0.5 * POWER.air_density_kg_m3 * POWER.drag_area_m2 / POWER.mass_kg


def leaning(
    velocity: tuple[float, float],
    wind: tuple[float, float],
    heading_deg: float,
    north_mps2: float = 0.0,
) -> VehicleState:
    """Return a snapshot of flight that speeds up northward; velocity and wind go north, east."""
    air = (velocity[0] - wind[0], velocity[1] - wind[1])
    pull = DRAG_PER_M * math.hypot(*air)
    north, east = pull * air[0] + north_mps2, pull * air[1]
    yaw = math.radians(heading_deg)
    ahead = north * math.cos(yaw) + east * math.sin(yaw)
    right = east * math.cos(yaw) - north * math.sin(yaw)
    pitch = -math.atan2(ahead, GRAVITY_MPS2)
    roll = math.atan2(right * math.cos(pitch), GRAVITY_MPS2)
    return VehicleState(
        position=LonLat(115.62, 33.16),
        armed=True,
        on_ground=False,
        height_home_m=30.0,
        velocity_north_mps=velocity[0],
        velocity_east_mps=velocity[1],
        roll_deg=math.degrees(roll),
        pitch_deg=math.degrees(pitch),
        heading_deg=heading_deg,
    )


def lanes(wind: tuple[float, float], lasts_s: float, noise_deg: float) -> Iterator[VehicleState]:
    """Yield ten snapshots a second of lanes to the north and back, half a minute each."""
    rng = random.Random(4)
    for step in range(int(lasts_s * 10)):
        into_lane_s = step % 300 / 10
        way = 1.0 if step % 600 < 300 else -1.0
        speeding_up = into_lane_s < 8.0  # from 8 m/s one way to 8 m/s the other
        north_mps = way * (2.0 * into_lane_s - 8.0 if speeding_up else 8.0)
        heading_deg = 0.0 if way > 0.0 else 180.0
        state = leaning((north_mps, 0.0), wind, heading_deg, way * 2.0 * speeding_up)
        yield replace(
            state,
            time_boot_s=50.0 + step / 10,
            roll_deg=state.roll_deg + rng.gauss(0.0, noise_deg),
            pitch_deg=state.pitch_deg + rng.gauss(0.0, noise_deg),
        )


@pytest.mark.parametrize("wind", [(0.0, 0.0), (-6.0, 0.0), (3.0, -4.0), (0.0, 9.0)])
def test_lanes_in_a_steady_wind_tell_it_within_a_metre_a_second(wind: tuple[float, float]) -> None:
    """Attitudes wander by half a degree."""
    estimator = WindEstimator(POWER)
    for state in lanes(wind, 55.0, 0.5):
        estimator.look(state)
    assert estimator.wind is not None
    assert estimator.wind.north_mps == pytest.approx(wind[0], abs=1.0)
    assert estimator.wind.east_mps == pytest.approx(wind[1], abs=1.0)


def test_nothing_is_told_before_ten_seconds_in_the_air() -> None:
    """A take-off tells little."""
    estimator = WindEstimator(POWER)
    for state in lanes((0.0, 5.0), 9.0, 0.0):
        estimator.look(state)
    assert estimator.wind is None


def test_ground_time_gaps_and_tumbles_are_left_out() -> None:
    """They lean for other reasons."""
    estimator = WindEstimator(POWER)
    for state in lanes((0.0, 5.0), 25.0, 0.0):
        estimator.look(state)
    before = estimator.wind
    last = replace(leaning((8.0, 0.0), (0.0, 5.0), 0.0), time_boot_s=75.1)
    for wrong in (
        replace(last, on_ground=True, roll_deg=20.0),
        replace(last, roll_deg=80.0),
        replace(last, height_home_m=1.0, pitch_deg=-20.0),
        replace(last, time_boot_s=900.0, pitch_deg=-20.0),
    ):
        estimator.look(wrong)
    assert estimator.wind == before


def test_flight_without_a_position_tells_nothing_of_the_wind() -> None:
    """Its speed is not known then, and would be taken for a hover in a storm."""
    estimator = WindEstimator(POWER)
    for state in lanes((0.0, 0.0), 55.0, 0.0):
        estimator.look(state)
    before = estimator.wind
    for state in lanes((0.0, 0.0), 55.0, 0.0):
        blind = replace(state, position=None, velocity_north_mps=0.0, velocity_east_mps=0.0)
        estimator.look(replace(blind, time_boot_s=state.time_boot_s + 55.0))
    assert estimator.wind == before
