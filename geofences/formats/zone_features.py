"""Zones as GeoJSON for other programs, with the fields of the layer `zones` as properties."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import shapely

from geofences.formats.layers import layer_names
from geofences.formats.zone_layer import read_zones, zone_fields
from geofences.zones import Zone


def text_of_zone_features(zones: Iterable[Zone]) -> str:
    """A GeoJSON feature collection (RFC 7946) that `read_zone_features` reads back."""
    features = [
        {
            "type": "Feature",
            "id": zone.zone_id,
            "properties": {**fields, "times": json.loads(str(fields["times"]) or "null")},
            "geometry": shapely.geometry.mapping(shapely.orient_polygons(zone.polygon)),
        }
        for zone, fields in ((zone, zone_fields(zone)) for zone in zones)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def read_zone_features(path: Path) -> list[Zone]:
    """The zones of such a file, all or none.

    Raises:
        FileFormatError: the file cannot be read.
        InvalidGeometryError: a zone is impossible; the message lists the first few.
    """
    return read_zones(path, layer_names(path)[0])
