"""DJI's route files (WPML): a KMZ with a template for editors and the waylines that are flown.

The same mission gives the same bytes, because a dock compares the file with its MD5 fingerprint.
Element names, their order and their limits are those of DJI's Cloud API documentation; both files
are always written, since DJI's own programs import no file without a template.
"""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from flight.errors import PlanFileError
from flight.formats.foreign import Home
from flight.formats.numbers import plain
from flight.formats.wpml_aircraft import DjiAircraft
from flight.formats.wpml_elements import (
    KML,
    actions_of,
    add,
    add_all,
    heading_of,
    turn_of,
)
from flight.formats.wpml_route import RoutePoint, WpmlRoute, faults, route_of
from flight.formats.writing import write_bytes
from flight.formats.xml_reading import Node
from flight.missions import Mission
from flight.planning.link_checks import farthest_m
from geofences.geodesy import LonLat

TEMPLATE = "wpmz/template.kml"
WAYLINES = "wpmz/waylines.wpml"

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)
_ORDINARY_FILE = 0o100644 << 16
_UNIX = 3
_MS_2026 = 1_767_225_600_000  # a moment that never changes, so that the bytes do not


FARTHEST_M = 8000.0
"""The largest `distance_limit` that DJI's Cloud API lets a dock set for its aircraft."""


@dataclass(frozen=True, slots=True)
class WpmlSettings:
    """What a route file needs and a mission does not say.

    Attributes:
        aircraft: Who flies it.
        from_dock: Started by a dock, which asks for a take-off to 8 m at least.
        absolute: Write heights above the WGS-84 ellipsoid, for which the altitude of the mission's
            home must be known; otherwise they are above the take-off point.
        corner_m: How far before a corner the aircraft may begin to turn.
        version: Of the WPML namespace: 1.0.2 to 1.0.6.
    """

    aircraft: DjiAircraft
    from_dock: bool = True
    absolute: bool = False
    corner_m: float = 4.0
    version: str = "1.0.6"


def write_wpml(mission: Mission, path: Path, settings: WpmlSettings) -> str:
    """Write a mission as a DJI route file.

    Args:
        mission: What is flown.
        path: Where; it must end in `.kmz` for DJI's programs.
        settings: What the mission does not say.

    Returns:
        The MD5 fingerprint that a dock asks for, in hexadecimal.

    Raises:
        PlanFileError: If DJI's limits rule the mission out, or the file cannot be written.
    """
    content = wpml_bytes(mission, settings)
    write_bytes(content, path)
    return fingerprint(content)


def fingerprint(content: bytes) -> str:
    """The MD5 of a route file, by which a dock recognises it; it protects against nothing."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _too_far(mission: Mission) -> list[str]:
    away_m = farthest_m(mission)
    if away_m <= FARTHEST_M:
        return []
    said = (
        f"It leads {away_m / 1000.0:.1f} km away from its start; DJI's distance limit can be set "
        f"to {FARTHEST_M / 1000.0:g} km at most. Fly it from a nearer dock."
    )
    return [said]


def wpml_bytes(mission: Mission, settings: WpmlSettings) -> bytes:
    """The content of a mission's route file, always the same for the same mission.

    Raises:
        PlanFileError: If DJI's limits rule the mission out; every reason is named.
    """
    base_m = Home(mission.home, mission.home_alt_amsl_m).alt_ellipsoid_m
    if settings.absolute and base_m is None:
        raise PlanFileError(
            f"Mission {mission.mission_id} cannot have heights above the ellipsoid, since nobody "
            "knows how high its home is. Say it, or write heights above the take-off point."
        )
    route = route_of(mission, corner_m=settings.corner_m)
    wrong = list(faults(route, settings.aircraft, from_dock=settings.from_dock))
    wrong += _too_far(mission)
    if wrong:
        raise PlanFileError(
            f"Mission {mission.mission_id} cannot be a DJI route. " + " ".join(wrong)
        )
    parts = {
        TEMPLATE: _template(mission, route, settings, base_m),
        WAYLINES: _waylines(mission, route, settings, base_m if settings.absolute else None),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _FIRST_DAY_OF_ZIP)
            # By default these tell the machine that wrote them.
            entry.create_system, entry.external_attr = _UNIX, _ORDINARY_FILE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def _waylines(
    mission: Mission, route: WpmlRoute, settings: WpmlSettings, base_m: float | None
) -> bytes:
    root, document = _document(settings)
    _mission_config(document, route, settings)
    folder = etree.SubElement(document, f"{{{KML}}}Folder")
    add_all(
        folder,
        templateId=0,
        executeHeightMode="relativeToStartPoint" if base_m is None else "WGS84",
        waylineId=0,
        distance=round(mission.distance_m, 1),
        duration=round(mission.duration_s, 1),
        autoFlightSpeed=route.speed_mps,
    )
    group = 0
    for index, point in enumerate(route.points):
        place = _placemark(folder, point, index)
        add(place, "executeHeight", round(point.height_home_m + (base_m or 0.0), 3))
        add(place, "waypointSpeed", point.speed_mps)
        heading_of(place, point)
        turn_of(place, point)
        add(place, "useStraightLine", 1)
        group += actions_of(place, point, index, group, settings.aircraft)
        add(place, "isRisky", 0)
    return _bytes(root)


def _template(
    mission: Mission, route: WpmlRoute, settings: WpmlSettings, base_m: float | None
) -> bytes:
    root, document = _document(settings)
    add_all(document, author="Gridpatrol", createTime=_MS_2026, updateTime=_MS_2026)
    reference = None if base_m is None else _lat_lon(mission.home, base_m)
    _mission_config(document, route, settings, reference)
    folder = etree.SubElement(document, f"{{{KML}}}Folder")
    add_all(folder, templateType="waypoint", templateId=0)
    system = add(folder, "waylineCoordinateSysParam")
    # Editors lay the template over their own terrain, whatever the waylines' heights are above.
    add_all(system, coordinateMode="WGS84", heightMode="relativeToStartPoint")
    add_all(
        folder,
        autoFlightSpeed=route.speed_mps,
        globalHeight=route.points[0].height_home_m,
        gimbalPitchMode="manual",
    )
    heading = add(folder, "globalWaypointHeadingParam")
    add_all(heading, waypointHeadingMode="followWayline", waypointHeadingPathMode="followBadArc")
    add_all(
        folder,
        globalWaypointTurnMode="toPointAndStopWithDiscontinuityCurvature",
        globalUseStraightLine=1,
    )
    group = 0
    for index, point in enumerate(route.points):
        group += _template_point(folder, point, index, group, settings.aircraft)
    payload = add(folder, "payloadParam")
    add_all(payload, payloadPositionIndex=0, imageFormat=settings.aircraft.lens)
    return _bytes(root)


def _template_point(
    folder: Node, point: RoutePoint, index: int, group: int, aircraft: DjiAircraft
) -> int:
    place = _placemark(folder, point, index)
    height = point.height_home_m  # in the relative mode both names mean the same height
    add_all(place, ellipsoidHeight=height, height=height, useGlobalHeight=0, useGlobalSpeed=0)
    add_all(place, waypointSpeed=point.speed_mps, useGlobalHeadingParam=0)
    heading_of(place, point)
    add(place, "useGlobalTurnParam", 0)
    turn_of(place, point)
    add(place, "useStraightLine", 1)
    return actions_of(place, point, index, group, aircraft)


def _mission_config(
    document: Node, route: WpmlRoute, settings: WpmlSettings, reference: str | None = None
) -> None:
    config = add(document, "missionConfig")
    add_all(
        config,
        flyToWaylineMode="safely",
        finishAction=str(route.finish),
        # The other choice flies on without a link, which nobody here can answer for.
        exitOnRCLost="executeLostAction",
        executeRCLostAction="goBack",
        takeOffSecurityHeight=route.takeoff_m,
    )
    if reference is not None:
        add_all(config, takeOffRefPoint=reference, takeOffRefPointAGLHeight=0)
    add_all(config, globalTransitionalSpeed=route.speed_mps, globalRTHHeight=route.return_m)
    drone = add(config, "droneInfo")
    add_all(
        drone,
        droneEnumValue=settings.aircraft.drone,
        droneSubEnumValue=settings.aircraft.drone_sub,
    )
    payload = add(config, "payloadInfo")
    add_all(payload, payloadEnumValue=settings.aircraft.payload, payloadPositionIndex=0)


def _document(settings: WpmlSettings) -> tuple[Node, Node]:
    own = f"http://www.dji.com/wpmz/{settings.version}"
    root = etree.Element(f"{{{KML}}}kml", nsmap={None: KML, "wpml": own})
    return root, etree.SubElement(root, f"{{{KML}}}Document")


def _placemark(folder: Node, point: RoutePoint, index: int) -> Node:
    place = etree.SubElement(folder, f"{{{KML}}}Placemark")
    where = etree.SubElement(etree.SubElement(place, f"{{{KML}}}Point"), f"{{{KML}}}coordinates")
    where.text = f"{plain(point.position.lon_deg)},{plain(point.position.lat_deg)}"
    add(place, "index", index)
    return place


def _lat_lon(place: LonLat, height_m: float) -> str:
    return f"{plain(place.lat_deg)},{plain(place.lon_deg)},{plain(height_m)}"


def _bytes(root: Node) -> bytes:
    # DJI's own files have double quotes here, where lxml would write single ones.
    return _DECLARATION + bytes(
        etree.tostring(root, encoding="UTF-8", xml_declaration=False, pretty_print=True)
    )
