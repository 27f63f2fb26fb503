"""Events as rows and CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from events_api.interchange.rows import COLUMNS, Value
from events_api.interchange.tables import FORMULA_STARTS, csv_pieces

AT = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def row(**values: Value) -> dict[str, Value]:
    """Return a row with some values."""
    return {**dict.fromkeys(COLUMNS), **values}


def read_csv(rows: list[dict[str, Value]]) -> list[dict[str, str]]:
    """Write rows as CSV and read them as a spreadsheet would."""
    text = b"".join(csv_pieces([rows])).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


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
