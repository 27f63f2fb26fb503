"""What the aircraft believes about itself: the truth with the errors of its sensors."""

import math
import random
from dataclasses import dataclass

from flight.simulator.physics import Body
from flight.simulator.settings import SensorSigmas

_GPS_WANDER_S = 60.0
_BARO_WANDER_S = 30.0
_UPDATE_S = 0.2


@dataclass(frozen=True, slots=True)
class Estimate:
    """The state by which the autopilot steers, metres from its start."""

    north_m: float = 0.0
    east_m: float = 0.0
    height_m: float = 0.0
    north_mps: float = 0.0
    east_mps: float = 0.0
    up_mps: float = 0.0
    heading_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    gimbal_pitch_deg: float = 0.0
    on_ground: bool = True


class Sensors:
    """Wandering biases on top of the truth, and white noise for what is sent."""

    def __init__(self, sigmas: SensorSigmas, rng: random.Random) -> None:
        self._sigmas = sigmas
        self._rng = rng
        self._north_bias_m = rng.gauss(0, sigmas.horizontal_bias_m)
        self._east_bias_m = rng.gauss(0, sigmas.horizontal_bias_m)
        self._height_bias_m = rng.gauss(0, sigmas.height_m)
        self._heading_bias_deg = rng.gauss(0, sigmas.heading_deg)
        self._since_update_s = 0.0

    def step(self, dt_s: float) -> None:
        """Let the biases wander, five times a second, around a mean of zero."""
        self._since_update_s += dt_s
        if self._since_update_s < _UPDATE_S:
            return
        sigmas = self._sigmas
        self._north_bias_m = self._wander(
            self._north_bias_m, sigmas.horizontal_bias_m, _GPS_WANDER_S
        )
        self._east_bias_m = self._wander(self._east_bias_m, sigmas.horizontal_bias_m, _GPS_WANDER_S)
        self._height_bias_m = self._wander(self._height_bias_m, sigmas.height_m, _BARO_WANDER_S)
        self._since_update_s = 0.0

    def _wander(self, bias: float, sigma: float, time_s: float) -> float:
        decay = math.exp(-self._since_update_s / time_s)
        return bias * decay + self._rng.gauss(0, sigma * math.sqrt(1 - decay * decay))

    def estimate(self, body: Body) -> Estimate:
        """Return the filtered state: biased, but smooth."""
        return Estimate(
            body.north_m + self._north_bias_m,
            body.east_m + self._east_bias_m,
            body.height_m + self._height_bias_m,
            body.north_mps,
            body.east_mps,
            body.up_mps,
            (body.heading_deg + self._heading_bias_deg) % 360,
            body.pitch_deg,
            body.roll_deg,
            body.gimbal_pitch_deg,
            body.on_ground,
        )

    def heading_for(self, believed_deg: float) -> float:
        """Return the true heading at which the compass reads `believed_deg`."""
        return (believed_deg - self._heading_bias_deg) % 360

    def position_noise_m(self) -> tuple[float, float]:
        """Return white noise for one position message, (north, east)."""
        sigma_m = self._sigmas.horizontal_noise_m
        return self._rng.gauss(0, sigma_m), self._rng.gauss(0, sigma_m)

    def attitude_noise_deg(self) -> float:
        """Return white noise for one attitude angle."""
        return self._rng.gauss(0, self._sigmas.attitude_deg)

    def gimbal_noise_deg(self) -> float:
        """Return white noise for one gimbal angle."""
        return self._rng.gauss(0, self._sigmas.gimbal_deg)
