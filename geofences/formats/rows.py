"""Rows of a layer: their values asked for by name and type, and what is wrong with them, together.

What reads or writes one kind of record beside another in a file is built on these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import shapely

from geofences.errors import GroundError, InvalidGeometryError
from geofences.formats.layers import Layer, read_layer
from geofences.formats.reading import AS_DECLARED, Reading

_Thing = TypeVar("_Thing")

_SHOWN_PROBLEMS = 5
_GEOMETRY_TYPES = {
    "Polygon": "one outline (Polygon)",
    "Point": "one place (Point)",
    "LineString": "one line (LineString)",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One feature of a layer.

    Attributes:
        geometry: its shape, if it has one.
        values: by lower-case field name.
        trouble: why its shape could not be read, if it could not.
    """

    geometry: shapely.Geometry | None
    values: Mapping[str, Any]
    trouble: str = ""

    def text(self, *fields: str, default: str | None = None) -> str:
        """The first of these fields that has words, or the default.

        Raises:
            InvalidGeometryError: none has and there is no default.
        """
        for field in fields:
            words = _words(self.values.get(field))
            if words:
                return words
        if default is None:
            raise InvalidGeometryError(f"the field {fields[0]!r} is missing or empty; fill it in")
        return default

    def number(self, field: str) -> float | None:
        """The field as a number, if it is one.

        Raises:
            InvalidGeometryError: it holds something else.
        """
        value = self.values.get(field)
        try:
            number = math.nan if value is None or value == "" else float(value)
        except ValueError:
            raise InvalidGeometryError(
                f"the field {field!r} is {value!r}, not a number; correct it"
            ) from None
        return number if math.isfinite(number) else None

    def shape(self, kind: str) -> shapely.Geometry:
        """Its shape, which must be of this kind; a multi-shape of one part is that part.

        Raises:
            InvalidGeometryError: it has no shape, another one, or several.
        """
        if self.trouble:
            raise InvalidGeometryError(f"has an outline that is none ({self.trouble}); redraw it")
        shape = self.geometry
        if shape is not None and shape.geom_type == f"Multi{kind}" and len(shape.geoms) == 1:
            shape = shape.geoms[0]
        if shape is None or shape.geom_type != kind:
            found = "nothing" if shape is None else _described(shape)
            raise InvalidGeometryError(
                f"has {found} where {_GEOMETRY_TYPES[kind]} is needed; draw it anew or split it"
            )
        return shape


def _words(value: object) -> str:
    """A value as text; codes that a program stored as numbers are whole numbers again."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _described(shape: shapely.Geometry) -> str:
    parts = shapely.get_num_geometries(shape)
    return shape.geom_type if parts == 1 else f"{shape.geom_type} of {parts} parts"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one feature of a layer.

    Attributes:
        name: what it calls itself.
        sentence: which feature, what is wrong with it and what to do.
        geometry: its shape, if it has one.
    """

    name: str
    sentence: str
    geometry: shapely.Geometry | None


def records_of(layer: Layer, parse: Callable[[Row], _Thing]) -> tuple[list[_Thing], list[Problem]]:
    """The records of a layer, and what is wrong with those that are none."""
    things, problems = [], []
    for number, row in enumerate(_rows(layer), start=1):
        try:
            things.append(parse(row))
        except GroundError as error:
            names = (_words(value) for value in row.values.values())
            name = next((words for words in names if words), "without a name")
            problems.append(Problem(name, f"feature {number} ({name}): {error}", row.geometry))
    return things, problems


def read_records(
    path: Path, layer: str, parse: Callable[[Row], _Thing], reading: Reading = AS_DECLARED
) -> list[_Thing]:
    """All records of a layer, or none of them.

    Raises:
        FileFormatError: the layer cannot be read.
        InvalidGeometryError: a row cannot be parsed; the message lists the first few.
    """
    things, problems = records_of(read_layer(path, layer, reading), parse)
    refuse_problems(path, layer, [problem.sentence for problem in problems])
    return things


def _rows(layer: Layer) -> Iterator[Row]:
    fields = list(layer.columns)
    columns = [column.tolist() for column in layer.columns.values()]
    for index, (geometry, *values) in enumerate(zip(layer.geometries, *columns, strict=True)):
        trouble = layer.troubles.get(index, "")
        yield Row(geometry, dict(zip(fields, values, strict=True)), trouble)


def refuse_problems(path: Path, layer: str, problems: Sequence[str]) -> None:
    """Nothing, unless there are problems.

    Raises:
        InvalidGeometryError: there are; the message lists the first few.
    """
    if problems:
        shown = "\n".join(f"  - {problem}" for problem in problems[:_SHOWN_PROBLEMS])
        more = len(problems) - _SHOWN_PROBLEMS
        rest = f"\n  and {more} more" if more > 0 else ""
        raise InvalidGeometryError(
            f"{path}, layer {layer!r}, has {len(problems)} problem(s), nothing was imported:\n"
            f"{shown}{rest}"
        )


def layer_of(
    name: str,
    things: Sequence[Any],
    shape_of: Callable[[Any], shapely.Geometry],
    fields: Sequence[str],
) -> Layer:
    """A layer of records: their shape, and the fields that are stored beside it."""
    geometries = np.empty(len(things), dtype=object)
    geometries[:] = [shape_of(thing) for thing in things]
    columns = {
        field: column_of([getattr(thing, field) for thing in things], field) for field in fields
    }
    return Layer(name, geometries, columns)


def column_of(values: Sequence[Any], field: str) -> np.ndarray[Any, np.dtype[Any]]:
    """Values as a column: metres as float64 with NaN for none, all else as text."""
    if field.endswith("_m"):
        return np.array([math.nan if value is None else value for value in values], dtype=float)
    return np.array([str(value) for value in values], dtype=object)
