"""Plans as GeoJSON (RFC 7946), and lines of GeoJSON files read as missions.

Coordinates have no third number: the standard counts it above the ellipsoid, patrols count above
home. Heights stand in the properties, by names that say what they are above.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import shapely

from flight.errors import PlanFileError
from flight.formats.documents import Document, read_document
from flight.formats.plan_file import mission_keys, mission_of
from flight.formats.plan_layers import Feature, LayerKind, plan_layers, route_points
from flight.formats.route_import import Assumed, DrawnLine, distinct, mission_of_line
from flight.formats.writing import write_text
from flight.missions import Mission, PatrolPlan
from flight.planning.palette import CELL_COLOURS, ZONE_COLOURS, aircraft_colour
from geofences.county import County
from geofences.geodesy import LonLat
from geofences.zones import ZoneKind

OWN_KEY = "gridpatrol"


def write_geojson(plan: PatrolPlan, county: County, path: Path) -> None:
    """Write a plan with the cells, zones and docks around it.

    Args:
        plan: What is flown.
        county: What lies below.
        path: Where; by custom it ends in `.geojson`.

    Raises:
        PlanFileError: If the file cannot be written.
    """
    features = [
        _feature(feature, layer.kind)
        for layer in plan_layers(plan, county)
        for feature in layer.features
    ]
    document = {"type": "FeatureCollection", "name": plan.name, "features": features}
    write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", path)


def _feature(feature: Feature, kind: LayerKind) -> dict[str, Any]:
    line, fill = _colours(feature, kind)
    # Names of the colours are those that Mapbox's simple styles gave them, which many maps draw.
    properties: dict[str, Any] = {
        "layer": str(kind),
        "name": feature.name,
        **{key: value for key, value in feature.facts.items() if key != "name"},
        "stroke": line,
        "fill": fill,
    }
    if feature.mission is not None:
        properties["heights_home_m"] = [height_m for _, height_m in route_points(feature.mission)]
        properties[OWN_KEY] = mission_keys(feature.mission)
    geometry = json.loads(shapely.to_geojson(shapely.orient_polygons(feature.geometry)))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _colours(feature: Feature, kind: LayerKind) -> tuple[str, str]:
    if kind in {LayerKind.ROUTES, LayerKind.FENCES}:
        return aircraft_colour(int(feature.style)), aircraft_colour(int(feature.style))
    if kind is LayerKind.ZONES:
        return ZONE_COLOURS[ZoneKind(feature.style)], ZONE_COLOURS[ZoneKind(feature.style)]
    return CELL_COLOURS[1], CELL_COLOURS[0]


def read_geojson(path: Path, assumed: Assumed) -> tuple[Mission, ...]:
    """Read every line of a GeoJSON file as a mission.

    Args:
        path: The file.
        assumed: What is said of lines that do not say it themselves.

    Returns:
        Missions that we wrote, unchanged where their line was not moved; others made of lines.

    Raises:
        PlanFileError: If the file cannot be read, holds no line, or a line does not say enough.
    """
    document = read_document(path)
    lines = [line for feature in _features(document) for line in _lines(path, feature)]
    if not lines:
        raise PlanFileError(
            f"{path} holds no line to fly along, only other shapes. Draw a LineString in it."
        )
    return tuple(mission_of_line(line, assumed) for line in distinct(lines))


def _features(document: Document) -> list[Document]:
    kind = document.text("type")
    if kind == "FeatureCollection":
        return document.children("features")
    if kind == "Feature":
        return [document]
    whole = {"type": "Feature", "properties": {}, "geometry": dict(document.content)}
    return [document.with_content(whole)]


def _lines(path: Path, feature: Document) -> Iterator[DrawnLine]:
    if feature.value("geometry") is None:
        return
    geometry = feature.child("geometry")
    kind = geometry.text("type")
    if kind not in {"LineString", "MultiLineString"}:
        return
    coordinates = geometry.values("coordinates")
    properties = feature.child("properties") if feature.content.get("properties") else None
    own = None
    if properties is not None and OWN_KEY in properties:
        own = mission_of(properties.child(OWN_KEY))
    name = properties.text("name", default="") if properties else ""
    for part in coordinates if kind == "MultiLineString" else [coordinates]:
        points = tuple(_points(geometry, part))
        yield DrawnLine(
            f"{path}: the {kind} {name}".rstrip(),
            name or path.stem,
            points,
            _heights(properties, len(points)),
            "has no heights above home (a third coordinate does not say what it is above)",
            own,
        )


def _points(geometry: Document, line: object) -> Iterator[LonLat]:
    if not isinstance(line, list):
        raise geometry.wrong("coordinates", "must be a list of positions")
    for number, position in enumerate(line):
        key = f"coordinates[{number}]"
        if not isinstance(position, list) or len(position) not in {2, 3}:
            raise geometry.wrong(key, "must be a longitude, a latitude and perhaps a height")
        lon_deg, lat_deg = geometry.with_content({key: position[:2]}).numbers(key, 2)
        yield geometry.build(partial(LonLat, lon_deg, lat_deg), key)


def _heights(properties: Document | None, count: int) -> tuple[float, ...] | None:
    """Heights in the properties; none where points were put in or taken out since."""
    if properties is None or "heights_home_m" not in properties:
        return None
    values = properties.values("heights_home_m")
    return tuple(properties.numbers("heights_home_m", count)) if len(values) == count else None
