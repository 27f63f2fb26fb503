"""How the autopilot steers towards a place: holding, climbing, legs, returning, landing."""

import math
from dataclasses import dataclass
from typing import Protocol

from flight.simulator.sensors import Estimate

_POSITION_GAIN_PER_S = 0.5
_BRAKING_MPS2 = 1.2
_MOST_CORRECTION_MPS = 3.0
_SLOW_DESCENT_BELOW_M = 10.0


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


@dataclass(frozen=True, slots=True)
class Steer:
    """A wanted velocity, and a heading where one matters."""

    north_mps: float = 0.0
    east_mps: float = 0.0
    up_mps: float = 0.0
    heading_deg: float | None = None


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
        self._speeds = speeds
        self._hold: Place | None = None

    def steer(self, here: Estimate, now_s: float) -> Steer:
        """Climb over the place where the climb began."""
        del now_s
        place = self._hold = self._hold or Place(here.north_m, here.east_m, self._height_m)
        error_m = self._height_m - here.height_m
        self.done = abs(error_m) < 0.5 and not here.on_ground
        north, east = _towards(place.north_m - here.north_m, place.east_m - here.east_m, 2.0)
        up = _vertical(error_m, self._speeds)
        return Steer(north, east, max(up, 0.3) if here.on_ground else up)


@dataclass(frozen=True, slots=True)
class LegEnd:
    """How a leg ends: within which radius, at which speed, after which pause."""

    radius_m: float = 2.0
    speed_mps: float = 0.0
    pause_s: float = 0.0


class Leg:
    """Fly the straight line between two places, heights included."""

    def __init__(
        self, start: Place, end: Place, speeds: Speeds, finish: LegEnd | None = None
    ) -> None:
        self.done = False
        self.speeds = speeds
        self._start, self._end = start, end
        self._finish = finish or LegEnd()
        self._arrived_s: float | None = None
        north_m, east_m = end.north_m - start.north_m, end.east_m - start.east_m
        self._length_m = math.hypot(north_m, east_m)
        self._along = (
            (north_m / self._length_m, east_m / self._length_m)
            if self._length_m > 0.1
            else (0.0, 0.0)
        )

    def steer(self, here: Estimate, now_s: float) -> Steer:
        """Keep to the line, brake for its end."""
        end = self._end
        left_m = math.hypot(end.north_m - here.north_m, end.east_m - here.east_m)
        self._check_arrival(left_m, abs(end.height_m - here.height_m), now_s)
        travelled_m = self._travelled_m(here)
        up = self._climb(here, travelled_m)
        if self._arrived_s is not None or self._length_m <= 0.1 or travelled_m >= self._length_m:
            north, east = _towards(
                end.north_m - here.north_m, end.east_m - here.east_m, self.speeds.cruise_mps
            )
            return Steer(north, east, up, self._heading())
        return self._along_line(here, travelled_m, up)

    def _along_line(self, here: Estimate, travelled_m: float, up: float) -> Steer:
        north_1, east_1 = self._along
        speed = self._speed_mps(self._length_m - travelled_m)
        off_north = self._start.north_m + north_1 * travelled_m - here.north_m
        off_east = self._start.east_m + east_1 * travelled_m - here.east_m
        fix_north, fix_east = _towards(off_north, off_east, _MOST_CORRECTION_MPS)
        return Steer(north_1 * speed + fix_north, east_1 * speed + fix_east, up, self._heading())

    def _travelled_m(self, here: Estimate) -> float:
        return (here.north_m - self._start.north_m) * self._along[0] + (
            here.east_m - self._start.east_m
        ) * self._along[1]

    def _speed_mps(self, left_m: float) -> float:
        floor = self._finish.speed_mps
        speed = min(self.speeds.cruise_mps, math.hypot(floor, braking_speed_mps(left_m)))
        rise_m = self._end.height_m - self._start.height_m
        vertical = self.speeds.up_mps if rise_m > 0 else self.speeds.down_mps
        if abs(rise_m) > 0.5:
            speed = min(speed, vertical * self._length_m / abs(rise_m))
        return max(speed, 0.3)

    def _climb(self, here: Estimate, travelled_m: float) -> float:
        share = 1.0 if self._length_m <= 0.1 else max(0.0, min(1.0, travelled_m / self._length_m))
        wanted_m = self._start.height_m + share * (self._end.height_m - self._start.height_m)
        ahead = 0.0
        if 0 < share < 1:
            slope = (self._end.height_m - self._start.height_m) / self._length_m
            ahead = slope * (here.north_mps * self._along[0] + here.east_mps * self._along[1])
        up = ahead + _vertical(wanted_m - here.height_m, self.speeds)
        return max(-self.speeds.down_mps, min(self.speeds.up_mps, up))

    def _check_arrival(self, left_m: float, height_error_m: float, now_s: float) -> None:
        near = left_m <= self._finish.radius_m and height_error_m < 1.5
        if self._arrived_s is None and near:
            self._arrived_s = now_s
        if self._arrived_s is not None:
            self.done = now_s - self._arrived_s >= self._finish.pause_s

    def _heading(self) -> float | None:
        if self._length_m < 2.0:
            return None
        return math.degrees(math.atan2(self._along[1], self._along[0])) % 360


class Descend:
    """Come down over a place until the ground stops the aircraft."""

    def __init__(self, place: Place | None, ground_m: float, speeds: Speeds) -> None:
        self.done = False
        self._place = place
        self._ground_m = ground_m
        self._speeds = speeds

    def steer(self, here: Estimate, now_s: float) -> Steer:
        """Go down, slowly below ten metres."""
        del now_s
        self.done = here.on_ground
        place = self._place = self._place or stopping_place(here)
        low = here.height_m - self._ground_m < _SLOW_DESCENT_BELOW_M
        down = self._speeds.touch_down_mps if low else self._speeds.down_mps
        north, east = _towards(
            place.north_m - here.north_m, place.east_m - here.east_m, self._speeds.cruise_mps
        )
        return Steer(north, east, -down)


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


def return_home(here: Estimate, home: Place, height_m: float, speeds: Speeds) -> Sequence:
    """Return the way home: climb, fly over, wait five seconds, land; `height_m` as heights go."""
    climb_m = max(here.height_m, height_m)
    start = Place(here.north_m, here.east_m, climb_m)
    over = Place(home.north_m, home.east_m, climb_m)
    return Sequence(
        Climb(climb_m, speeds),
        Leg(start, over, speeds),
        Hold(over, speeds, for_s=5.0),
        Descend(home, home.height_m, speeds),
    )
