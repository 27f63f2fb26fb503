"""Events as rows, CSV and XLSX."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from events_api.errors import UnprocessableError
from events_api.interchange import tables
from events_api.interchange.rows import COLUMNS, Value
from events_api.interchange.tables import FORMULA_STARTS, csv_pieces, write_xlsx

AT = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def row(**values: Value) -> dict[str, Value]:
    """Return a row with some values."""
    return {**dict.fromkeys(COLUMNS), **values}


def read_csv(rows: list[dict[str, Value]]) -> list[dict[str, str]]:
    """Write rows as CSV and read them as a spreadsheet would."""
    text = b"".join(csv_pieces([rows])).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_xlsx(rows: list[dict[str, Value]]) -> Any:
    """Write rows as a workbook and return its sheet."""
    file = io.BytesIO()
    write_xlsx(rows, file)
    return load_workbook(file).active


def test_csv_begins_with_the_mark_and_the_columns() -> None:
    """Excel takes it for UTF-8; a time says that it is UTC."""
    data = b"".join(csv_pieces([[row(place="集市", first_observed_at=AT)]]))
    assert data.startswith(b"\xef\xbb\xbfnumber,event_id,")
    assert "集市".encode() in data
    assert b"2026-07-01T08:00:00Z" in data


def test_pages_follow_each_other() -> None:
    """One header, then all rows in order."""
    data = b"".join(csv_pieces([[row(number=3), row(number=2)], [row(number=1)]]))
    numbers = [each["number"] for each in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))]
    assert numbers == ["3", "2", "1"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_no_text_runs_in_a_spreadsheet(text: str) -> None:
    """What would be a formula gets an apostrophe; everything else is as it was."""
    (read,) = read_csv([row(why=text)])
    assert not read["why"].startswith(FORMULA_STARTS)
    assert read["why"] in {text, f"'{text}"}


def test_a_negative_number_stays_a_number() -> None:
    """Longitudes west of Greenwich are no formulas."""
    (read,) = read_csv([row(lon_deg=-0.5)])
    assert read["lon_deg"] == "-0.5"


def test_a_workbook_holds_texts_numbers_and_times() -> None:
    """Each as what it is; a text that looks like a formula is a text."""
    sheet = read_xlsx([row(why="=1+1", place="a\x07b", score=0.5, first_observed_at=AT)])
    heading, cells = sheet.iter_rows()
    named = {head.value: cell for head, cell in zip(heading, cells, strict=True)}
    assert (named["why"].value, named["why"].data_type) == ("=1+1", "s")
    assert named["place"].value == "ab"
    assert named["score"].value == 0.5
    assert named["first_observed_at"].value == datetime(2026, 7, 1, 8, 0)  # noqa: DTZ001
    assert named["first_observed_at"].number_format.endswith('"Z"')


def test_more_than_a_sheet_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a way out."""
    monkeypatch.setattr(tables, "SHEET_ROWS", 3)
    read_xlsx([row(), row()])
    with pytest.raises(UnprocessableError, match="as CSV"):
        read_xlsx([row(), row(), row()])
