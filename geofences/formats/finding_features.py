"""Findings as a GeoJSON file, each at its place, as a surveyor opens it beside the map."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import shapely

from geofences.errors import FileFormatError
from geofences.findings import Finding, MapFinding


def write_findings(findings: Iterable[Finding], path: Path) -> None:
    """Write findings as GeoJSON (RFC 7946), whole or not at all.

    A finding about land has its shape, another its place, and one that lies nowhere neither.

    Raises:
        FileFormatError: the folder does not exist.
    """
    if not path.parent.is_dir():
        raise FileFormatError(f"There is no folder {path.parent} to write {path.name} in; make it.")
    collection = {"type": "FeatureCollection", "features": [_feature(each) for each in findings]}
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=path.parent) as folder:
        unfinished = Path(folder) / path.name
        unfinished.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
        unfinished.replace(path)


def _feature(finding: Finding) -> dict[str, Any]:
    area_m2 = finding.area_m2 if isinstance(finding, MapFinding) else None
    return {
        "type": "Feature",
        "geometry": _geometry(finding),
        "properties": {
            "code": finding.code,
            "severity": finding.severity.value,
            "subject": finding.subject,
            "message": finding.message,
            "area_m2": None if area_m2 is None else round(area_m2, 2),
        },
    }


def _geometry(finding: Finding) -> dict[str, Any] | None:
    shape = finding.shape if isinstance(finding, MapFinding) else None
    if shape is None and finding.position is not None:
        shape = shapely.Point(finding.position.lon_deg, finding.position.lat_deg)
    if shape is None or shape.is_empty:
        return None
    written: dict[str, Any] = json.loads(shapely.to_geojson(shape))
    return written
