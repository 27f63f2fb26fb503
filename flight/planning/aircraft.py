"""Aircraft as the planner knows them, and how long they take over a route.

The motion is that of an ArduPilot copter as delivered: legs with limited jerk, corners blended
within the waypoint radius, a take-off that settles at its height, a landing that slows at ten
metres. What it costs in energy, with wind, is in `flight.planning.energy`.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from flight.errors import PlanningError
from flight.planning.power import PowerModel
from flight.planning.trajectory import Agility, Trajectory
from flight.planning.vertical import climb_time_s, descent_times_s

FloatArray = NDArray[np.float64]

_HOME_DRIFT_M = 1.0  # what a satellite receiver wanders between arming and return


@dataclass(frozen=True, slots=True)
class Aircraft:
    """One aircraft that takes part in a patrol.

    Attributes:
        name: Unique in the request; the vehicle that will fly the mission.
        dock_id: Where it starts and returns to.
        endurance_s: The longest flight that the operator allows; the battery may allow less.
        reserve_fraction: Share of endurance and battery that a plan must leave unused.
        acceleration_mps2: Along and across the path (WP_ACC).
        vertical_acceleration_mps2: Up and down (WP_ACC_Z).
        jerk_mps3: How quickly the acceleration may change (WP_JERK).
        corner_radius_m: How far a corner may be cut (WP_RADIUS_M).
        climb_mps: Vertical speed upwards (WP_SPD_UP).
        descent_mps: Vertical speed downwards, until 10 m above home (WP_SPD_DN).
        landing_mps: Vertical speed for the last 10 m (LAND_SPD_MS).
        hold_home_s: How long a return waits above home before it lands (RTL_LOIT_TIME).
        seconds_on_ground: From the start of the motors to leaving the ground, and after landing.
        battery_wh: What the full pack holds.
        power: Mass, rotors, drag and hover power.
        link_range_m: How far its radio reaches from the dock; None where nobody says.
    """

    name: str
    dock_id: str
    endurance_s: float = 1500.0
    reserve_fraction: float = 0.25
    acceleration_mps2: float = 2.5
    vertical_acceleration_mps2: float = 1.0
    jerk_mps3: float = 1.0
    corner_radius_m: float = 2.0
    climb_mps: float = 2.5
    descent_mps: float = 1.5
    landing_mps: float = 0.5
    hold_home_s: float = 5.0
    seconds_on_ground: float = 3.5
    battery_wh: float = 240.0
    power: PowerModel = field(default_factory=PowerModel)
    link_range_m: float | None = None

    def __post_init__(self) -> None:
        positive = (
            self.endurance_s,
            self.acceleration_mps2,
            self.vertical_acceleration_mps2,
            self.jerk_mps3,
            self.climb_mps,
            self.descent_mps,
            self.landing_mps,
            self.battery_wh,
        )
        if not all(0.0 < number < math.inf for number in positive):
            raise PlanningError(
                f"Aircraft {self.name!r} needs an endurance, a battery, accelerations and vertical "
                "speeds above zero. Correct its entry."
            )
        if self.link_range_m is not None and not 0.0 < self.link_range_m < math.inf:
            raise PlanningError(
                f"The radio of aircraft {self.name!r} cannot reach {self.link_range_m} m; give its "
                "range in metres, or none."
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

    @property
    def usable_wh(self) -> float:
        """Energy that a plan may use."""
        return self.battery_wh * (1.0 - self.reserve_fraction)

    @property
    def agility(self) -> Agility:
        """What its autopilot allows on the way."""
        return Agility(
            self.acceleration_mps2,
            self.vertical_acceleration_mps2,
            self.jerk_mps3,
            corner_radius_m=self.corner_radius_m,
            climb_mps=self.climb_mps,
            descent_mps=self.descent_mps,
        )

    def vertical_time_s(self, height_m: float) -> float:
        """Time for take-off to a height, and for the return from above the dock."""
        up_s = climb_time_s(height_m, self.climb_mps, self.vertical_acceleration_mps2)
        down_s = sum(
            descent_times_s(
                height_m, self.descent_mps, self.landing_mps, self.vertical_acceleration_mps2
            )
        )
        return self.seconds_on_ground + up_s + self.homing_time_s + self.hold_home_s + down_s

    @property
    def homing_time_s(self) -> float:
        """Time of the return's own leg, from above the dock to where the receiver saw home."""
        return float(self.leg_times_s(np.array([[0.0, 0.0], [_HOME_DRIFT_M, 0.0]]), 10.0)[0])

    def leg_times_s(self, points: FloatArray, speed_mps: float) -> FloatArray:
        """Time over each leg of a route that starts and ends at rest, in still air.

        Args:
            points: float64, (N, 2) or (N, 3), metres; level where there is no third column.
            speed_mps: Cruise speed.

        Returns:
            float64, (N - 1,).
        """
        if len(points) < 2:
            return np.zeros(0)
        spatial = np.zeros((len(points), 3))
        spatial[:, : points.shape[1]] = points
        speeds = np.full(len(points) - 1, float(speed_mps))
        return Trajectory(spatial, speeds, np.zeros(len(points)), self.agility).leg_times_s

    def turn_time_s(self, turn_deg: float, speed_mps: float) -> float:
        """What a corner between two long legs costs over flying straight on.

        Args:
            turn_deg: Change of direction, 0 straight on, 180 back.
            speed_mps: Cruise speed.

        Returns:
            Seconds, zero for no turn.
        """
        far_m = 40.0 * speed_mps + 100.0
        turn = math.radians(turn_deg)
        corner = [far_m + far_m * math.cos(turn), far_m * math.sin(turn)]
        bent = self.leg_times_s(np.array([[0.0, 0.0], [far_m, 0.0], corner]), speed_mps).sum()
        straight = self.leg_times_s(np.array([[0.0, 0.0], [2.0 * far_m, 0.0]]), speed_mps).sum()
        return max(0.0, float(bent - straight))
