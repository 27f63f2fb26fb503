"""Which zones a flight's airspace touches, and how."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import shapely

from flight.formats.plan_layers import ZONE_NAMES
from flight.missions import PatrolPlan
from geofences.geodesy import LocalFrame, LonLat
from geofences.heights import Height, HeightReference
from geofences.zones import Zone, ZoneIndex, ZoneKind

NEAR_M = 500.0
FLIGHT_KINDS = (
    ZoneKind.NO_FLY,
    ZoneKind.RESTRICTED,
    ZoneKind.CEILING,
    ZoneKind.KEEP_IN,
    ZoneKind.ADVISORY,
)

_ABOVE = {
    HeightReference.GROUND: "真高",
    HeightReference.SEA_LEVEL: "海拔",
    HeightReference.ELLIPSOID: "椭球高",
}


@dataclass(frozen=True, slots=True)
class Touch:
    """A zone that matters to an application.

    Attributes:
        zone: Which.
        flown: Whether a route leads through it.
        inside: Whether the airspace applied for overlaps it.
        distance_m: From the airspace, 0 where they overlap.
        active: Whether it is active during the flights; None where their times are not known.
    """

    zone: Zone
    flown: bool
    inside: bool
    distance_m: float
    active: bool | None

    @property
    def relation(self) -> str:
        """How it lies to the flights, in Chinese."""
        if self.flown:
            return "航线穿越"
        if self.inside:
            return "与申请空域相交，航线不进入"
        return f"邻近，相距约{self.distance_m:.0f}米"

    @property
    def closed(self) -> bool:
        """Whether its air is closed, rather than its ground under some rule."""
        return self.zone.kind is ZoneKind.NO_FLY

    @property
    def kind(self) -> str:
        """What it is, in Chinese."""
        # In a county's zones `restricted` is a rule for people on the ground, not for the air.
        on_ground = self.zone.kind is ZoneKind.RESTRICTED
        return ZONE_NAMES[self.zone.kind] + ("（地面管理）" if on_ground else "")

    @property
    def limits(self) -> str:
        """Its heights, each with what it is above."""
        zone = self.zone
        if zone.ceiling_m is not None:
            return f"真高{zone.ceiling_m:g}米以下"
        if zone.lower is None and zone.upper is None:
            return "全部高度"
        return f"{_height(zone.lower, '地面')}至{_height(zone.upper, '不限')}"

    @property
    def times(self) -> str:
        """When it is active."""
        if self.zone.times.always:
            return "长期"
        if self.active is None:
            return "分时段，须核对"
        return "分时段，飞行时段内生效" if self.active else "分时段，飞行时段内不生效"


def touches(
    plan: PatrolPlan,
    area: shapely.Geometry,
    zones: ZoneIndex,
    times: Sequence[datetime | None] = (None, None),
) -> tuple[Touch, ...]:
    """The zones about flying that a plan touches or comes near, those flown through first.

    Args:
        plan: What is flown.
        area: The airspace applied for, degrees.
        zones: Of the county.
        times: Beginning and end of the flights, with their time zone, where known.
    """
    if area.is_empty:
        return ()
    frame = LocalFrame(LonLat(area.centroid.x, area.centroid.y))
    local = frame.geometry_to_local(area)
    routes = shapely.union_all(
        [
            frame.geometry_to_local(
                shapely.LineString([(p.lon_deg, p.lat_deg) for p in mission.route])
            )
            for mission in plan.missions
            if len(mission.route) > 1
        ]
    )
    found = list(_near(zones, local, routes, frame, times))
    return tuple(sorted(found, key=lambda each: (not each.flown, not each.inside, each.distance_m)))


def _near(
    zones: ZoneIndex,
    area: shapely.Geometry,
    routes: shapely.Geometry,
    frame: LocalFrame,
    times: Sequence[datetime | None],
) -> Iterator[Touch]:
    start, end = times
    for zone in zones.of_kind(*FLIGHT_KINDS):
        polygon = frame.geometry_to_local(zone.polygon)
        distance_m = float(shapely.distance(polygon, area))
        if distance_m <= NEAR_M:
            known = start is not None and end is not None
            active = zone.active_between(start, end) if start and end and known else None
            flown = bool(shapely.intersects(polygon, routes))
            yield Touch(zone, flown, distance_m == 0.0, distance_m, active)


def _height(height: Height | None, without: str) -> str:
    return without if height is None else f"{_ABOVE[height.reference]}{height.value_m:g}米"
