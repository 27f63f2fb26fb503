"""Legs from rest to rest with limited jerk, as ArduPilot's waypoint controller plans them.

Since version 4.1 ArduPilot gives every leg a speed profile of its own: the acceleration rises with
limited jerk, holds, falls to zero at the cruise speed, and the end mirrors the start (parameters
WP_SPD, WP_ACC, WP_ACC_Z, WP_JERK). The jerk itself is built up within a short time that follows
from the attitude controller's input time constant.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Index = NDArray[np.intp]

_BISECTIONS = 32


class Ramps:
    """Speed profiles of many legs; all arrays are float64 with one entry for each leg.

    Attributes:
        peak_mps: The highest speed of the leg.
        ramp_s: From rest to that speed, and from it to rest.
        build_up_s: Until the acceleration is at its highest.
        duration_s: The whole leg.
    """

    def __init__(
        self,
        lengths_m: FloatArray,
        speeds_mps: FloatArray,
        accelerations_mps2: FloatArray,
        *,
        jerk_mps3: float,
        jerk_time_s: float,
    ) -> None:
        """Work out the profiles.

        Args:
            lengths_m: How far; zero is allowed and takes no time.
            speeds_mps: Highest speed of each leg.
            accelerations_mps2: Highest acceleration along each leg.
            jerk_mps3: Highest rate of change of the acceleration.
            jerk_time_s: In which the jerk itself builds up.
        """
        self._limits = (accelerations_mps2, jerk_mps3, jerk_time_s)
        self.lengths_m = lengths_m
        self.peak_mps = self._reached(lengths_m, speeds_mps)
        self._acceleration, self.build_up_s, self.ramp_s = self._ramp(self.peak_mps)
        flat_m = lengths_m - self.peak_mps * self.ramp_s
        flat_s = np.divide(
            flat_m, self.peak_mps, out=np.zeros_like(flat_m), where=self.peak_mps > 0.0
        )
        self.duration_s = 2.0 * self.ramp_s + np.maximum(flat_s, 0.0)

    def _ramp(self, speeds: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Highest acceleration, its build-up time and the whole time from rest to a speed."""
        limit, jerk, edge_s = self._limits
        # The acceleration that just touches its highest value when half the speed is gained.
        touching = 0.5 * jerk * (np.sqrt(edge_s**2 + 4.0 * speeds / jerk) - edge_s)
        wanted = np.minimum(limit, touching)
        build_up = wanted / jerk + edge_s
        tiny = wanted < jerk * edge_s  # the jerk never fully builds up
        build_up = np.where(tiny, np.where(speeds > 0.0, 2.0 * edge_s, 0.0), build_up)
        highest = np.where(tiny, speeds / (2.0 * edge_s), wanted)
        hold = np.divide(speeds, highest, out=np.zeros_like(speeds), where=highest > 0.0)
        whole = np.where(speeds > 0.0, np.maximum(hold, build_up) + build_up, 0.0)
        return highest, build_up, whole

    def _reached(self, lengths: FloatArray, speeds: FloatArray) -> FloatArray:
        """The speed at which both ramps just fit in, where the leg is too short for its own."""
        low, high = np.zeros_like(lengths), speeds.copy()
        fits = high * self._ramp(high)[2] <= lengths
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            good = middle * self._ramp(middle)[2] <= lengths
            low, high = np.where(good, middle, low), np.where(good, high, middle)
        return np.where(fits, speeds, low)

    def moved(self, leg: Index, time_s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Distance, speed and acceleration along legs, a time after each one's start.

        Args:
            leg: Index of the leg, (M,).
            time_s: Within the leg; (M,), held to its start and end.

        Returns:
            Three arrays (M,): metres, m/s and m/s2; nothing moves before the start.
        """
        duration, peak = self.duration_s[leg], self.peak_mps[leg]
        time = np.clip(time_s, 0.0, duration)
        ending = time > 0.5 * duration
        early = np.where(ending, duration - time, time)
        far, speed, gain = self._from_rest(leg, np.minimum(early, self.ramp_s[leg]))
        far = far + peak * np.maximum(early - self.ramp_s[leg], 0.0)
        far = np.where(ending, self.lengths_m[leg] - far, far)
        return far, speed, np.where(ending, -gain, gain)

    def _from_rest(self, leg: Index, time: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The speeding up, whose second half mirrors the first in time."""
        ramp, peak = self.ramp_s[leg], self.peak_mps[leg]
        late = time > 0.5 * ramp
        far, speed, gain = self._first_half(leg, np.where(late, ramp - time, time))
        mirrored = 0.5 * peak * ramp - peak * (ramp - time) + far
        return np.where(late, mirrored, far), np.where(late, peak - speed, speed), gain

    def _first_half(
        self, leg: Index, time: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        edge = self._limits[2]
        highest, build_up = self._acceleration[leg], self.build_up_s[leg]
        jerk = highest / np.maximum(build_up - edge, 1e-9)
        t = np.minimum(time, build_up)
        # The jerk rises within the edge, holds, and falls within another edge at the end.
        rising, level = np.minimum(t, edge), np.clip(t - edge, 0.0, build_up - 2.0 * edge)
        falling = np.clip(t - (build_up - edge), 0.0, edge)
        jerk_1 = jerk * rising / edge
        gain = jerk_1 * rising / 2.0
        speed = gain * rising / 3.0
        far = speed * rising / 4.0
        far += level * (speed + level * (gain / 2.0 + level * jerk / 6.0))
        speed += level * (gain + level * jerk / 2.0)
        gain += level * jerk
        bent = jerk * falling / edge
        far += falling * (speed + falling * (gain / 2.0 + falling * (jerk / 6.0 - bent / 24.0)))
        speed += falling * (gain + falling * (jerk / 2.0 - bent / 6.0))
        gain += falling * (jerk - bent / 2.0)
        held = time - t
        far += held * (speed + held * gain / 2.0)
        return far, speed + held * gain, gain
