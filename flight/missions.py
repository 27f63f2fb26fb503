"""What is flown, free of any vehicle's or file's language.

A `PatrolPlan` holds one `Mission` per aircraft and battery; a mission is a list of items in the
order flown, and the fence that the autopilot itself enforces meanwhile. All heights are above
home, the take-off point.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum

import shapely

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
    RETURN_HOME = "return_home"
    LAND = "land"


@dataclass(frozen=True, slots=True)
class MissionItem:
    """One step of a mission.

    Attributes:
        action: What to do.
        position: Where; waypoints need one, a take-off or landing without one is at home.
        height_home_m: How high above home; needed by waypoints and the take-off.
        value: Ground speed in metres per second for `speed`, camera pitch in degrees (-90
            straight down) for `gimbal`.
        cell_code: The cell looked at from here, empty on transit.
    """

    action: Action
    position: LonLat | None = None
    height_home_m: float | None = None
    value: float | None = None
    cell_code: str = ""

    def __post_init__(self) -> None:
        if self.action is Action.WAYPOINT and self.position is None:
            raise ValueError("A waypoint needs a position.")
        if self.action in {Action.WAYPOINT, Action.TAKEOFF} and self.height_home_m is None:
            raise ValueError(f"A {self.action} needs a height above home.")
        if self.action is Action.SPEED and not (self.value is not None and self.value > 0.0):
            raise ValueError(f"A speed must be more than 0 m/s, not {self.value}.")
        if self.action is Action.GIMBAL and not (
            self.value is not None and -180.0 <= self.value <= 180.0
        ):
            raise ValueError(f"A camera pitch is between -180 and 180 degrees, not {self.value}.")
        for name in ("height_home_m", "value"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise ValueError(f"A {self.action} cannot have {name} = {number}.")


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
        height_home_m: Height of the lanes.
        cell_codes: The cells this mission looks at.
        distance_m: Foretold length of the flight over ground.
        duration_s: Foretold time from take-off to landing, turns and climb included.
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

    @property
    def route(self) -> tuple[LonLat, ...]:
        """The points flown over, in order: home, every item with a position, home if it returns."""
        points = [self.home]
        points.extend(item.position for item in self.items if item.position is not None)
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
    """

    plan_id: str
    name: str
    missions: tuple[Mission, ...]
    cell_codes: tuple[str, ...]
    coverage_fraction: float
    findings: tuple[Finding, ...] = field(default=())
    camera: Camera = field(kw_only=True)
    gimbal_pitch_deg: float = field(kw_only=True)
