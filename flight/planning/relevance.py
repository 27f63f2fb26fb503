"""Which zones matter to a flight: those that are active while it lasts and reach its heights."""

from dataclasses import dataclass
from datetime import datetime

from geofences.errors import ClosedAirspaceError
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
        ClosedAirspaceError: flight is permitted in some zones only, and in none then or there.
    """
    active = zones if window is None else zones.active_between(window.start, window.end)
    if lowest_alt_amsl_m is None or highest_alt_amsl_m is None:
        return active
    flown = HeightRange(
        Height(lowest_alt_amsl_m, HeightReference.SEA_LEVEL),
        Height(highest_alt_amsl_m, HeightReference.SEA_LEVEL),
    )
    permitting = active.of_kind(ZoneKind.KEEP_IN)
    counted = ZoneIndex(zone for zone in active.zones if _counts(zone, flown, terrain))
    if permitting and not counted.of_kind(ZoneKind.KEEP_IN):
        names = ", ".join(zone.name for zone in permitting)
        raise ClosedAirspaceError(
            f"Flight is permitted in {names} only, but not at {lowest_alt_amsl_m:.0f} to "
            f"{highest_alt_amsl_m:.0f} m above sea level, or nobody knows the ground there. "
            "Fly at other heights."
        )
    return counted


def _counts(zone: Zone, flown: HeightRange, terrain: Terrain | None) -> bool:
    """Whether a zone bars some of the flight, or, for a keep-in zone, permits all of it."""
    if zone.kind not in _AIR_KINDS or (zone.lower is None and zone.upper is None):
        return True
    place = zone.place
    geoid_m = float(separation_m(place.lon_deg, place.lat_deg))
    ground = None
    if terrain is not None:
        known = terrain.range_in(zone.polygon)
        ground = (known.lowest_alt_amsl_m, known.highest_alt_amsl_m) if known.whole else None
    tells = zone.holds if zone.kind is ZoneKind.KEEP_IN else zone.blocks
    return tells(flown, ground, geoid_m)
