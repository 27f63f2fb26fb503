"""Rows as XLSX: the workbook is openpyxl's, its rows are written as text.

openpyxl makes an object of each cell, and a row of an event has 33: it took a third of a second for
a thousand events. The cells written here are of the same form (ECMA-376, part 1, 18.3.1.4).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import IO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from events_api.errors import UnprocessableError
from events_api.interchange.rows import COLUMNS, Value
from events_api.interchange.xml_text import xml_text

SHEET_ROWS = 1_048_576
"""The rows of a sheet, by ECMA-376."""

MOST_BYTES = 2**31 - 1
"""Of a sheet within its file; Excel does not read the form of those that are larger."""

CELL_SIGNS = 32_767
"""The most signs that a cell holds."""

AT_ONCE = 200
SHEET = "xl/worksheets/sheet1.xml"
END = "</sheetData>"
TIME_FORMAT = 'yyyy-mm-dd hh:mm:ss"Z"'
TIME_STYLE = 2
"""Its number in the workbook: the first is that of all cells, the second that of the heading."""

EPOCH, DAY = datetime(1899, 12, 30, tzinfo=UTC), timedelta(days=1)
"""Days are counted from here, since 1900 counts as a leap year there."""

_LETTERS = tuple(get_column_letter(place) for place in range(1, len(COLUMNS) + 1))
_NEEDS_CARE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[&<>]")

Row = Mapping[str, Value]


def write_xlsx(rows: Iterable[Row], file: IO[bytes]) -> None:
    """Write a workbook with one sheet; texts are texts there, so nothing of them runs.

    Raises:
        UnprocessableError: There are more rows than a sheet holds.
    """
    with (
        zipfile.ZipFile(io.BytesIO(_empty())) as made,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book,
    ):
        for name in made.namelist():
            if name != SHEET:
                book.writestr(name, made.read(name))
        head, _, tail = made.read(SHEET).partition(END.encode())
        with book.open(SHEET, "w") as sheet:
            size = sheet.write(head)
            written = _rows(rows)
            while piece := "".join(islice(written, AT_ONCE)).encode():
                size += len(piece)
                if size > MOST_BYTES:
                    raise _too_many()
                sheet.write(piece)
            sheet.write(END.encode() + tail)


@lru_cache(maxsize=1)
def _empty() -> bytes:
    """Return a workbook with the heading alone; it knows the style of times already."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("events")
    sheet.freeze_panes = "A2"
    heading = [WriteOnlyCell(sheet, value=name) for name in COLUMNS]
    for cell in heading:
        cell.font = Font(bold=True)
    sheet.append(heading)
    # A style belongs to the workbook once it is asked for its number; the cell is in no sheet.
    moment = WriteOnlyCell(sheet)
    moment.number_format = TIME_FORMAT
    if moment.style_id != TIME_STYLE:
        raise AssertionError(f"openpyxl numbers styles otherwise: {moment.style_id}")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _rows(rows: Iterable[Row]) -> Iterator[str]:
    for number, row in enumerate(rows, start=2):
        if number > SHEET_ROWS:
            raise _too_many()
        cells = [
            _cell(f"{letters}{number}", row[name])
            for letters, name in zip(_LETTERS, COLUMNS, strict=True)
            if row[name] is not None
        ]
        yield f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, value: Value) -> str:
    if isinstance(value, str):
        if len(value) > CELL_SIGNS or _NEEDS_CARE.search(value):
            value = escape(xml_text(value[:CELL_SIGNS]), {"\r": "&#13;"})
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'
    if isinstance(value, datetime):
        # A sheet knows no time zones: the value is UTC, and its look says so.
        return f'<c r="{place}" s="{TIME_STYLE}"><v>{(value - EPOCH) / DAY}</v></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def _too_many() -> UnprocessableError:
    return UnprocessableError(
        f"More than {SHEET_ROWS - 1} events are too many for one sheet; filter them by "
        "time or place, or take them as CSV."
    )
