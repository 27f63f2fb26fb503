"""Sensors and wind as autopilots tell them."""

import math

import pytest

from flight.mavlink.health_messages import bad_sensors, wind_of
from flight.mavlink.protocol.messages import Message


def test_only_sensors_in_use_can_be_bad() -> None:
    """The compass is, the barometer is healthy, the GPS is not in use."""
    fields = {"onboard_control_sensors_enabled": 0xC, "onboard_control_sensors_health": 0x8}
    assert bad_sensors(Message("SYS_STATUS", fields)) == ("compass",)


@pytest.mark.parametrize(
    ("message", "wind"),
    [
        (Message("WIND", {"direction": 270.0, "speed": 5.0, "speed_z": 0.0}), (5.0, 270.0)),
        (Message("WIND", {"direction": -90.0, "speed": 5.0, "speed_z": 0.0}), (5.0, 270.0)),
        (Message("WIND_COV", {"wind_x": 0.0, "wind_y": 4.0}), (4.0, 270.0)),
        (Message("HIGH_LATENCY2", {"windspeed": 25, "wind_heading": 45}), (5.0, 90.0)),
    ],
)
def test_wind_is_told_by_where_it_comes_from(message: Message, wind: tuple[float, float]) -> None:
    """Whatever the message says it in."""
    assert wind_of(message) == pytest.approx(wind)


@pytest.mark.parametrize("speed", [0.0, math.nan])
def test_no_estimate_is_no_wind_of_nothing(speed: float) -> None:
    """A copter without an estimate sends zeros."""
    assert wind_of(Message("WIND", {"direction": 0.0, "speed": speed, "speed_z": 0.0})) is None
