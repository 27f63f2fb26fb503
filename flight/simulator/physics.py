"""How a multirotor moves: a point mass that follows velocity set-points within its limits."""

import math
import random
from dataclasses import dataclass

from flight.simulator.settings import AirframeSettings

_GRAVITY_MPS2 = 9.81
_AIR_KG_M3 = 1.225
_GUST_TIME_S = 4.0
_TRIM_TIME_S = 1.0
_FRONT_TIME_S = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What the airframe can do."""

    acceleration_mps2: float = 2.5
    jerk_mps3: float = 5.0
    velocity_gain_per_s: float = 2.0
    yaw_rate_dps: float = 45.0
    gimbal_rate_dps: float = 60.0
    speed_mps: float = 15.0
    climb_mps: float = 3.0


@dataclass(frozen=True, slots=True)
class SetPoint:
    """What the autopilot asks of the airframe in one step."""

    motors_on: bool = False
    north_mps: float = 0.0
    east_mps: float = 0.0
    up_mps: float = 0.0
    heading_deg: float = 0.0
    gimbal_pitch_deg: float = 0.0
    planned_mps2: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Load:
    """What the rotors do: their thrust and how the air meets their disks."""

    thrust_n: float
    along_mps: float
    through_mps: float


@dataclass(slots=True)
class Body:
    """The true state of the aircraft, metres from its start, height above the (flat) ground."""

    north_m: float = 0.0
    east_m: float = 0.0
    height_m: float = 0.0
    north_mps: float = 0.0
    east_mps: float = 0.0
    up_mps: float = 0.0
    north_mps2: float = 0.0
    east_mps2: float = 0.0
    up_mps2: float = 0.0
    heading_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    gimbal_pitch_deg: float = 0.0
    on_ground: bool = True


class Wind:
    """A mean wind with gusts that come and go over some seconds."""

    def __init__(self, north_mps: float, east_mps: float, gust_mps: float) -> None:
        self._mean_mps = (north_mps, east_mps)
        self._coming_mps = (north_mps, east_mps)
        self._gust_sigma_mps = gust_mps
        self._gust_mps = (0.0, 0.0)
        #: The part of the wind that the controller has not yet trimmed out, m/s.
        self.untrimmed_mps = (0.0, 0.0)

    @property
    def now_mps(self) -> tuple[float, float]:
        """The wind over the ground now, (north, east) that it blows towards."""
        return self._mean_mps[0] + self._gust_mps[0], self._mean_mps[1] + self._gust_mps[1]

    def change(self, north_mps: float, east_mps: float, gust_mps: float) -> None:
        """Let another wind come up, as a front does: within a second or two."""
        self._coming_mps = (north_mps, east_mps)
        self._gust_sigma_mps = gust_mps

    def step(self, dt_s: float, rng: random.Random) -> None:
        """Let the wind change; the controller trims it out with a lag."""
        calm = self._gust_sigma_mps <= 0 and self._gust_mps == (0.0, 0.0)
        if calm and self._mean_mps == self._coming_mps and self.untrimmed_mps == (0.0, 0.0):
            return
        before = self.now_mps
        if self._gust_sigma_mps > 0 or self._gust_mps != (0.0, 0.0):
            self._step_gusts(dt_s, rng)
        if self._mean_mps != self._coming_mps:
            self._step_front(dt_s)
        trim = 1 - dt_s / _TRIM_TIME_S
        now, untrimmed = self.now_mps, self.untrimmed_mps
        self.untrimmed_mps = (
            _faded(untrimmed[0] * trim) + now[0] - before[0],
            _faded(untrimmed[1] * trim) + now[1] - before[1],
        )

    def _step_gusts(self, dt_s: float, rng: random.Random) -> None:
        kick = self._gust_sigma_mps * math.sqrt(2 * dt_s / _GUST_TIME_S)
        decay = 1 - dt_s / _GUST_TIME_S
        self._gust_mps = (
            _faded(self._gust_mps[0] * decay) + rng.gauss(0, kick),
            _faded(self._gust_mps[1] * decay) + rng.gauss(0, kick),
        )

    def _step_front(self, dt_s: float) -> None:
        (north, east), (to_north, to_east) = self._mean_mps, self._coming_mps
        stays = 1 - dt_s / _FRONT_TIME_S
        self._mean_mps = (
            to_north - _faded((to_north - north) * stays),
            to_east - _faded((to_east - east) * stays),
        )


def _faded(speed_mps: float) -> float:
    """A speed that dies away ends at nothing, not at ever smaller numbers."""
    return 0.0 if abs(speed_mps) < 1e-6 else speed_mps


class Multirotor:
    """A body, its limits, its airframe and the wind around it."""

    def __init__(
        self,
        heading_deg: float,
        wind: Wind,
        limits: Limits | None = None,
        airframe: AirframeSettings | None = None,
    ) -> None:
        self.body = Body(heading_deg=heading_deg)
        self.wind = wind
        self.limits = limits or Limits()
        self._airframe = airframe or AirframeSettings()
        self._drag_per_m = 0.5 * _AIR_KG_M3 * self._airframe.drag_area_m2 / self._airframe.mass_kg
        self._lean_mps2 = _GRAVITY_MPS2 * math.tan(math.radians(self._airframe.lean_max_deg))

    @property
    def airspeed_mps(self) -> float:
        """Speed through the air."""
        wind_north, wind_east = self.wind.now_mps
        return math.hypot(self.body.north_mps - wind_north, self.body.east_mps - wind_east)

    def step(self, wanted: SetPoint, dt_s: float) -> None:
        """Move for `dt_s` seconds towards the set-point."""
        self._turn(wanted, dt_s)
        if not wanted.motors_on:
            self._fall(dt_s)
        elif self.body.on_ground and wanted.up_mps <= 0:
            self._rest()
        else:
            self._fly(wanted, dt_s)

    def load(self) -> Load:
        """Return what the rotors have to do now."""
        body, mass_kg = self.body, self._airframe.mass_kg
        drag = self._drag_mps2(self.wind.now_mps)
        north, east = body.north_mps2 + drag[0], body.east_mps2 + drag[1]
        up = _GRAVITY_MPS2 + body.up_mps2 + drag[2]
        push = math.sqrt(north * north + east * east + up * up)
        air_north, air_east, air_up = self._air_mps(self.wind.now_mps)
        through = (air_north * north + air_east * east + air_up * up) / max(push, 1e-9)
        total = air_north * air_north + air_east * air_east + air_up * air_up
        along = math.sqrt(max(0.0, total - through * through))
        return Load(mass_kg * push, along, through)

    def _air_mps(self, wind: tuple[float, float]) -> tuple[float, float, float]:
        body = self.body
        return body.north_mps - wind[0], body.east_mps - wind[1], body.up_mps

    def _drag_mps2(self, wind: tuple[float, float]) -> tuple[float, float, float]:
        """What the thrust must give against the air in some wind, for each kilogram."""
        north, east, up = self._air_mps(wind)
        pull = self._drag_per_m * math.sqrt(north * north + east * east + up * up)
        return pull * north, pull * east, pull * up

    def _fly(self, wanted: SetPoint, dt_s: float) -> None:
        body, limits = self.body, self.limits
        north, east = _shortened(wanted.north_mps, wanted.east_mps, limits.speed_mps)
        up = max(-limits.climb_mps, min(limits.climb_mps, wanted.up_mps))
        gain = limits.velocity_gain_per_s
        most = limits.acceleration_mps2
        ask_north, ask_east = _shortened(
            (north - body.north_mps) * gain, (east - body.east_mps) * gain, most
        )
        ask_up = max(-most, min(most, (up - body.up_mps) * gain))
        plan_north, plan_east, plan_up = wanted.planned_mps2
        ask_north, ask_east = self._within_lean(ask_north + plan_north, ask_east + plan_east)
        ask_up = max(-most, min(most, ask_up + plan_up))
        step_north, step_east = _shortened(
            ask_north - body.north_mps2, ask_east - body.east_mps2, limits.jerk_mps3 * dt_s
        )
        step_up = max(-limits.jerk_mps3 * dt_s, min(limits.jerk_mps3 * dt_s, ask_up - body.up_mps2))
        body.north_mps2 += step_north
        body.east_mps2 += step_east
        body.up_mps2 += step_up
        self._integrate(dt_s)
        self._tilt()

    def _within_lean(self, north: float, east: float) -> tuple[float, float]:
        """Shorten an acceleration so that it and the drag ask for no more than the lean."""
        drag_north, drag_east, _ = self._drag_mps2(self.wind.now_mps)
        north, east = _shortened(north + drag_north, east + drag_east, self._lean_mps2)
        return north - drag_north, east - drag_east

    def _integrate(self, dt_s: float) -> None:
        body = self.body
        push_north, push_east = self._gust_mps2()
        body.north_mps += (body.north_mps2 + push_north) * dt_s
        body.east_mps += (body.east_mps2 + push_east) * dt_s
        body.up_mps += body.up_mps2 * dt_s
        body.north_m += body.north_mps * dt_s
        body.east_m += body.east_mps * dt_s
        body.height_m += body.up_mps * dt_s
        body.on_ground = False
        if body.height_m <= 0:
            self._touch_down()

    def _gust_mps2(self) -> tuple[float, float]:
        """What the part of the wind does that the controller has not trimmed out."""
        (north, east), (gust_north, gust_east) = self.wind.now_mps, self.wind.untrimmed_mps
        if gust_north == gust_east == 0.0:
            return 0.0, 0.0
        now = self._drag_mps2((north, east))
        trimmed = self._drag_mps2((north - gust_north, east - gust_east))
        return trimmed[0] - now[0], trimmed[1] - now[1]

    def _touch_down(self) -> None:
        self.body.height_m = 0.0
        self.body.on_ground = True
        self._rest()

    def _rest(self) -> None:
        body = self.body
        body.north_mps = body.east_mps = body.up_mps = 0.0
        body.north_mps2 = body.east_mps2 = body.up_mps2 = 0.0
        body.pitch_deg = body.roll_deg = 0.0

    def _fall(self, dt_s: float) -> None:
        if self.body.on_ground:
            return
        self.body.north_mps2 = self.body.east_mps2 = 0.0
        self.body.up_mps2 = -_GRAVITY_MPS2
        self._integrate(dt_s)

    def _tilt(self) -> None:
        """Lean as far as the acceleration and the drag of the air demand."""
        body = self.body
        drag_north, drag_east, _ = self._drag_mps2(self.wind.now_mps)
        north, east = body.north_mps2 + drag_north, body.east_mps2 + drag_east
        heading = math.radians(body.heading_deg)
        cosine, sine = math.cos(heading), math.sin(heading)
        lift = _GRAVITY_MPS2 + body.up_mps2
        body.pitch_deg = -math.degrees(math.atan2(north * cosine + east * sine, lift))
        body.roll_deg = math.degrees(math.atan2(east * cosine - north * sine, lift))

    def _turn(self, wanted: SetPoint, dt_s: float) -> None:
        body, limits = self.body, self.limits
        if wanted.motors_on and not body.on_ground:
            error = (wanted.heading_deg - body.heading_deg + 180) % 360 - 180
            rate = max(-limits.yaw_rate_dps, min(limits.yaw_rate_dps, 2 * error))
            body.heading_deg = (body.heading_deg + rate * dt_s) % 360
        reach = limits.gimbal_rate_dps * dt_s
        error = wanted.gimbal_pitch_deg - body.gimbal_pitch_deg
        body.gimbal_pitch_deg += max(-reach, min(reach, error))


def _shortened(north: float, east: float, most: float) -> tuple[float, float]:
    length = math.hypot(north, east)
    if length <= most:
        return north, east
    return north * most / length, east * most / length
