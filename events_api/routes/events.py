"""Events out: lists, one, and as GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from events_api.access import READERS, Asking, allow
from events_api.detail_schemas import EventDetail
from events_api.geojson_schemas import EventCollection
from events_api.handling import no_such_event
from events_api.interchange.features import event_feature
from events_api.roles import Scope
from events_api.routes.filtered import FilteredRoute
from events_api.routes.media import GeoJsonResponse, RecordsResponse
from events_api.routes.parameters import Cursor, WantedEvents, read_cursor, write_cursor
from events_api.routes.shown import Reader
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import EventPage, Transition
from events_api.store import events, transitions
from events_api.store.event_records import Record
from events_api.store.events import EventFilter
from events_api.versions import etag

router = APIRouter(
    tags=["events"], dependencies=[Depends(allow(READERS))], route_class=FilteredRoute
)

PageSize = Annotated[int, Query(ge=1, le=1000)]


@router.get("/events", response_model=EventPage)
def list_events(
    runtime: RuntimeDep,
    asking: Asking,
    wanted: WantedEvents,
    cursor: Cursor = None,
    limit: PageSize = 100,
) -> RecordsResponse:
    """List events, newest first; events that open meanwhile do not shift the pages."""
    page = page_of(runtime, asking.scope, wanted, read_cursor(cursor), limit)
    shown = Reader.asking(runtime, asking).records(page.records)
    return RecordsResponse({"events": shown, "next_cursor": page.next_cursor})


@router.get(
    "/events.geojson", response_class=GeoJsonResponse, responses={200: {"model": EventCollection}}
)
def list_features(
    runtime: RuntimeDep,
    asking: Asking,
    wanted: WantedEvents,
    cursor: Cursor = None,
    limit: PageSize = 500,
) -> Response:
    """List events as a GeoJSON FeatureCollection; those without a position have no geometry."""
    page = page_of(runtime, asking.scope, wanted, read_cursor(cursor), limit)
    shown = Reader.asking(runtime, asking).records(page.records)
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [event_feature(record) for record in shown],
        "next_cursor": page.next_cursor,
    }
    return GeoJsonResponse(collection)


@router.get("/events/{event_id}")
def get_event(
    runtime: RuntimeDep, asking: Asking, event_id: UUID, response: Response
) -> EventDetail:
    """Return one event with all that was observed of it, and the moves that are yours to make.

    Its `ETag` is the version of its case: POST /events/{event_id}/transitions takes it in
    `If-Match`.
    """
    with runtime.database.read() as session:
        row = events.by_id(session, str(event_id), asking.scope)
        if row is None:
            raise no_such_event(event_id)
        response.headers["ETag"] = etag(row.version)
        return Reader.asking(runtime, asking).detail(session, row)


@router.get("/events/{event_id}/history")
def get_history(runtime: RuntimeDep, asking: Asking, event_id: UUID) -> tuple[Transition, ...]:
    """List every transition of an event, oldest first: who did what, why and when."""
    with runtime.database.read() as session:
        row = events.by_id(session, str(event_id), asking.scope)
        if row is None:
            raise no_such_event(event_id)
        return tuple(transitions.record(each) for each in transitions.history(session, row.number))


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of events without links, newest first; the cursor is none on the last one."""

    records: Sequence[Record]
    next_cursor: str | None


def page_of(
    runtime: Runtime, scope: Scope, wanted: EventFilter, before: int | None, limit: int
) -> RecordPage:
    """Return a page of events below the number `before`, newest first, without links."""
    with runtime.database.read() as session:
        # One more than shown tells whether there is a next page.
        page = events.Page(limit + 1, before)
        found = events.list_events(session, scope, wanted, page, runtime.settings.clock())
    shown = found[:limit]
    return RecordPage(shown, write_cursor(shown[-1]["number"]) if len(found) > limit else None)
