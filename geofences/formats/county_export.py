"""Counties written for other programs: GeoPackage, GeoJSON, Shapefile, zip of Shapefiles, KML, KMZ.

What is written is read back and compared before it takes its place, so that a format that cannot
hold a name or a number says so instead of cutting it.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from geofences.county import County
from geofences.errors import FileFormatError
from geofences.formats.county_layers import CELL_LAYER, COUNTY_NAME, LAYER_NAMES, layers_of
from geofences.formats.layers import Layer, foreign_errors, read_layer
from geofences.formats.reference_systems import WGS84, known_system, out_of_wgs84
from geofences.formats.vector_paths import LONG_FIELD_NAMES

_SAME_DEG = 1e-9
_STALE = (".qix", ".sbn", ".sbx", ".qpj", ".cst")


@dataclass(frozen=True, slots=True)
class _Format:
    """What a file of one suffix can hold."""

    driver: str
    title: str
    many_layers: bool
    any_system: bool
    options: Mapping[str, str]


_FORMATS = {
    ".gpkg": _Format("GPKG", "GeoPackage", True, True, {"SPATIAL_INDEX": "YES"}),
    ".geojson": _Format(
        "GeoJSON",
        "GeoJSON",
        False,
        False,
        {"RFC7946": "YES", "COORDINATE_PRECISION": "17", "AUTODETECT_JSON_STRINGS": "NO"},
    ),
    ".shp": _Format("ESRI Shapefile", "Shapefile", False, True, {}),
    ".zip": _Format("ESRI Shapefile", "zip of Shapefiles", True, True, {}),
    ".kml": _Format("LIBKML", "KML", True, False, {}),
    ".kmz": _Format("LIBKML", "KMZ", True, False, {}),
}
_FORMATS[".json"] = _FORMATS[".geojson"]


def export_county(county: County, path: Path, layer: str = "", crs: str = "") -> tuple[str, ...]:
    """Write a county, or one layer of it, to a file whose suffix says the format.

    Args:
        county: to write.
        path: of the file; an older one is replaced, once the new one is whole.
        layer: the one to write, of `cells`, `zones`, `docks` and `roads`; empty for all that the
            format can hold together, or else the cells.
        crs: of the coordinates; empty for WGS-84.

    Returns:
        Remarks: what the file does not hold, and which names it shortens.

    Raises:
        FileFormatError: the suffix, layer or system is not possible, something does not fit the
            format, or the folder cannot be written.
    """
    form = _format_of(path, crs)
    layers = {name: found for name, found in layers_of(county).items() if len(found[0].geometries)}
    chosen = _chosen(layers, layer, form)
    if not path.parent.is_dir():
        raise FileFormatError(f"There is no folder {path.parent} to write {path.name} in; make it.")
    said = {COUNTY_NAME: county.name} if form.driver == "GPKG" else {}
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=path.parent) as folder:
        unfinished = Path(folder) / path.name
        with foreign_errors(path):
            for name in chosen:
                _write(unfinished, form, *layers[name], crs=crs or WGS84, said=said)
            _pack(unfinished)
        for name in chosen:
            _refuse_changes(unfinished, path, layers[name][0], form)
        _put(unfinished, path)
    return (*_left_out(layers, chosen, form), *_shortened(layers, chosen, form))


def _format_of(path: Path, crs: str) -> _Format:
    form = _FORMATS.get(path.suffix.lower())
    if form is None:
        raise FileFormatError(
            f"{path} has no suffix that names a format; use one of {', '.join(_FORMATS)}."
        )
    if crs and not form.any_system:
        raise FileFormatError(
            f"{form.title} is in longitude and latitude on WGS-84 by definition; leave out --crs, "
            "or write a .gpkg or .shp."
        )
    known_system(crs or WGS84, str(path))
    return form


def _chosen(layers: Mapping[str, object], layer: str, form: _Format) -> tuple[str, ...]:
    if layer and layer not in layers:
        asked = "is empty" if layer in LAYER_NAMES else "is none of a county's layers"
        raise FileFormatError(f"The layer {layer!r} {asked}; name one of {', '.join(layers)}.")
    if layer:
        return (layer,)
    return tuple(layers) if form.many_layers else (CELL_LAYER,)


def _write(
    path: Path, form: _Format, layer: Layer, geometry_type: str, *, crs: str, said: dict[str, str]
) -> None:
    shortened = form.driver == "ESRI Shapefile"
    names = [_short(name) if shortened else name for name in layer.columns]
    target, append = _target(path, layer.name)
    pyogrio.raw.write(
        target,
        shapely.to_wkb(out_of_wgs84(layer.geometries, crs, str(path))),
        list(layer.columns.values()),
        names,
        layer=path.stem if path.suffix.lower() == ".shp" else layer.name,
        driver=form.driver,
        geometry_type=geometry_type,
        crs=crs,
        append=append,
        encoding="UTF-8" if shortened else None,
        layer_options=dict(form.options),
        dataset_metadata=said or None,
    )


def _target(path: Path, layer: str) -> tuple[Path, bool]:
    """Where GDAL writes a layer, and whether beside those already there."""
    folder = _parts(path)
    if path.suffix.lower() == ".kmz":
        return folder / "doc.kml", (folder / "doc.kml").exists()
    if path.suffix.lower() == ".zip":
        return folder / f"{layer}.shp", False
    return path, path.exists()


def _parts(path: Path) -> Path:
    """The folder of what is packed into a file afterwards."""
    folder = path.with_name("parts")
    folder.mkdir(exist_ok=True)
    return folder


def _pack(path: Path) -> None:
    parts = sorted(_parts(path).iterdir())
    if parts:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in parts:
                archive.write(part, part.name)


def _refuse_changes(written: Path, path: Path, layer: Layer, form: _Format) -> None:
    """Nothing, if what was written is read back as it was."""
    name = path.stem if path.suffix.lower() == ".shp" else layer.name
    back = read_layer(written, name)
    if len(back.geometries) != len(layer.geometries):
        raise _changed(path, form, f"{len(layer.geometries)} features of {layer.name}")
    for field, column in layer.columns.items():
        same = _same_values(column, back.columns[field])
        if not same.all():
            first = column[int(np.argmin(same))]
            raise _changed(path, form, f"the {field} {str(first)[:40]!r} of layer {layer.name}")
    if not _same_places(layer.geometries, back.geometries):
        raise _changed(path, form, f"an outline of {layer.name}")


def _changed(path: Path, form: _Format, what: str) -> FileFormatError:
    return FileFormatError(
        f"{path} was not written, since {form.title} cannot hold {what} as it is; shorten or "
        "correct it, or write a GeoPackage (.gpkg)."
    )


def _same_values(one: NDArray[np.generic], other: NDArray[np.generic]) -> NDArray[np.bool_]:
    if one.dtype.kind == "f":
        numbers = other.astype(np.float64)
        return np.isclose(one.astype(np.float64), numbers, rtol=1e-12, atol=0.0, equal_nan=True)
    texts = ["" if value is None else str(value).strip() for value in other.tolist()]
    return np.array([str(a).strip() == b for a, b in zip(one.tolist(), texts, strict=True)], bool)


def _same_places(one: NDArray[np.object_], other: NDArray[np.object_]) -> bool:
    """Whether shapes have the same corners, in whatever order their rings run."""
    if (shapely.get_num_coordinates(one) != shapely.get_num_coordinates(other)).any():
        return False
    away = np.abs(shapely.bounds(one) - shapely.bounds(other)).max(initial=0.0)
    return bool(away <= _SAME_DEG and shapely.hausdorff_distance(one, other).max() <= _SAME_DEG)


def _put(written: Path, path: Path) -> None:
    """Move a finished file to its place; of a Shapefile all parts, the shapes last."""
    if path.suffix.lower() != ".shp":
        written.replace(path)
        return
    for suffix in _STALE:
        path.with_suffix(suffix).unlink(missing_ok=True)
    parts = sorted(written.parent.glob(f"{written.stem}.*"), key=lambda part: part == written)
    for part in parts:
        shutil.move(part, path.with_name(part.name))


def _left_out(
    layers: Mapping[str, object], chosen: Sequence[str], form: _Format
) -> tuple[str, ...]:
    others = [name for name in layers if name not in chosen]
    if not others or form.many_layers:
        return ()
    told = (
        f"A {form.title} holds one layer, here {chosen[0]}; --layer writes the others "
        f"({', '.join(others)}) to files of their own, and a .gpkg, .kml or .zip holds all."
    )
    return (told,)


def _shortened(
    layers: Mapping[str, tuple[Layer, str]], chosen: Sequence[str], form: _Format
) -> tuple[str, ...]:
    if form.driver != "ESRI Shapefile":
        return ()
    names = [field for name in chosen for field in layers[name][0].columns]
    pairs = [f"{name} as {_short(name)}" for name in dict.fromkeys(names) if _short(name) != name]
    if not pairs:
        return ()
    return (f"Field names of Shapefiles have ten letters: {', '.join(pairs)}.",)


def _short(field: str) -> str:
    return next((short for short, long in LONG_FIELD_NAMES.items() if long == field), field)
