"""What a county's zones forbid one mission, as bounds for its monitor."""

import math
from collections.abc import Sequence

import shapely

from flight.breach import Bound
from flight.missions import Mission
from geofences.geodesy import LocalFrame
from geofences.heights import Height, HeightReference
from geofences.zones import Zone, ZoneKind

_AROUND_M = 1000.0  # beyond the fence; what is farther off is not reached before somebody acts


def zone_bounds(mission: Mission, zones: Sequence[Zone], frame: LocalFrame) -> tuple[Bound, ...]:
    """Return the bounds that no-fly, ceiling and keep-in zones near a mission set.

    Heights above the ground are taken as above home, since the ground under an aircraft that
    strays is not known here; a height that cannot be told closes the zone at every height.

    Args:
        mission: Its fence says what is near.
        zones: As they are active during the flight.
        frame: Between metres and degrees.
    """
    near = shapely.buffer(frame.geometry_to_local(mission.fence.inclusion), _AROUND_M)
    home_alt_m = mission.home_alt_amsl_m
    bounds: list[Bound] = []
    permitted: list[shapely.Geometry] = []
    for zone in zones:
        local = frame.geometry_to_local(zone.polygon)
        if zone.kind is ZoneKind.KEEP_IN:
            permitted.append(local)
        elif zone.kind is ZoneKind.NO_FLY and shapely.intersects(near, local):
            lower_m = _home_m(zone.lower, home_alt_m, -math.inf)
            upper_m = _home_m(zone.upper, home_alt_m, math.inf)
            bounds.append(Bound(zone.name, local, False, lower_m, max(lower_m, upper_m)))
        elif zone.kind is ZoneKind.CEILING and shapely.intersects(near, local):
            bounds.append(Bound(f"ceiling of {zone.name}", local, False, zone.ceiling_m or 0.0))
    return (*bounds, *_keep_in(permitted))


def _keep_in(permitted: Sequence[shapely.Geometry]) -> tuple[Bound, ...]:
    """The part of the permitted air that home lies in; zones that touch are one."""
    parts = shapely.get_parts(shapely.union_all(permitted)) if permitted else []
    home = shapely.Point(0.0, 0.0)
    return tuple(
        Bound("permitted area", part, stay_in=True)
        for part in parts
        if isinstance(part, shapely.Polygon) and shapely.intersects(part, home)
    )


def _home_m(height: Height | None, home_alt_amsl_m: float | None, unknown_m: float) -> float:
    """A zone's limit above home; ``unknown_m`` where there is none or it cannot be told."""
    if height is None:
        return unknown_m
    if height.reference is HeightReference.GROUND:
        return height.value_m
    alt_m = height.alt_amsl_m(home_alt_amsl_m, None)
    return unknown_m if alt_m is None or home_alt_amsl_m is None else alt_m - home_alt_amsl_m
