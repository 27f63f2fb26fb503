"""Aircraft as the planner knows them, and how long they take over a route.

A multirotor flies each leg with limited acceleration and slows at corners as far as its path may
cut them. The figures are ArduPilot's defaults (WP_SPD, WP_ACC, WP_RADIUS_M, LAND_SPD_MS), so the
foretold time is that of a copter as delivered; no wind is assumed.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.errors import PlanningError

FloatArray = NDArray[np.float64]

_LANDING_BELOW_M = 10.0


@dataclass(frozen=True, slots=True)
class Aircraft:
    """One aircraft that takes part in a patrol.

    Attributes:
        name: Unique in the request; the vehicle that will fly the mission.
        dock_id: Where it starts and returns to.
        endurance_s: Flight time on a full battery, in still air.
        reserve_fraction: Share of the endurance that a plan must leave unused.
        acceleration_mps2: Along and across the path.
        corner_radius_m: How far a corner may be cut.
        climb_mps: Vertical speed upwards.
        descent_mps: Vertical speed downwards, until 10 m above home.
        landing_mps: Vertical speed for the last 10 m.
        seconds_on_ground: From the start of the motors to leaving the ground, and after landing.
    """

    name: str
    dock_id: str
    endurance_s: float = 1500.0
    reserve_fraction: float = 0.25
    acceleration_mps2: float = 2.5
    corner_radius_m: float = 2.0
    climb_mps: float = 2.5
    descent_mps: float = 1.5
    landing_mps: float = 0.5
    seconds_on_ground: float = 4.0

    def __post_init__(self) -> None:
        positive = (
            self.endurance_s,
            self.acceleration_mps2,
            self.climb_mps,
            self.descent_mps,
            self.landing_mps,
        )
        if not all(0.0 < number < math.inf for number in positive):
            raise PlanningError(
                f"Aircraft {self.name!r} needs an endurance, an acceleration and vertical speeds "
                "above zero. Correct its entry."
            )
        if not 0.0 <= self.reserve_fraction < 1.0:
            raise PlanningError(
                f"Aircraft {self.name!r} cannot keep {self.reserve_fraction} of its battery in "
                "reserve; give a share from 0 to below 1, such as 0.25."
            )

    @property
    def usable_s(self) -> float:
        """Flight time that a plan may use."""
        return self.endurance_s * (1.0 - self.reserve_fraction)

    def vertical_time_s(self, height_m: float) -> float:
        """Time for take-off to a height and landing from it."""
        low_m = min(height_m, _LANDING_BELOW_M)
        down_s = (height_m - low_m) / self.descent_mps + low_m / self.landing_mps
        return self.seconds_on_ground + height_m / self.climb_mps + down_s

    def leg_times_s(self, points: FloatArray, speed_mps: float) -> FloatArray:
        """Time over each leg of a route that starts and ends at rest.

        Args:
            points: float64, (N, 2), metres.
            speed_mps: Cruise speed.

        Returns:
            float64, (N - 1,).
        """
        if len(points) < 2:
            return np.zeros(0)
        steps = np.diff(points, axis=0)
        lengths_m = np.hypot(steps[:, 0], steps[:, 1])
        corners = _corner_speeds(steps, self, speed_mps)
        reachable = _limited(lengths_m, corners, self.acceleration_mps2)
        return _ramp_times(lengths_m, reachable, speed_mps, self.acceleration_mps2)


def _corner_speeds(steps: FloatArray, aircraft: Aircraft, speed_mps: float) -> FloatArray:
    """Speed at every point: what the cut corner's radius allows, zero at both ends."""
    headings = np.arctan2(steps[:, 1], steps[:, 0])
    turns = np.abs((np.diff(headings) + np.pi) % (2.0 * np.pi) - np.pi)
    # The circle that touches both legs and stays within the corner radius of their corner.
    half = np.cos(turns / 2.0)
    radius_m = aircraft.corner_radius_m * half / np.maximum(1.0 - half, 1e-9)
    allowed = np.sqrt(aircraft.acceleration_mps2 * radius_m)
    return np.concatenate([[0.0], np.minimum(allowed, speed_mps), [0.0]])


def _limited(lengths_m: FloatArray, speeds: FloatArray, acceleration: float) -> FloatArray:
    """Corner speeds that can also be reached from, and slowed down to, their neighbours."""
    limited = speeds.copy()
    gains = 2.0 * acceleration * lengths_m
    # Once forwards for speeding up, once backwards for slowing down.
    for i, gain in enumerate(gains):
        limited[i + 1] = min(limited[i + 1], math.sqrt(limited[i] ** 2 + gain))
    for i in range(len(gains) - 1, -1, -1):
        limited[i] = min(limited[i], math.sqrt(limited[i + 1] ** 2 + gains[i]))
    return limited


def _ramp_times(
    lengths_m: FloatArray, speeds: FloatArray, cruise_mps: float, acceleration: float
) -> FloatArray:
    start, end = speeds[:-1], speeds[1:]
    peak = np.sqrt((2.0 * acceleration * lengths_m + start**2 + end**2) / 2.0)
    peak = np.minimum(peak, cruise_mps)
    ramps_m = (2.0 * peak**2 - start**2 - end**2) / (2.0 * acceleration)
    flat_m = np.maximum(0.0, lengths_m - ramps_m)
    times: FloatArray = (2.0 * peak - start - end) / acceleration
    return times + np.divide(flat_m, peak, out=np.zeros_like(peak), where=peak > 0.0)
