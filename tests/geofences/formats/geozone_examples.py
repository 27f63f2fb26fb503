"""Published zones as authorities write them, for the tests of their formats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely

from tests.geofences.shapes import HOME, box

Json = dict[str, Any]

COUNTY = (HOME.lon_deg - 0.1, HOME.lat_deg - 0.1, HOME.lon_deg + 0.1, HOME.lat_deg + 0.1)
RING = shapely.get_coordinates(box(0, 0, 200, 100)).tolist()


def volume(**changes: Any) -> Json:
    """A volume of ED-269: a rectangle from the ground to 120 m above it."""
    return {
        "uomDimensions": "M",
        "lowerLimit": 0,
        "lowerVerticalReference": "AGL",
        "upperLimit": 120,
        "upperVerticalReference": "AGL",
        "horizontalProjection": {"type": "Polygon", "coordinates": [RING]},
        **changes,
    }


def ed269_feature(identifier: str = "AB12345", **changes: Any) -> Json:
    """A zone of ED-269 that is prohibited always."""
    return {
        "identifier": identifier,
        "country": "CHN",
        "name": "Substation",
        "type": "COMMON",
        "restriction": "PROHIBITED",
        "applicability": [{"permanent": "YES"}],
        "zoneAuthority": [{"purpose": "INFORMATION", "phone": 7}],
        "geometry": [volume()],
        **changes,
    }


def ed318_geometry(**changes: Any) -> Json:
    """A geometry of ED-318: a rectangle up to 120 m above ground."""
    layer = {"upper": 120, "upperReference": "AGL", "lower": 0, "lowerReference": "AGL", "uom": "m"}
    return {"type": "Polygon", "coordinates": [RING], "layer": layer, **changes}


def ed318_feature(
    identifier: str = "AB12345", geometry: Json | None = None, **changes: Any
) -> Json:
    """A zone of ED-318 that is prohibited always."""
    return {
        "type": "Feature",
        "geometry": ed318_geometry() if geometry is None else geometry,
        "properties": {
            "identifier": identifier,
            "country": "CHN",
            "name": [{"text": "Substation", "lang": "en-GB"}, {"text": "变电站", "lang": "zh-CN"}],
            "type": "PROHIBITED",
            "variant": "COMMON",
            "zoneAuthority": [{"purpose": "INFORMATION"}],
            **changes,
        },
    }


def write_ed269(path: Path, *features: Json) -> Path:
    """An ED-269 file."""
    return _write(path, {"title": "Zones", "features": list(features)})


def write_ed318(path: Path, *features: Json, **metadata: Any) -> Path:
    """An ED-318 file."""
    return _write(
        path, {"type": "FeatureCollection", "metadata": metadata, "features": list(features)}
    )


def _write(path: Path, document: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path
