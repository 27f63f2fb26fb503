"""Tests of `geofences.formats.columns`."""

from __future__ import annotations

import numpy as np
import pytest

from geofences.errors import FileFormatError
from geofences.formats.columns import CELL_COLUMNS, name_columns
from geofences.formats.layers import Layer


def _layer(*columns: str) -> Layer:
    """A layer of one row whose values are the names of its columns."""
    values = {name: np.array([name], dtype=object) for name in columns}
    return Layer("cells", np.array([None], dtype=object), values)


@pytest.mark.parametrize(
    ("field", "column"), [(f, c) for f, columns in CELL_COLUMNS.items() for c in columns]
)
def test_known_columns_are_found(field: str, column: str) -> None:
    """Each of them, under our name afterwards."""
    layer = _layer(column) if field == "code" else _layer(column, "code")
    assert name_columns(layer, {}, "Layer").columns[field].tolist() == [column]


def test_what_a_person_says_goes_before_what_is_known() -> None:
    """Even where a known column is there."""
    named = name_columns(_layer("code", "dybm"), {"code": "DYBM"}, "Layer")
    assert named.columns["code"].tolist() == ["dybm"]


def test_our_own_names_go_before_others() -> None:
    """A file of ours is read as it was written."""
    named = name_columns(_layer("bgcode", "code"), {}, "Layer")
    assert named.columns["code"].tolist() == ["code"]


def test_other_columns_stay() -> None:
    """Under their own names."""
    assert "area" in name_columns(_layer("code", "area"), {}, "Layer").columns


def test_a_file_without_codes_is_told() -> None:
    """With the columns that it has."""
    with pytest.raises(FileFormatError, match=r"Layer has no column .*it has: a, b.*code=COLUMN"):
        name_columns(_layer("a", "b"), {}, "Layer")


def test_a_column_that_is_not_there_is_told() -> None:
    """With the field that it was named for."""
    with pytest.raises(FileFormatError, match=r"no column 'X' for the town \(it has: code\)"):
        name_columns(_layer("code"), {"town": "X"}, "Layer")
