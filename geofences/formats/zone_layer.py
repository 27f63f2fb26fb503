"""Zones as the layer `zones` of a GeoPackage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import shapely

from geofences.errors import InvalidGeometryError
from geofences.formats.layers import Layer
from geofences.formats.rows import Row, layer_of, read_records
from geofences.zones import Zone, ZoneKind

ZONE_LAYER = "zones"
_FIELDS = ("zone_id", "kind", "name", "name_zh", "ceiling_m")


def read_zones(path: Path) -> list[Zone]:
    """The zones of a file that has the layer, all or none.

    Raises:
        FileFormatError: the layer cannot be read.
        InvalidGeometryError: a zone is impossible; the message lists the first few.
    """
    return read_records(path, ZONE_LAYER, _zone)


def layer_of_zones(zones: Sequence[Zone]) -> Layer:
    """The layer that `read_zones` reads back; its geometries are polygons."""
    return layer_of(ZONE_LAYER, zones, _outline, _FIELDS)


def _outline(zone: Zone) -> shapely.Polygon:
    return zone.polygon


def _zone(row: Row) -> Zone:
    kind = row.text("kind")
    if kind not in list(ZoneKind):
        raise InvalidGeometryError(
            f"the kind {kind!r} is unknown; use one of {', '.join(ZoneKind)}"
        )
    return Zone(
        zone_id=row.text("zone_id"),
        kind=ZoneKind(kind),
        polygon=row.shape("Polygon"),
        name=row.text("name", default=""),
        name_zh=row.text("name_zh", default=""),
        ceiling_m=row.number("ceiling_m"),
    )
