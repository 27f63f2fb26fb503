"""What autopilots tell of their sensors, their position estimate and the wind."""

import math
from types import MappingProxyType

from flight.mavlink.protocol.messages import Message

POSITION_KNOWN = 0x1 | 0x10
"""EKF_STATUS_FLAGS and ESTIMATOR_STATUS_FLAGS: attitude and absolute horizontal position."""

WIND_MESSAGES = ("WIND", "WIND_COV", "HIGH_LATENCY2")

_SENSORS = MappingProxyType(
    {
        0x1: "gyroscope",
        0x2: "accelerometer",
        0x4: "compass",
        0x8: "barometer",
        0x20: "GPS",
        0x10000: "radio control",
        0x200000: "navigation filter",
        0x400000: "terrain",
        0x2000000: "battery",
    }
)
_CALMEST_MPS = 0.05


def bad_sensors(message: Message) -> tuple[str, ...]:
    """Return the names of sensors that a SYS_STATUS says are in use and not healthy."""
    enabled = message["onboard_control_sensors_enabled"]
    healthy = message["onboard_control_sensors_health"]
    return tuple(name for bit, name in _SENSORS.items() if enabled & bit and not healthy & bit)


def wind_of(message: Message) -> tuple[float, float] | None:
    """Return the wind's speed in m/s and where it comes from in degrees.

    None if it is not told: ArduPilot's copters send a wind of exactly nothing when they have no
    estimate of it.
    """
    if message.name == "WIND":
        speed_mps, from_deg = message["speed"], message["direction"]
    elif message.name == "WIND_COV":  # towards north and east
        north_mps, east_mps = message["wind_x"], message["wind_y"]
        speed_mps = math.hypot(north_mps, east_mps)
        from_deg = math.degrees(math.atan2(-east_mps, -north_mps))
    else:  # HIGH_LATENCY2, in fifths of a metre per second and in units of two degrees
        speed_mps, from_deg = message["windspeed"] / 5.0, message["wind_heading"] * 2.0
    if not (math.isfinite(speed_mps) and math.isfinite(from_deg)) or speed_mps < _CALMEST_MPS:
        return None
    return float(speed_mps), float(from_deg % 360.0)
