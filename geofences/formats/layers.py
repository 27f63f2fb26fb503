"""Layers of vector files: geometries in WGS-84 with their attributes, read and written whole.

The only reader and writer of vector files. A layer's declared reference system is respected; a
layer without one is refused, since the same numbers lie 500 m apart in different systems.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from geofences.datum import geometry_to_wgs84
from geofences.errors import FileFormatError
from geofences.formats.coordinate_numbers import advice_on_system
from geofences.formats.reading import AS_DECLARED, Reading
from geofences.formats.reference_systems import WGS84, to_wgs84
from geofences.formats.vector_paths import LONG_FIELD_NAMES, gdal_path, text_encoding


@dataclass(frozen=True, slots=True)
class Layer:
    """Rows of a vector file.

    Attributes:
        name: of the layer.
        geometries: shapely geometries or None, (N,), longitude and latitude on WGS-84.
        columns: attribute values by lower-case field name, each (N,).
        crs: the reference system that they were read in.
        troubles: why a geometry could not be read, by its row.
    """

    name: str
    geometries: NDArray[np.object_]
    columns: Mapping[str, NDArray[Any]]
    crs: str = WGS84
    troubles: Mapping[int, str] = field(default_factory=dict)


def layer_names(path: Path) -> tuple[str, ...]:
    """The layers of a file.

    Raises:
        FileFormatError: there is no such file, or it is not a vector file.
    """
    with foreign_errors(path):
        return tuple(pyogrio.list_layers(gdal_path(path))[:, 0].tolist())


def dataset_metadata(path: Path, layer: str) -> dict[str, str]:
    """The words a file says about itself as a whole.

    Raises:
        FileFormatError: the file or layer cannot be read.
    """
    with foreign_errors(path):
        return pyogrio.read_info(gdal_path(path), layer=layer).get("dataset_metadata") or {}


def words_about(path: Path, layer: str) -> tuple[str, ...]:
    """What a file calls itself: its name, its layer, the fields, and its own descriptions.

    Raises:
        FileFormatError: the file or layer cannot be read.
    """
    with foreign_errors(path):
        info = pyogrio.read_info(gdal_path(path), layer=layer)
    said = {**(info.get("dataset_metadata") or {}), **(info.get("layer_metadata") or {})}
    return (path.name, layer, *info["fields"].tolist(), *said.values(), info["crs"] or "")


def read_layer(path: Path, layer: str, reading: Reading = AS_DECLARED) -> Layer:
    """All rows of a layer.

    Args:
        path: of the file.
        layer: its name.
        reading: what is said about the file beside the file.

    Raises:
        FileFormatError: it cannot be read, has no geometries, or declares no reference system.
    """
    with foreign_errors(path):
        meta, _, wkb, values = pyogrio.raw.read(
            gdal_path(path),
            layer=layer,
            force_2d=True,
            encoding=reading.encoding or text_encoding(path, layer),
        )
        if wkb is None:
            raise FileFormatError(
                f"Layer {layer!r} of {path} has no shapes; give a layer with outlines."
            )
        geometries = shapely.from_wkb(wkb, on_invalid="ignore")
    troubles = _troubles(geometries, wkb)
    names = [LONG_FIELD_NAMES.get(name.lower(), name.lower()) for name in meta["fields"]]
    columns = dict(zip(names, values, strict=True))
    crs, place = reading.crs or meta["crs"] or "", f"Layer {layer!r} of {path}"
    if not crs:
        raise FileFormatError(
            f"{place} does not say its reference system (CRS); " + advice_on_system(geometries)
        )
    if reading.axes_swapped:
        geometries = shapely.transform(geometries, lambda rows: rows[:, ::-1])
    geometries = to_wgs84(geometries, crs, place)
    if reading.datum is not None:
        geometries = geometry_to_wgs84(reading.datum, geometries)
    return Layer(layer, geometries, columns, crs, troubles)


def _troubles(geometries: NDArray[np.object_], wkb: NDArray[np.object_]) -> dict[int, str]:
    """Why rows that have a shape in the file have none that can be read."""
    troubles = {}
    for index in np.flatnonzero(geometries == None).tolist():  # noqa: E711 - each of an array
        if wkb[index] is not None:
            try:
                shapely.from_wkb(wkb[index])
            except shapely.errors.ShapelyError as error:
                troubles[index] = str(error).partition(": ")[2] or str(error)
    return troubles


def write_layers(
    path: Path, layers: Sequence[tuple[Layer, str]], metadata: Mapping[str, str]
) -> None:
    """Write a GeoPackage whole or not at all; an older file of that name is replaced.

    Args:
        path: of the file.
        layers: each with the type of its geometries, such as `Polygon`.
        metadata: words about the file as a whole.

    Raises:
        FileFormatError: the folder does not exist or cannot be written.
    """
    if not path.parent.is_dir():
        raise FileFormatError(f"There is no folder {path.parent} to write {path.name} in; make it.")
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=path.parent) as folder:
        unfinished = Path(folder) / "county.gpkg"
        with foreign_errors(path):
            for layer, geometry_type in layers:
                _write_layer(unfinished, layer, geometry_type, metadata)
        unfinished.replace(path)


def _write_layer(path: Path, layer: Layer, geometry_type: str, metadata: Mapping[str, str]) -> None:
    pyogrio.raw.write(
        path,
        shapely.to_wkb(layer.geometries),
        list(layer.columns.values()),
        list(layer.columns),
        layer=layer.name,
        driver="GPKG",
        geometry_type=geometry_type,
        crs=WGS84,
        dataset_metadata=dict(metadata),
        layer_options={"SPATIAL_INDEX": "NO"},
    )


@contextmanager
def foreign_errors(path: Path) -> Iterator[None]:
    """Tell what GDAL and shapely refuse of a map file as errors of ours.

    Raises:
        FileFormatError: what they raised, in a sentence that names the file.
    """
    # GDAL would otherwise leave an .aux.xml beside every GeoPackage that it merely reads.
    pyogrio.set_gdal_config_options({"GDAL_PAM_ENABLED": "NO"})
    try:
        # What GDAL warns of either stops it, or is found by our own checks of what it read.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FieldError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.GeometryError,
        shapely.errors.ShapelyError,
        OSError,
    ) as error:
        raise FileFormatError(
            f"{path} cannot be used as a map file ({str(error).strip() or type(error).__name__}); "
            "give a sound GeoPackage, GeoJSON, Shapefile or KML."
        ) from error
