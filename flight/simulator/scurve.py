"""The speed profile of one straight leg, as ArduPilot's waypoint controller makes it (since 4.1).

From rest to rest; the jerk rises and falls along a cosine. The profile is integrated numerically
once, when the leg is made, and looked up while it is flown.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Vector = tuple[float, float, float]

_SAMPLE_S = 0.02
_SEARCHES = 40


@dataclass(frozen=True, slots=True)
class PathLimits:
    """Speeds, accelerations and jerk of the waypoint controller (WPNAV_ parameters)."""

    cruise_mps: float = 10.0
    up_mps: float = 2.5
    down_mps: float = 1.5
    acceleration_mps2: float = 2.5
    vertical_acceleration_mps2: float = 1.0
    jerk_mps3: float = 1.0
    jerk_time_s: float = 0.3

    def along(self, direction: Vector) -> tuple[float, float]:
        """Return the highest speed and acceleration in a direction, neither part too high."""
        level, up = math.hypot(direction[0], direction[1]), direction[2]
        vertical = self.up_mps if up > 0 else self.down_mps
        speeds, gains = [math.inf], [math.inf]
        if level > 1e-6:
            speeds.append(self.cruise_mps / level)
            gains.append(self.acceleration_mps2 / level)
        if abs(up) > 1e-6:
            speeds.append(vertical / abs(up))
            gains.append(self.vertical_acceleration_mps2 / abs(up))
        return min(speeds), min(gains)


class Scurve:
    """One leg as a function of its own time: a ramp up, an even part and the ramp backwards.

    Only the ramp is tabulated, so that a leg to the end of the world costs no more than any other.

    Args:
        step_m: From its start to its end: north, east, up.
        limits: Of the waypoint controller.
    """

    def __init__(self, step_m: Vector, limits: PathLimits) -> None:
        self.length_m = math.hypot(*step_m)
        self.direction: Vector = (0.0, 0.0, 0.0)
        self.top_mps = 0.0
        self.duration_s = self.ramp_s = self.gaining_s = 0.0
        self._ramp: list[list[float]] = []
        if self.length_m > 1e-3:
            north, east, up = (part / self.length_m for part in step_m)
            self.direction = (north, east, up)
            self.top_mps, gain = limits.along(self.direction)
            self._ramp = [table.tolist() for table in self._integrate(gain, limits)]

    def _integrate(self, gain: float, limits: PathLimits) -> list[FloatArray]:
        """Return distances, speeds and accelerations of the ramp, and set the times."""
        low, high = 0.0, self.top_mps
        if self._ramp_m(high, gain, limits) > self.length_m / 2:
            for _ in range(_SEARCHES):
                middle = (low + high) / 2
                fits = self._ramp_m(middle, gain, limits) <= self.length_m / 2
                low, high = (middle, high) if fits else (low, middle)
            high = low
        accelerations = _speeding_up(high, gain, limits)
        self.ramp_s = (len(accelerations) - 1) * _SAMPLE_S
        self.gaining_s = self.ramp_s - _ramp_time_s(_highest(high, gain, limits), limits)
        speeds = np.cumsum(accelerations) * _SAMPLE_S - accelerations * _SAMPLE_S / 2
        far = np.concatenate([[0.0], np.cumsum((speeds[1:] + speeds[:-1]) / 2 * _SAMPLE_S)])
        even_s = max(0.0, self.length_m - 2 * far[-1]) / max(speeds[-1], 1e-9)
        self.duration_s = 2 * self.ramp_s + even_s
        if not even_s:
            # Whole samples miss the end by centimetres; stretching the way by per mille hits it.
            far *= self.length_m / 2 / far[-1]
        return [far, speeds, accelerations]

    @staticmethod
    def _ramp_m(speed: float, gain: float, limits: PathLimits) -> float:
        return speed * (len(_speeding_up(speed, gain, limits)) - 1) * _SAMPLE_S / 2

    def at(self, time_s: float) -> tuple[float, float, float]:
        """Return distance, speed and acceleration at a time; held at both ends."""
        if time_s >= self.duration_s:
            return self.length_m, 0.0, 0.0
        if time_s <= 0.0:
            return 0.0, 0.0, 0.0
        if time_s < self.ramp_s:
            return self._on_ramp(time_s)
        left_s = self.duration_s - time_s
        if left_s < self.ramp_s:
            far_m, speed_mps, gain_mps2 = self._on_ramp(left_s)
            return self.length_m - far_m, speed_mps, -gain_mps2
        far_m, speed_mps = self._ramp[0][-1], self._ramp[1][-1]
        return far_m + speed_mps * (time_s - self.ramp_s), speed_mps, 0.0

    def _on_ramp(self, time_s: float) -> tuple[float, float, float]:
        index = min(int(time_s / _SAMPLE_S), len(self._ramp[0]) - 2)
        share = time_s / _SAMPLE_S - index
        far, speed, gain = self._ramp
        return (
            far[index] + share * (far[index + 1] - far[index]),
            speed[index] + share * (speed[index + 1] - speed[index]),
            gain[index] + share * (gain[index + 1] - gain[index]),
        )


def _highest(speed: float, gain: float, limits: PathLimits) -> float:
    """The acceleration reached on the way to a speed: half of it is gained while it rises."""
    jerk, edge = limits.jerk_mps3, limits.jerk_time_s
    return min(gain, jerk / 2 * (math.sqrt(edge * edge + 4 * speed / jerk) - edge))


def _ramp_time_s(highest: float, limits: PathLimits) -> float:
    return max(2 * limits.jerk_time_s, highest / limits.jerk_mps3 + limits.jerk_time_s)


def _speeding_up(speed: float, gain: float, limits: PathLimits) -> FloatArray:
    """Accelerations from rest to a speed, one each sample."""
    highest = _highest(speed, gain, limits)
    rising_s = _ramp_time_s(highest, limits)
    held_s = max(0.0, speed / max(highest, 1e-9) - rising_s)
    count = max(2, round((2 * rising_s + held_s) / _SAMPLE_S)) + 1
    times = np.arange(count, dtype=np.float64) * _SAMPLE_S
    edge = limits.jerk_time_s
    rise = _jerk_pulse(times, 0.0, rising_s, edge)
    fall = _jerk_pulse(times, rising_s + held_s, rising_s, edge)
    jerk = rise - fall
    shape = np.concatenate([[0.0], np.cumsum((jerk[1:] + jerk[:-1]) / 2)])
    shape = np.maximum(shape - np.linspace(0.0, shape[-1], count), 0.0)
    gained = float(shape.sum() * _SAMPLE_S)
    accelerations: FloatArray = shape * (speed / max(gained, 1e-12))
    return accelerations


def _jerk_pulse(times: FloatArray, start_s: float, length_s: float, edge_s: float) -> FloatArray:
    """A pulse of height one whose edges are half cosines."""
    into = np.clip((times - start_s) / edge_s, 0.0, 1.0)
    out = np.clip((start_s + length_s - times) / edge_s, 0.0, 1.0)
    pulse: FloatArray = (0.5 - 0.5 * np.cos(np.pi * into)) * (0.5 - 0.5 * np.cos(np.pi * out))
    return pulse
