"""Checks of a mission against zones: no-fly, keep-in, ceilings, and the straight way home."""

from collections.abc import Iterator

import shapely

from flight.missions import MissionItem
from flight.planning.flown import Flown, named
from flight.planning.limits import LEGAL_CEILING_M
from geofences.checks import Finding, Severity
from geofences.zones import ZoneKind

CLOSE_TO_CEILING_M = 2.0
"""ArduPilot's FENCE_MARGIN: nearer to its ceiling an aircraft that bobs in the wind breaches it."""

CLOSE_TO_NO_FLY_M = 10.0
"""Nearer than a halt from patrol speed takes: v^2 / 2a is 12.8 m for 8 m/s and 2.5 m/s2."""


def no_fly(flown: Flown) -> Iterator[Finding]:
    """No leg enters a no-fly zone, or passes one too close."""
    for zone in flown.zones.of_kind(ZoneKind.NO_FLY):
        polygon = flown.local(zone.polygon)
        shapely.prepare(polygon)
        met = shapely.intersects(polygon, [line for _, line in flown.legs])
        for (index, _), meets in zip(flown.legs, met.tolist(), strict=True):
            if meets:
                yield flown.finding(
                    "zone.no_fly",
                    Severity.ERROR,
                    f"The leg to item {index} at {flown.where(index)} enters the no-fly zone "
                    f"{named(zone)}. Plan again round it.",
                    index,
                )
        gap_m = shapely.distance(polygon, flown.route)
        if 0.0 < gap_m < CLOSE_TO_NO_FLY_M:
            yield flown.finding(
                "zone.no_fly_close",
                Severity.WARNING,
                f"Mission {flown.mission.mission_id} passes {gap_m:.0f} m from the no-fly zone "
                f"{named(zone)}; an aircraft may need {CLOSE_TO_NO_FLY_M:.0f} m to halt. "
                "Plan with a wider margin.",
                excess=CLOSE_TO_NO_FLY_M - float(gap_m),
            )


def keep_in(flown: Flown) -> Iterator[Finding]:
    """No leg leaves the area in which flight is permitted."""
    zones = flown.zones.of_kind(ZoneKind.KEEP_IN)
    if not zones:
        return
    inside = shapely.union_all([flown.local(zone.polygon) for zone in zones])
    for index, line in flown.legs:
        if not shapely.covers(inside, line):
            yield flown.finding(
                "zone.keep_in_left",
                Severity.ERROR,
                f"The leg to item {index} at {flown.where(index)} leaves the area in which "
                "flight is permitted. Plan again inside it.",
                index,
            )


def heights(flown: Flown) -> Iterator[Finding]:
    """No item is above its fence, the law or a ceiling zone."""
    fence_m = flown.mission.fence.ceiling_height_home_m
    limit_m = fence_m if flown.over_known_ground else min(LEGAL_CEILING_M, fence_m)
    for index, item in enumerate(flown.mission.items):
        if item.height_home_m is not None and item.height_home_m > limit_m:
            whose = "its fence's" if limit_m == fence_m else "the legal"
            limit = (f"{whose} ceiling of {limit_m:g} m", limit_m)
            yield _too_high(flown, index, item, limit)
    if flown.over_known_ground:
        return
    if flown.mission.fence.ceiling_height_home_m > LEGAL_CEILING_M:
        yield flown.finding(
            "fence.above_ceiling",
            Severity.ERROR,
            f"The fence ends at {flown.mission.fence.ceiling_height_home_m:g} m, above the legal "
            f"ceiling of {LEGAL_CEILING_M:g} m. Lower it.",
        )
    for zone in flown.zones.of_kind(ZoneKind.CEILING):
        polygon, items = flown.local(zone.polygon), flown.mission.items
        for index, line in flown.legs:
            height_m = items[index].height_home_m or flown.mission.height_home_m
            top_m = zone.ceiling_m
            if top_m is not None and height_m > top_m and shapely.intersects(polygon, line):
                limit = (f"the ceiling of {top_m:g} m in {named(zone)}", top_m)
                yield _too_high(flown, index, items[index], limit)


def close_to_ceiling(flown: Flown) -> Iterator[Finding]:
    """No item is so near below the fence's ceiling that a gust lifts the aircraft through it."""
    top_m = flown.mission.fence.ceiling_height_home_m
    heights_m = {i: item.height_home_m or 0.0 for i, item in enumerate(flown.mission.items)}
    near = {i: h for i, h in heights_m.items() if top_m - CLOSE_TO_CEILING_M < h <= top_m}
    if near:
        index = max(near, key=lambda i: near[i])
        yield flown.finding(
            "fence.ceiling_close",
            Severity.WARNING,
            f"{len(near)} items of mission {flown.mission.mission_id} (highest: item {index}) are "
            f"less than {CLOSE_TO_CEILING_M:g} m below the fence's ceiling of {top_m:g} m, so a "
            "gust may breach it and end the mission with a return. Fly lower.",
            index,
            excess=near[index] - top_m + CLOSE_TO_CEILING_M,
        )


def _too_high(flown: Flown, index: int, item: MissionItem, limit: tuple[str, float]) -> Finding:
    height_m = item.height_home_m or flown.mission.height_home_m
    return flown.finding(
        "ceiling.exceeded",
        Severity.ERROR,
        f"Item {index} flies {height_m:g} m high, above {limit[0]}. Fly lower.",
        index,
        excess=height_m - limit[1],
    )


def straight_returns(flown: Flown) -> Iterator[Finding]:
    """A failsafe flies back in a straight line, whatever lies between."""
    for zone in flown.zones.of_kind(ZoneKind.NO_FLY):
        polygon = flown.local(zone.polygon)
        lines = [flown.line_back(place) for _, place in flown.stops[1:]]
        met = shapely.intersects(polygon, lines).tolist()
        crossing = [i for (i, _), meets in zip(flown.stops[1:], met, strict=True) if meets]
        if crossing:
            yield flown.finding(
                "return.crosses_no_fly",
                Severity.WARNING,
                f"From {len(crossing)} of the waypoints (first: item {crossing[0]}) the straight "
                f"{flown.way_back} crosses the no-fly zone {named(zone)}. The planned way back "
                "goes round it, but a failsafe return would not: be ready to take over, or use "
                "another dock.",
                crossing[0],
                excess=len(crossing),
            )
