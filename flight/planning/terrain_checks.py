"""Checks of a mission against the ground: true heights, clearance, home, and unknown ground.

Heights are checked along every metre of every leg, because a mission is flown above home and the
law and the hills are counted from the ground right below.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.missions import Action, Mission
from flight.planning.flown import Flown, named
from flight.planning.height_above_ground import Extreme, HeightsAboveGround
from flight.planning.limits import LEGAL_CEILING_M
from flight.planning.route_ground import CLEARANCE_M, GroundBelow
from flight.planning.terrain_following import in_words
from flight.planning.terrain_returns import check_returns, return_height_m
from geofences.checks import Finding, Severity
from geofences.terrain import Terrain
from geofences.zones import ZoneIndex, ZoneKind

FloatArray = NDArray[np.float64]

HOME_DISAGREES_M = 5.0
"""More than a good elevation model is wrong, and less than a mixed-up vertical reference."""

_PLACES_NAMED = 3
_AT_HOME_M = 1.0


@dataclass(frozen=True, slots=True)
class TerrainLimits:
    """What a mission must keep to above the ground.

    Attributes:
        clearance_m: The least height above ground on any leg and any straight way home.
        ceiling_m: The greatest height above ground.
        require_terrain: Whether unknown ground forbids the flight; otherwise it is a warning.
    """

    clearance_m: float = CLEARANCE_M
    ceiling_m: float = LEGAL_CEILING_M
    require_terrain: bool = False

    @property
    def if_unknown(self) -> Severity:
        """How bad unknown ground is."""
        return Severity.ERROR if self.require_terrain else Severity.WARNING


def check_terrain(
    mission: Mission, zones: ZoneIndex, terrain: Terrain, limits: TerrainLimits | None = None
) -> tuple[Finding, ...]:
    """Check a mission against the ground.

    Args:
        mission: What is to be flown.
        zones: Whose ceilings count, above the ground.
        terrain: The ground.
        limits: What to keep to.

    Returns:
        Errors first; empty if nothing is wrong.

    Raises:
        ElevationFileError: A file of the terrain cannot be read.
    """
    limits = limits or TerrainLimits()
    flown = Flown(mission, zones)
    home_ground_m = float(terrain.alt_amsl_m([mission.home.lon_deg], [mission.home.lat_deg])[0])
    found = list(_home(flown, home_ground_m, limits))
    home_alt_m = mission.home_alt_amsl_m if mission.home_alt_amsl_m is not None else home_ground_m
    if not np.isnan(home_alt_m) and len(flown.stops) > 1:
        below = GroundBelow(terrain, flown.frame, home_alt_m)
        items, legs_m, heights_m = flown_legs(flown)
        measured = HeightsAboveGround.along(legs_m, heights_m, below)
        found += _ceilings(flown, measured, items, limits)
        found += _clearance(flown, measured, items, limits)
        found += _unknown(flown, measured, limits)
        found += check_returns(
            flown, below, limits.clearance_m, limits.ceiling_m, limits.if_unknown
        )
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))


def flown_legs(flown: Flown) -> tuple[list[int], FloatArray, FloatArray]:
    """What an aircraft flies, the straight way home at the end included.

    Args:
        flown: A mission that goes somewhere.

    Returns:
        The item flown to on each leg; float64, (M, 2, 2), its start and end in metres from home;
        float64, (M, 2), the heights above home there.
    """
    items, mission = [index for index, _ in flown.stops[1:]], flown.mission
    points = [flown.frame.to_local(place.lon_deg, place.lat_deg) for _, place in flown.stops]
    heights: list[float] = []
    for index in items:
        height_m = mission.items[index].height_home_m
        # A landing without a height begins where the leg before it ended.
        heights.append(height_m if height_m is not None else (heights[-1] if heights else 0.0))
    # The climb is straight up, so the first leg begins at the height of the take-off.
    levels = list(itertools.pairwise([heights[0], *heights]))
    last = len(mission.items) - 1
    if mission.items[last].action is Action.RETURN_HOME and math.hypot(*points[-1]) > _AT_HOME_M:
        items.append(last)
        points.append((0.0, 0.0))
        levels.append((return_height_m(mission),) * 2)
    return items, np.array(list(itertools.pairwise(points))), np.array(levels)


def _home(flown: Flown, ground_m: float, limits: TerrainLimits) -> Iterator[Finding]:
    said_m = flown.mission.home_alt_amsl_m
    name = flown.mission.mission_id
    if said_m is None and np.isnan(ground_m):
        yield flown.finding(
            "terrain.home_unknown",
            limits.if_unknown,
            f"Neither mission {name} nor the terrain knows the altitude of home, so no height "
            "above ground can be checked. Give the dock its altitude above sea level.",
        )
    elif said_m is None:
        yield flown.finding(
            "terrain.home_assumed",
            Severity.WARNING,
            f"Mission {name} does not say the altitude of home; the terrain's {ground_m:.1f} m "
            "above sea level were taken. Give the dock its altitude.",
        )
    elif abs(said_m - ground_m) > HOME_DISAGREES_M:
        yield flown.finding(
            "terrain.home_disagrees",
            Severity.WARNING,
            f"Home of mission {name} is said to be at {said_m:.1f} m above sea level, but the "
            f"terrain there is at {ground_m:.1f} m. Correct the dock's altitude, or give elevation "
            "files that say what their heights are above: those that do not are taken as above "
            "sea level (EGM96, EGM2008 and national heights count as one, within some metres). "
            "On a roof this is as it should be.",
            excess=abs(said_m - ground_m),
        )


def _ceilings(
    flown: Flown, measured: HeightsAboveGround, items: list[int], limits: TerrainLimits
) -> Iterator[Finding]:
    for worst in measured.highest(limits.ceiling_m):
        limit = f"the ceiling of {limits.ceiling_m:g} m"
        yield _too_high(flown, items[worst.leg], worst, limit, limits.ceiling_m)
    for zone in flown.zones.of_kind(ZoneKind.CEILING):
        area_m = flown.local(zone.polygon)
        shapely.prepare(area_m)
        if zone.ceiling_m is None or not shapely.intersects(area_m, flown.route):
            continue
        for worst in measured.highest_inside(area_m, zone.ceiling_m):
            yield _too_high(
                flown,
                items[worst.leg],
                worst,
                f"the ceiling of {zone.ceiling_m:g} m in {named(zone)}",
                zone.ceiling_m,
            )


def _too_high(flown: Flown, index: int, worst: Extreme, limit: str, ceiling_m: float) -> Finding:
    return Finding(
        "terrain.above_ceiling",
        Severity.ERROR,
        flown.mission.mission_id,
        f"The leg to item {index} is {worst.height_ground_m:.1f} m above the ground at "
        f"{in_words(worst.position)}, above {limit}. Fly lower there, or follow the terrain.",
        worst.position,
        excess=worst.height_ground_m - ceiling_m,
    )


def _clearance(
    flown: Flown, measured: HeightsAboveGround, items: list[int], limits: TerrainLimits
) -> Iterator[Finding]:
    for worst in measured.lowest(limits.clearance_m):
        how = "above" if worst.height_ground_m > 0.0 else "BELOW"
        yield Finding(
            "terrain.low_clearance",
            Severity.ERROR,
            flown.mission.mission_id,
            f"The leg to item {items[worst.leg]} is {abs(worst.height_ground_m):.1f} m {how} the "
            f"ground at {in_words(worst.position)}; {limits.clearance_m:g} m are to be kept. "
            "Fly higher there, or follow the terrain.",
            worst.position,
            excess=limits.clearance_m - worst.height_ground_m,
        )


def _unknown(
    flown: Flown, measured: HeightsAboveGround, limits: TerrainLimits
) -> Iterator[Finding]:
    gaps = sorted(measured.unknown_runs(), key=lambda run: -run.length_m)
    if not gaps:
        return
    places = "; ".join(
        f"{run.length_m:.0f} m from {in_words(run.position)}" for run in gaps[:_PLACES_NAMED]
    )
    more = f" and {len(gaps) - _PLACES_NAMED} more" if len(gaps) > _PLACES_NAMED else ""
    yield Finding(
        "terrain.unknown",
        limits.if_unknown,
        flown.mission.mission_id,
        f"The ground under {sum(run.length_m for run in gaps):.0f} m of mission "
        f"{flown.mission.mission_id} is not known, so neither clearance nor ceiling is checked "
        f"there: {places}{more}. Add the missing elevation tiles.",
        gaps[0].position,
        excess=sum(run.length_m for run in gaps),
    )
