"""How far what is believed lies from what is true: the sigmas that the settings state."""

import random
import statistics

import pytest

from flight.simulator.physics import Body
from flight.simulator.sensors import Sensors
from flight.simulator.settings import SensorSigmas

SIGMAS = SensorSigmas()


def biases(seed: int, seconds: float = 0.0) -> tuple[float, float, float]:
    """Return the north, height and heading error of one aircraft."""
    sensors = Sensors(SIGMAS, random.Random(seed))
    for _ in range(round(seconds / 0.2)):
        sensors.step(0.2)
    seen = sensors.estimate(Body())
    return seen.north_m, seen.height_m, (seen.heading_deg + 180) % 360 - 180


@pytest.mark.parametrize("seconds", [0, 120])
def test_biases_have_the_stated_sigmas_at_any_time(seconds: float) -> None:
    """Over many aircraft, at the start and after two minutes of wandering."""
    north, height, heading = zip(*(biases(seed, seconds) for seed in range(400)), strict=True)
    assert statistics.pstdev(north) == pytest.approx(SIGMAS.horizontal_bias_m, rel=0.12)
    assert statistics.pstdev(height) == pytest.approx(SIGMAS.height_m, rel=0.12)
    assert statistics.pstdev(heading) == pytest.approx(SIGMAS.heading_deg, rel=0.12)


def test_biases_wander_slowly() -> None:
    """Within a fifth of a second by centimetres."""
    sensors = Sensors(SIGMAS, random.Random(1))
    before = sensors.estimate(Body()).north_m
    sensors.step(0.2)
    assert abs(sensors.estimate(Body()).north_m - before) < 0.25


@pytest.mark.parametrize(
    ("draw", "sigma"),
    [
        (lambda sensors: sensors.position_noise_m()[0], SIGMAS.horizontal_noise_m),
        (Sensors.attitude_noise_deg, SIGMAS.attitude_deg),
        (Sensors.gimbal_noise_deg, SIGMAS.gimbal_deg),
    ],
)
def test_white_noise_has_the_stated_sigma(draw: object, sigma: float) -> None:
    """Position, attitude and gimbal."""
    sensors = Sensors(SIGMAS, random.Random(2))
    assert callable(draw)
    drawn = [draw(sensors) for _ in range(4000)]
    assert statistics.pstdev(drawn) == pytest.approx(sigma, rel=0.06)
    assert statistics.fmean(drawn) == pytest.approx(0, abs=0.02)


def test_heading_for_undoes_the_compass() -> None:
    """Steering to what the compass should read turns the nose to what it does read."""
    sensors = Sensors(SIGMAS, random.Random(3))
    true_deg = sensors.heading_for(90.0)
    assert sensors.estimate(Body(heading_deg=true_deg)).heading_deg == pytest.approx(90)


def test_the_estimated_velocity_is_that_of_the_estimated_position() -> None:
    """As in any filter: a drifting position is a believed motion, and steering cancels it."""
    sensors = Sensors(SensorSigmas(), random.Random(5))
    body = Body()
    for _ in range(200):
        before = sensors.estimate(body)
        sensors.step(0.02)
        after = sensors.estimate(body)
        assert (after.north_m - before.north_m) / 0.02 == pytest.approx(after.north_mps, abs=1e-9)
    assert sensors.velocity_for(after.north_mps, after.east_mps, after.up_mps) == pytest.approx(
        (0.0, 0.0, 0.0), abs=1e-12
    )
