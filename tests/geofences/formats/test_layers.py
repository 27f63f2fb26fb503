"""Tests of `geofences.formats.layers`."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from geofences.errors import FileFormatError
from geofences.formats.layers import Layer, dataset_metadata, layer_names, read_layer, write_layers
from geofences.sample_county.location import sample_county_path


def _layer(name: str, *shapes: shapely.Geometry) -> Layer:
    geometries = np.empty(len(shapes), dtype=object)
    geometries[:] = shapes
    names = np.array([f"n{i}" for i in range(len(shapes))], dtype=object)
    return Layer(name, geometries, {"name": names})


def _raw(path: Path, crs: str | None, *shapes: shapely.Geometry, driver: str = "GPKG") -> None:
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes, dtype=object)),
        [np.array(["a"] * len(shapes), dtype=object)],
        ["Name"],
        layer="cells",
        driver=driver,
        geometry_type=shapes[0].geom_type + (" Z" if shapes[0].has_z else ""),
        crs=crs,
    )


def test_layers_come_back_as_written(tmp_path: Path) -> None:
    """Names, shapes, values and words about the file survive."""
    path = tmp_path / "a.gpkg"
    point, line = shapely.Point(115.62, 33.16), shapely.LineString([(115, 33), (116, 34)])
    layers = ((_layer("one", point, point), "Point"), (_layer("two", line), "LineString"))
    write_layers(path, layers, {"county_name": "示例县"})
    assert layer_names(path) == ("one", "two")
    assert read_layer(path, "one").geometries.tolist() == [point, point]
    assert read_layer(path, "two").columns["name"].tolist() == ["n0"]
    assert dataset_metadata(path, "one") == {"county_name": "示例县"}


def test_a_layer_without_rows_comes_back_empty(tmp_path: Path) -> None:
    """No rows are legal."""
    write_layers(tmp_path / "a.gpkg", ((_layer("none"), "Polygon"),), {})
    assert read_layer(tmp_path / "a.gpkg", "none").geometries.shape == (0,)


def test_writing_again_replaces_all(tmp_path: Path) -> None:
    """Nothing of the older file stays, and nothing else is left in the folder."""
    path = tmp_path / "a.gpkg"
    write_layers(path, ((_layer("old", shapely.Point(1, 2)), "Point"),), {})
    write_layers(path, ((_layer("new", shapely.Point(1, 2)), "Point"),), {})
    assert layer_names(path) == ("new",)
    assert [path] == list(tmp_path.iterdir())


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """A shape that does not fit its layer stops the writing before the file is touched."""
    path = tmp_path / "a.gpkg"
    write_layers(path, ((_layer("old", shapely.Point(1, 2)), "Point"),), {})
    before = path.read_bytes()
    with pytest.raises(FileFormatError, match=r"a\.gpkg"):
        write_layers(path, ((_layer("new", shapely.Point(1, 2)), "Nonsense"),), {})
    assert before == path.read_bytes()
    assert [path] == list(tmp_path.iterdir())


def test_writing_into_no_folder_is_refused(tmp_path: Path) -> None:
    """The folder must be there."""
    with pytest.raises(FileFormatError, match="There is no folder"):
        write_layers(tmp_path / "none" / "a.gpkg", (), {})


@pytest.mark.parametrize(
    ("crs", "x", "y"),
    [
        ("EPSG:4326", 115.62, 33.16),
        ("EPSG:4490", 115.62, 33.16),  # CGCS2000
        ("EPSG:4547", 651_128.51345, 3_671_661.80929),  # CGCS2000, 3-degree zone about 114 E
        ("EPSG:3857", 12_870_759.52552, 3_916_560.59512),
    ],
)
def test_declared_reference_systems_become_wgs84(
    tmp_path: Path, crs: str, x: float, y: float
) -> None:
    """Whatever system a file declares, its places come out as longitude and latitude."""
    path = tmp_path / "a.gpkg"
    _raw(path, crs, shapely.Point(x, y))
    (point,) = read_layer(path, "cells").geometries
    assert (point.x, point.y) == pytest.approx((115.62, 33.16), abs=1e-8)
    back = pyogrio.raw.read(path)[2]
    assert shapely.from_wkb(back)[0] == shapely.Point(x, y)


def test_a_file_without_reference_system_is_refused(tmp_path: Path) -> None:
    """Without a system the numbers could lie anywhere; the message says what to declare."""
    path = tmp_path / "a.shp"
    with pytest.warns(UserWarning, match="crs"):
        _raw(path, None, shapely.Point(115.62, 33.16), driver="ESRI Shapefile")
    with pytest.raises(FileFormatError, match=r"'a' of .*a\.shp does not say its reference system"):
        read_layer(path, "a")


def test_heights_are_left_out(tmp_path: Path) -> None:
    """Outlines with heights become flat."""
    path = tmp_path / "a.gpkg"
    _raw(path, "EPSG:4326", shapely.Point(115.62, 33.16, 31.0))
    assert not read_layer(path, "cells").geometries[0].has_z


def test_field_names_are_lower_case(tmp_path: Path) -> None:
    """Surveyors write NAME, Name and name."""
    _raw(tmp_path / "a.gpkg", "EPSG:4326", shapely.Point(1, 2))
    assert list(read_layer(tmp_path / "a.gpkg", "cells").columns) == ["name"]


def test_no_file_is_told(tmp_path: Path) -> None:
    """A path that leads nowhere is named."""
    with pytest.raises(FileFormatError, match=r"There is no file .*gone\.gpkg"):
        layer_names(tmp_path / "gone.gpkg")


@pytest.mark.parametrize("content", [b"", b"not a map", b"SQLite format 3\x00" + b"\xff" * 200])
@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.shp", "a.kml"])
def test_files_of_rubbish_are_told(tmp_path: Path, name: str, content: bytes) -> None:
    """Whatever lies in the file, the message names it."""
    path = tmp_path / name
    for part in (path, path.with_suffix(".shx"), path.with_suffix(".dbf")):
        part.write_bytes(content)
    with pytest.raises(FileFormatError, match=rf"{name} cannot be used as a map file"):
        layer_names(path)


def test_a_missing_layer_is_told(tmp_path: Path) -> None:
    """Asking for a layer that is not there names the file."""
    _raw(tmp_path / "a.gpkg", "EPSG:4326", shapely.Point(1, 2))
    with pytest.raises(FileFormatError, match=r"a\.gpkg"):
        read_layer(tmp_path / "a.gpkg", "zones")


def test_reading_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    """A surveyor's folder holds after a check what it held before."""
    file = tmp_path / "county.gpkg"
    shutil.copy(sample_county_path(), file)
    layer_names(file)
    dataset_metadata(file, "cells")
    read_layer(file, "cells")
    assert [path.name for path in tmp_path.iterdir()] == ["county.gpkg"]
