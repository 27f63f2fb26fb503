"""Zones: polygons with a meaning, for flying and for judging what is seen.

A zone may hold at certain heights only and at certain times only. What is not said, or cannot be
told, counts as closed: no heights are all heights, no times are always. A `keep_in` is where flight
is permitted, so it counts the other way round: only at heights and times that are certainly in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import shapely

from geofences.active_times import ALWAYS, ActiveTimes
from geofences.errors import ClosedAirspaceError, InvalidGeometryError
from geofences.geodesy import LonLat
from geofences.heights import Height, HeightRange, refuse_upside_down, surely_below
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
    ADVISORY = "advisory"


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
        lower: from where on up the zone holds; None for the ground.
        upper: up to where; None for no end.
        times: when it is active.

    Raises:
        InvalidGeometryError: the polygon is invalid or empty, a ceiling has no height, or the
            limits are the wrong way up.
    """

    zone_id: str
    kind: ZoneKind
    polygon: shapely.Polygon
    name: str
    name_zh: str = ""
    ceiling_m: float | None = None
    lower: Height | None = None
    upper: Height | None = None
    times: ActiveTimes = ALWAYS

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
        try:
            refuse_upside_down(self.lower, self.upper)
        except InvalidGeometryError as error:
            raise InvalidGeometryError(f"Zone {self.zone_id!r}: {error}") from error

    @property
    def place(self) -> LonLat:
        """Where its sunrise and sunset are taken: its middle."""
        middle = self.polygon.centroid
        return LonLat(middle.x, middle.y)

    def active_at(self, moment: datetime) -> bool:
        """Whether it is active at a moment.

        Raises:
            InvalidTimeError: the moment has no time zone.
        """
        return self.times.between(moment, moment, self.place)

    def active_between(self, start: datetime, end: datetime) -> bool:
        """Whether it is active at any moment from start to end, both included; exact.

        Raises:
            InvalidTimeError: a moment has no time zone, or the end is before the start.
        """
        return self.times.between(start, end, self.place)

    def active_throughout(self, start: datetime, end: datetime) -> bool:
        """Whether it is active at every moment from start to end, both included; exact.

        Raises:
            InvalidTimeError: a moment has no time zone, or the end is before the start.
        """
        return self.times.throughout(start, end, self.place)

    def blocks(
        self,
        flown: HeightRange,
        ground_alt_amsl_m: tuple[float, float] | None = None,
        geoid_separation_m: float | None = None,
    ) -> bool:
        """Whether flight at some heights may come between its limits; they belong to it.

        Only heights are looked at, not what kind of zone it is, where and when.

        Args:
            flown: from the lowest to the highest that is flown over or near the zone.
            ground_alt_amsl_m: the lowest and the highest ground there; None if it is not known.
            geoid_separation_m: height of the geoid above the ellipsoid there (EGM96); None if it
                is not known.

        Returns:
            False only if flight is certainly above or below: a height that cannot be compared
            because the ground or the geoid is not known blocks.
        """
        known = ground_alt_amsl_m, geoid_separation_m
        over = self.lower is not None and surely_below(flown.upper, self.lower, *known)
        under = self.upper is not None and surely_below(self.upper, flown.lower, *known)
        return not (over or under)

    def holds(
        self,
        flown: HeightRange,
        ground_alt_amsl_m: tuple[float, float] | None = None,
        geoid_separation_m: float | None = None,
    ) -> bool:
        """Whether all flight at some heights stays between its limits, as in a `keep_in` it must.

        Args:
            flown: from the lowest to the highest that is flown in the zone.
            ground_alt_amsl_m: the lowest and the highest ground there; None if it is not known.
            geoid_separation_m: height of the geoid above the ellipsoid there (EGM96); None if it
                is not known.

        Returns:
            True only if it certainly does.
        """
        known = ground_alt_amsl_m, geoid_separation_m
        low, high = self.lower, self.upper
        return (low is None or surely_below(low, flown.lower, *known, or_level=True)) and (
            high is None or surely_below(flown.upper, high, *known, or_level=True)
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

    def active_between(self, start: datetime, end: datetime) -> ZoneIndex:
        """The zones that count for a flight from start to end, in their order.

        These are all that are active at any moment of it, but of those that permit flight
        (`keep_in`) only the ones that are active throughout.

        Raises:
            InvalidTimeError: a moment has no time zone, or the end is before the start.
            ClosedAirspaceError: there are zones that permit flight, and none does throughout.
        """
        permits = [zone for zone in self.zones if zone.kind is ZoneKind.KEEP_IN]
        if permits and not any(zone.active_throughout(start, end) for zone in permits):
            raise ClosedAirspaceError(
                f"None of the {len(permits)} keep-in zones is active all the time from "
                f"{start.isoformat()} to {end.isoformat()}, so flight is permitted nowhere. "
                "Choose another time."
            )
        return ZoneIndex(
            zone
            for zone in self.zones
            if (
                zone.active_throughout(start, end)
                if zone.kind is ZoneKind.KEEP_IN
                else zone.active_between(start, end)
            )
        )

    def at(self, place: LonLat) -> tuple[Zone, ...]:
        """The zones that a place lies in or on the edge of, in their order."""
        point = shapely.Point(place.lon_deg, place.lat_deg)
        found = self._tree.query(point, predicate="intersects")
        return tuple(self.zones[index] for index in sorted(found.tolist()))
