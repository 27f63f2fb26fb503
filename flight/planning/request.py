"""What an operator asks the planner for."""

import math
from dataclasses import dataclass
from datetime import datetime

from flight.errors import PlanningError
from flight.planning.aircraft import Aircraft
from flight.planning.limits import LEGAL_CEILING_M
from flight.planning.separation import Spacing
from flight.planning.tasks import Task
from flight.planning.timetable import Upkeep
from flight.planning.wind import CALM, Wind
from geofences.view import Camera

DOCK_UPKEEP = Upkeep(swap_s=180.0, batteries=2, charge_s_per_wh=15.0)
"""A dock that swaps between two batteries and charges one of 240 Wh in an hour."""

USUAL_SPACING = Spacing()


@dataclass(frozen=True, slots=True)
class PatrolRequest:
    """What an operator asks for.

    Attributes:
        name: For people.
        task: What to look at.
        aircraft: Who flies.
        camera: What looks down, the same on all aircraft.
        height_home_m: Height of the flight above home.
        height_ground_m: Height above the ground below, where the flight is to follow the terrain;
            it then goes before the height above home, and an elevation model must be given.
        speed_mps: Ground speed.
        side_overlap: Share of the picture width that neighbouring lanes have in common.
        gimbal_pitch_deg: Camera pitch, -90 straight down.
        no_fly_margin_m: How far to keep from no-fly zones.
        fence_margin_m: Distance of the fence from the route.
        wind: Steady wind that times and batteries are reckoned with.
        departs_at: When the first aircraft takes off, with its time zone; zones that are not
            active then are left out. None respects all zones.
        height_tolerance_m: By how much a flight that follows the terrain may leave its height.
        bridge_gaps: Whether such a flight may go on over ground whose height is not known.
        upkeep: What each aircraft needs between two flights.
        spacing: How far aircraft are to be kept apart.

    Raises:
        PlanningError: If it asks for something that no county could make possible.
    """

    name: str
    task: Task
    aircraft: tuple[Aircraft, ...]
    camera: Camera
    height_home_m: float = 40.0
    height_ground_m: float | None = None
    speed_mps: float = 8.0
    side_overlap: float = 0.3
    gimbal_pitch_deg: float = -60.0
    no_fly_margin_m: float = 20.0
    fence_margin_m: float = 40.0
    wind: Wind = CALM
    departs_at: datetime | None = None
    height_tolerance_m: float = 5.0
    bridge_gaps: bool = False
    upkeep: Upkeep = DOCK_UPKEEP
    spacing: Spacing = USUAL_SPACING

    def __post_init__(self) -> None:
        if not self.aircraft:
            raise PlanningError(f"Patrol {self.name!r} names no aircraft. Name at least one.")
        names = [aircraft.name for aircraft in self.aircraft]
        if len(set(names)) < len(names):
            raise PlanningError(f"Patrol {self.name!r} names an aircraft twice. Name each once.")
        for what, value in (
            ("height above take-off", self.height_home_m),
            ("height above ground", 1.0 if self.height_ground_m is None else self.height_ground_m),
            ("tolerance of the height", self.height_tolerance_m),
            ("speed", self.speed_mps),
            ("margin from no-fly zones", self.no_fly_margin_m),
            ("margin of the fence", self.fence_margin_m),
        ):
            if not 0.0 < value < math.inf:
                raise PlanningError(f"The {what} must be a number above 0, not {value:g}.")
        slowest = min(self.aircraft, key=lambda aircraft: aircraft.power.airspeed_max_mps)
        if self.speed_mps > slowest.power.airspeed_max_mps:
            raise PlanningError(
                f"A speed of {self.speed_mps:g} m/s is too much for {slowest.name!r}, which flies "
                f"at most {slowest.power.airspeed_max_mps:.1f} m/s through the air. Plan slower."
            )
        if self.departs_at is not None and self.departs_at.tzinfo is None:
            raise PlanningError("The time of departure needs its time zone, as in 08:00+08:00.")
        if self.flown_height_m > LEGAL_CEILING_M:
            raise PlanningError(
                f"A height of {self.flown_height_m:g} m is above the ceiling of "
                f"{LEGAL_CEILING_M:g} m. Plan lower."
            )

    @property
    def flown_height_m(self) -> float:
        """How high the flight looks down from: above ground if it follows that, else above home."""
        return self.height_home_m if self.height_ground_m is None else self.height_ground_m

    @property
    def clearance_m(self) -> float:
        """The least height above ground or home that the flight may have where it looks down."""
        return max(0.5 * self.flown_height_m, self.flown_height_m - self.height_tolerance_m)
