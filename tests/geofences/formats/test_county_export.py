"""Tests of `geofences.formats.county_export`: every format reads back what it wrote."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geofences.active_times import ActivePeriod, ActiveTimes
from geofences.cells import Cell, Grid
from geofences.county import County, Dock, Road
from geofences.errors import FileFormatError
from geofences.formats.county_export import export_county
from geofences.formats.county_survey import survey_county
from geofences.formats.layers import layer_names, read_layer
from geofences.heights import Height, HeightReference
from geofences.zones import Zone, ZoneIndex, ZoneKind
from tests.geofences.shapes import HOME, block, box, cell, polygon

ALL = [".gpkg", ".zip", ".kml", ".kmz"]
CELLS_ONLY = [".geojson", ".json", ".shp"]
PERIOD = ActivePeriod(datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
COUNTY = County(
    name="试验县 Test County",
    grid=Grid(block(3, 4)),
    zones=ZoneIndex(
        [
            Zone("low", ZoneKind.CEILING, box(0, 0, 50, 50), "Low", "低", ceiling_m=60.0),
            Zone("road", ZoneKind.ROADWAY, box(0, 60, 50, 70), "Road"),
            Zone(
                "z3",
                ZoneKind.NO_FLY,
                box(60, 0, 90, 90).difference(box(70, 10, 80, 20)),
                "变电站 <&> Substation",
                lower=Height(20.0, HeightReference.GROUND),
                upper=Height(120.5, HeightReference.SEA_LEVEL),
                times=ActiveTimes((PERIOD,)),
            ),
        ]
    ),
    docks=(Dock("dock-1", "1号机场 Dock 1", HOME, 31.5),),
    roads=(Road("r1", "Road", shapely.LineString([(115.6, 33.1), (115.7, 33.2)]), 7.0),),
)


def _same_land(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """The same rings, wherever each begins and whichever way it runs, to a tenth of a micron."""
    return bool(one.normalize().equals_exact(other.normalize(), 1e-12))


def _assert_same_cells(found: County | None, cells: tuple[Cell, ...]) -> None:
    assert found is not None
    for back, sent in zip(found.grid.cells, cells, strict=True):
        assert replace(back, polygon=sent.polygon) == sent
        assert _same_land(back.polygon, sent.polygon)


@pytest.mark.parametrize("suffix", ALL)
def test_whole_counties_come_back(tmp_path: Path, suffix: str) -> None:
    """Cells, zones with heights and times, docks and roads, with Chinese names and a hole."""
    path = tmp_path / f"county{suffix}"
    export_county(COUNTY, path)
    back = survey_county(path)
    assert back.findings == ()
    assert back.county is not None
    _assert_same_cells(back.county, COUNTY.grid.cells)
    for found, zone in zip(back.county.zones.zones, COUNTY.zones.zones, strict=True):
        assert replace(found, polygon=zone.polygon) == zone
        assert _same_land(found.polygon, zone.polygon)
    assert back.county.docks == COUNTY.docks
    assert back.county.roads == COUNTY.roads
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", CELLS_ONLY)
def test_cells_come_back_and_the_rest_is_told(tmp_path: Path, suffix: str) -> None:
    """Formats of one layer hold the cells; the remark says how to write the others."""
    (remark, *_) = export_county(COUNTY, tmp_path / f"county{suffix}")
    assert "holds one layer, here cells; --layer writes the others (zones, docks, roads)" in remark
    back = survey_county(tmp_path / f"county{suffix}")
    assert back.findings == ()
    _assert_same_cells(back.county, COUNTY.grid.cells)


@given(
    jitter=st.lists(st.tuples(*[st.floats(-20.0, 20.0)] * 2), min_size=9, max_size=9),
    names=st.lists(
        st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=12),
        min_size=4,
        max_size=4,
    ),
    suffix=st.sampled_from([*ALL, *CELLS_ONLY]),
)
@settings(max_examples=35, suppress_health_check=[HealthCheck.too_slow])
def test_any_tiling_comes_back_from_any_format(
    tmp_path_factory: pytest.TempPathFactory,
    jitter: list[tuple[float, float]],
    names: list[str],
    suffix: str,
) -> None:
    """Whatever the names, and however odd the outlines."""
    at = [(100.0 * (n % 3) + east, 100.0 * (n // 3) + v) for n, (east, v) in enumerate(jitter)]
    cells = [
        replace(cell(1 + n, polygon(*(at[k + s] for s in (0, 1, 4, 3)))), village=name.strip())
        for n, (k, name) in enumerate(zip((0, 1, 3, 4), names, strict=True))
    ]
    path = tmp_path_factory.mktemp("export") / f"a{suffix}"
    county = County("a", Grid(cells), ZoneIndex([]), (), ())
    export_county(county, path)
    _assert_same_cells(survey_county(path).county, county.grid.cells)


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".zip"])
@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4547", "EPSG:3857"])
def test_other_systems_come_back(tmp_path: Path, suffix: str, crs: str) -> None:
    """As a surveyor wants them: CGCS2000 in degrees or metres."""
    path = tmp_path / f"a{suffix}"
    export_county(COUNTY, path, crs=crs)
    assert read_layer(path, "a" if suffix == ".shp" else "cells").crs == crs
    back = survey_county(path).county
    assert back is not None
    for one, other in zip(back.grid.cells, COUNTY.grid.cells, strict=True):
        assert one.polygon.normalize().equals_exact(other.polygon.normalize(), 1e-10)


@pytest.mark.parametrize("suffix", [".geojson", ".kml", ".kmz"])
def test_formats_of_one_system_refuse_another(tmp_path: Path, suffix: str) -> None:
    """They are in WGS-84 by definition."""
    with pytest.raises(FileFormatError, match=r"WGS-84 by definition; leave out --crs"):
        export_county(COUNTY, tmp_path / f"a{suffix}", crs="EPSG:4490")


@pytest.mark.parametrize("layer", ["cells", "zones", "docks", "roads"])
@pytest.mark.parametrize("suffix", [*ALL, *CELLS_ONLY])
def test_one_layer_may_be_written_alone(tmp_path: Path, layer: str, suffix: str) -> None:
    """In every format."""
    path = tmp_path / f"a{suffix}"
    export_county(COUNTY, path, layer)
    assert layer_names(path) == ("a" if suffix == ".shp" else layer,)


def test_a_shapefile_is_what_other_programs_expect(tmp_path: Path) -> None:
    """With its system and its encoding beside it."""
    export_county(COUNTY, tmp_path / "a.shp")
    assert {part.name for part in tmp_path.iterdir()} == {
        "a.shp", "a.shx", "a.dbf", "a.prj", "a.cpg",
    }  # fmt: skip
    assert (tmp_path / "a.cpg").read_text() == "UTF-8"
    assert "WGS_1984" in (tmp_path / "a.prj").read_text()


def test_long_field_names_are_told(tmp_path: Path) -> None:
    """Ten letters are what a Shapefile has."""
    (remark,) = export_county(COUNTY, tmp_path / "a.zip")
    assert "lower_above as low_above, upper_above as up_above" in remark
    assert max(len(name) for name in pyogrio.read_info(f"/vsizip/{tmp_path}/a.zip", layer="zones")
               ["fields"]) <= 10  # fmt: skip


def test_a_kmz_is_one_document(tmp_path: Path) -> None:
    """As every globe opens it."""
    export_county(COUNTY, tmp_path / "a.kmz")
    with zipfile.ZipFile(tmp_path / "a.kmz") as archive:
        assert archive.namelist() == ["doc.kml"]


def test_geojson_is_that_of_the_standard(tmp_path: Path) -> None:
    """No member `crs`, as RFC 7946 has it."""
    export_county(COUNTY, tmp_path / "a.geojson")
    document = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
    assert "crs" not in document
    assert document["features"][0]["properties"]["village"] == "柳桥 Liuqiao"


@pytest.mark.parametrize(
    ("suffix", "name"), [(".shp", "长" * 100), (".zip", "x" * 255), (".kml", "a\x01b")]
)
def test_what_a_format_cannot_hold_is_refused_not_cut(
    tmp_path: Path, suffix: str, name: str
) -> None:
    """The older file stays as it is."""
    path = tmp_path / f"a{suffix}"
    export_county(COUNTY, path)
    before = {part.name: part.read_bytes() for part in tmp_path.iterdir()}
    odd = replace(block(1, 1)[0], name=name)
    with pytest.raises(FileFormatError, match=rf"a\{suffix}"):
        export_county(replace(COUNTY, grid=Grid([odd])), path)
    assert {part.name: part.read_bytes() for part in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("name", "layer", "crs", "words"),
    [
        ("a.dwg", "", "", "no suffix that names a format"),
        ("a", "", "", "no suffix that names a format"),
        ("none/a.gpkg", "", "", "There is no folder"),
        ("a.gpkg", "parcels", "", "is none of a county's layers; name one of cells, zones"),
        ("a.gpkg", "", "EPSG:1", "reference system that is not known"),
    ],
)
def test_impossible_exports_are_told(
    tmp_path: Path, name: str, layer: str, crs: str, words: str
) -> None:
    """Each with what to do."""
    with pytest.raises(FileFormatError, match=words):
        export_county(COUNTY, tmp_path / name, layer, crs)


def test_an_empty_layer_is_told(tmp_path: Path) -> None:
    """There is nothing to write."""
    with pytest.raises(FileFormatError, match="The layer 'docks' is empty"):
        export_county(replace(COUNTY, docks=()), tmp_path / "a.shp", "docks")


def test_writing_a_shapefile_again_leaves_no_old_index(tmp_path: Path) -> None:
    """An index of the older shapes would hide the newer."""
    (tmp_path / "a.qix").touch()
    export_county(COUNTY, tmp_path / "a.shp")
    assert not (tmp_path / "a.qix").exists()
