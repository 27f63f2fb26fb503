"""Rows as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from events_api.interchange.rows import COLUMNS, Value

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Tells Excel that a CSV file is UTF-8; without it Chinese is read as something else."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A text that begins so would be run as a formula (OWASP, CSV injection)."""

Row = Mapping[str, Value]


def csv_pieces(pages: Iterable[Iterable[Row]]) -> Iterator[bytes]:
    """Give a CSV file (RFC 4180) piece by piece: the header, then each page.

    Times are ISO 8601 in UTC. A text that a spreadsheet would run gets an apostrophe before it.
    """
    yield BYTE_ORDER_MARK + _lines([COLUMNS])
    for page in pages:
        yield _lines([_csv_value(row[name]) for name in COLUMNS] for row in page)


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
