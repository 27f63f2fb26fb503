"""Which zones matter to a flight: those that are active while it lasts and reach its heights."""

from dataclasses import dataclass
from datetime import datetime

from geofences.geoid import separation_m
from geofences.heights import Height, HeightRange, HeightReference
from geofences.terrain import Terrain
from geofences.zones import Zone, ZoneIndex, ZoneKind

_AIR_KINDS = (ZoneKind.NO_FLY, ZoneKind.CEILING, ZoneKind.KEEP_IN)


@dataclass(frozen=True, slots=True)
class Window:
    """When a flight may be in the air.

    Attributes:
        start: With its time zone.
        end: Likewise.
    """

    start: datetime
    end: datetime


def zones_in_force(
    zones: ZoneIndex,
    *,
    window: Window | None = None,
    lowest_alt_amsl_m: float | None = None,
    highest_alt_amsl_m: float | None = None,
    terrain: Terrain | None = None,
) -> ZoneIndex:
    """Leave out the zones that are certainly not in force where and when somebody flies.

    Args:
        zones: All zones; those about the ground, such as fire lanes, are kept.
        window: When; None for at any time.
        lowest_alt_amsl_m: From how high somebody flies, above mean sea level; None if not known.
        highest_alt_amsl_m: Up to how high.
        terrain: The ground, for limits above it; without it they count.

    Returns:
        The zones that a plan must respect.

    Raises:
        InvalidTimeError: the window has no time zone.
    """
    active = zones if window is None else zones.active_between(window.start, window.end)
    if lowest_alt_amsl_m is None or highest_alt_amsl_m is None:
        return active
    flown = HeightRange(
        Height(lowest_alt_amsl_m, HeightReference.SEA_LEVEL),
        Height(highest_alt_amsl_m, HeightReference.SEA_LEVEL),
    )
    return ZoneIndex(
        zone
        for zone in active.zones
        if zone.kind not in _AIR_KINDS or _reaches(zone, flown, terrain)
    )


def _reaches(zone: Zone, flown: HeightRange, terrain: Terrain | None) -> bool:
    if zone.lower is None and zone.upper is None:
        return True
    place = zone.place
    geoid_m = float(separation_m(place.lon_deg, place.lat_deg))
    ground = None
    if terrain is not None:
        known = terrain.range_in(zone.polygon)
        ground = (known.lowest_alt_amsl_m, known.highest_alt_amsl_m) if known.whole else None
    return zone.blocks(flown, ground, geoid_m)
