"""What goes over the wire as GeoJSON and as OGC API - Features, as the API's description says it.

The answers themselves are written in `interchange/`; these say what their members are.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Degrees = tuple[float, float]


class GeoJson(BaseModel):
    """Base of what is described here: other members may stand beside, as RFC 7946 allows."""

    model_config = ConfigDict(extra="allow")


class PointGeometry(GeoJson):
    """A point: longitude and latitude in degrees, WGS 84."""

    type: Literal["Point"]
    coordinates: Degrees


class PolygonGeometry(GeoJson):
    """A polygon: its outer ring, then its holes."""

    type: Literal["Polygon"]
    coordinates: list[list[Degrees]]


class Link(GeoJson):
    """A link to something near."""

    href: str
    rel: str
    type: str
    title: str


class PointFeature(GeoJson):
    """An event or an aircraft; the geometry is null where no position is known."""

    type: Literal["Feature"]
    id: str
    geometry: PointGeometry | None
    properties: dict[str, Any]


class CellProperties(GeoJson):
    """What a cell is called, and where it belongs."""

    code: Annotated[str, Field(min_length=1, max_length=40)]
    name: str
    town: str
    village: str


class CellFeature(GeoJson):
    """A unit grid cell."""

    type: Literal["Feature"]
    geometry: PolygonGeometry
    properties: CellProperties


class CellCollection(GeoJson):
    """Unit grid cells."""

    type: Literal["FeatureCollection"]
    features: list[CellFeature]


class EventCollection(GeoJson):
    """A page of events; `next_cursor` is null on the last one."""

    type: Literal["FeatureCollection"]
    features: list[PointFeature]
    next_cursor: str | None


class LinkedPage(GeoJson):
    """A page of OGC API - Features; a link `next` leads on."""

    type: Literal["FeatureCollection"]
    features: list[PointFeature | CellFeature]
    links: list[Link]
    timeStamp: str  # noqa: N815 - as the standard names it
    numberReturned: int  # noqa: N815 - as the standard names it


class LinkedFeature(GeoJson):
    """One feature of OGC API - Features, with links to itself and its collection."""

    type: Literal["Feature"]
    id: str
    geometry: PointGeometry | PolygonGeometry | None
    properties: dict[str, Any]
    links: list[Link]


class Landing(GeoJson):
    """The landing page of OGC API - Features."""

    title: str
    description: str
    links: list[Link]


class Conformance(GeoJson):
    """The conformance classes that hold."""

    conformsTo: list[str]  # noqa: N815 - as the standard names it


class CollectionInfo(GeoJson):
    """One collection of OGC API - Features."""

    id: str
    title: str
    description: str
    itemType: Literal["feature"]  # noqa: N815 - as the standard names it
    crs: list[str]
    links: list[Link]


class CollectionList(GeoJson):
    """The collections of OGC API - Features."""

    links: list[Link]
    collections: list[CollectionInfo]
