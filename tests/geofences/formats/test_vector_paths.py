"""Tests of `geofences.formats.vector_paths`, on files as other programs leave them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from geofences.errors import FileFormatError
from geofences.formats.layers import layer_names, read_layer
from tests.geofences.shapes import box

NAME = "柳桥村第一网格"


def shapefile(path: Path, *, encoding: str = "UTF-8", cpg: bool = True, name: str = NAME) -> Path:
    """A Shapefile of one cell with a Chinese name."""
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array([box(0, 0, 9, 9)], dtype=object)),
        [np.array([name], dtype=object)],
        ["name"],
        driver="ESRI Shapefile",
        geometry_type="Polygon",
        crs="EPSG:4490",
        encoding=encoding,
    )
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


def zipped(path: Path, files: Sequence[Path], folder: str = "") -> Path:
    """A zip of these files, in a folder if asked for."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in files:
            archive.write(file, f"{folder}{file.name}")
    return path


def name_in(path: Path) -> str:
    """What the one cell of a file is called."""
    (layer,) = layer_names(path)
    return str(read_layer(path, layer).columns["name"][0])


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
@pytest.mark.parametrize("cpg", [True, False])
def test_chinese_names_are_read_whether_said_or_not(
    tmp_path: Path, encoding: str, cpg: bool
) -> None:
    """With a .cpg that names the encoding, and with none at all."""
    path = shapefile(tmp_path / "cells.shp", encoding=encoding, cpg=cpg)
    assert name_in(path) == NAME
    assert name_in(zipped(tmp_path / "cells.zip", list(tmp_path.glob("cells.*")))) == NAME


def test_an_upper_case_shapefile_is_read(tmp_path: Path) -> None:
    """As programs of the nineties wrote them."""
    path = shapefile(tmp_path / "cells.shp")
    for part in sorted(tmp_path.glob("cells.*")):
        part.rename(part.with_name(part.name.upper()))
    assert name_in(path.with_name("CELLS.SHP")) == NAME


@pytest.mark.parametrize("folder", ["", "delivery/", "交付/2026/", "__MACOSX/../"])
def test_shapefiles_in_a_folder_of_a_zip_are_found(tmp_path: Path, folder: str) -> None:
    """Whatever the folder is called; what macOS adds is passed over."""
    shapefile(tmp_path / "cells.shp")
    path = zipped(tmp_path / "a.zip", list(tmp_path.glob("cells.*")), folder.partition("..")[0])
    if folder.startswith("__"):
        with zipfile.ZipFile(path, "a") as archive:
            for part in tmp_path.glob("cells.*"):
                archive.write(part, part.name)
    assert name_in(path) == NAME


def test_a_geojson_in_a_zip_is_found(tmp_path: Path) -> None:
    """Any one map will do."""
    file = tmp_path / "cells.geojson"
    file.write_text(f'{{"type": "Feature", "geometry": {shapely.to_geojson(box(0, 0, 9, 9))}, '
                    f'"properties": {{"name": "{NAME}"}}}}', encoding="utf-8")  # fmt: skip
    assert name_in(zipped(tmp_path / "a.zip", [file])) == NAME


def test_a_zip_with_several_maps_is_refused(tmp_path: Path) -> None:
    """Which one is meant is for the person to say."""
    files = [tmp_path / "a.geojson", tmp_path / "b.geojson"]
    for file in files:
        file.write_text("{}")
    with pytest.raises(FileFormatError, match=r"it has: a\.geojson, b\.geojson"):
        layer_names(zipped(tmp_path / "both.zip", files))


def test_a_zip_without_a_map_is_refused(tmp_path: Path) -> None:
    """A zip of pictures is no county."""
    (tmp_path / "a.txt").touch()
    with pytest.raises(FileFormatError, match=r"it has: none"):
        layer_names(zipped(tmp_path / "a.zip", [tmp_path / "a.txt"]))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip"])
def test_a_broken_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    """A copy that broke off is told by its name."""
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(FileFormatError, match=r"a\.zip is not a zip file that can be opened"):
        layer_names(tmp_path / "a.zip")


@pytest.mark.parametrize("suffix", [".shx", ".dbf"])
def test_a_part_of_a_shapefile_is_not_enough(tmp_path: Path, suffix: str) -> None:
    """People send the .shp alone; the sentence names what is missing."""
    path = shapefile(tmp_path / "cells.shp")
    path.with_suffix(suffix).unlink()
    with pytest.raises(FileFormatError, match=rf"lacks cells\{suffix} beside it"):
        layer_names(path)
