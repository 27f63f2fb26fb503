"""Custom flight areas for DJI docks: one file that a dock fetches and its aircraft obeys.

The form is that of DJI's Cloud API: GeoJSON with `geofence_type` beside the properties, `dfence`
for what may not be left and `nfz` for what may not be entered; a circle is a point with `subType`
and `radius`. The dock asks for it by name and SHA-256, and each file replaces the one before.

A flight area holds at all heights and at all times, so a no-fly zone that does not is written as
one that does, and a keep-in zone that does not is left out. All is fitted to DJI's limits outward
for `nfz` and inward for `dfence`: the dock may refuse what the planner allows, and never the other
way round.
"""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geofences.circles import circle_round
from geofences.county import Dock
from geofences.errors import InvalidGeometryError
from geofences.geodesy import LocalFrame, LonLat
from geofences.zones import Zone, ZoneIndex, ZoneKind

MOST_VERTICES = 255
LEAST_RADIUS_M = 10.0
LEAST_DOCK_GAP_M = 10.0
"""How far a dock must be from every edge; flights halt 5 m from one."""

_TOLERANCES_M = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_DECIMALS_DEG = 8
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://gridpatrol.example/flight-areas")


@dataclass(frozen=True, slots=True)
class FlightAreaFile:
    """A file as a dock fetches it.

    Attributes:
        content: JSON in UTF-8.
        notes: what the operator should know about how zones were fitted.
    """

    content: bytes
    notes: tuple[str, ...]

    @property
    def checksum(self) -> str:
        """SHA-256 of the content, in lower-case hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def name(self) -> str:
        """A name that changes with the content."""
        return f"geofence_{self.checksum[:16]}.json"

    @property
    def size_bytes(self) -> int:
        """Length of the content."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class _Area:
    """One flight area: a polygon, or a circle about its middle.

    `radius_m` is None for a polygon.
    """

    name: str
    keeps_in: bool
    polygon: shapely.Polygon
    centre: LonLat | None = None
    radius_m: int | None = None

    def feature(self) -> dict[str, Any]:
        """As written to the file; the id depends on the zone alone."""
        kind = "dfence" if self.keeps_in else "nfz"
        properties: dict[str, Any] = {"radius": self.radius_m or 0, "enable": True}
        if self.centre is None:
            ring = shapely.get_coordinates(shapely.orient_polygons(self.polygon).exterior)
            places = np.round(ring, _DECIMALS_DEG).tolist()
            geometry: dict[str, Any] = {"type": "Polygon", "coordinates": [places]}
        else:
            properties = {"subType": "Circle", **properties}
            place = [self.centre.lon_deg, self.centre.lat_deg]
            geometry = {"type": "Point", "coordinates": [round(c, _DECIMALS_DEG) for c in place]}
        return {
            "id": str(uuid.uuid5(_NAMESPACE, f"{kind} {self.name}")),
            "type": "Feature",
            "geofence_type": kind,
            "properties": properties,
            "geometry": geometry,
        }


def flight_area_file(zones: ZoneIndex, docks: Sequence[Dock]) -> FlightAreaFile:
    """The custom flight areas of the keep-in and no-fly zones of a county.

    Args:
        zones: those of other kinds are left out.
        docks: that will fetch the file.

    Raises:
        InvalidGeometryError: there is no such zone, or only keep-in zones that do not hold always
            and at all heights, a zone cannot be fitted to the limits, or a
            dock lies on the wrong side of an edge or too close to one; the message lists all.
    """
    permits, no_fly = zones.of_kind(ZoneKind.KEEP_IN), zones.of_kind(ZoneKind.NO_FLY)
    if not permits and not no_fly:
        raise InvalidGeometryError(
            "There are no keep-in and no no-fly zones to export; import some first."
        )
    keep_in = [zone for zone in permits if not _limited(zone)]
    if permits and not keep_in:
        raise InvalidGeometryError(
            "All keep-in zones are limited in time or height, which DJI docks do not know; give "
            "one that is not."
        )
    areas, problems = _areas([*_kept_in(keep_in), *_kept_out(no_fly)])
    problems += [problem for dock in docks for problem in _dock_problems(dock, areas)]
    if problems:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        raise InvalidGeometryError(f"DJI docks would refuse the zones, nothing was written:{lines}")
    features = [area.feature() for area in areas]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    return FlightAreaFile(text.encode(), tuple(_notes(permits, no_fly)))


def _kept_in(zones: Sequence[Zone]) -> Iterator[_Area]:
    """Areas that may not overlap, and where they have holes, areas that may not be entered."""
    whole = shapely.union_all([zone.polygon for zone in zones])
    for part in shapely.get_parts(whole) if zones else ():
        name = "+".join(zone.zone_id for zone in zones if zone.polygon.intersects(part))
        yield _Area(name, keeps_in=True, polygon=shapely.Polygon(part.exterior))
        for number, ring in enumerate(part.interiors, start=1):
            yield _Area(f"{name} hole {number}", keeps_in=False, polygon=shapely.Polygon(ring))


def _kept_out(zones: Iterable[Zone]) -> Iterator[_Area]:
    for zone in zones:
        yield _Area(zone.zone_id, keeps_in=False, polygon=shapely.Polygon(zone.polygon.exterior))


def _areas(drawn: Iterable[_Area]) -> tuple[list[_Area], list[str]]:
    areas: list[_Area] = []
    problems: list[str] = []
    for area in drawn:
        try:
            areas.append(_fitted(area))
        except InvalidGeometryError as error:
            problems.append(f"{area.name}: {error}")
    return areas, problems


def _fitted(area: _Area) -> _Area:
    """The area within DJI's limits."""
    circle = circle_round(area.polygon)
    if circle is not None:
        radius_m = math.ceil(max(circle.radius_m, LEAST_RADIUS_M))
        if area.keeps_in:
            local = LocalFrame(circle.centre).geometry_to_local(area.polygon)
            radius_m = math.floor(shapely.distance(local.exterior, shapely.Point(0.0, 0.0)))
        if radius_m < LEAST_RADIUS_M:
            raise InvalidGeometryError(
                f"its radius of {radius_m} m is under the {LEAST_RADIUS_M:g} m that a flight area "
                "needs; draw it wider"
            )
        return _Area(area.name, area.keeps_in, area.polygon, circle.centre, radius_m)
    if _vertices(area.polygon) <= MOST_VERTICES:
        return area
    return _Area(area.name, area.keeps_in, _simpler(area))


def _simpler(area: _Area) -> shapely.Polygon:
    middle = area.polygon.centroid
    frame = LocalFrame(LonLat(middle.x, middle.y))
    local = frame.geometry_to_local(area.polygon)
    for tolerance_m in _TOLERANCES_M:
        moved_m = -tolerance_m if area.keeps_in else tolerance_m
        moved = shapely.buffer(local, moved_m, join_style="mitre", mitre_limit=2.0)
        found = shapely.simplify(moved, tolerance_m)
        if found.geom_type != "Polygon" or _vertices(found) > MOST_VERTICES:
            continue
        filled = shapely.Polygon(found.exterior)
        if local.covers(filled) if area.keeps_in else filled.covers(local):
            return frame.geometry_to_lonlat(filled)
    raise InvalidGeometryError(
        f"has {_vertices(area.polygon)} vertices, and {MOST_VERTICES} do not draw it to "
        f"{_TOLERANCES_M[-1]:g} m; draw it more simply or cut it"
    )


def _vertices(polygon: shapely.Polygon) -> int:
    return len(polygon.exterior.coords) - 1


def _dock_problems(dock: Dock, areas: Sequence[_Area]) -> Iterator[str]:
    frame, here = LocalFrame(dock.position), shapely.Point(0.0, 0.0)
    inside = []
    for area in areas:
        shape = _shape(area, frame)
        edge_m = shapely.distance(shape.exterior, here)
        within = bool(shapely.covers(shape, here))
        inside.append(area.keeps_in and within)
        if within and not area.keeps_in:
            yield f"{dock.dock_id}: lies in the no-fly zone {area.name}; move the dock or the zone"
        elif edge_m < LEAST_DOCK_GAP_M:
            yield (
                f"{dock.dock_id}: is {edge_m:.1f} m from the edge of {area.name}; a dock needs "
                f"{LEAST_DOCK_GAP_M:g} m"
            )
    if any(area.keeps_in for area in areas) and not any(inside):
        yield f"{dock.dock_id}: lies in no keep-in zone; draw one round it or leave out the others"


def _shape(area: _Area, frame: LocalFrame) -> shapely.Polygon:
    if area.centre is None or area.radius_m is None:
        return frame.geometry_to_local(area.polygon)
    centre = shapely.Point(frame.to_local(area.centre.lon_deg, area.centre.lat_deg))
    return shapely.buffer(centre, area.radius_m, quad_segs=64)


def _limited(zone: Zone) -> bool:
    return not zone.times.always or zone.lower is not None or zone.upper is not None


def _notes(keep_in: Sequence[Zone], no_fly: Sequence[Zone]) -> Iterator[str]:
    for zone in keep_in:
        if _limited(zone):
            yield f"{zone.zone_id} permits flight at some times or heights only; it is left out."
    for zone in no_fly:
        if not zone.times.always:
            yield f"{zone.zone_id} holds at times; as a flight area it holds always."
        if zone.lower is not None or zone.upper is not None:
            yield f"{zone.zone_id} has limits of height; as a flight area it holds at all heights."
        if zone.polygon.interiors:
            yield f"{zone.zone_id} has holes; as a flight area they are closed too."
