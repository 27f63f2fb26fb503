"""What a county's zones forbid one mission, as bounds for its monitor."""

import math
from collections.abc import Sequence

import shapely

from flight.breach import Bound
from flight.ground_watch import GroundBound
from flight.missions import Mission
from flight.planning.limits import LEGAL_CEILING_M
from geofences.geodesy import LocalFrame
from geofences.heights import Height, HeightReference
from geofences.zones import Zone, ZoneKind

_AROUND_M = 1000.0  # beyond the fence; what is farther off is not reached before somebody acts


def zone_bounds(
    mission: Mission, zones: Sequence[Zone], frame: LocalFrame, *, ground_known: bool = False
) -> tuple[Bound, ...]:
    """Return the bounds that no-fly, ceiling and keep-in zones near a mission set.

    Where the ground is not known, heights above it are taken as above home; a height that cannot
    be told closes the zone at every height.

    Args:
        mission: Its fence says what is near.
        zones: As they are active during the flight.
        frame: Between metres and degrees.
        ground_known: Whether limits above ground are left to `ground_bounds`.
    """
    home_alt_m = mission.home_alt_amsl_m
    bounds: list[Bound] = []
    for zone, local in _near(mission, zones, frame):
        if ground_known and _counts_from_ground(zone):
            continue
        if zone.kind is ZoneKind.NO_FLY:
            lower_m = _home_m(zone.lower, home_alt_m, -math.inf)
            upper_m = _home_m(zone.upper, home_alt_m, math.inf)
            bounds.append(Bound(zone.name, local, False, lower_m, max(lower_m, upper_m)))
        else:
            bounds.append(Bound(_ceiling_name(zone), local, False, zone.ceiling_m or 0.0))
    keep_in = [zone.polygon for zone in zones if zone.kind is ZoneKind.KEEP_IN]
    return (*bounds, *_keep_in([frame.geometry_to_local(polygon) for polygon in keep_in]))


def ground_bounds(
    mission: Mission, zones: Sequence[Zone], frame: LocalFrame
) -> tuple[GroundBound, ...]:
    """Return what is closed by its height above the ground: zones, and the law's own ceiling.

    Args:
        mission: Its fence says what is near.
        zones: As they are active during the flight.
        frame: Between metres and degrees.
    """
    home_alt_m = mission.home_alt_amsl_m
    name = f"legal ceiling of {LEGAL_CEILING_M:g} m above ground"
    bounds = [GroundBound(name, None, LEGAL_CEILING_M)]
    for zone, local in _near(mission, zones, frame):
        if zone.kind is ZoneKind.CEILING:
            bounds.append(GroundBound(_ceiling_name(zone), local, zone.ceiling_m or 0.0))
        elif _counts_from_ground(zone):
            limits = (
                _ground_m(zone.lower, -math.inf),
                _ground_m(zone.upper, math.inf),
                _home_m(_above_no_ground(zone.lower), home_alt_m, -math.inf),
                _home_m(_above_no_ground(zone.upper), home_alt_m, math.inf),
            )
            bounds.append(GroundBound(zone.name, local, *limits))
    return tuple(bounds)


def _near(
    mission: Mission, zones: Sequence[Zone], frame: LocalFrame
) -> list[tuple[Zone, shapely.Polygon]]:
    """The no-fly and ceiling zones about a mission, with their polygons in metres."""
    near = shapely.buffer(frame.geometry_to_local(mission.fence.inclusion), _AROUND_M)
    kinds = {ZoneKind.NO_FLY, ZoneKind.CEILING}
    local = [(zone, frame.geometry_to_local(zone.polygon)) for zone in zones if zone.kind in kinds]
    return [(zone, polygon) for zone, polygon in local if shapely.intersects(near, polygon)]


def _counts_from_ground(zone: Zone) -> bool:
    limits = (zone.lower, zone.upper)
    return zone.kind is ZoneKind.CEILING or any(
        limit is not None and limit.reference is HeightReference.GROUND for limit in limits
    )


def _ceiling_name(zone: Zone) -> str:
    return f"ceiling of {zone.name}"


def _keep_in(permitted: Sequence[shapely.Geometry]) -> tuple[Bound, ...]:
    """The part of the permitted air that home lies in; zones that touch are one."""
    parts = shapely.get_parts(shapely.union_all(permitted)) if permitted else []
    home = shapely.Point(0.0, 0.0)
    return tuple(
        Bound("permitted area", part, stay_in=True)
        for part in parts
        if isinstance(part, shapely.Polygon) and shapely.intersects(part, home)
    )


def _ground_m(height: Height | None, none_m: float) -> float:
    """A zone's limit above ground; ``none_m`` where it counts from something else."""
    from_ground = height is not None and height.reference is HeightReference.GROUND
    return height.value_m if height is not None and from_ground else none_m


def _above_no_ground(height: Height | None) -> Height | None:
    from_ground = height is not None and height.reference is HeightReference.GROUND
    return None if from_ground else height


def _home_m(height: Height | None, home_alt_amsl_m: float | None, unknown_m: float) -> float:
    """A zone's limit above home; ``unknown_m`` where there is none or it cannot be told."""
    if height is None:
        return unknown_m
    if height.reference is HeightReference.GROUND:
        return height.value_m
    alt_m = height.alt_amsl_m(home_alt_amsl_m, None)
    return unknown_m if alt_m is None or home_alt_amsl_m is None else alt_m - home_alt_amsl_m
