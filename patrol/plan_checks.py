"""A plan held against the county as it is: zones at the time, ground, batteries, daylight."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import shapely

from flight.missions import PatrolPlan
from flight.planning.aircraft import Aircraft
from flight.planning.checks import check_endurance, check_plan
from flight.planning.daylight_checks import check_daylight
from flight.planning.link_checks import check_link
from flight.planning.relevance import Window, zones_in_force
from flight.planning.wind import Wind
from geofences.checks import Finding, Severity
from geofences.county import County
from geofences.errors import ClosedAirspaceError
from geofences.terrain import Terrain
from geofences.zones import ZoneIndex
from patrol.errors import UsageError

LATENESS = 1.5
"""Zones are looked at for so many times the foretold duration."""


@dataclass(frozen=True, slots=True)
class Day:
    """What a plan would be flown in.

    Attributes:
        departs_at: When, with its time zone; None for at any time.
        aircraft: Who flies; those that were planned with if nobody is named.
        wind: Steady wind; what was planned with if nobody says.
        terrain: How high the ground is, if that is known.
    """

    departs_at: datetime | None = None
    aircraft: Sequence[Aircraft] = ()
    wind: Wind | None = None
    terrain: Terrain | None = None


def check_on(plan: PatrolPlan, county: County | None, day: Day) -> tuple[Finding, ...]:
    """Everything that speaks against flying a plan on a day.

    Args:
        plan: As read from its file.
        county: Its zones count; None if nobody knows them.
        day: When, by whom and in which wind.

    Returns:
        Errors first.

    Raises:
        UsageError: flight is permitted in some zones only, and in none at that time.
        ElevationFileError: a file of the terrain cannot be read.
    """
    zones = ZoneIndex(()) if county is None else zones_at(county.zones, plan, day)
    found = list(check_plan(plan, zones, day.terrain))
    crew = {craft.name: craft for craft in (*plan.aircraft, *day.aircraft)}
    wind = plan.wind if day.wind is None else day.wind
    for mission in plan.missions:
        usual = Aircraft(mission.vehicle_name, mission.dock_id)
        craft = crew.get(mission.vehicle_name, usual)
        found += check_endurance(mission, craft, wind)
        found += check_link(mission, craft, day.terrain)
    if day.departs_at is not None:
        found += check_daylight(plan, day.departs_at)
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))


def zones_at(zones: ZoneIndex, plan: PatrolPlan, day: Day) -> ZoneIndex:
    """The zones that a plan meets: at its time if somebody says when, and at its heights.

    Args:
        zones: All zones of the county.
        plan: What is flown; where a mission does not say how high its home is, heights count for
            nothing.
        day: When, and over which ground.

    Raises:
        UsageError: flight is permitted in some zones only, and in none then or there.
        ElevationFileError: a file of the terrain cannot be read.
    """
    lowest_m, highest_m = _altitudes(plan, day.terrain)
    try:
        return zones_in_force(
            zones,
            window=_window(plan, day.departs_at),
            lowest_alt_amsl_m=lowest_m,
            highest_alt_amsl_m=highest_m,
            terrain=day.terrain,
        )
    except ClosedAirspaceError as error:
        raise UsageError(f"This plan must not fly then: {error}") from error


def _window(plan: PatrolPlan, departs_at: datetime | None) -> Window | None:
    if departs_at is None:
        return None
    lasts_s = max((m.start_s + m.duration_s for m in plan.missions), default=0.0)
    return Window(departs_at, departs_at + timedelta(seconds=LATENESS * lasts_s))


def _altitudes(plan: PatrolPlan, terrain: Terrain | None) -> tuple[float | None, float | None]:
    """Between which altitudes a plan may be flown: a failsafe may climb as far as its fence."""
    homes_m = [mission.home_alt_amsl_m for mission in plan.missions]
    known_m = [home_m for home_m in homes_m if home_m is not None]
    if not known_m or len(known_m) < len(homes_m):
        return None, None
    lowest_m = min(known_m)
    tops_m = [mission.fence.ceiling_height_home_m for mission in plan.missions]
    highest_m = max(home_m + top_m for home_m, top_m in zip(known_m, tops_m, strict=True))
    if terrain is None:
        return lowest_m, highest_m
    fences = shapely.union_all([mission.fence.inclusion.envelope for mission in plan.missions])
    ground = terrain.range_in(fences)
    if not ground.whole:
        return None, None
    # Below home, and as deep as the valleys that it flies over.
    return min(lowest_m, ground.lowest_alt_amsl_m), highest_m
