"""What the rules of the house should find of an object, from its class and the zones it is in."""

from __future__ import annotations

from dataclasses import dataclass

from geofences.county import County
from geofences.geodesy import LonLat
from geofences.zones import ZoneKind
from vision.simulator.scene import ExpectedFinding

NATIONAL = "GB/T 47678.5-2026"
EXTENSION = "GRIDPATROL-EXT"


@dataclass(frozen=True)
class Matter:
    """A matter an object of a class becomes in a zone, or anywhere if no zone is named."""

    standard_ref: str
    code: str
    zone_kind: ZoneKind | None


MATTERS: dict[str, tuple[Matter, ...]] = {
    "car": (
        Matter(NATIONAL, "09012", ZoneKind.FIRE_LANE),
        Matter(NATIONAL, "09009", ZoneKind.NO_PARKING),
    ),
    "truck_bus": (
        Matter(NATIONAL, "09012", ZoneKind.FIRE_LANE),
        Matter(NATIONAL, "09009", ZoneKind.NO_PARKING),
    ),
    "stall": (
        Matter(NATIONAL, "09001", ZoneKind.NO_VENDING),
        Matter(NATIONAL, "09001", ZoneKind.ROADWAY),
    ),
    "person": (Matter(EXTENSION, "EXT-INTRUSION", ZoneKind.RESTRICTED),),
    "garbage": (Matter(NATIONAL, "06010", None),),
    "pothole": (Matter(NATIONAL, "06013", None),),
    "smoke": (Matter(EXTENSION, "EXT-SMOKE", None),),
    "fire": (Matter(EXTENSION, "EXT-FIRE", None),),
}
"""Matters of each class; the first whose zone holds the object is the one."""


def expected_finding(class_name: str, position: LonLat, county: County) -> ExpectedFinding | None:
    """Return what should be reported of an object, None if nothing or if no cell holds it."""
    cell = county.grid.cell_at(position)
    if cell is None:
        return None
    kinds = {zone.kind for zone in county.zones.at(position)}
    for matter in MATTERS.get(class_name, ()):
        if matter.zone_kind is None:
            return ExpectedFinding(matter.standard_ref, matter.code, "", cell.code)
        if matter.zone_kind in kinds:
            return ExpectedFinding(
                matter.standard_ref, matter.code, matter.zone_kind.value, cell.code
            )
    return None
