"""Rows as CSV and as XLSX, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from events_api.errors import UnprocessableError
from events_api.interchange.rows import COLUMNS, Value

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Tells Excel that a CSV file is UTF-8; without it Chinese is read as something else."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A text that begins so would be run as a formula (OWASP, CSV injection)."""

SHEET_ROWS = 1_048_576
"""The rows of a sheet, by ECMA-376."""

Row = Mapping[str, Value]


def csv_pieces(pages: Iterable[Iterable[Row]]) -> Iterator[bytes]:
    """Give a CSV file (RFC 4180) piece by piece: the header, then each page.

    Times are ISO 8601 in UTC. A text that a spreadsheet would run gets an apostrophe before it.
    """
    yield BYTE_ORDER_MARK + _lines([COLUMNS])
    for page in pages:
        yield _lines([_csv_value(row[name]) for name in COLUMNS] for row in page)


def write_xlsx(rows: Iterable[Row], file: IO[bytes]) -> None:
    """Write a workbook with one sheet; texts are texts there, so nothing of them runs.

    Raises:
        UnprocessableError: There are more rows than a sheet holds.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("events")
    sheet.freeze_panes = "A2"
    heading = []
    for name in COLUMNS:
        cell = WriteOnlyCell(sheet, value=name)
        cell.font = Font(bold=True)
        heading.append(cell)
    sheet.append(heading)
    try:
        _append(sheet, rows)
    except BaseException:
        sheet.close()  # the writer complains of a sheet that was never ended
        raise
    book.save(file)


def _append(sheet: Any, rows: Iterable[Row]) -> None:  # noqa: ANN401 - openpyxl has no types
    for number, row in enumerate(rows, start=2):
        if number > SHEET_ROWS:
            raise UnprocessableError(
                f"More than {SHEET_ROWS - 1} events are too many for one sheet; filter them by "
                "time or place, or take them as CSV."
            )
        sheet.append([_sheet_cell(sheet, row[name]) for name in COLUMNS])


def _lines(rows: Iterable[Iterable[Value]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _csv_value(value: Value) -> Value:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def _sheet_cell(sheet: object, value: Value) -> object:
    if isinstance(value, datetime):
        # A sheet knows no time zones: the value is UTC, and its look says so.
        cell = WriteOnlyCell(sheet, value=value.astimezone(UTC).replace(tzinfo=None))
        cell.number_format = 'yyyy-mm-dd hh:mm:ss"Z"'
        return cell
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value))
        cell.data_type = "s"  # what begins with = would be a formula otherwise
        return cell
    return value
