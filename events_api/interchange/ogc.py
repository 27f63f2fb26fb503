"""What OGC API - Features (Part 1: Core, OGC 17-069r4) asks of its answers and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from events_api.errors import BadRequestError
from events_api.schemas import Utc

JSON = "application/json"
GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson")
)
"""What we claim; not `oas30`, since our description is written in OpenAPI 3.1."""

Box = tuple[float, float, float, float]

MOMENT: TypeAdapter[datetime] = TypeAdapter(Utc)


@dataclass(frozen=True, slots=True)
class Collection:
    """A set of features.

    Attributes:
        name: Its id in addresses.
        title: What people call it.
        description: What is in it.
    """

    name: str
    title: str
    description: str


COLLECTIONS = {
    each.name: each
    for each in (
        Collection("events", "Events 事件", "Things seen that somebody is responsible for."),
        Collection("cells", "Unit grid cells 单元网格", "The cells of the county's grid."),
        Collection("vehicles", "Aircraft 无人机", "The last known place of each aircraft."),
    )
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of time with both ends; what is none has no end there."""

    begin: datetime | None = None
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return (self.begin is None or self.begin <= moment) and (
            self.end is None or moment <= self.end
        )


def parse_interval(text: str | None) -> Interval:
    """Read the parameter `datetime`: an instant, or an interval with `..` for an open end.

    Raises:
        BadRequestError: It is neither.
    """
    if text is None:
        return Interval()
    first, slash, last = text.partition("/")
    if not slash:
        moment = _moment(first, text)
        return Interval(moment, moment)
    begin = None if first in {"", ".."} else _moment(first, text)
    end = None if last in {"", ".."} else _moment(last, text)
    if begin is not None and end is not None and begin > end:
        raise BadRequestError(f"datetime={text!r} ends before it begins.")
    return Interval(begin, end)


def _moment(part: str, text: str) -> datetime:
    try:
        return MOMENT.validate_python(datetime.fromisoformat(part))
    except ValueError:  # of the text, or of the time: one without a zone, or beyond the years
        raise BadRequestError(
            f"datetime={text!r} is no time: give 2026-07-01T00:00:00Z, or two of them with a "
            "slash between, or `..` in the place of one."
        ) from None


def parse_bbox(text: str | None) -> Box | None:
    """Read the parameter `bbox`: four degrees, or six numbers with heights, which do not count.

    Raises:
        BadRequestError: It is no box on Earth, or it crosses the antimeridian.
    """
    if text is None:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[0:2], *numbers[3:5]]
    if len(numbers) == 4:
        west_deg, south_deg, east_deg, north_deg = numbers
        if -180 <= west_deg <= east_deg <= 180 and -90 <= south_deg <= north_deg <= 90:
            return west_deg, south_deg, east_deg, north_deg
    raise BadRequestError(
        f"bbox={text!r} is no box: give west,south,east,north in degrees, with west <= east."
    )


def landing(base: str) -> dict[str, Any]:
    """Write the landing page; `base` is its address."""
    return {
        "title": "Gridpatrol",
        "description": "Events, cells and aircraft of a county patrol.",
        "links": [
            link(base, "self", JSON, "This page"),
            link(f"{base.removesuffix('/ogc')}/openapi.json", "service-desc", OPENAPI, "The API"),
            link(f"{base.removesuffix('/ogc')}/docs", "service-doc", "text/html", "The API"),
            link(f"{base}/conformance", "conformance", JSON, "What is conformed to"),
            link(f"{base}/collections", "data", JSON, "The collections"),
        ],
    }


def collections_page(base: str, extent: Box | None) -> dict[str, Any]:
    """Write the list of collections."""
    return {
        "links": [link(f"{base}/collections", "self", JSON, "This list")],
        "collections": [collection(base, each, extent) for each in COLLECTIONS.values()],
    }


def collection(base: str, which: Collection, extent: Box | None) -> dict[str, Any]:
    """Write one collection; `extent` is that of the county's cells, where there are some."""
    address = f"{base}/collections/{which.name}"
    made: dict[str, Any] = {
        "id": which.name,
        "title": which.title,
        "description": which.description,
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            link(address, "self", JSON, which.title),
            link(f"{address}/items", "items", GEOJSON, which.title),
        ],
    }
    if extent is not None:
        made["extent"] = {"spatial": {"bbox": [list(extent)], "crs": CRS84}}
    return made


def item_page(
    features: Sequence[dict[str, Any]], address: str, next_address: str | None, now: datetime
) -> dict[str, Any]:
    """Write one page of features; without `next_address` it is the last."""
    links = [link(address, "self", GEOJSON, "This page")]
    if next_address is not None:
        links.append(link(next_address, "next", GEOJSON, "The next page"))
    return {
        "type": "FeatureCollection",
        "features": list(features),
        "links": links,
        "timeStamp": now.isoformat().replace("+00:00", "Z"),
        "numberReturned": len(features),
    }


def item(feature: dict[str, Any], address: str, base: str, name: str) -> dict[str, Any]:
    """Write one feature of a collection with its links."""
    parent = f"{base}/collections/{name}"
    links = [link(address, "self", GEOJSON, name), link(parent, "collection", JSON, name)]
    return {**feature, "links": links}


def link(href: str, rel: str, media_type: str, title: str) -> dict[str, str]:
    """Write a link."""
    return {"href": href, "rel": rel, "type": media_type, "title": title}
