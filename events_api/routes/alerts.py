"""Hazards out: as CAP 1.2 alerts, and everything as Cursor-on-Target."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from sqlalchemy.orm import Session

from events_api.access import READERS, Asking, allow
from events_api.errors import NotFoundError
from events_api.feed_scope import sees_vehicles
from events_api.interchange import cap
from events_api.interchange.cot import write_cot
from events_api.interchange.hazards import hazard_matters
from events_api.interchange.rows import matters_by_key
from events_api.routes.events import page_of
from events_api.routes.media import CapResponse, XmlResponse
from events_api.routes.parameters import WantedEvents
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import Utc, Wire
from events_api.store import events, hazards, transitions
from events_api.store.models import EventRow, TransitionRow

router = APIRouter(tags=["alerts"], dependencies=[Depends(allow(READERS))])

ENDED_WITHIN = timedelta(days=1)
COT_AT_ONCE = 1000

Identifier = Annotated[
    str, Path(pattern=r"^[0-9a-fA-F-]{36}\.\d{1,9}$", description="As GET /alerts lists it")
]


class AlertInfo(Wire):
    """The newest message about a hazard."""

    identifier: str
    event_id: UUID
    kind: cap.MessageKind
    sent_at: Utc
    href: str


@router.get("/alerts")
def list_alerts(
    runtime: RuntimeDep,
    asking: Asking,
    since: Annotated[
        Utc | None, Query(description="Also those that ended since; else in a day")
    ] = None,
) -> tuple[AlertInfo, ...]:
    """List the newest alert of each hazard in force, and of those that ended a short time ago.

    Hazards are alerted once a person accepted them; `href` leads to the alert as CAP 1.2.
    """
    since = runtime.settings.clock() - ENDED_WITHIN if since is None else since
    with runtime.database.read() as session:
        catalogue = runtime.rules.now(session).catalogue
        wanted = [(matter.standard_ref, matter.code) for matter in hazard_matters(catalogue)]
        rows = hazards.since(session, asking.scope, wanted, sorted(cap.ALIVE), since)
        told = transitions.histories(session, [row.number for row in rows])
        found = [(row, _chain(told.get(row.number, ()))) for row in rows]
        return tuple(_info(row, chain[-1]) for row, chain in found if chain)


@router.get("/alerts/{identifier}.xml", response_class=CapResponse)
def get_alert(identifier: Identifier, runtime: RuntimeDep, asking: Asking) -> Response:
    """Return one alert as a CAP 1.2 document, in Chinese and English; it never changes."""
    text, _, version = identifier.partition(".")
    with runtime.database.read() as session:
        row = events.by_id(session, text.lower(), asking.scope)
        rules = runtime.rules.now(session)
        hazard = None
        if row is not None:
            known = {
                (each.standard_ref, each.code): each for each in hazard_matters(rules.catalogue)
            }
            hazard = known.get((row.standard_ref, row.code))
        found = {} if row is None else {each.version: each for each in _messages(session, row)}
        message = found.get(int(version))
        if row is None or hazard is None or message is None:
            raise NotFoundError(f"There is no alert {identifier} in the scope of this token.")
        report = cap.surest(hazards.reports_until(session, row.number, message.sent_at))
    ring, words = _place(runtime, report.cell_code)
    subject = cap.Subject(UUID(row.event_id), hazard, report, report.place or words, ring)
    sender = cap.Sender(runtime.settings.alert_sender, rules.calendar.zone)
    return CapResponse(cap.write_alert(message, subject, sender))


@router.get("/events.cot", response_class=XmlResponse)
def list_cot(
    runtime: RuntimeDep,
    asking: Asking,
    wanted: WantedEvents,
    aircraft: Annotated[bool, Query(description="Whether aircraft are told too")] = True,
) -> Response:
    """List the newest thousand events, and the aircraft, as Cursor-on-Target with its `ce`.

    `ce` is the one-sigma error in metres, 9999999.0 where none is known; so is every height.
    """
    page = page_of(runtime, asking.scope, wanted, None, COT_AT_ONCE)
    with runtime.database.read() as session:
        matters = matters_by_key(runtime.rules.now(session).catalogue)
    shown = runtime.vehicles.all() if aircraft and sees_vehicles(asking.scope) else ()
    document = write_cot(page.records, shown, matters, runtime.settings.clock())
    return XmlResponse(document)


def _messages(session: Session, row: EventRow) -> list[cap.Message]:
    return _chain(transitions.history(session, row.number))


def _chain(history: Iterable[TransitionRow]) -> list[cap.Message]:
    return cap.messages(transitions.record(each) for each in history)


def _info(row: EventRow, message: cap.Message) -> AlertInfo:
    event_id = UUID(row.event_id)
    name = cap.identifier(event_id, message.version)
    return AlertInfo(
        identifier=name,
        event_id=event_id,
        kind=message.kind,
        sent_at=message.sent_at,
        href=f"/alerts/{name}.xml",
    )


def _place(runtime: Runtime, cell_code: str | None) -> tuple[list[tuple[float, float]], str]:
    for feature in runtime.cells.now().features if cell_code else ():
        properties = feature["properties"]
        if properties["code"] == cell_code:
            words = " ".join(properties[name] for name in ("town", "village", "name"))
            ring = [
                (lon_deg, lat_deg) for lon_deg, lat_deg in feature["geometry"]["coordinates"][0]
            ]
            return ring, f"{words} ({cell_code})"
    return [], cell_code or "见圆形区域 see the circle"
