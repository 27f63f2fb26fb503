"""Tests of `geofences.formats.finding_features`."""

from __future__ import annotations

import json
from pathlib import Path

import pyogrio
import pytest
import shapely

from geofences.checks import Finding, MapFinding, Severity, check_cells
from geofences.errors import FileFormatError
from geofences.formats.finding_features import write_findings
from tests.geofences.shapes import box, cell, place, polygon


def test_each_finding_is_a_feature_at_its_place(tmp_path: Path) -> None:
    """The overlap with its land, the bow-tie at its crossing; other programs open the file."""
    cells = [
        cell(1, box(0, 0, 100, 100)),
        cell(2, box(90, 0, 190, 100)),
        cell(3, polygon((0, 200), (100, 300), (100, 200), (0, 300))),
    ]
    findings = check_cells(cells)
    path = tmp_path / "report.geojson"
    write_findings(findings, path)
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert [each["properties"]["code"] for each in features] == [each.code for each in findings]
    overlap = next(f for f in features if f["properties"]["code"] == "cells.overlap")
    assert overlap["geometry"]["type"] == "MultiPolygon"
    assert overlap["properties"]["area_m2"] == pytest.approx(1000.0, rel=1e-4)
    assert overlap["properties"]["severity"] == "error"
    assert pyogrio.read_info(path)["features"] == len(findings)


def test_findings_without_land_are_points_or_nothing(tmp_path: Path) -> None:
    """A place makes a point; what lies nowhere has no geometry."""
    path = tmp_path / "report.geojson"
    write_findings(
        [
            Finding("a", Severity.WARNING, "x", "一", place(0, 0)),
            Finding("b", Severity.ERROR, "y", "二", None),
            MapFinding("c", Severity.ERROR, "z", "三", None, shapely.Polygon()),
        ],
        path,
    )
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert features[0]["geometry"]["type"] == "Point"
    assert [each["geometry"] for each in features[1:]] == [None, None]
    assert [each["properties"]["message"] for each in features] == ["一", "二", "三"]


def test_no_findings_are_a_file_too(tmp_path: Path) -> None:
    """A report that says that nothing is wrong; nothing else is left in the folder."""
    write_findings([], tmp_path / "report.geojson")
    assert json.loads((tmp_path / "report.geojson").read_text())["features"] == []
    assert len(list(tmp_path.iterdir())) == 1


def test_no_folder_is_told(tmp_path: Path) -> None:
    """The folder must be there."""
    with pytest.raises(FileFormatError, match="There is no folder"):
        write_findings([], tmp_path / "none" / "report.geojson")
