"""The fence and the rally points of a `.plan` file."""

import math
from collections.abc import Iterator
from functools import partial

import shapely

from flight.formats.documents import Document
from flight.formats.qgc_layout import VERSIONS
from flight.missions import Fence, RallyPoint
from geofences.geodesy import LocalFrame, LonLat

_CIRCLE_VERTICES = 16


def read_fence(document: Document, frame: LocalFrame, ceiling_m: float) -> Fence | None:
    """The fence of a plan; None where it has no inclusion.

    Args:
        document: The whole file.
        frame: For the metres of circles.
        ceiling_m: The fence's, which the file has no place for.

    Raises:
        PlanFileError: If the fence is malformed, or has several inclusions.
    """
    rings = [(inside, polygon) for _, inside, polygon in fence_parts(document, frame)]
    inclusions = [polygon for inside, polygon in rings if inside]
    exclusions = tuple(polygon for inside, polygon in rings if not inside)
    if len(inclusions) > 1:
        raise document.wrong(
            "geoFence",
            f"has {len(inclusions)} inclusions, of which autopilots permit only the overlap; "
            "merge them into one",
        )
    if not inclusions:
        return None
    return document.build(lambda: Fence(inclusions[0], exclusions, ceiling_m), "geoFence")


def fence_parts(
    document: Document, frame: LocalFrame
) -> Iterator[tuple[Document, bool, shapely.Polygon]]:
    """Every polygon and circle of a fence: its object, whether to stay inside, and its ring.

    Raises:
        PlanFileError: If one is malformed.
    """
    if "geoFence" not in document:
        return
    fence = document.child("geoFence")
    fence.refuse_version("version", VERSIONS["geoFence"])
    for ring in fence.children("polygons"):
        points = [(lon, lat) for lat, lon in ring.pairs("polygon", ring.values("polygon"))]
        yield ring, ring.flag("inclusion"), ring.build(partial(_polygon, points), "polygon")
    for child in fence.children("circles"):
        circle = child.child("circle")
        lat_deg, lon_deg = circle.numbers("center", 2)
        centre = circle.build(partial(LonLat, lon_deg, lat_deg), "center")
        inside = child.flag("inclusion")
        yield child, inside, _circle(frame, centre, circle.number("radius"), inside=inside)


def read_rally(document: Document) -> tuple[RallyPoint, ...]:
    """The rally points of a plan, their heights above home.

    Raises:
        PlanFileError: If one is malformed or not above home.
    """
    if "rallyPoints" not in document:
        return ()
    rally = document.child("rallyPoints")
    rally.refuse_version("version", VERSIONS["rallyPoints"])
    points = []
    for number, value in enumerate(rally.values("points")):
        key = f"points[{number}]"
        lat_deg, lon_deg, height_m = rally.with_content({key: value}).numbers(key, 3)
        points.append(rally.build(partial(_rally_point, lon_deg, lat_deg, height_m), key))
    return tuple(points)


def _rally_point(lon_deg: float, lat_deg: float, height_m: float) -> RallyPoint:
    return RallyPoint(LonLat(lon_deg, lat_deg), height_m)


def _polygon(points: list[tuple[float, float]]) -> shapely.Polygon:
    for lon_deg, lat_deg in points:
        LonLat(lon_deg, lat_deg)  # refuses what is no place
    return shapely.Polygon(points)


def _circle(frame: LocalFrame, centre: LonLat, radius_m: float, *, inside: bool) -> shapely.Polygon:
    """A polygon on the safe side: within a circle to stay in, round one to keep out of."""
    wider = 1.0 if inside else 1.0 / math.cos(math.pi / _CIRCLE_VERTICES)
    point = shapely.Point(frame.to_local(centre.lon_deg, centre.lat_deg))
    disc = shapely.buffer(point, radius_m * wider, quad_segs=_CIRCLE_VERTICES // 4)
    return frame.geometry_to_lonlat(disc)
