"""Tests of `geofences.formats.zone_features`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from geofences.errors import GroundError
from geofences.formats.zone_features import read_zone_features, text_of_zone_features
from geofences.zones import Zone, ZoneKind
from tests.geofences.shapes import box
from tests.geofences.zone_examples import SCHOOL

ROAD = Zone("road", ZoneKind.ROADWAY, box(0, 60, 50, 70), "Road")
LOW = Zone("low", ZoneKind.CEILING, box(0, 0, 50, 50), "Low", "低", ceiling_m=60.0)


def test_zones_come_back_as_written(tmp_path: Path) -> None:
    """With heights and times, and every digit of their outlines."""
    path = tmp_path / "a.geojson"
    path.write_text(text_of_zone_features([SCHOOL, ROAD, LOW]), encoding="utf-8")
    back = read_zone_features(path)
    assert [z.polygon.normalize() for z in back] == [
        z.polygon.normalize() for z in (SCHOOL, ROAD, LOW)
    ]
    assert [replace(z, polygon=ROAD.polygon) for z in back] == [
        replace(z, polygon=ROAD.polygon) for z in (SCHOOL, ROAD, LOW)
    ]


def test_other_programs_find_plain_geojson() -> None:
    """Outer rings run anticlockwise, and times are objects, not text."""
    [feature] = json.loads(text_of_zone_features([SCHOOL]))["features"]
    assert feature["id"] == "school"
    assert feature["properties"]["lower_above"] == "ground"
    assert feature["properties"]["times"][0]["hours"][0]["end"] == "SS"
    (x0, y0), (x1, y1), (x2, y2), *_ = feature["geometry"]["coordinates"][0]
    assert (x1 - x0) * (y2 - y1) - (y1 - y0) * (x2 - x1) > 0


def test_a_file_without_zones_is_refused(tmp_path: Path) -> None:
    """Features of something else are told."""
    path = tmp_path / "a.geojson"
    feature = {"type": "Feature", "properties": {"name": "x"}, "geometry": None}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(GroundError, match=r"a\.geojson"):
        read_zone_features(path)
