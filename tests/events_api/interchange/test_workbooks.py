"""Events as a workbook, read back by openpyxl."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from events_api.errors import UnprocessableError
from events_api.interchange import workbooks
from events_api.interchange.rows import COLUMNS, Value
from events_api.interchange.workbooks import CELL_SIGNS, write_xlsx
from events_api.interchange.xml_text import xml_text

AT = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def row(**values: Value) -> dict[str, Value]:
    """Return a row with some values."""
    return {**dict.fromkeys(COLUMNS), **values}


def read_xlsx(rows: list[dict[str, Value]]) -> Any:
    """Write rows as a workbook and return its sheet."""
    file = io.BytesIO()
    write_xlsx(rows, file)
    return load_workbook(file).active


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
    monkeypatch.setattr(workbooks, "SHEET_ROWS", 3)
    read_xlsx([row(), row()])
    with pytest.raises(UnprocessableError, match="as CSV"):
        read_xlsx([row(), row(), row()])


def test_more_than_a_file_of_excel_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long texts fill it before the rows are at an end."""
    monkeypatch.setattr(workbooks, "MOST_BYTES", 20_000)
    read_xlsx([row(why="x" * 5000)])
    with pytest.raises(UnprocessableError, match="as CSV"):
        read_xlsx([row(why="x" * 5000)] * 4)


def test_the_heading_is_bold_and_stays_in_sight() -> None:
    """And names every column."""
    sheet = read_xlsx([])
    (heading,) = sheet.iter_rows()
    assert [cell.value for cell in heading] == list(COLUMNS)
    assert all(cell.font.bold for cell in heading)
    assert sheet.freeze_panes == "A2"


@example("a\rb\r\nc\td  ")
@example("\ufffe\uffff\x1b")
@example("x" * (CELL_SIGNS + 1))
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_text_is_read_as_it_was(text: str) -> None:
    """But for what XML has no words for, and for what is longer than a cell."""
    sheet = read_xlsx([row(why=text, place="after it")])
    why, place = (sheet.cell(2, COLUMNS.index(name) + 1).value for name in ("why", "place"))
    assert (why or "") == xml_text(text)[:CELL_SIGNS]
    assert place == "after it"


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001
def test_a_time_is_that_of_utc(at: datetime, hours: int) -> None:
    """To the millisecond, from whichever zone it comes."""
    there = at.replace(tzinfo=timezone(timedelta(hours=hours)))
    sheet = read_xlsx([row(due_at=there)])
    read = sheet.cell(2, COLUMNS.index("due_at") + 1).value
    assert abs(read.replace(tzinfo=UTC) - there) <= timedelta(milliseconds=1)
