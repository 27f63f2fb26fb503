"""Checks of a mission's own fence and rally points."""

from collections.abc import Iterator

import numpy as np
import shapely

from flight.planning.fences import STORAGE_BYTES, stored_bytes
from flight.planning.flown import Flown, named
from geofences.checks import Finding, Severity
from geofences.zones import ZoneKind


def fence_shape(flown: Flown) -> Iterator[Finding]:
    """The fence is of simple rings that an autopilot can keep."""
    fence = flown.mission.fence
    size_bytes = stored_bytes((fence.inclusion, *fence.exclusions))
    if size_bytes > STORAGE_BYTES:
        yield flown.finding(
            "fence.too_many_vertices",
            Severity.ERROR,
            f"The fence has {fence.vertex_count} vertices and takes {size_bytes} bytes; autopilots "
            f"keep {STORAGE_BYTES}. Simplify it.",
        )
    for name, polygon in _fence_polygons(flown):
        if not shapely.is_valid(polygon):
            yield flown.finding(
                "fence.invalid",
                Severity.ERROR,
                f"The fence's {name} is not a simple ring "
                f"({shapely.is_valid_reason(polygon)}). Redraw it.",
            )


def inside_fence(flown: Flown) -> Iterator[Finding]:
    """Home, every leg, rally points and the straight ways home are inside the fence."""
    if not all(shapely.is_valid(polygon) for _, polygon in _fence_polygons(flown)):
        return
    fence = flown.mission.fence
    inclusion = flown.local(fence.inclusion)
    allowed = inclusion.difference(shapely.union_all([flown.local(p) for p in fence.exclusions]))
    shapely.prepare(allowed)
    if not shapely.covers(allowed, shapely.Point(0.0, 0.0)):
        yield flown.finding(
            "fence.home_outside",
            Severity.ERROR,
            f"Home of mission {flown.mission.mission_id} is outside its own fence, so the aircraft "
            "cannot take off. Widen the fence or move home.",
        )
    for index, line in flown.legs:
        if not shapely.covers(allowed, line):
            yield flown.finding(
                "fence.left",
                Severity.ERROR,
                f"The leg to item {index} at {flown.where(index)} leaves the fence. Move the "
                "waypoint or widen the fence.",
                index,
            )
    yield from _rally_inside(flown, allowed)
    yield from _returns_inside(flown, allowed)


def _rally_inside(flown: Flown, allowed: shapely.Geometry) -> Iterator[Finding]:
    """A rally point outside makes a failsafe leave the fence, or wait there for ever."""
    ceiling_m = flown.mission.fence.ceiling_height_home_m
    for number, rally in enumerate(flown.mission.rally, start=1):
        at = rally.position
        where = f"{at.lat_deg:.6f} N, {at.lon_deg:.6f} E"
        point = shapely.Point(flown.frame.to_local(at.lon_deg, at.lat_deg))
        if not shapely.covers(allowed, point):
            yield flown.finding(
                "rally.outside_fence",
                Severity.ERROR,
                f"Rally point {number} at {where} is outside the fence. Move it inside.",
            )
        if rally.height_home_m > ceiling_m:
            yield flown.finding(
                "rally.above_ceiling",
                Severity.ERROR,
                f"Rally point {number} at {where} is {rally.height_home_m:g} m high, above the "
                f"fence's ceiling of {ceiling_m:g} m. Lower it.",
            )
        for zone in flown.zones.of_kind(ZoneKind.NO_FLY):
            if shapely.intersects(flown.local(zone.polygon), point):
                yield flown.finding(
                    "rally.in_no_fly",
                    Severity.ERROR,
                    f"Rally point {number} at {where} lies in the no-fly zone {named(zone)}. "
                    "Move it.",
                )


def _returns_inside(flown: Flown, allowed: shapely.Geometry) -> Iterator[Finding]:
    """A failsafe that flies home over the fence's outside breaches it on the way."""
    if not shapely.covers(allowed, shapely.Point(0.0, 0.0)):
        return
    inclusion = flown.local(flown.mission.fence.inclusion)
    barred = [flown.local(zone.polygon) for zone in flown.zones.of_kind(ZoneKind.NO_FLY)]
    lines = np.array([flown.line_back(place) for _, place in flown.stops[1:]])
    # A waypoint outside, and a way home across a zone, are told by other checks.
    told = ~shapely.covers(allowed, [shapely.Point(line.coords[0]) for line in lines])
    told |= shapely.intersects(shapely.union_all(barred), lines)
    indices = np.array([index for index, _ in flown.stops[1:]])
    leaving = indices[~shapely.covers(inclusion, lines) & ~told].tolist()
    if leaving:
        yield flown.finding(
            "return.leaves_fence",
            Severity.WARNING,
            f"From {len(leaving)} waypoints (first: item {leaving[0]} at "
            f"{flown.where(leaving[0])}) the straight {flown.way_back} leaves the fence, so a "
            "failsafe return would breach it. Widen the fence to hold these ways.",
            leaving[0],
            excess=len(leaving),
        )


def _fence_polygons(flown: Flown) -> Iterator[tuple[str, shapely.Polygon]]:
    fence = flown.mission.fence
    yield "inclusion", fence.inclusion
    for number, polygon in enumerate(fence.exclusions, start=1):
        yield f"exclusion {number}", polygon
