"""A plan and the county under it as the layers of a map file: routes, fences, cells, zones, docks.

Names are Chinese where the county has Chinese ones. Heights of routes are above home; what a map
file makes of them is its own affair.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import shapely

from flight.missions import Action, Mission, PatrolPlan
from geofences.county import County
from geofences.geodesy import LonLat
from geofences.zones import Zone, ZoneKind

_AROUND_DEG = 0.005  # zones and docks within about half a kilometre of the flights are shown


class LayerKind(StrEnum):
    """What a layer shows."""

    ROUTES = "routes"
    FENCES = "fences"
    CELLS = "cells"
    ZONES = "zones"
    DOCKS = "docks"


TITLES = {
    LayerKind.ROUTES: "航线 Routes",
    LayerKind.FENCES: "电子围栏 Fences",
    LayerKind.CELLS: "单元网格 Cells",
    LayerKind.ZONES: "区域 Zones",
    LayerKind.DOCKS: "机场 Docks",
}

ZONE_NAMES = {
    ZoneKind.NO_FLY: "禁飞区",
    ZoneKind.KEEP_IN: "许可飞行区",
    ZoneKind.CEILING: "限高区",
    ZoneKind.ROADWAY: "道路",
    ZoneKind.NO_PARKING: "禁停区",
    ZoneKind.NO_VENDING: "禁止摆卖区",
    ZoneKind.FIRE_LANE: "消防通道",
    ZoneKind.WATER: "水域",
    ZoneKind.RESTRICTED: "限制区",
    ZoneKind.ADVISORY: "提示区",
}


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing on a map.

    Attributes:
        name: What people call it.
        geometry: Longitude and latitude, degrees.
        facts: What is known of it, by the words of the plan file.
        style: Which things look alike: the aircraft's number for routes and fences, the kind for
            zones.
        mission: Of a route.
    """

    name: str
    geometry: shapely.Geometry
    facts: dict[str, str | float] = field(default_factory=dict)
    style: str = ""
    mission: Mission | None = None


@dataclass(frozen=True, slots=True)
class PlanLayer:
    """Things of one kind."""

    kind: LayerKind
    features: tuple[Feature, ...]


def plan_layers(plan: PatrolPlan, county: County) -> tuple[PlanLayer, ...]:
    """The layers of a plan, routes first; a layer without features is left out.

    Args:
        plan: What is flown.
        county: Its cells, zones and docks; cells that it does not have are left out.
    """
    crew = {name: n for n, name in enumerate(dict.fromkeys(m.vehicle_name for m in plan.missions))}
    shown = _surroundings(plan)
    layers = (
        PlanLayer(LayerKind.ROUTES, tuple(_route(m, crew[m.vehicle_name]) for m in plan.missions)),
        PlanLayer(LayerKind.FENCES, tuple(_fence(m, crew[m.vehicle_name]) for m in plan.missions)),
        PlanLayer(LayerKind.CELLS, tuple(_cells(plan, county))),
        PlanLayer(LayerKind.ZONES, tuple(_zones(county, shown))),
        PlanLayer(LayerKind.DOCKS, tuple(_docks(county, shown))),
    )
    return tuple(layer for layer in layers if layer.features)


def route_points(mission: Mission) -> tuple[tuple[LonLat, float], ...]:
    """The points of a route with their heights above home, ends included.

    The aircraft climbs above home before it leaves, and is above home again before it lands, so
    the route begins and ends at height.
    """
    height_m = mission.height_home_m
    points: list[tuple[LonLat, float]] = []
    for item in mission.items:
        height_m = height_m if item.height_home_m is None else item.height_home_m
        if item.action is Action.TAKEOFF:
            points.append((item.position or mission.home, height_m))
        elif item.action is Action.RETURN_HOME:
            points.append((mission.home, points[-1][1] if points else height_m))
        elif item.flown_to is not None:
            points.append((item.flown_to, height_m))
    return tuple(points) or ((mission.home, height_m),)


def _route(mission: Mission, number: int) -> Feature:
    line = [(place.lon_deg, place.lat_deg) for place, _ in route_points(mission)]
    geometry = shapely.LineString(line if len(line) > 1 else line * 2)
    facts: dict[str, str | float] = {
        "mission_id": mission.mission_id,
        "vehicle_name": mission.vehicle_name,
        "dock_id": mission.dock_id,
        "height_home_m": mission.height_home_m,
        "speed_mps": mission.speed_mps,
        "distance_m": round(mission.distance_m, 1),
        "duration_s": round(mission.duration_s, 1),
    }
    name = f"{mission.vehicle_name or mission.mission_id} · {mission.mission_id}"
    return Feature(name, geometry, facts, str(number), mission)


def _fence(mission: Mission, number: int) -> Feature:
    fence = mission.fence
    facts: dict[str, str | float] = {
        "mission_id": mission.mission_id,
        "ceiling_height_home_m": fence.ceiling_height_home_m,
    }
    hull = shapely.difference(fence.inclusion, shapely.union_all(list(fence.exclusions)))
    name = f"{mission.vehicle_name or mission.mission_id} 电子围栏"
    return Feature(name, hull, facts, str(number))


def _cells(plan: PatrolPlan, county: County) -> Iterator[Feature]:
    known = {cell.code: cell for cell in county.grid.cells}
    for code in plan.cell_codes:
        if code in known:
            cell = known[code]
            facts: dict[str, str | float] = {"code": code, "village": cell.village}
            yield Feature(cell.name or code, cell.polygon, facts)


def _zones(county: County, shown: shapely.Geometry) -> Iterator[Feature]:
    for zone in county.zones.zones:
        if shapely.intersects(zone.polygon, shown):
            facts: dict[str, str | float] = {"zone_id": zone.zone_id, "kind": str(zone.kind)}
            facts |= {"kind_zh": ZONE_NAMES[zone.kind], "name": zone.name, "name_zh": zone.name_zh}
            facts |= _limits(zone)
            yield Feature(zone.name_zh or zone.name, zone.polygon, facts, str(zone.kind))


def _limits(zone: Zone) -> dict[str, str | float]:
    """The heights of a zone, each named by what it is above."""
    facts: dict[str, str | float] = {}
    if zone.ceiling_m is not None:
        facts["ceiling_height_ground_m"] = zone.ceiling_m
    for side, height in (("lower", zone.lower), ("upper", zone.upper)):
        if height is not None:
            facts[f"{side}_m"] = height.value_m
            facts[f"{side}_above"] = str(height.reference)
    return facts


def _docks(county: County, shown: shapely.Geometry) -> Iterator[Feature]:
    for dock in county.docks:
        point = shapely.Point(dock.position.lon_deg, dock.position.lat_deg)
        if shapely.intersects(point, shown):
            facts: dict[str, str | float] = {"dock_id": dock.dock_id, "alt_amsl_m": dock.alt_amsl_m}
            yield Feature(dock.name or dock.dock_id, point, facts)


def _surroundings(plan: PatrolPlan) -> shapely.Geometry:
    fences = [mission.fence.inclusion for mission in plan.missions]
    return shapely.buffer(shapely.union_all(fences), _AROUND_DEG)
