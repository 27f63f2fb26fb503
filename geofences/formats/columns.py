"""What the columns of a cell are called in other people's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from geofences.errors import FileFormatError
from geofences.formats.layers import Layer

CELL_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": (
        "code",
        "bgcode",
        "objcode",
        "单元网格编码",
        "单元网格代码",
        "单元网格标识码",
        "网格编码",
        "网格代码",
    ),
    "name": ("name", "bgname", "objname", "单元网格名称", "网格名称"),
    "town": ("town", "jdname", "街道名称", "乡镇名称", "街道", "乡镇"),
    "village": ("village", "sqname", "社区名称", "村名称", "社区", "村"),
}
"""Our fields of a cell, each with the columns that are taken for it, the first found first.

Those in Pinyin stand in the unit grid tables of CJ/T 213 and its successors: bg for the grid, sq
for the community, jd for the street.
"""


def name_columns(layer: Layer, said: Mapping[str, str], place: str) -> Layer:
    """A layer of cells whose columns have our names.

    Args:
        layer: as its file has it.
        said: our field to the file's column, as a person says; the rest is recognised.
        place: the layer, for the message.

    Raises:
        FileFormatError: a column that was named is not there, or none is one of codes.
    """
    found: dict[str, str] = {}
    for field, known in CELL_COLUMNS.items():
        there = [name for name in known if name in layer.columns]
        if field in said:
            found[field] = _said_column(layer, field, said[field], place)
        elif there:
            found[field] = there[0]
    # In KML a cell is known by the name of its placemark.
    if len(layer.geometries) and not found.keys() & {"code", "name"}:
        raise FileFormatError(
            f"{place} has no column that is known to hold codes (it has: {_listed(layer)}); name "
            "it, as in --field code=COLUMN."
        )
    columns = dict(layer.columns) | {field: layer.columns[name] for field, name in found.items()}
    return replace(layer, columns=columns)


def _said_column(layer: Layer, field: str, name: str, place: str) -> str:
    if name.lower() not in layer.columns:
        raise FileFormatError(
            f"{place} has no column {name!r} for the {field} (it has: {_listed(layer)}); name one "
            "of these."
        )
    return name.lower()


def _listed(layer: Layer) -> str:
    return ", ".join(layer.columns) or "none"
