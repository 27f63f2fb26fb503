"""Plans as KML, for map programs: one styled folder for each kind of thing.

KML counts altitudes above mean sea level (`absolute`) or above the ground below. A patrol's heights
are above home, so routes are drawn above sea level where home's altitude is known; where it is not
they are drawn above the ground, which is right on level ground only, and the file says so.
"""

import json
from pathlib import Path

import shapely
from lxml import etree

from flight.formats.numbers import plain, xml_text
from flight.formats.plan_file import mission_keys
from flight.formats.plan_layers import TITLES, Feature, LayerKind, plan_layers, route_points
from flight.formats.writing import write_bytes
from flight.formats.xml_reading import Node
from flight.missions import Mission, PatrolPlan
from flight.planning.palette import AIRCRAFT_COLOURS, CELL_COLOURS, ZONE_COLOURS
from geofences.county import County

OWN_KEY = "gridpatrol"
KML = "http://www.opengis.net/kml/2.2"

_ABOVE_GROUND = (
    "高度为相对起飞点的高度；图中按离地高度绘制，仅在平地上准确。 Heights are above the take-off "
    "point; they are drawn above the ground, which is right on level ground only."
)
_ABOVE_SEA = "高度为海拔高度。 Heights are above mean sea level."
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def write_kml(plan: PatrolPlan, county: County, path: Path) -> None:
    """Write a plan with the cells, zones and docks around it.

    Args:
        plan: What is flown.
        county: What lies below.
        path: Where; by custom it ends in `.kml`.

    Raises:
        PlanFileError: If the file cannot be written.
    """
    root = etree.Element(f"{{{KML}}}kml", nsmap={None: KML})
    document = _add(root, "Document")
    _add(document, "name", plan.name)
    for name, line, fill in _styles():
        _style(document, name, line, fill)
    for layer in plan_layers(plan, county):
        folder = _add(document, "Folder")
        _add(folder, "name", TITLES[layer.kind])
        for feature in layer.features:
            _placemark(folder, feature, layer.kind)
    write_bytes(_DECLARATION + etree.tostring(root, encoding="UTF-8", pretty_print=True), path)


def _styles() -> list[tuple[str, str, str]]:
    """Name, line and fill of every style, as KML writes colours: opacity, blue, green, red."""
    styles = [("cells", _colour(CELL_COLOURS[1]), _colour(CELL_COLOURS[0], "80"))]
    for number, colour in enumerate(AIRCRAFT_COLOURS):
        styles.append((f"routes-{number}", _colour(colour), _colour(colour, "40")))
        styles.append((f"fences-{number}", _colour(colour, "a0"), _colour(colour, "10")))
    for kind, colour in ZONE_COLOURS.items():
        styles.append((f"zones-{kind}", _colour(colour), _colour(colour, "50")))
    return styles


def _colour(rgb: str, opacity: str = "ff") -> str:
    red, green, blue = rgb[1:3], rgb[3:5], rgb[5:7]
    return f"{opacity}{blue}{green}{red}".lower()


def _style(document: Node, name: str, line: str, fill: str) -> None:
    style = _add(document, "Style")
    style.set("id", name)
    stroke = _add(style, "LineStyle")
    _add(stroke, "color", line)
    _add(stroke, "width", "3" if name.startswith("routes") else "1.5")
    _add(_add(style, "PolyStyle"), "color", fill)


def _placemark(folder: Node, feature: Feature, kind: LayerKind) -> None:
    place = _add(folder, "Placemark")
    _add(place, "name", feature.name)
    if feature.mission is not None:
        known = feature.mission.home_alt_amsl_m is not None
        _add(place, "description", _ABOVE_SEA if known else _ABOVE_GROUND)
    if kind is not LayerKind.DOCKS:
        _add(place, "styleUrl", f"#{_style_name(feature, kind)}")
    data = _add(place, "ExtendedData")
    for key, value in feature.facts.items():
        _data(data, key, value if isinstance(value, str) else plain(value))
    if feature.mission is not None:
        _data(data, OWN_KEY, json.dumps(mission_keys(feature.mission), ensure_ascii=True))
        _route(place, feature.mission)
    else:
        _shape(place, feature.geometry)


def _style_name(feature: Feature, kind: LayerKind) -> str:
    if kind in {LayerKind.ROUTES, LayerKind.FENCES}:
        return f"{kind}-{int(feature.style) % len(AIRCRAFT_COLOURS)}"
    return f"{kind}-{feature.style}" if feature.style else str(kind)


def _data(parent: Node, name: str, value: str) -> None:
    data = _add(parent, "Data")
    data.set("name", name)
    _add(data, "value", value)


def _route(place: Node, mission: Mission) -> None:
    line = _add(place, "LineString")
    base_m = mission.home_alt_amsl_m
    _add(line, "altitudeMode", "relativeToGround" if base_m is None else "absolute")
    texts = [
        f"{plain(at.lon_deg)},{plain(at.lat_deg)},{plain(round(height_m + (base_m or 0.0), 3))}"
        for at, height_m in route_points(mission)
    ]
    _add(line, "coordinates", " ".join(texts))


def _shape(place: Node, geometry: shapely.Geometry) -> None:
    if geometry.geom_type == "Point":
        _add(_add(place, "Point"), "coordinates", f"{plain(geometry.x)},{plain(geometry.y)}")
        return
    parts = shapely.get_parts(geometry)
    parent = _add(place, "MultiGeometry") if len(parts) > 1 else place
    for part in parts:
        polygon = _add(parent, "Polygon")
        _ring(_add(polygon, "outerBoundaryIs"), part.exterior)
        for hole in part.interiors:
            _ring(_add(polygon, "innerBoundaryIs"), hole)


def _ring(parent: Node, ring: shapely.LinearRing) -> None:
    points = shapely.get_coordinates(ring).tolist()
    text = " ".join(f"{plain(lon)},{plain(lat)}" for lon, lat in points)
    _add(_add(parent, "LinearRing"), "coordinates", text)


def _add(parent: Node, name: str, text: str | None = None) -> Node:
    child = etree.SubElement(parent, f"{{{KML}}}{name}")
    if text is not None:
        child.text = xml_text(text)
    return child
