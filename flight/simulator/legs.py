"""Straight legs as ArduPilot's waypoint controller flies them, and how corners blend.

A leg is a point that moves along the line by an S-curve; the aircraft follows the point. Where it
need not stop, the next leg's point starts while this one is still ending, as soon as the middle of
the turn is within the waypoint radius and slower than both legs; the sum of both is followed.
"""

import math
from dataclasses import dataclass

from flight.simulator.manoeuvres import Place, Speeds, Steer
from flight.simulator.scurve import PathLimits, Scurve, Vector
from flight.simulator.sensors import Estimate

_POSITION_GAIN_PER_S = 1.0
_MOST_CORRECTION_MPS = 3.0
_CATCHING_UP = 0.05
_NOISY_BELOW_MPS = 0.5
_LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class LegEnd:
    """How a leg ends: within which radius, towards which place without a stop, or with a pause."""

    radius_m: float = 2.0
    onward: Place | None = None
    pause_s: float = 0.0


class _Point:
    """The moving point of one leg."""

    def __init__(self, start: Place, end: Place, limits: PathLimits) -> None:
        self.curve = Scurve(_between(start, end), limits)
        self.elapsed_s = 0.0

    @property
    def left_s(self) -> float:
        return max(0.0, self.curve.duration_s - self.elapsed_s)

    def motion(self, time_s: float) -> tuple[Vector, Vector, Vector]:
        """Way from the start, velocity and acceleration, north, east, up."""
        north, east, up = self.curve.direction
        far, speed, gain = self.curve.at(time_s)
        return (
            (north * far, east * far, up * far),
            (north * speed, east * speed, up * speed),
            (north * gain, east * gain, up * gain),
        )


class Leg:
    """Fly the straight line between two places, heights included.

    Args:
        start: Where the line begins.
        end: Where it ends.
        speeds: How fast.
        finish: How it ends.
        before: The leg that was flown until now, if this is where it went on to.
    """

    def __init__(
        self,
        start: Place,
        end: Place,
        speeds: Speeds,
        finish: LegEnd | None = None,
        before: "Leg | None" = None,
    ) -> None:
        self.done = False
        self._start, self._end = start, end
        self._speeds = speeds
        self._finish = finish or LegEnd()
        limits = speeds.path_limits()
        self._this = _Point(start, end, limits)
        self._ending: _Point | None = None
        self._next: _Point | None = None
        if self._finish.onward is not None:
            self._next = _Point(end, self._finish.onward, limits)
        if before is not None and before.goes_on_to(end):
            self._ending, going = before.turn()
            self._this.elapsed_s = going.elapsed_s
        self._turning = False
        self._arrived_s: float | None = None
        self._now_s: float | None = None

    def goes_on_to(self, place: Place) -> bool:
        """Whether this leg is turning towards a place without a stop."""
        return self._turning and self._finish.onward == place

    def turn(self) -> "tuple[_Point, _Point]":
        """Return the ending and the beginning point of the turn under way."""
        going = self._next or self._this
        return self._this, going

    def steer(self, here: Estimate, now_s: float) -> Steer:
        """Follow the moving point."""
        pace = self._advance(here, now_s)
        place, velocity, gain = self._target()
        # Points that wait must not push: with their time, their motion slows down too.
        velocity = (velocity[0] * pace, velocity[1] * pace, velocity[2] * pace)
        gain = (gain[0] * pace * pace, gain[1] * pace * pace, gain[2] * pace * pace)
        error = _between(Place(here.north_m, here.east_m, here.height_m), Place(*place))
        fix_north, fix_east = _shortened(error[0], error[1], _MOST_CORRECTION_MPS)
        up = velocity[2] + _POSITION_GAIN_PER_S * error[2]
        self._check_arrival(here, now_s)
        return Steer(
            velocity[0] + fix_north,
            velocity[1] + fix_east,
            max(-self._speeds.down_mps, min(self._speeds.up_mps, up)),
            self._heading(),
            gain,
        )

    def _advance(self, here: Estimate, now_s: float) -> float:
        since_s = 0.0 if self._now_s is None else now_s - self._now_s
        self._now_s = now_s
        pace = self._pace(here)
        step_s = since_s * pace
        for point in (self._ending, self._this, self._next if self._turning else None):
            if point is not None:
                point.elapsed_s += step_s
        if self._next is not None and not self._turning and self._may_turn(self._next):
            self._turning = True
        return pace

    def _pace(self, here: Estimate) -> float:
        """How fast time runs for the points: slower where the aircraft lags behind them."""
        place, velocity, _ = self._target()
        speed = math.hypot(*velocity)
        if speed < 1e-3:
            return 1.0
        error = _between(Place(here.north_m, here.east_m, here.height_m), Place(*place))
        flown = (here.north_mps, here.east_mps, here.up_mps)
        behind_m = _dot(error, velocity) / speed
        missing = speed - _dot(flown, velocity) / speed + _POSITION_GAIN_PER_S * behind_m
        # Near a stop the noise of an estimate would be a large share of the speed.
        share = missing / max(speed, _NOISY_BELOW_MPS)
        return max(0.0, min(1.0, 1.0 + _CATCHING_UP - share))

    def _may_turn(self, onward: _Point) -> bool:
        this, left_s = self._this, self._this.left_s
        curve, after = this.curve, onward.curve
        if left_s > min(curve.duration_s, after.duration_s) / 2 - _LOOK_EVERY_S:
            return False
        if left_s > curve.ramp_s + after.gaining_s:
            return False
        middle_s = left_s / 2
        place, velocity, _ = this.motion(this.elapsed_s + middle_s)
        more, faster, _ = onward.motion(middle_s)
        whole = _between(self._start, self._end)
        off_m = math.hypot(*(p + m - w for p, m, w in zip(place, more, whole, strict=True)))
        turning = math.hypot(velocity[0] + faster[0], velocity[1] + faster[1])
        return off_m < self._finish.radius_m and turning < min(curve.top_mps, after.top_mps)

    def _target(self) -> tuple[Vector, Vector, Vector]:
        """Where the aircraft should be: the sum of all points that move."""
        start = self._start
        way, velocity, gain = self._this.motion(self._this.elapsed_s)
        way = (start.north_m + way[0], start.east_m + way[1], start.height_m + way[2])
        if self._ending is not None and self._ending.left_s > 0:
            past, speed, rise = self._ending.motion(self._ending.elapsed_s)
            north, east, up = self._ending.curve.direction
            whole = self._ending.curve.length_m
            past = (past[0] - north * whole, past[1] - east * whole, past[2] - up * whole)
            way, velocity, gain = _sum(way, past), _sum(velocity, speed), _sum(gain, rise)
        if self._turning and self._next is not None:
            onward, speed, rise = self._next.motion(self._next.elapsed_s)
            way, velocity, gain = _sum(way, onward), _sum(velocity, speed), _sum(gain, rise)
        return way, velocity, gain

    def _check_arrival(self, here: Estimate, now_s: float) -> None:
        finished = self._this.left_s <= 0
        if self._turning and self._next is not None:
            finished |= self._next.elapsed_s >= self._this.left_s
        if self._finish.onward is not None:
            self.done = finished
            return
        left = _between(Place(here.north_m, here.east_m, here.height_m), self._end)
        if self._arrived_s is None and finished and math.hypot(*left) <= self._finish.radius_m:
            self._arrived_s = now_s
        if self._arrived_s is not None:
            self.done = now_s - self._arrived_s >= self._finish.pause_s

    def _heading(self) -> float | None:
        north_m, east_m, _ = _between(self._start, self._end)
        if math.hypot(north_m, east_m) < 2.0:
            return None
        return math.degrees(math.atan2(east_m, north_m)) % 360


def _between(start: Place, end: Place) -> Vector:
    return (
        end.north_m - start.north_m,
        end.east_m - start.east_m,
        end.height_m - start.height_m,
    )


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _sum(a: Vector, b: Vector) -> Vector:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def _shortened(north: float, east: float, most: float) -> tuple[float, float]:
    length = math.hypot(north, east)
    if length <= most:
        return north, east
    return north * most / length, east * most / length
