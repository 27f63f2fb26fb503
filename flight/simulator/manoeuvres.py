"""How the autopilot steers: holding, climbing, drifting, landing; legs have their own module."""

import math
from dataclasses import dataclass
from typing import Protocol

from flight.simulator.scurve import PathLimits, Vector
from flight.simulator.sensors import Estimate

_POSITION_GAIN_PER_S = 0.5
_BRAKING_MPS2 = 1.2
_SLOW_DESCENT_BELOW_M = 10.0
_TAKEN_OFF_LEFT = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """A point of the local plane with its height above the start."""

    north_m: float
    east_m: float
    height_m: float


@dataclass(frozen=True, slots=True)
class Speeds:
    """How fast to fly, m/s."""

    cruise_mps: float = 10.0
    up_mps: float = 2.5
    down_mps: float = 1.5
    touch_down_mps: float = 0.5
    acceleration_mps2: float = 2.5
    vertical_acceleration_mps2: float = 1.0
    jerk_mps3: float = 1.0

    def path_limits(self) -> PathLimits:
        """Return what the waypoint controller may do."""
        return PathLimits(
            self.cruise_mps,
            self.up_mps,
            self.down_mps,
            self.acceleration_mps2,
            self.vertical_acceleration_mps2,
            self.jerk_mps3,
        )


@dataclass(frozen=True, slots=True)
class Steer:
    """A wanted velocity, a heading where one matters, and the acceleration already planned."""

    north_mps: float = 0.0
    east_mps: float = 0.0
    up_mps: float = 0.0
    heading_deg: float | None = None
    planned_mps2: Vector = (0.0, 0.0, 0.0)


class Manoeuvre(Protocol):
    """One thing to do until it is done."""

    done: bool

    def steer(self, here: Estimate, now_s: float) -> Steer:
        """Return the velocity wanted now, and set `done` when there is nothing left to do."""
        ...


def braking_speed_mps(distance_m: float) -> float:
    """Return the speed from which the aircraft still stops gently within a distance."""
    linear_m = _BRAKING_MPS2 / _POSITION_GAIN_PER_S**2
    if distance_m <= linear_m:
        return distance_m * _POSITION_GAIN_PER_S
    return math.sqrt(2 * _BRAKING_MPS2 * (distance_m - linear_m / 2))


def _vertical(error_m: float, speeds: Speeds) -> float:
    speed = math.copysign(braking_speed_mps(abs(error_m)), error_m)
    return max(-speeds.down_mps, min(speeds.up_mps, speed))


def _towards(north_m: float, east_m: float, most_mps: float) -> tuple[float, float]:
    distance_m = math.hypot(north_m, east_m)
    if distance_m < 1e-6:
        return 0.0, 0.0
    speed = min(most_mps, braking_speed_mps(distance_m))
    return north_m / distance_m * speed, east_m / distance_m * speed


class Idle:
    """Stand on the ground with the motors turning."""

    done = False

    def steer(self, here: Estimate, now_s: float) -> Steer:
        """Ask for nothing."""
        del here, now_s
        return Steer(up_mps=-0.1)


class Hold:
    """Stay at a place, by default where the aircraft can stop; never done unless timed."""

    def __init__(self, place: Place | None, speeds: Speeds, for_s: float | None = None) -> None:
        self.done = False
        self._place = place
        self._speeds = speeds
        self._for_s = for_s
        self._until_s: float | None = None

    def steer(self, here: Estimate, now_s: float) -> Steer:
        """Pull gently back to the place."""
        place = self._place = self._place or stopping_place(here)
        if self._for_s is not None:
            self._until_s = self._until_s or now_s + self._for_s
            self.done = now_s >= self._until_s
        north, east = _towards(
            place.north_m - here.north_m, place.east_m - here.east_m, self._speeds.cruise_mps
        )
        return Steer(north, east, _vertical(place.height_m - here.height_m, self._speeds))


def stopping_place(here: Estimate) -> Place:
    """Return where the aircraft comes to rest if it brakes now."""
    speed = math.hypot(here.north_mps, here.east_mps)
    seconds = speed / (2 * _BRAKING_MPS2) + 0.5
    return Place(
        here.north_m + here.north_mps * seconds,
        here.east_m + here.east_mps * seconds,
        max(0.0, here.height_m + here.up_mps * 0.5),
    )


class Climb:
    """Go straight up (or down) to a height over the present place."""

    def __init__(self, height_m: float, speeds: Speeds) -> None:
        self.done = False
        self._height_m = height_m
        self._hold: Place | None = None
        self._start_m = 0.0
        self._rate = _Rate(speeds.vertical_acceleration_mps2)
        self._speeds = speeds

    def steer(self, here: Estimate, now_s: float) -> Steer:
        """Climb over the place where the climb began."""
        if self._hold is None:
            self._hold = Place(here.north_m, here.east_m, self._height_m)
            self._start_m = here.height_m
        place, speeds = self._hold, self._speeds
        error_m = self._height_m - here.height_m
        wanted = math.copysign(_settling_mps(abs(error_m), speeds), error_m)
        up = self._rate.towards(max(-speeds.down_mps, min(speeds.up_mps, wanted)), now_s)
        near = abs(error_m) <= max(0.5, _TAKEN_OFF_LEFT * abs(self._height_m - self._start_m))
        slow = abs(up) < _TAKEN_OFF_LEFT * speeds.up_mps
        self.done = near and slow and not here.on_ground
        north, east = _towards(place.north_m - here.north_m, place.east_m - here.east_m, 2.0)
        rising = max(up, 0.3) if here.on_ground else up
        return Steer(north, east, rising, planned_mps2=(0.0, 0.0, self._rate.change_mps2))


class _Rate:
    """A climb rate that changes no faster than the vertical acceleration allows."""

    def __init__(self, acceleration_mps2: float) -> None:
        self._acceleration = acceleration_mps2
        self._rate = 0.0
        self._now_s: float | None = None
        self.change_mps2 = 0.0

    def towards(self, wanted: float, now_s: float) -> float:
        since_s = 0.0 if self._now_s is None else now_s - self._now_s
        self._now_s = now_s
        reach = self._acceleration * since_s
        step = max(-reach, min(reach, wanted - self._rate))
        self._rate += step
        self.change_mps2 = step / since_s if since_s > 0 else 0.0
        return self._rate


def _settling_mps(left_m: float, speeds: Speeds) -> float:
    """ArduPilot's square-root controller with a position gain of one."""
    most = speeds.vertical_acceleration_mps2
    return left_m if left_m <= most else math.sqrt(2 * most * (left_m - most / 2))


class Descend:
    """Come down over a place until the ground stops the aircraft."""

    def __init__(self, place: Place | None, ground_m: float, speeds: Speeds) -> None:
        self.done = False
        self._place = place
        self._ground_m = ground_m
        self._rate = _Rate(speeds.vertical_acceleration_mps2)
        self._speeds = speeds

    def steer(self, here: Estimate, now_s: float) -> Steer:
        """Go down, settling to the slow speed of the last ten metres."""
        self.done = here.on_ground
        place, speeds = self._place or stopping_place(here), self._speeds
        self._place = place
        above_m = max(0.0, here.height_m - self._ground_m - _SLOW_DESCENT_BELOW_M)
        down = max(speeds.touch_down_mps, min(speeds.down_mps, _settling_mps(above_m, speeds)))
        up = self._rate.towards(-down, now_s)
        north, east = _towards(
            place.north_m - here.north_m, place.east_m - here.east_m, speeds.cruise_mps
        )
        planned = (0.0, 0.0, self._rate.change_mps2)
        return Steer(north, east, min(up, -0.05), planned_mps2=planned)


class Drift:
    """Come down without a position: level, wherever the wind takes the aircraft."""

    def __init__(self, speeds: Speeds) -> None:
        self.done = False
        self._down_mps = speeds.touch_down_mps * 2

    def steer(self, here: Estimate, now_s: float) -> Steer:
        """Go down."""
        del now_s
        self.done = here.on_ground
        return Steer(here.north_mps * 0.5, here.east_mps * 0.5, -self._down_mps)


class Sequence:
    """Several manoeuvres, one after the other."""

    def __init__(self, *steps: Manoeuvre) -> None:
        self.done = False
        self._steps = list(steps)

    def steer(self, here: Estimate, now_s: float) -> Steer:
        """Follow the first step that is not done."""
        wanted = self._steps[0].steer(here, now_s)
        if self._steps[0].done:
            if len(self._steps) == 1:
                self.done = True
            else:
                self._steps.pop(0)
        return wanted
