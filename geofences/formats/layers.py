"""Layers of vector files: geometries in WGS-84 with their attributes, read and written whole.

The only reader and writer of vector files. A layer's declared reference system is respected; a
layer without one is refused, since the same numbers lie 500 m apart in different systems.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from geofences.errors import FileFormatError

WGS84 = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class Layer:
    """Rows of a vector file.

    Attributes:
        name: of the layer.
        geometries: shapely geometries or None, (N,), longitude and latitude on WGS-84.
        columns: attribute values by lower-case field name, each (N,).
    """

    name: str
    geometries: NDArray[np.object_]
    columns: Mapping[str, NDArray[Any]]


def layer_names(path: Path) -> tuple[str, ...]:
    """The layers of a file.

    Raises:
        FileFormatError: there is no such file, or it is not a vector file.
    """
    if not path.is_file():
        raise FileFormatError(f"There is no file {path}; check the path.")
    with _foreign_errors(path):
        return tuple(pyogrio.list_layers(path)[:, 0].tolist())


def dataset_metadata(path: Path, layer: str) -> dict[str, str]:
    """The words a file says about itself as a whole.

    Raises:
        FileFormatError: the file or layer cannot be read.
    """
    with _foreign_errors(path):
        return pyogrio.read_info(path, layer=layer).get("dataset_metadata") or {}


def read_layer(path: Path, layer: str) -> Layer:
    """All rows of a layer.

    Raises:
        FileFormatError: it cannot be read, has no geometries, or declares no reference system.
    """
    with _foreign_errors(path):
        meta, _, wkb, values = pyogrio.raw.read(path, layer=layer, force_2d=True)
        if wkb is None:
            raise FileFormatError(
                f"Layer {layer!r} of {path} has no shapes; give a layer with outlines."
            )
        geometries = shapely.from_wkb(wkb, on_invalid="ignore")
    columns = {field.lower(): column for field, column in zip(meta["fields"], values, strict=True)}
    return Layer(layer, _to_wgs84(geometries, meta["crs"], f"Layer {layer!r} of {path}"), columns)


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
        with _foreign_errors(path):
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


def _to_wgs84(geometries: NDArray[np.object_], crs: str | None, place: str) -> NDArray[np.object_]:
    if not crs:
        raise FileFormatError(
            f"{place} does not say its reference system (CRS); declare it, such as EPSG:4490 for "
            "CGCS2000 or EPSG:4326 for WGS-84, and import the file again."
        )
    try:
        if CRS(crs) == CRS(WGS84):
            return geometries
        transformer = Transformer.from_crs(crs, WGS84, always_xy=True)
    except ProjError as error:
        raise FileFormatError(
            f"{place} has a reference system that is not known ({crs[:60]}); "
            "declare it by an EPSG code."
        ) from error
    return np.asarray(shapely.transform(geometries, transformer.transform, interleaved=False))


@contextmanager
def _foreign_errors(path: Path) -> Iterator[None]:
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
