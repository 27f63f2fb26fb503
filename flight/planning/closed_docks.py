"""Aircraft whose docks zones have closed stay at home, and the plan says so."""

import dataclasses

import shapely

from flight.errors import PlanningError
from flight.planning.request import PatrolRequest
from flight.planning.scene import dock_of
from geofences.checks import Finding, Severity
from geofences.county import County, Dock
from geofences.geodesy import LocalFrame
from geofences.zones import Zone, ZoneIndex, ZoneKind

CODE = "dock.closed"


def with_open_docks(
    county: County, request: PatrolRequest
) -> tuple[PatrolRequest, tuple[Finding, ...]]:
    """Leave out the aircraft that zones do not let start.

    Args:
        county: Its zones are those that are in force.
        request: What is asked for.

    Returns:
        The request for the others, and a finding for each dock that is closed.

    Raises:
        PlanningError: If no dock is open, or the county does not have one.
    """
    docks = {dock.dock_id: dock for dock in (dock_of(county, a) for a in request.aircraft)}
    closed = {
        dock_id: why
        for dock_id, dock in docks.items()
        if (why := _why_closed(dock, county.zones, request.no_fly_margin_m)) is not None
    }
    crew = tuple(craft for craft in request.aircraft if craft.dock_id not in closed)
    if not crew:
        raise PlanningError(
            f"{' '.join(closed.values())} Choose another dock, or another time if the zone has one."
        )
    findings = []
    for dock_id, why in closed.items():
        names = ", ".join(craft.name for craft in request.aircraft if craft.dock_id == dock_id)
        message = (
            f"{why} {names} stays there, and the others fly all of it. Move the dock, or plan "
            "for a time when the zone is not active."
        )
        findings.append(Finding(CODE, Severity.WARNING, dock_id, message, docks[dock_id].position))
    return dataclasses.replace(request, aircraft=crew), tuple(findings)


def _why_closed(dock: Dock, zones: ZoneIndex, margin_m: float) -> str | None:
    """Which zone does not let anything start from a dock."""
    frame = LocalFrame(dock.position)
    here = shapely.Point(0.0, 0.0)

    def away_m(zone: Zone) -> float:
        return float(shapely.distance(frame.geometry_to_local(zone.polygon), here))

    for zone in zones.of_kind(ZoneKind.NO_FLY):
        if away_m(zone) <= margin_m:
            return (
                f"Dock {dock.dock_id} lies in the no-fly zone {zone.name} ({zone.zone_id}) or "
                f"within {margin_m:g} m of it."
            )
    permitted = zones.of_kind(ZoneKind.KEEP_IN)
    if permitted:
        inside = shapely.union_all([frame.geometry_to_local(zone.polygon) for zone in permitted])
        if not shapely.covers(shapely.buffer(inside, -margin_m), here):
            names = ", ".join(zone.name for zone in permitted)
            return (
                f"Dock {dock.dock_id} does not lie in {names}, where alone flight is permitted, "
                f"or lies within {margin_m:g} m of the edge."
            )
    return None
