"""The motion of a whole route: jerk-limited legs that overlap at corners as ArduPilot blends them.

At a corner where the aircraft need not stop, ArduPilot starts the next leg before the present one
has ended and flies the sum of both motions. It starts it as soon as the middle of the turn would
lie within the waypoint radius and be slower than both legs. Each corner therefore saves a time, and
the time of a route is that of its legs less those savings.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flight.planning.ramps import Ramps

FloatArray = NDArray[np.float64]

_BISECTIONS = 26
_INSTANTS_PER_RAMP = 24


@dataclass(frozen=True, slots=True)
class Agility:
    """How quickly an autopilot lets its aircraft move; the defaults are ArduPilot Copter's.

    Attributes:
        acceleration_mps2: Horizontal (WP_ACC).
        vertical_acceleration_mps2: WP_ACC_Z.
        jerk_mps3: WP_JERK.
        jerk_time_s: In which the jerk builds up: twice ATC_INPUT_TC.
        corner_radius_m: How far a corner may be cut (WP_RADIUS_M).
        climb_mps: WP_SPD_UP.
        descent_mps: WP_SPD_DN.
    """

    acceleration_mps2: float = 2.5
    vertical_acceleration_mps2: float = 1.0
    jerk_mps3: float = 1.0
    jerk_time_s: float = 0.3
    corner_radius_m: float = 2.0
    climb_mps: float = 2.5
    descent_mps: float = 1.5

    def along(
        self, directions: FloatArray, speeds_mps: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Highest speed and acceleration along directions, neither part exceeding its limit.

        Args:
            directions: float64, (N, 3), of length 1 or 0.
            speeds_mps: Highest horizontal speeds, (N,).

        Returns:
            Speeds and accelerations, (N,) each.
        """
        level = np.hypot(directions[:, 0], directions[:, 1])
        up = directions[:, 2]
        vertical = np.where(up > 0.0, self.climb_mps, self.descent_mps)
        tiny = 1e-9
        speed = np.minimum(
            speeds_mps / np.maximum(level, tiny), vertical / np.maximum(np.abs(up), tiny)
        )
        gain = np.minimum(
            self.acceleration_mps2 / np.maximum(level, tiny),
            self.vertical_acceleration_mps2 / np.maximum(np.abs(up), tiny),
        )
        return np.minimum(speed, 1e3), np.minimum(gain, 1e3)


class Trajectory:
    """Where a route is at every time, from rest at its first point to rest at its last.

    Attributes:
        leg_times_s: float64, (N - 1,): each leg with half of what its corners save, and the hover
            at its end (the first leg also has the hover at its start).
        time_s: Of the whole route.
    """

    def __init__(
        self, points: FloatArray, speeds_mps: FloatArray, hovers_s: FloatArray, agility: Agility
    ) -> None:
        """Work out all legs and corners.

        Args:
            points: float64, (N, 3), N at least 2, metres.
            speeds_mps: Highest horizontal speed on each leg, (N - 1,).
            hovers_s: Seconds of hover at each point, (N,); above zero the aircraft stops there.
            agility: What the autopilot allows.
        """
        steps = np.diff(points, axis=0)
        lengths = np.linalg.norm(steps, axis=1)
        self._directions = steps / np.maximum(lengths, 1e-12)[:, None]
        speeds, gains = agility.along(self._directions, speeds_mps)
        self._ramps = Ramps(
            lengths,
            speeds,
            gains,
            jerk_mps3=agility.jerk_mps3,
            jerk_time_s=agility.jerk_time_s,
        )
        saved = self._saved_s(speeds, agility.corner_radius_m)
        saved[hovers_s[1:-1] > 0.0] = 0.0
        durations = self._ramps.duration_s
        self._starts_s = hovers_s[0] + np.concatenate(
            [[0.0], np.cumsum(durations[:-1] - saved + hovers_s[1:-1])]
        )
        self.leg_times_s = durations + hovers_s[1:]
        self.leg_times_s[0] += hovers_s[0]
        self.leg_times_s[:-1] -= saved / 2.0
        self.leg_times_s[1:] -= saved / 2.0
        self.time_s = float(self.leg_times_s.sum())

    def _saved_s(self, speeds: FloatArray, radius_m: float) -> FloatArray:
        """How long both legs of each inner corner move at the same time, (N - 2,)."""
        ramps = self._ramps
        before = np.arange(len(speeds) - 1)
        after = before + 1
        # Not beyond the middle of either leg, nor longer than their changes of speed.
        turning = ramps.ramp_s - ramps.build_up_s
        most = np.minimum.reduce(
            [
                ramps.duration_s[before] / 2.0,
                ramps.duration_s[after] / 2.0,
                ramps.ramp_s[before] + turning[after],
                ramps.ramp_s[after] + turning[before],
            ]
        )
        slowest = np.minimum(speeds[before], speeds[after]) * (1.0 + 1e-9)
        low: FloatArray = np.zeros_like(most)
        high = most
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            # The end of a leg mirrors its start, so both are asked from rest.
            far_1, speed_1, _ = ramps.moved(before, 0.5 * middle)
            far_2, speed_2, _ = ramps.moved(after, 0.5 * middle)
            u, v = self._directions[before], self._directions[after]
            # Half-way through the turn the one leg is as far from its end as the other is begun.
            off_m = np.linalg.norm(far_2[:, None] * v - far_1[:, None] * u, axis=1)
            turn_mps = np.linalg.norm(speed_2[:, None] * v + speed_1[:, None] * u, axis=1)
            good = (off_m < radius_m) & (turn_mps <= slowest)
            low, high = np.where(good, middle, low), np.where(good, high, middle)
        return low

    def instants_s(self) -> FloatArray:
        """Times between which the motion is smooth and short, or steady; ascending, (M,)."""
        ramps = self._ramps
        shares = np.linspace(0.0, 1.0, _INSTANTS_PER_RAMP)
        starts = self._starts_s[:, None] + shares * ramps.ramp_s[:, None]
        ends = (self._starts_s + ramps.duration_s)[:, None] - shares * ramps.ramp_s[:, None]
        times: FloatArray = np.unique(
            np.concatenate([[0.0, self.time_s], starts.ravel(), ends.ravel()])
        )
        return times

    def at(self, times_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Velocities and accelerations at times after the start.

        Args:
            times_s: float64, (M,).

        Returns:
            Two arrays (M, 3): m/s and m/s2, in the axes of the points.
        """
        leg = np.searchsorted(self._starts_s, times_s, side="right") - 1
        leg = np.maximum(leg, 0)
        velocity, acceleration = self._leg_at(leg, times_s)
        # Just after a corner the leg before it is still ending.
        earlier = np.maximum(leg - 1, 0)
        more, gain = self._leg_at(earlier, times_s)
        ending = (leg > 0)[:, None]
        return velocity + np.where(ending, more, 0.0), acceleration + np.where(ending, gain, 0.0)

    def _leg_at(self, leg: NDArray[np.intp], times_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        elapsed = times_s - self._starts_s[leg]
        _, speed, gain = self._ramps.moved(leg, elapsed)
        moving = (elapsed > 0.0) & (elapsed < self._ramps.duration_s[leg])
        direction = self._directions[leg]
        still = np.where(moving, 1.0, 0.0)
        return (speed * still)[:, None] * direction, (gain * still)[:, None] * direction
