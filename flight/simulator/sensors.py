"""What the aircraft believes about itself: the truth with the errors of its sensors."""

import math
import random
from dataclasses import dataclass

from flight.simulator.glitches import Glitch
from flight.simulator.physics import Body
from flight.simulator.settings import SensorSigmas

_GPS_WANDER_S = 60.0
_BARO_WANDER_S = 30.0
_UPDATE_S = 0.2
#: Within which an estimator follows a change of its receivers: its errors drift, never jump.
_SMOOTH_S = 4.0


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


class _Wander:
    """An error that drifts around zero: a wandering cause, followed smoothly."""

    def __init__(self, sigma: float, time_s: float, rng: random.Random) -> None:
        self.now = rng.gauss(0, sigma)
        self._cause = self.now
        # Smoothing takes from the spread; a wider cause gives it back.
        self._sigma = sigma * math.sqrt((time_s + _SMOOTH_S) / time_s)
        self._time_s = time_s
        self._rng = rng
        self.rate = 0.0

    def change_cause(self, since_s: float) -> None:
        """Let the cause wander on."""
        decay = math.exp(-since_s / self._time_s)
        kick = self._rng.gauss(0, self._sigma * math.sqrt(1 - decay * decay))
        self._cause = self._cause * decay + kick

    def follow(self, dt_s: float) -> None:
        """Move towards the cause."""
        self.rate = (self._cause - self.now) / _SMOOTH_S
        self.now += self.rate * dt_s


class Sensors:
    """Wandering biases on top of the truth, and white noise for what is sent.

    Args:
        sigmas: How large the errors are.
        rng: The source of chance of what wanders.
        noise: The source of chance of white noise; by default the same.
    """

    def __init__(
        self, sigmas: SensorSigmas, rng: random.Random, noise: random.Random | None = None
    ) -> None:
        self._sigmas = sigmas
        # Who asks for more messages must not change the flight by it.
        self._rng = noise or rng
        self.glitch = Glitch()
        self._north_bias_m = _Wander(sigmas.horizontal_bias_m, _GPS_WANDER_S, rng)
        self._east_bias_m = _Wander(sigmas.horizontal_bias_m, _GPS_WANDER_S, rng)
        self._height_bias_m = _Wander(sigmas.height_m, _BARO_WANDER_S, rng)
        self._heading_bias_deg = rng.gauss(0, sigmas.heading_deg)
        self._since_update_s = 0.0

    def step(self, dt_s: float) -> None:
        """Let the biases wander smoothly; their causes change five times a second."""
        wandering = (self._north_bias_m, self._east_bias_m, self._height_bias_m)
        self._since_update_s += dt_s
        if self._since_update_s >= _UPDATE_S:
            for bias in wandering:
                bias.change_cause(self._since_update_s)
            self._since_update_s = 0.0
        for bias in wandering:
            bias.follow(dt_s)
        self.glitch.step(dt_s)

    def estimate(self, body: Body) -> Estimate:
        """Return the filtered state: biased, but smooth, its velocity that of its position."""
        glitch = self.glitch
        return Estimate(
            body.north_m + self._north_bias_m.now + glitch.believed_m[0],
            body.east_m + self._east_bias_m.now + glitch.believed_m[1],
            body.height_m + self._height_bias_m.now,
            body.north_mps + self._north_bias_m.rate + glitch.rate_mps[0],
            body.east_mps + self._east_bias_m.rate + glitch.rate_mps[1],
            body.up_mps + self._height_bias_m.rate,
            (body.heading_deg + self._heading_bias_deg) % 360,
            body.pitch_deg,
            body.roll_deg,
            body.gimbal_pitch_deg,
            body.on_ground,
        )

    def velocity_for(
        self, north_mps: float, east_mps: float, up_mps: float
    ) -> tuple[float, float, float]:
        """Return the true velocity that the aircraft believes to be this one."""
        return (
            north_mps - self._north_bias_m.rate - self.glitch.rate_mps[0],
            east_mps - self._east_bias_m.rate - self.glitch.rate_mps[1],
            up_mps - self._height_bias_m.rate,
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
