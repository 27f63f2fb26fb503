"""Zones: polygons with a meaning, for flying and for judging what is seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import shapely

from geofences.errors import InvalidGeometryError
from geofences.geodesy import LonLat
from geofences.identifiers import refuse_repeats


class ZoneKind(StrEnum):
    """What a zone means."""

    KEEP_IN = "keep_in"
    NO_FLY = "no_fly"
    CEILING = "ceiling"
    ROADWAY = "roadway"
    NO_PARKING = "no_parking"
    NO_VENDING = "no_vending"
    FIRE_LANE = "fire_lane"
    WATER = "water"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon with a meaning.

    Attributes:
        zone_id: unique in its county.
        kind: what it means.
        polygon: longitude and latitude in degrees; its edge belongs to it.
        name: English name.
        name_zh: Chinese name.
        ceiling_m: for a `ceiling`, the greatest height above ground, metres.

    Raises:
        InvalidGeometryError: the polygon is invalid or empty, or a ceiling has no height.
    """

    zone_id: str
    kind: ZoneKind
    polygon: shapely.Polygon
    name: str
    name_zh: str = ""
    ceiling_m: float | None = None

    def __post_init__(self) -> None:
        if self.polygon.is_empty or not self.polygon.is_valid:
            reason = "Empty" if self.polygon.is_empty else shapely.is_valid_reason(self.polygon)
            raise InvalidGeometryError(
                f"The outline of zone {self.zone_id!r} is not a valid polygon ({reason}); "
                "redraw it."
            )
        if self.kind is ZoneKind.CEILING and (self.ceiling_m is None or not self.ceiling_m > 0):
            raise InvalidGeometryError(
                f"The ceiling zone {self.zone_id!r} has no height; give ceiling_m above zero."
            )


class ZoneIndex:
    """The zones of a county, found by kind or by place.

    Raises:
        InvalidGeometryError: two zones have the same id.
    """

    def __init__(self, zones: Iterable[Zone]) -> None:
        self.zones: tuple[Zone, ...] = tuple(zones)
        refuse_repeats("zone id", (zone.zone_id for zone in self.zones))
        self._tree = shapely.STRtree([zone.polygon for zone in self.zones])

    def of_kind(self, *kinds: ZoneKind) -> tuple[Zone, ...]:
        """The zones of any of these kinds, in their order."""
        return tuple(zone for zone in self.zones if zone.kind in kinds)

    def at(self, place: LonLat) -> tuple[Zone, ...]:
        """The zones that a place lies in or on the edge of, in their order."""
        point = shapely.Point(place.lon_deg, place.lat_deg)
        found = self._tree.query(point, predicate="intersects")
        return tuple(self.zones[index] for index in sorted(found.tolist()))
