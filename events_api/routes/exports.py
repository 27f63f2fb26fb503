"""Events out as files: CSV and XLSX, all that the filters let pass."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, cast

from fastapi import APIRouter, Depends
from starlette.background import BackgroundTask

from events_api.access import READERS, Asking, allow
from events_api.interchange.rows import Matters, Value, matters_by_key, row_of
from events_api.interchange.tables import csv_pieces
from events_api.interchange.workbooks import write_xlsx
from events_api.roles import Scope
from events_api.routes.events import page_of
from events_api.routes.filtered import FilteredRoute
from events_api.routes.media import CsvResponse, XlsxResponse
from events_api.routes.parameters import WantedEvents
from events_api.runtime import Runtime, RuntimeDep
from events_api.store.events import EventFilter

router = APIRouter(
    tags=["exports"], dependencies=[Depends(allow(READERS))], route_class=FilteredRoute
)

AT_ONCE = 500
IN_MEMORY_BYTES = 4 * 1024 * 1024
PIECE_BYTES = 256 * 1024

Rows = list[dict[str, Value]]


@router.get("/events.csv", response_class=CsvResponse)
def export_csv(runtime: RuntimeDep, asking: Asking, wanted: WantedEvents) -> CsvResponse:
    """Export every event that the filters let pass as CSV, newest first, piece by piece.

    The file is UTF-8 with a mark, so that Excel shows Chinese; texts that a spreadsheet would run
    as a formula are defused by an apostrophe.
    """
    pieces = csv_pieces(_pages(runtime, asking.scope, wanted))
    return CsvResponse(pieces, headers=_named("events.csv"))


@router.get("/events.xlsx", response_class=XlsxResponse)
def export_xlsx(runtime: RuntimeDep, asking: Asking, wanted: WantedEvents) -> XlsxResponse:
    """Export every event that the filters let pass as a workbook, newest first; times are UTC."""
    # On disk once it is large: a workbook is only whole at its end.
    file = cast("IO[bytes]", tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES))  # noqa: SIM115 - outlives this function
    try:
        pages = _pages(runtime, asking.scope, wanted)
        write_xlsx((row for page in pages for row in page), file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    pieces = iter(lambda: file.read(PIECE_BYTES), b"")
    return XlsxResponse(
        pieces,
        headers=_named("events.xlsx"),
        background=BackgroundTask(file.close),
    )


def _pages(runtime: Runtime, scope: Scope, wanted: EventFilter) -> Iterator[Rows]:
    matters, before = _matters(runtime), None
    while True:
        # A session for each page: one for all would hold the database's past for minutes.
        page = page_of(runtime, scope, wanted, before, AT_ONCE)
        yield [row_of(record, matters) for record in page.records]
        if page.next_cursor is None:
            return
        before = page.records[-1]["number"]


def _matters(runtime: Runtime) -> Matters:
    with runtime.database.read() as session:
        return matters_by_key(runtime.rules.now(session).catalogue)


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
