"""Tests of `geofences.formats.county_files`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geofences.cells import Grid
from geofences.county import County, Dock, Road
from geofences.errors import FileFormatError, GroundError, InvalidGeometryError
from geofences.formats.county_files import read_county, write_county
from geofences.zones import Zone, ZoneIndex, ZoneKind
from tests.geofences.shapes import HOME, block, box, cell, polygon

COUNTY = County(
    name="试验县 Test County",
    grid=Grid(block(3, 4)),
    zones=ZoneIndex(
        [
            Zone("low", ZoneKind.CEILING, box(0, 0, 50, 50), "Low", "低", ceiling_m=60.0),
            Zone("road", ZoneKind.ROADWAY, box(0, 60, 50, 70), "Road"),
        ]
    ),
    docks=(Dock("dock-1", "1号机场 Dock 1", HOME, 31.5),),
    roads=(Road("r1", "Road", shapely.LineString([(115.6, 33.1), (115.7, 33.2)]), 7.0),),
)


def _layer(
    path: Path,
    shapes: Sequence[shapely.Geometry | None],
    fields: dict[str, list[Any]],
    **options: Any,
) -> Path:
    """A layer as another program would write it."""
    settings = {"layer": "cells", "driver": "GPKG", "geometry_type": "Unknown", "crs": "EPSG:4326"}
    pyogrio.raw.write(
        path,
        np.array([None if s is None else shapely.to_wkb(s) for s in shapes], dtype=object),
        [np.array(values) if values and isinstance(values[0], float)
         else np.array(values, dtype=object) for values in fields.values()],
        list(fields),
        **(settings | options),
    )  # fmt: skip
    return path


def _cells(path: Path, *shapes: shapely.Geometry | None, **options: Any) -> Path:
    """A layer of cells numbered from one."""
    codes = [f"341299001001{number:03d}" for number in range(1, len(shapes) + 1)]
    return _layer(path, shapes, {"code": codes}, **options)


def test_a_county_comes_back_as_written(tmp_path: Path) -> None:
    """Every record survives the file, down to the last digit."""
    write_county(COUNTY, tmp_path / "a.gpkg")
    back = read_county(tmp_path / "a.gpkg")
    assert COUNTY.name == back.name
    assert COUNTY.grid.cells == back.grid.cells
    assert COUNTY.zones.zones == back.zones.zones
    assert COUNTY.docks == back.docks
    assert COUNTY.roads == back.roads


def test_zones_docks_and_roads_may_be_missing(tmp_path: Path) -> None:
    """Cells alone are a county, named after the file."""
    county = read_county(_cells(tmp_path / "cells_only.gpkg", box(0, 0, 100, 100)))
    assert (county.name, len(county.grid)) == ("cells_only", 1)
    assert (county.zones.zones, county.docks, county.roads) == ((), (), ())


@pytest.mark.parametrize(
    ("name", "driver"),
    [("a.geojson", "GeoJSON"), ("a.shp", "ESRI Shapefile"), ("a.gpkg", "GPKG")],
)
def test_cells_are_read_from_common_formats(tmp_path: Path, name: str, driver: str) -> None:
    """Codes, names, towns and villages come along where the format has them."""
    squares = block(2, 2)
    fields = {
        "CODE": [c.code for c in squares],
        "NAME": [c.name for c in squares],
        "town": [c.town for c in squares],
        "village": [c.village for c in squares],
    }
    shapes = [c.polygon for c in squares]
    kind = "Polygon"
    path = _layer(tmp_path / name, shapes, fields, driver=driver, geometry_type=kind)
    found = read_county(path).grid
    assert [(c.code, c.name, c.village) for c in squares] == [
        (c.code, c.name, c.village) for c in found.cells
    ]
    assert all(
        found.by_code(c.code).polygon.normalize().equals_exact(c.polygon.normalize(), 1e-6)
        for c in squares
    )


def test_cells_are_read_from_kml_by_their_names(tmp_path: Path) -> None:
    """KML has no code field; the name of a placemark is the code."""
    path = tmp_path / "a.kml"
    ring = " ".join(f"{x},{y},0" for x, y in shapely.get_coordinates(box(0, 0, 100, 100)))
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        "<Document><Placemark><name>341299001001001</name><Polygon><outerBoundaryIs><LinearRing>"
        f"<coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        "</Document></kml>",
        encoding="utf-8",
    )
    assert [c.code for c in read_county(path).grid.cells] == ["341299001001001"]


def test_codes_that_are_numbers_are_read(tmp_path: Path) -> None:
    """Some programs store codes as whole numbers."""
    path = tmp_path / "a.geojson"
    feature = {
        "type": "Feature",
        "properties": {"code": 341299001001001},
        "geometry": shapely.geometry.mapping(box(0, 0, 100, 100)),
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert read_county(path).grid.cells[0].code == "341299001001001"


def test_a_multipolygon_of_one_part_is_a_polygon(tmp_path: Path) -> None:
    """Shapefile programs wrap single outlines; that changes nothing."""
    path = _cells(tmp_path / "a.gpkg", shapely.MultiPolygon([box(0, 0, 100, 100)]))
    assert read_county(path).grid.cells[0].polygon.geom_type == "Polygon"


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        (
            [box(0, 0, 100, 100), box(90, 0, 190, 100)],
            ["341299001001001 and 341299001001002 overlap by 1000.0 m2"],
        ),
        (
            [polygon((0, 0), (9, 9), (9, 0), (0, 9))],
            ["cell 341299001001001 is not a valid polygon: Self-intersection"],
        ),
        (
            [box(0, 0, 9, 9), shapely.MultiPolygon([box(20, 0, 29, 9), box(40, 0, 49, 9)])],
            ["feature 2 (341299001001002)", "MultiPolygon of 2 parts", "split it"],
        ),
        ([box(0, 0, 9, 9), None], ["feature 2 (341299001001002)", "has nothing where"]),
        ([shapely.Point(115, 33)], ["feature 1 (341299001001001)", "has Point where one outline"]),
        ([shapely.box(33, 115, 33.001, 115.001)], ["latitude written first"]),
    ],
)
def test_bad_cells_are_refused_with_file_layer_and_code(
    tmp_path: Path, shapes: list[shapely.Geometry | None], words: list[str]
) -> None:
    """Each refusal names the file, the layer and the feature."""
    path = _cells(tmp_path / "bad.gpkg", *shapes)
    with pytest.raises(InvalidGeometryError) as caught:
        read_county(path)
    for word in ["bad.gpkg, layer 'cells', has 1 problem", "nothing was imported", *words]:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (["341299001001001", "341299001001001"], "341299001001001 is used 2 times"),
        (["341299001001001", "3412990010012"], "'3412990010012' does not match"),
        (["341299001001001", None], "the field 'code' is missing or empty"),
        (["341299001001001", "   "], "the field 'code' is missing or empty"),
    ],
)
def test_bad_codes_are_refused(tmp_path: Path, codes: list[str | None], words: str) -> None:
    """Codes used twice, malformed or missing are told."""
    shapes = [box(0, 0, 9, 9), box(20, 0, 29, 9)]
    path = _layer(tmp_path / "bad.gpkg", shapes, {"code": codes})
    with pytest.raises(InvalidGeometryError, match="layer 'cells'") as caught:
        read_county(path)
    assert words in str(caught.value)


def test_another_code_pattern_may_be_set(tmp_path: Path) -> None:
    """Codes of another district's form are read when asked for."""
    path = _layer(tmp_path / "a.gpkg", [box(0, 0, 9, 9)], {"code": ["3412990010010A01"]})
    county = read_county(path, code_pattern=r"\d{13}\w{3}")
    assert county.grid.cells[0].code == "3412990010010A01"


def test_many_problems_are_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    """Five problems are enough to read; the rest is a number."""
    shapes = [polygon((0, i), (9, i + 1), (9, i), (0, i + 1)) for i in range(0, 40, 5)]
    with pytest.raises(InvalidGeometryError, match=r"has 8 problem.*") as caught:
        read_county(_cells(tmp_path / "bad.gpkg", *shapes))
    lines = str(caught.value).splitlines()
    assert len(lines) == 7
    assert lines[-1] == "  and 3 more"


@pytest.mark.parametrize(
    ("layer", "shape", "fields", "words"),
    [
        (
            "zones",
            box(0, 0, 9, 9),
            {"zone_id": ["z1"], "kind": ["no_flying"]},
            "the kind 'no_flying' is unknown; use one of keep_in, no_fly",
        ),
        ("zones", box(0, 0, 9, 9), {"zone_id": ["z1"], "kind": ["ceiling"]}, "has no height"),
        ("zones", box(0, 0, 9, 9), {"kind": ["no_fly"]}, "the field 'zone_id' is missing"),
        ("docks", shapely.Point(115, 33), {"dock_id": ["d1"]}, "'d1' has no altitude"),
        (
            "docks",
            shapely.Point(33, 115),
            {"dock_id": ["d1"], "alt_amsl_m": [3.0]},
            "is not on Earth",
        ),
        ("roads", shapely.LineString([(0, 0), (1, 1)]), {"road_id": ["r1"]}, "or no width"),
        ("roads", shapely.Point(0, 0), {"road_id": ["r1"]}, "has Point where one line"),
        (
            "roads",
            shapely.LineString([(0, 0), (1, 1)]),
            {"road_id": ["r1"], "width_m": ["wide"]},
            "the field 'width_m' is 'wide', not a number",
        ),
        (
            "zones",
            polygon((0, 0), (9, 9), (9, 0), (0, 9)),
            {"zone_id": ["z1"], "kind": ["water"]},
            "zone 'z1' is not a valid polygon (Self-intersection",
        ),
    ],
)
def test_bad_zones_docks_and_roads_are_refused(
    tmp_path: Path, layer: str, shape: shapely.Geometry, fields: dict[str, list[Any]], words: str
) -> None:
    """Whatever layer is wrong, it and the feature are named, and nothing is read."""
    path = _cells(tmp_path / "bad.gpkg", box(0, 0, 100, 100))
    _layer(path, [shape], fields, layer=layer)
    with pytest.raises(InvalidGeometryError) as caught:
        read_county(path)
    assert f"layer '{layer}'" in str(caught.value)
    assert "feature 1 (" in str(caught.value)
    assert words in str(caught.value)


def test_two_zones_of_one_id_are_refused(tmp_path: Path) -> None:
    """Ids used twice are told with the file."""
    path = _cells(tmp_path / "bad.gpkg", box(0, 0, 100, 100))
    fields = {"zone_id": ["z1", "z1"], "kind": ["no_fly", "water"]}
    _layer(path, [box(0, 0, 9, 9), box(0, 0, 9, 9)], fields, layer="zones")
    with pytest.raises(InvalidGeometryError, match=r"bad\.gpkg: The zone id 'z1'"):
        read_county(path)


def test_several_layers_without_cells_are_refused(tmp_path: Path) -> None:
    """The layers there are are listed."""
    path = _layer(tmp_path / "a.gpkg", [box(0, 0, 9, 9)], {"code": ["1"]}, layer="parcels")
    _layer(path, [box(0, 0, 9, 9)], {"code": ["1"]}, layer="wells")
    with pytest.raises(FileFormatError, match=r"no layer 'cells' \(it has: parcels, wells\)"):
        read_county(path)


def test_the_only_layer_is_that_of_the_cells(tmp_path: Path) -> None:
    """Whatever it is called."""
    path = _cells(tmp_path / "a.gpkg", box(0, 0, 9, 9), layer="单元网格")
    assert len(read_county(path).grid) == 1


def test_the_code_pattern_of_a_county_is_kept_with_it(tmp_path: Path) -> None:
    """A district with codes of its own need not say so again."""
    odd = replace(cell(1, box(0, 0, 9, 9)), code="3412990010010A01")
    county = County("a", Grid([odd], r"\d{13}\w{3}"), ZoneIndex([]), (), ())
    write_county(county, tmp_path / "a.gpkg")
    assert read_county(tmp_path / "a.gpkg").grid.cells == (odd,)


@pytest.mark.parametrize("columns", ["BGCODE BGNAME", "单元网格编码 网格名称", "ObjCode ObjName"])
def test_columns_of_other_programs_are_known(tmp_path: Path, columns: str) -> None:
    """Codes and names under the names that unit grid tables have for them."""
    code, name = columns.split()
    fields = {code: ["341299001001001"], name: ["一号"]}
    (found,) = read_county(_layer(tmp_path / "a.gpkg", [box(0, 0, 9, 9)], fields)).grid.cells
    assert (found.code, found.name) == ("341299001001001", "一号")


def test_codes_in_a_column_of_fractions_are_read(tmp_path: Path) -> None:
    """A spreadsheet makes floating point numbers of them."""
    path = _layer(tmp_path / "a.gpkg", [box(0, 0, 9, 9)], {"code": [341299001001001.0]})
    assert read_county(path).grid.cells[0].code == "341299001001001"


def test_a_ring_that_is_not_closed_is_told(tmp_path: Path) -> None:
    """With the feature and the reason."""
    ring = [[115.62, 33.16], [115.63, 33.16], [115.63, 33.17], [115.62, 33.17]]
    feature = {
        "type": "Feature",
        "properties": {"code": "341299001001001"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    (tmp_path / "a.geojson").write_text(json.dumps(feature))
    with pytest.raises(InvalidGeometryError, match=r"feature 1 .*closed linestring.*redraw it"):
        read_county(tmp_path / "a.geojson")


def test_a_layer_of_cells_without_cells_is_refused(tmp_path: Path) -> None:
    """An empty layer is no county."""
    with pytest.raises(FileFormatError, match="has no cells"):
        read_county(_layer(tmp_path / "a.gpkg", [], {"code": []}))


@pytest.mark.parametrize("cut_share", [0.3, 0.6, 0.9])
def test_a_file_cut_short_is_refused(tmp_path: Path, cut_share: float) -> None:
    """A copy that broke off is told, not half read."""
    path = tmp_path / "a.gpkg"
    write_county(COUNTY, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * cut_share)])
    with pytest.raises(GroundError, match=r"a\.gpkg"):
        read_county(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"type": "FeatureCollection", "features": []}', "has no cells"),
        ('{"type": "FeatureCollection", "features": [{"type": "Feat', "cannot be used as a map"),
        ('{"cells": []}', "cannot be used as a map"),
        ('{"type": "Feature", "properties": {"code": "341299001001001"}, "geometry": null}', "a."),
    ],
)
def test_geojson_without_cells_is_refused(tmp_path: Path, content: str, words: str) -> None:
    """Empty, cut short, of another kind, or without outlines."""
    path = tmp_path / "a.geojson"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(GroundError, match=r"a\.geojson") as caught:
        read_county(path)
    assert words in str(caught.value)


def test_a_folder_is_no_county(tmp_path: Path) -> None:
    """A path to a folder is told."""
    with pytest.raises(FileFormatError, match="There is no file"):
        read_county(tmp_path)


@given(
    jitter=st.lists(
        st.tuples(st.floats(-20.0, 20.0), st.floats(-20.0, 20.0)), min_size=9, max_size=9
    ),
    names=st.lists(st.text(st.characters(codec="utf-8", categories=("L", "N"))), max_size=4),
)
@settings(max_examples=25)
def test_any_tiling_comes_back_as_written(
    tmp_path_factory: pytest.TempPathFactory,
    jitter: list[tuple[float, float]],
    names: list[str],
) -> None:
    """Outlines keep every bit of their coordinates, and names every letter."""
    corners = [
        (100.0 * (index % 3) + east, 100.0 * (index // 3) + north)
        for index, (east, north) in enumerate(jitter)
    ]
    cells = [
        replace(
            cell(1 + n, polygon(*(corners[first + step] for step in (0, 1, 4, 3)))),
            name=names[n] if n < len(names) and names[n].strip() else "?",
        )
        for n, first in enumerate((0, 1, 3, 4))
    ]
    path = tmp_path_factory.mktemp("county") / "a.gpkg"
    write_county(County("a", Grid(cells), ZoneIndex([]), (), ()), path)
    assert tuple(cells) == read_county(path).grid.cells


def test_writing_over_a_county_replaces_it_whole(tmp_path: Path) -> None:
    """A smaller county leaves nothing of the larger one."""
    write_county(COUNTY, tmp_path / "a.gpkg")
    write_county(County("b", Grid(block(1, 1)), ZoneIndex([]), (), ()), tmp_path / "a.gpkg")
    back = read_county(tmp_path / "a.gpkg")
    assert (back.name, len(back.grid), back.zones.zones) == ("b", 1, ())
