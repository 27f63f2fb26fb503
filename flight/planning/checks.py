"""What must hold before a mission may fly, whoever wrote it.

The planner runs these checks on what it made, and they run again before every flight, because a
plan may have been edited or its county's zones changed since. Errors forbid the flight; warnings
are for the operator to judge.
"""

import itertools
from collections.abc import Callable, Iterator

from flight.errors import WindTooStrongError
from flight.missions import Action, Mission, PatrolPlan
from flight.planning.aircraft import Aircraft
from flight.planning.fence_checks import fence_shape, inside_fence
from flight.planning.flown import Flown
from flight.planning.forecast import forecast
from flight.planning.limits import MOST_ITEMS
from flight.planning.route_ground import CLEARANCE_M
from flight.planning.terrain_checks import TerrainLimits, check_terrain
from flight.planning.wind import CALM, Wind
from flight.planning.zone_checks import (
    close_to_ceiling,
    heights,
    keep_in,
    no_fly,
    straight_returns,
)
from geofences.checks import Finding, Severity
from geofences.geodesy import LonLat
from geofences.terrain import Terrain
from geofences.zones import ZoneIndex

_ZERO_LEG_M = 0.5
_ENDS = (Action.RETURN_HOME, Action.LAND)


def check_plan(
    plan: PatrolPlan, zones: ZoneIndex, terrain: Terrain | None = None
) -> tuple[Finding, ...]:
    """Check every mission of a plan, and that they go together.

    Args:
        plan: As planned, or as read from a file.
        zones: The zones as they are now.
        terrain: How high the ground is, if that is known.

    Returns:
        Errors first.

    Raises:
        ElevationFileError: A file of the terrain cannot be read.
    """
    known = terrain is not None
    found = [
        finding
        for mission in plan.missions
        for finding in check_mission(mission, zones, over_known_ground=known)
    ]
    if terrain is not None:
        for mission in plan.missions:
            limits = TerrainLimits(clearance_m=min(CLEARANCE_M, 0.5 * mission.looks_from_m))
            found += check_terrain(mission, zones, terrain, limits)
    if not plan.missions:
        message = f"Plan {plan.name!r} has no missions. Plan it again."
        found.append(Finding("plan.empty", Severity.ERROR, plan.plan_id, message, None))
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))


def check_mission(
    mission: Mission, zones: ZoneIndex, *, over_known_ground: bool = False
) -> tuple[Finding, ...]:
    """Check one mission against its fence, the zones and the limits of autopilots.

    Args:
        mission: What is to be flown.
        zones: The zones as they are now.
        over_known_ground: Whether true heights are checked against the ground elsewhere.

    Returns:
        Errors first; empty if nothing is wrong.
    """
    flown = Flown(mission, zones, over_known_ground)
    found = [finding for check in _CHECKS for finding in check(flown)]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))


def check_endurance(mission: Mission, aircraft: Aircraft, wind: Wind = CALM) -> tuple[Finding, ...]:
    """Check that a mission leaves an aircraft its reserve, wherever it has to turn back.

    Args:
        mission: What is to be flown.
        aircraft: Who flies it.
        wind: Steady wind.

    Returns:
        One error for the time and one for the energy, if they are exceeded.
    """
    try:
        figures = forecast(mission, aircraft, wind)
    except WindTooStrongError as error:
        return (_endurance("wind.too_strong", mission, str(error), mission.home),)
    found = []
    if figures.time_s > aircraft.usable_s:
        message = (
            f"Mission {mission.mission_id} takes {figures.time_s:.0f} s, but {aircraft.name} may "
            f"fly {aircraft.usable_s:.0f} s and keep its reserve. Give it fewer cells."
        )
        over_s = figures.time_s - aircraft.usable_s
        found.append(_endurance("endurance.exceeded", mission, message, mission.home, over_s))
    if figures.turning_back_wh > aircraft.usable_wh:
        at = figures.dearest_place
        message = (
            f"Mission {mission.mission_id} needs {figures.turning_back_wh:.0f} Wh if it has to "
            f"turn back at {at.lat_deg:.6f} N, {at.lon_deg:.6f} E, but {aircraft.name} may use "
            f"{aircraft.usable_wh:.0f} Wh and keep its reserve. Give it fewer cells, or wait for "
            "less wind."
        )
        over_wh = figures.turning_back_wh - aircraft.usable_wh
        found.append(_endurance("energy.exceeded", mission, message, at, over_wh))
    return tuple(found)


def _endurance(
    code: str, mission: Mission, message: str, place: LonLat, excess: float = 0.0
) -> Finding:
    return Finding(code, Severity.ERROR, mission.mission_id, message, place, excess=excess)


def _sequence(flown: Flown) -> Iterator[Finding]:
    items = flown.mission.items
    if not items or items[0].action is not Action.TAKEOFF:
        yield flown.finding(
            "mission.no_takeoff",
            Severity.ERROR,
            f"Mission {flown.mission.mission_id} does not begin with a take-off. Put one first.",
        )
    if not items or items[-1].action not in _ENDS:
        yield flown.finding(
            "mission.no_return",
            Severity.ERROR,
            f"Mission {flown.mission.mission_id} ends in the air. End it with a return or landing.",
        )
    if len(items) > MOST_ITEMS:
        yield flown.finding(
            "mission.too_many_items",
            Severity.ERROR,
            f"Mission {flown.mission.mission_id} has {len(items)} items; autopilots hold "
            f"{MOST_ITEMS}. Plan fewer cells at a time.",
        )


def _zero_legs(flown: Flown) -> Iterator[Finding]:
    items = flown.mission.items
    heights_m = [items[index].height_home_m or 0.0 for index, _ in flown.legs]
    for (before_m, height_m), (index, line) in zip(
        itertools.pairwise(heights_m), flown.legs[1:], strict=True
    ):
        # A hover where the aircraft is already is meant to be there, and takes its time.
        hovers = items[index].action is Action.HOVER
        moves = line.length >= _ZERO_LEG_M or abs(height_m - before_m) >= _ZERO_LEG_M
        if not moves and not hovers:
            yield flown.finding(
                "mission.zero_leg",
                Severity.WARNING,
                f"Item {index} lies {line.length:.2f} m from the one before it; autopilots may "
                "skip it. Remove one of the two.",
                index,
            )


_CHECKS: tuple[Callable[[Flown], Iterator[Finding]], ...] = (
    _sequence,
    _zero_legs,
    fence_shape,
    inside_fence,
    no_fly,
    keep_in,
    heights,
    close_to_ceiling,
    straight_returns,
)
