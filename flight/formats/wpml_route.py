"""A mission as DJI's aircraft fly it: points, each with what happens there and on the way on.

A mission is a list of steps; a WPML route is a list of points, and everything else hangs on the
point before it. What cannot be said that way, or lies outside the documented limits, is refused in
a sentence before a file is made.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from flight.errors import PlanFileError
from flight.formats.wpml_aircraft import DjiAircraft
from flight.missions import Action, Mission, MissionItem
from geofences.geodesy import LonLat, distance_m

FEWEST_POINTS, MOST_POINTS = 2, 65535
SLOWEST_MPS, FASTEST_MPS = 1.0, 15.0
LOWEST_TAKEOFF_M, LOWEST_DOCK_TAKEOFF_M, HIGHEST_TAKEOFF_M = 1.2, 8.0, 1500.0
LOWEST_RETURN_M, HIGHEST_RETURN_M = 2.0, 1500.0

_SAME_PLACE_M = 0.05
_TURN_SHARE = 0.45  # of the shorter leg: two neighbours then take 0.9 of the leg between them
_SHORTEST_TURN_M = 0.2
_PITCH_STEP_DEG = 0.5  # less is not worth a halt


class PointDeed(StrEnum):
    """What is done at a point, by DJI's name (`actionActuatorFunc`)."""

    RECORD = "startRecord"
    STOP_RECORDING = "stopRecord"
    PITCH = "gimbalRotate"
    HOVER = "hover"


class Finish(StrEnum):
    """What follows the last point (`finishAction`)."""

    GO_HOME = "goHome"
    LAND = "autoLand"
    NOTHING = "noAction"


@dataclass(frozen=True, slots=True)
class PointAction:
    """One thing done at a point; `value` is degrees for a pitch, seconds for a hover."""

    deed: PointDeed
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Target:
    """What nose and camera point at, its height above the take-off point."""

    position: LonLat
    height_home_m: float


@dataclass(frozen=True, slots=True)
class RoutePoint:
    """A point of a route.

    Attributes:
        position: Where.
        height_home_m: Above the take-off point.
        speed_mps: From here to the next point.
        looks_at: What the nose points at from here to the next point; None for straight ahead.
        actions: What is done here, in order; the aircraft halts for it.
        turn_m: How far before the point the turn begins; 0 where the aircraft halts.
    """

    position: LonLat
    height_home_m: float
    speed_mps: float
    looks_at: Target | None = None
    actions: tuple[PointAction, ...] = ()
    turn_m: float = 0.0


@dataclass(frozen=True, slots=True)
class WpmlRoute:
    """A route and what frames it.

    Attributes:
        points: In flying order.
        takeoff_m: To which height the aircraft climbs first, above the take-off point.
        return_m: At which height it returns.
        speed_mps: On the way to the first point.
        finish: What follows the last point.
    """

    points: tuple[RoutePoint, ...]
    takeoff_m: float
    return_m: float
    speed_mps: float
    finish: Finish


def route_of(mission: Mission, *, corner_m: float) -> WpmlRoute:
    """Turn a mission into a route.

    Args:
        mission: What is flown.
        corner_m: How far before a corner a turn may begin, where nothing is done there.

    Returns:
        The route, not yet checked (`faults`).

    Raises:
        PlanFileError: If the mission goes on after its return or landing.
    """
    walk = _Walk(mission.speed_mps)
    for number, item in enumerate(mission.items):
        if walk.finish is not None:
            raise PlanFileError(
                f"Mission {mission.mission_id}: item {number} ({item.action}) comes after the "
                "return or landing, where a DJI route has ended. Split the mission there."
            )
        walk.take(item, mission.home)
    points = _with_turns(walk.points, corner_m)
    heights = [point.height_home_m for point in points]
    takeoff_m = walk.takeoff_m if walk.takeoff_m is not None else max(heights, default=0.0)
    return WpmlRoute(
        points,
        takeoff_m,
        max([takeoff_m, *heights]),
        min(max(mission.speed_mps, SLOWEST_MPS), FASTEST_MPS),
        walk.finish or Finish.NOTHING,
    )


@dataclass
class _Walk:
    """How far a mission has been turned into points."""

    speed_mps: float
    points: list[RoutePoint] = field(default_factory=list)
    takeoff_m: float | None = None
    finish: Finish | None = None
    target: Target | None = None
    pitch_deg: float | None = None  # as ordered, to come back to after looking at something
    held_deg: float | None = None
    waiting: list[PointAction] = field(default_factory=list)

    def take(self, item: MissionItem, home: LonLat) -> None:
        """Go one item on."""
        if item.action is Action.TAKEOFF:
            self.takeoff_m = item.height_home_m
        elif item.action is Action.SPEED:
            self.speed_mps = item.value or self.speed_mps
            self._change(speed_mps=self.speed_mps)
        elif item.action in {Action.LOOK_AT, Action.LOOK_AHEAD}:
            self._look(item)
        elif item.action in {Action.RETURN_HOME, Action.LAND}:
            self._end(item)
        else:
            self._place(item, home)

    def _place(self, item: MissionItem, home: LonLat) -> None:
        if item.position is not None:
            self._go(item.position, item.height_home_m or 0.0)
        if item.action is Action.HOVER:
            if not self.points:
                self._go(home, self.takeoff_m or 0.0)
            self._do(PointAction(PointDeed.HOVER, item.value or 0.0))
        elif item.action is Action.CAMERA_START:
            self._do(PointAction(PointDeed.RECORD))
        elif item.action is Action.CAMERA_STOP:
            self._do(PointAction(PointDeed.STOP_RECORDING))
        elif item.action is Action.GIMBAL:
            self.pitch_deg = item.value
            if self.target is None:  # else the camera is busy, and comes to it afterwards
                self._pitch(item.value or 0.0)

    def _go(self, position: LonLat, height_m: float) -> None:
        if self.points and _same(self.points[-1], position, height_m):
            return
        self.points.append(RoutePoint(position, height_m, self.speed_mps, self.target))
        waiting, self.waiting = self.waiting, []
        for action in waiting:
            self._do(action)
        if self.target:
            self._pitch(
                pitch_to(self.points[-1].position, self.points[-1].height_home_m, self.target)
            )

    def _look(self, item: MissionItem) -> None:
        self.target = None
        if item.position is not None:
            self.target = Target(item.position, item.height_home_m or 0.0)
        self._change(looks_at=self.target)
        if self.target and self.points:
            self._pitch(
                pitch_to(self.points[-1].position, self.points[-1].height_home_m, self.target)
            )
        elif not self.target and self.pitch_deg is not None:
            self._pitch(self.pitch_deg)

    def _pitch_to_target(self) -> None:
        if self.target is not None and self.points:
            point = self.points[-1]
            self._pitch(pitch_to(point.position, point.height_home_m, self.target))

    def _end(self, item: MissionItem) -> None:
        away = item.action is Action.LAND and item.position is not None
        if away and item.position is not None and self.points:
            self._go(item.position, self.points[-1].height_home_m)
        self.finish = Finish.LAND if away else Finish.GO_HOME

    def _pitch(self, pitch_deg: float) -> None:
        if self.held_deg is None or abs(pitch_deg - self.held_deg) > _PITCH_STEP_DEG:
            self._do(PointAction(PointDeed.PITCH, pitch_deg))
            self.held_deg = pitch_deg

    def _do(self, action: PointAction) -> None:
        if not self.points:
            self.waiting.append(action)
            return
        self._change(actions=(*self.points[-1].actions, action))

    def _change(self, **changes: Any) -> None:  # noqa: ANN401 - each field has its own type
        if self.points:
            self.points[-1] = replace(self.points[-1], **changes)


def _same(point: RoutePoint, position: LonLat, height_m: float) -> bool:
    near = distance_m(point.position, position) <= _SAME_PLACE_M
    return near and abs(point.height_home_m - height_m) <= _SAME_PLACE_M


def pitch_to(position: LonLat, height_home_m: float, target: Target) -> float:
    """How far down a camera must look to see a target, in whole tenths of a degree."""
    away_m = distance_m(position, target.position)
    below_m = height_home_m - target.height_home_m
    return round(-math.degrees(math.atan2(below_m, away_m)), 1)


def _with_turns(points: Sequence[RoutePoint], corner_m: float) -> tuple[RoutePoint, ...]:
    """Let the aircraft pass where nothing is done, as wide as the legs have room for."""
    legs_m = [distance_m(a.position, b.position) for a, b in itertools.pairwise(points)]
    turned = list(points)
    for i in range(1, len(points) - 1):
        room_m = min(corner_m, _TURN_SHARE * min(legs_m[i - 1], legs_m[i]))
        if not points[i].actions and room_m >= _SHORTEST_TURN_M:
            turned[i] = replace(points[i], turn_m=round(room_m, 2))
    return tuple(turned)


def faults(route: WpmlRoute, aircraft: DjiAircraft, *, from_dock: bool) -> Iterator[str]:
    """Everything in a route that DJI's documentation rules out, a sentence each."""
    yield from _frame_faults(route, from_dock=from_dock)
    for number, point in enumerate(route.points):
        if not SLOWEST_MPS <= point.speed_mps <= FASTEST_MPS:
            yield (
                f"Point {number} is left at {point.speed_mps:g} m/s; DJI's routes are flown at "
                f"{SLOWEST_MPS:g} to {FASTEST_MPS:g} m/s. Change the speed."
            )
        yield from _action_faults(number, point, aircraft)
    yield from _turn_faults(route)


def _frame_faults(route: WpmlRoute, *, from_dock: bool) -> Iterator[str]:
    count = len(route.points)
    if not FEWEST_POINTS <= count <= MOST_POINTS:
        yield (
            f"The route has {count} points; DJI's routes have {FEWEST_POINTS} to {MOST_POINTS}. "
            "Split the mission, or give it more waypoints."
        )
    lowest_m = LOWEST_DOCK_TAKEOFF_M if from_dock else LOWEST_TAKEOFF_M
    if not lowest_m <= route.takeoff_m <= HIGHEST_TAKEOFF_M:
        where = "a dock" if from_dock else "a remote controller"
        yield (
            f"The take-off is to {route.takeoff_m:g} m; from {where} DJI permits {lowest_m:g} to "
            f"{HIGHEST_TAKEOFF_M:g} m. Change the height."
        )
    if not LOWEST_RETURN_M <= route.return_m <= HIGHEST_RETURN_M:
        yield (
            f"The return is at {route.return_m:g} m; DJI permits {LOWEST_RETURN_M:g} to "
            f"{HIGHEST_RETURN_M:g} m. Change the height."
        )


def _action_faults(number: int, point: RoutePoint, aircraft: DjiAircraft) -> Iterator[str]:
    low, high = aircraft.lowest_pitch_deg, aircraft.highest_pitch_deg
    for action in point.actions:
        if action.deed is PointDeed.PITCH and not low <= action.value <= high:
            yield (
                f"At point {number} the camera would look at {action.value:g} degrees; that of "
                f"{aircraft.name} turns from {low:g} to {high:g}. Change the pitch, or fly higher."
            )


def _turn_faults(route: WpmlRoute) -> Iterator[str]:
    last = len(route.points) - 1
    for number, (a, b) in enumerate(itertools.pairwise(route.points)):
        leg_m, turns_m = distance_m(a.position, b.position), a.turn_m + b.turn_m
        if turns_m and leg_m <= turns_m:
            yield (
                f"The leg from point {number} to {number + 1} is {leg_m:.2f} m long, not longer "
                f"than the turns at its ends ({turns_m:.2f} m). Turn closer to the points."
            )
    for number in {0, last}:
        if 0 <= number <= last and route.points[number].turn_m:
            yield f"Point {number} begins or ends the route, so the aircraft must halt there."
