"""What is flown, free of any vehicle's or file's language.

A `PatrolPlan` holds one `Mission` per aircraft and battery; a mission is a list of items in the
order flown, and the fence that the autopilot itself enforces meanwhile. All heights are above
home, the take-off point.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum

import shapely

from flight.planning.aircraft import Aircraft
from flight.planning.wind import CALM, Wind
from geofences.checks import Finding
from geofences.geodesy import LonLat
from geofences.view import Camera


class Action(StrEnum):
    """What one mission item makes the aircraft do."""

    TAKEOFF = "takeoff"
    WAYPOINT = "waypoint"
    SPEED = "speed"
    GIMBAL = "gimbal"
    CAMERA_START = "camera_start"
    CAMERA_STOP = "camera_stop"
    HOVER = "hover"
    LOOK_AT = "look_at"
    LOOK_AHEAD = "look_ahead"
    RETURN_HOME = "return_home"
    LAND = "land"


@dataclass(frozen=True, slots=True)
class MissionItem:
    """One step of a mission.

    Attributes:
        action: What to do.
        position: Where; waypoints need one, a take-off or landing without one is at home, a
            hover without one is where the aircraft is. For `look_at` it is what the camera keeps
            in view until `look_ahead`; the aircraft does not fly there.
        height_home_m: How high above home; needed by waypoints, the take-off, a hover that has a
            position, and what is looked at.
        value: Ground speed in metres per second for `speed`, camera pitch in degrees (-90
            straight down) for `gimbal`, seconds for `hover`.
        cell_code: The cell looked at from here, empty on transit.
    """

    action: Action
    position: LonLat | None = None
    height_home_m: float | None = None
    value: float | None = None
    cell_code: str = ""

    def __post_init__(self) -> None:
        self._refuse_nowhere()
        value = self.value
        if self.action is Action.SPEED and not (value is not None and value > 0.0):
            raise ValueError(f"A speed must be more than 0 m/s, not {value}.")
        if self.action is Action.GIMBAL and not (value is not None and -180.0 <= value <= 180.0):
            raise ValueError(f"A camera pitch is between -180 and 180 degrees, not {value}.")
        if self.action is Action.HOVER and not (value is not None and value > 0.0):
            raise ValueError(f"A hover must last more than 0 seconds, not {value}.")
        for name in ("height_home_m", "value"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise ValueError(f"A {self.action} cannot have {name} = {number}.")

    @property
    def flown_to(self) -> LonLat | None:
        """Where the item takes the aircraft; None for what is only looked at, and for settings."""
        return None if self.action is Action.LOOK_AT else self.position

    def _refuse_nowhere(self) -> None:
        if self.action in {Action.WAYPOINT, Action.LOOK_AT} and self.position is None:
            raise ValueError(f"A {self.action} needs a position.")
        placed = {Action.WAYPOINT, Action.TAKEOFF, Action.LOOK_AT}
        if self.action in placed and self.height_home_m is None:
            raise ValueError(f"A {self.action} needs a height above home.")
        # A hover at a height without a place, or the reverse, means different things to autopilots.
        if self.action is Action.HOVER and (self.position is None) != (self.height_home_m is None):
            raise ValueError("A hover needs both a position and a height above home, or neither.")


@dataclass(frozen=True, slots=True)
class Fence:
    """What an autopilot must not leave and must not enter, in degrees of longitude and latitude.

    There is exactly one inclusion, because autopilots read several as their intersection.

    Attributes:
        inclusion: Where the aircraft may be; a polygon without holes.
        exclusions: Where it may not be, inside the inclusion; polygons without holes.
        ceiling_height_home_m: The greatest height above home.
    """

    inclusion: shapely.Polygon
    exclusions: tuple[shapely.Polygon, ...]
    ceiling_height_home_m: float

    def __post_init__(self) -> None:
        if not self.ceiling_height_home_m > 0.0:
            raise ValueError(
                f"A fence needs a ceiling above home, not {self.ceiling_height_home_m} m."
            )
        for polygon in (self.inclusion, *self.exclusions):
            if polygon.is_empty or polygon.interiors:
                raise ValueError("Every polygon of a fence is one ring: not empty, without holes.")

    @property
    def vertex_count(self) -> int:
        """How many vertices an autopilot must store; a ring's last point repeats its first."""
        return sum(len(p.exterior.coords) - 1 for p in (self.inclusion, *self.exclusions))


@dataclass(frozen=True, slots=True)
class RallyPoint:
    """Where an aircraft may return to instead of home.

    Attributes:
        position: Above which it comes down.
        height_home_m: At which it arrives there, above home.
    """

    position: LonLat
    height_home_m: float

    def __post_init__(self) -> None:
        if not 0.0 < self.height_home_m < math.inf:
            raise ValueError(
                f"A rally point needs a height of more than 0 m above home, "
                f"not {self.height_home_m}."
            )


@dataclass(frozen=True, slots=True)
class Mission:
    """What one aircraft flies on one battery.

    Attributes:
        mission_id: Unique within the plan.
        vehicle_name: The aircraft that flies it.
        dock_id: Where it starts and ends.
        home: The dock's position; heights are above it.
        items: What to do, in order.
        fence: What the autopilot enforces meanwhile.
        speed_mps: Ground speed on the lanes.
        height_home_m: Height of the lanes; the middle one where they follow the ground.
        cell_codes: The cells this mission looks at.
        distance_m: Foretold length of the flight over ground.
        duration_s: Foretold time from take-off to landing, turns and climb included.
        rally: Where it may return to instead of home.
        home_alt_amsl_m: Altitude of home above mean sea level, None where nobody knows it.
        energy_wh: Foretold energy from take-off to landing, None where it was not foretold.
        start_s: Foretold take-off, seconds after the patrol's start: an aircraft that recharges
            between two missions starts the second one later.
        height_ground_m: Height above the ground that the lanes keep where they follow it, None
            where they keep their height above home.
    """

    mission_id: str
    vehicle_name: str
    dock_id: str
    home: LonLat
    items: tuple[MissionItem, ...]
    fence: Fence
    speed_mps: float
    height_home_m: float
    cell_codes: tuple[str, ...]
    distance_m: float
    duration_s: float
    rally: tuple[RallyPoint, ...] = ()
    home_alt_amsl_m: float | None = None
    energy_wh: float | None = None
    start_s: float = 0.0
    height_ground_m: float | None = None

    def __post_init__(self) -> None:
        alt_m, energy_wh = self.home_alt_amsl_m, self.energy_wh
        if alt_m is not None and not math.isfinite(alt_m):
            raise ValueError(f"The altitude of home must be a number of metres, not {alt_m}.")
        if energy_wh is not None and not 0.0 <= energy_wh < math.inf:
            raise ValueError(f"The energy of a mission is 0 Wh or more, not {energy_wh}.")
        if not 0.0 <= self.start_s < math.inf:
            raise ValueError(f"A mission starts 0 s or more after its patrol, not {self.start_s}.")
        ground_m = self.height_ground_m
        if ground_m is not None and not 0.0 < ground_m < math.inf:
            raise ValueError(f"A height above ground is more than 0 m, not {ground_m}.")

    @property
    def looks_from_m(self) -> float:
        """How high the camera is above the ground; above home, if that is all that is known."""
        return self.height_home_m if self.height_ground_m is None else self.height_ground_m

    @property
    def way_home(self) -> int | None:
        """Index of the item that begins the way home; None if the mission ends in the air."""
        home = (Action.RETURN_HOME, Action.LAND)
        return next((i for i, item in enumerate(self.items) if item.action in home), None)

    @property
    def last_place(self) -> int | None:
        """Index of the last item that is flown to before the way home; None if there is none."""
        there = [i for i, item in enumerate(self.items[: self.way_home]) if item.flown_to]
        return there[-1] if there else None

    @property
    def route(self) -> tuple[LonLat, ...]:
        """The points flown over, in order: home, every item flown to, home if it returns."""
        points = [self.home]
        points.extend(item.flown_to for item in self.items if item.flown_to is not None)
        if self.items and self.items[-1].action is Action.RETURN_HOME:
            points.append(self.home)
        return tuple(points)


@dataclass(frozen=True, slots=True)
class PatrolPlan:
    """What the planner makes of a patrol.

    Attributes:
        plan_id: Same request, same county, same id.
        name: The operator's name for it.
        missions: One for each aircraft that flies.
        cell_codes: The cells that were asked for.
        coverage_fraction: Share of those cells' area, no-fly ground apart, that the cameras will
            have seen, computed from their footprints.
        findings: What the checks said; a plan with errors is never made.
        camera: The camera that the lanes were laid for.
        gimbal_pitch_deg: Its pitch, -90 straight down.
        aircraft: Who was planned with; empty where nobody says.
        wind: The wind that times and batteries were reckoned with.
    """

    plan_id: str
    name: str
    missions: tuple[Mission, ...]
    cell_codes: tuple[str, ...]
    coverage_fraction: float
    findings: tuple[Finding, ...] = field(default=())
    camera: Camera = field(kw_only=True)
    gimbal_pitch_deg: float = field(kw_only=True)
    aircraft: tuple[Aircraft, ...] = field(default=(), kw_only=True)
    wind: Wind = field(default=CALM, kw_only=True)
