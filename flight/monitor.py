"""Watching a flight for a breach to come, and saying so before the autopilot notices.

On its planned way an aircraft is judged by that way: it will brake and turn as planned, though it
flies straight at the fence just now. Off that way, or in a pilot's hand, it is judged by where its
present velocity takes it. Where the autopilot is stopping or flying home, only what it can no
longer avoid by braking counts, and what lies across the straight line home.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from flight.breach import Bound, BreachStatus, BreachWatch, FloatArray, Reactions, fence_bounds
from flight.ground_watch import GroundStatus, GroundWatch, Path, planned_path, straight_path
from flight.missions import Action, Mission
from flight.states import VehicleState
from flight.vehicle import Control
from flight.zone_bounds import ground_bounds, zone_bounds
from geofences.geodesy import LocalFrame, LonLat
from geofences.terrain import Terrain
from geofences.zones import Zone

_LEVEL_WITHIN_M = 3.0  # what a climb overshoots its height by, and a barometer wanders
_STEP_BEYOND_S = 0.2  # past an edge, to see whose edge it was


@dataclass(frozen=True, slots=True)
class MonitorSettings:
    """When a breach to come is worth a warning.

    Attributes:
        warn_within_s: A breach sooner than this is told, off the planned way.
        home_within_s: A no-fly area across the way home is told so long before it is met.
        off_way_m: Farther from the planned way than this, the plan says nothing any more; more
            than a corner is cut or overshot by.
        calm_s: So long nothing may threaten until the warning is taken back.
        reactions: How the aircraft stops, and how long somebody takes to make it.
    """

    warn_within_s: float = 8.0
    home_within_s: float = 30.0
    off_way_m: float = 8.0
    calm_s: float = 3.0
    reactions: Reactions = Reactions(latency_s=2.0)  # noqa: RUF009 - a frozen value


@dataclass(frozen=True, slots=True)
class Foresight:
    """What is foretold of one moment of a flight.

    Attributes:
        breached: Names of the bounds that the aircraft is on the wrong side of.
        breach_in_s: Until it will be, as it flies now; 0 if it is, infinite if never.
        distance_m: To the nearest edge that matters at its height.
        ahead: Whose edge is met then; empty if none.
        warning: Whether that needs somebody's attention.
        height_ground_m: How high it truly is; None where the ground is not known.
    """

    breached: tuple[str, ...]
    breach_in_s: float
    distance_m: float
    ahead: str
    warning: bool
    height_ground_m: float | None = None

    @property
    def text(self) -> str:
        """The warning, in words."""
        if self.breached:
            return f"BREACH: on the wrong side of: {', '.join(self.breached)}"
        return (
            f"WARNING: breach of {self.ahead or 'a bound'} in {self.breach_in_s:.0f} s; "
            f"{self.distance_m:.0f} m to the nearest edge"
        )


class BreachMonitor:
    """Foretells breaches of one mission's fence and of the zones about it.

    Args:
        mission: What is flown.
        zones: No-fly, ceiling and keep-in zones as they are during the flight.
        settings: When to warn.
        terrain: How high the ground is; without it, heights above ground count as above home.
    """

    def __init__(
        self,
        mission: Mission,
        zones: Sequence[Zone] = (),
        settings: MonitorSettings | None = None,
        terrain: Terrain | None = None,
    ) -> None:
        self._mission = mission
        self._settings = settings or MonitorSettings()
        self._frame = LocalFrame(mission.home)
        self._bounds: tuple[Bound, ...] = (
            *fence_bounds(mission.fence, self._frame),
            *zone_bounds(mission, zones, self._frame, ground_known=terrain is not None),
        )
        self._ground: GroundWatch | None = None
        if terrain is not None:
            closed = ground_bounds(mission, zones, self._frame)
            self._ground = GroundWatch(terrain, closed, self._frame)
        self._ceiling_m = mission.fence.ceiling_height_home_m
        self._watch = BreachWatch(self._bounds, self._ceiling_m, self._settings.reactions)
        self._warned_at_s = -math.inf

    @property
    def warned(self) -> bool:
        """Whether a warning stands."""
        return self._warned_at_s > -math.inf

    def look(self, state: VehicleState, control: Control) -> Foresight | None:
        """Judge one snapshot; None while nobody flies or the place is unknown.

        Args:
            state: What telemetry says.
            control: Who decides where the aircraft flies.
        """
        if state.position is None or not state.armed or state.on_ground:
            self._warned_at_s = -math.inf
            return None
        place = self._local(state.position)
        velocity = (state.velocity_east_mps, state.velocity_north_mps, state.velocity_up_mps)
        way = self._way(state, control)
        planned = None if way is None else way[1:]
        if control in {Control.RETURNING, Control.FAILSAFE}:
            planned = np.zeros((1, 2))  # home
        status = self._watch.check(place, velocity, state.height_home_m, planned)
        on_way = way is not None and self._is_on(place, way)
        breach_s = self._breach_s(status, state, control, on_way=on_way)
        ground = self._over_ground(state, control, way if on_way else None)
        threat = bool(status.breached) or self._threatens(status, control, breach_s, on_way=on_way)
        threat = threat or math.isfinite(ground.breach_in_s)
        if threat:
            self._warned_at_s = state.time_boot_s
        elif abs(state.time_boot_s - self._warned_at_s) > self._settings.calm_s:
            self._warned_at_s = -math.inf
        if ground.breach_in_s < breach_s:
            breach_s, ahead = ground.breach_in_s, ground.ahead
        else:
            ahead = self._ahead(place, velocity, state.height_home_m, breach_s) if threat else ""
        breached = (*status.breached, *ground.breached)
        height_m = ground.height_ground_m
        return Foresight(breached, breach_s, status.distance_m, ahead, self.warned, height_m)

    def _over_ground(
        self, state: VehicleState, control: Control, way: FloatArray | None
    ) -> GroundStatus:
        """Judge the limits above ground, as far ahead as a breach of them is worth a warning."""
        if self._ground is None:
            return GroundStatus()
        return self._ground.check(
            state.home or self._mission.home, self._paths(state, control, way)
        )

    def _paths(
        self, state: VehicleState, control: Control, way: FloatArray | None
    ) -> tuple[Path, ...]:
        """Where the aircraft may be soon, by what it follows."""
        settings = self._settings
        place, height_m = self._local(state.position or self._mission.home), state.height_home_m
        velocity = (state.velocity_east_mps, state.velocity_north_mps, state.velocity_up_mps)
        if way is not None:
            points = np.column_stack([way, self._heights(state, len(way))])
            points[0] = (*place, height_m)
            speed_mps = math.hypot(*velocity)
            return (planned_path(points, speed_mps, settings.warn_within_s),)
        if control is Control.COMMANDED:
            return (straight_path(place, height_m, velocity, settings.reactions.latency_s),)
        if control in {Control.RETURNING, Control.FAILSAFE}:
            home = np.array([(*place, height_m), (0.0, 0.0, height_m)])
            return (
                planned_path(home, state.ground_speed_mps, settings.home_within_s),
                straight_path(place, height_m, velocity, settings.reactions.latency_s),
            )
        return (straight_path(place, height_m, velocity, settings.warn_within_s),)

    def _heights(self, state: VehicleState, count: int) -> FloatArray:
        """Heights above home of the points of `_way`; one that is not said is the present one."""
        item = state.mission_item or 0
        heights_m = [state.height_home_m]
        for index in range(item, len(self._mission.items)):
            if self._target(index) is not None:
                own_m = self._mission.items[index].height_home_m
                heights_m.append(heights_m[-1] if own_m is None else own_m)
        return np.array(heights_m[:count])

    def _breach_s(
        self, status: BreachStatus, state: VehicleState, control: Control, *, on_way: bool
    ) -> float:
        """Time until the breach that the aircraft is heading for, by whatever it follows."""
        if status.breached:
            return 0.0
        planned_s = status.planned_breach_in_s
        below_top = control is Control.MISSION and self._is_below_its_top(state)
        if on_way and planned_s is not None:
            return planned_s if below_top else min(planned_s, self._vertical_breach_s(state))
        if below_top:
            return self._level_breach_s(state)
        if control in {Control.RETURNING, Control.FAILSAFE, Control.COMMANDED}:
            across_s = math.inf if planned_s is None else planned_s
            unavoidable = status.margin_m < 0.0
            return min(across_s, status.breach_in_s if unavoidable else math.inf)
        return status.breach_in_s

    def _threatens(
        self, status: BreachStatus, control: Control, breach_s: float, *, on_way: bool
    ) -> bool:
        settings = self._settings
        if on_way:
            return breach_s < settings.warn_within_s
        if control in {Control.RETURNING, Control.FAILSAFE, Control.COMMANDED}:
            return breach_s < settings.home_within_s
        return breach_s < settings.warn_within_s or (
            status.margin_m < 0.0 and math.isfinite(breach_s)
        )

    def _level_breach_s(self, state: VehicleState) -> float:
        """As if it did not climb: its mission levels off below the ceiling by plan."""
        return self._moving_s(state, (state.velocity_east_mps, state.velocity_north_mps, 0.0))

    def _vertical_breach_s(self, state: VehicleState) -> float:
        """As if it only climbed: where it goes is as planned, how high is not."""
        return self._moving_s(state, (0.0, 0.0, state.velocity_up_mps))

    def _moving_s(self, state: VehicleState, velocity: tuple[float, float, float]) -> float:
        place = self._local(state.position or self._mission.home)
        return self._watch.check(place, velocity, state.height_home_m).breach_in_s

    def _is_below_its_top(self, state: VehicleState) -> bool:
        item = state.mission_item
        if item is None or not 0 <= item < len(self._mission.items):
            return False
        top_m = self._mission.items[item].height_home_m
        above_m = math.inf if top_m is None else state.height_home_m - top_m
        return above_m <= _LEVEL_WITHIN_M and (top_m or 0.0) <= self._ceiling_m

    def _way(self, state: VehicleState, control: Control) -> FloatArray | None:
        """The last point flown to and the next ones, metres; None if no plan is followed."""
        item = state.mission_item
        if control is not Control.MISSION or item is None:
            return None
        items = self._mission.items
        before = [each.flown_to for each in items[:item] if each.flown_to is not None]
        ahead = [self._target(index) for index in range(item, len(items))]
        following = [point for point in ahead if point is not None][:3]
        if not following:
            return None
        points = [before[-1] if before else self._mission.home, *following]
        return np.array([self._local(point) for point in points])

    def _target(self, index: int) -> LonLat | None:
        item = self._mission.items[index]
        return self._mission.home if item.action is Action.RETURN_HOME else item.flown_to

    def _is_on(self, place: tuple[float, float], way: FloatArray) -> bool:
        away_m = shapely.distance(shapely.linestrings(way), shapely.Point(place))
        return bool(away_m <= self._settings.off_way_m)

    def _ahead(
        self,
        place: tuple[float, float],
        velocity: tuple[float, float, float],
        height_home_m: float,
        breach_s: float,
    ) -> str:
        if not math.isfinite(breach_s):
            return ""
        gone_s = breach_s + _STEP_BEYOND_S
        there = (place[0] + velocity[0] * gone_s, place[1] + velocity[1] * gone_s)
        return ", ".join(self._watch.breached_at(there, height_home_m + velocity[2] * gone_s))

    def _local(self, position: LonLat) -> tuple[float, float]:
        return self._frame.to_local(position.lon_deg, position.lat_deg)
