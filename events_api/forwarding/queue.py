"""The queue of forwarded requests: filled from the feed, emptied by what foreign servers say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from events_api.cases import Status
from events_api.forwarding.desk import Account, ForeignError, Reply
from events_api.forwarding.rows import ForwardedRow, ForwardRow, Standing
from events_api.forwarding.settings import ForwardSettings
from events_api.store import feed

ONE_READING = 200
LONGEST_DESCRIPTION = 3900
UNDER_WAY = (Standing.WAITING, Standing.OPEN)


@dataclass(frozen=True, slots=True)
class Errand:
    """One question to a foreign server.

    Attributes:
        number: The row of the queue.
        account: Whom it goes to.
        reference: Stands in the description, so that the request is known again.
        fields: What is sent to open the request.
        foreign_id: The server's name for it, once it is open.
        token: What the server gave in the place of the name.
        tried_at: When it was first sent, if it was and nobody answered.
    """

    number: int
    account: Account
    reference: str
    fields: dict[str, str]
    foreign_id: str | None
    token: str | None
    tried_at: datetime | None


def behind(session: Session) -> Sequence[str]:
    """Return the forwards for which the feed has something new."""
    query = select(ForwardRow.forward_id).where(ForwardRow.feed_id < feed.last_id(session))
    return session.scalars(query).all()


def fill(session: Session, forward_id: str, now: datetime) -> bool:
    """Queue what the next messages of the feed dispatch to a forward's body; true when more follow.

    The place in the feed and the requests are one transaction: each is queued exactly once.
    """
    query = select(ForwardRow).where(ForwardRow.forward_id == forward_id).with_for_update()
    forward = session.scalars(query).one_or_none()
    if forward is None:
        return False
    rows = feed.after(session, forward.feed_id, ONE_READING)
    for row in rows:
        if row.kind in {"event.opened", "event.changed"}:
            _queue(session, forward, row.payload, now)
        forward.feed_id = row.feed_id
    return len(rows) == ONE_READING


def _queue(session: Session, forward: ForwardRow, event: Mapping[str, Any], now: datetime) -> None:
    service_code = forward.services.get(event["matter"]["code"])
    is_theirs = event["status"] == Status.DISPATCHED and event["body"] == forward.body
    if not is_theirs or service_code is None:
        return
    # The same dispatch is told again with each observation; and one that is still under way there
    # is not opened twice, however often it is dispatched here.
    query = select(ForwardedRow).where(
        ForwardedRow.forward_id == forward.forward_id,
        ForwardedRow.event_id == event["event_id"],
        (ForwardedRow.version == event["version"]) | ForwardedRow.standing.in_(UNDER_WAY),
    )
    if session.scalars(query.limit(1)).first() is not None:
        return
    row = ForwardedRow(
        forward_id=forward.forward_id,
        event_id=event["event_id"],
        version=event["version"],
        fields=_fields(event, str(service_code)),
        standing=Standing.WAITING,
        created_at=now,
        attempts=0,
        next_at=now,
    )
    session.add(row)
    session.flush()


def _fields(event: Mapping[str, Any], service_code: str) -> dict[str, str]:
    words = str(event["why"] or event["class_name"])[:LONGEST_DESCRIPTION]
    reference = _reference(event["event_id"], event["version"])
    fields = {"service_code": service_code, "description": f"{words} [{reference}]"}
    position = event["position"]
    if position is not None:
        fields |= {"lat": f"{position['lat_deg']:.7f}", "long": f"{position['lon_deg']:.7f}"}
    place = event["place"] or (None if position else event["cell_code"])
    return fields | ({"address_string": str(place)} if place else {})


def _reference(event_id: str, version: int) -> str:
    return f"gridpatrol {event_id}.{version}"


def is_due(session: Session, now: datetime) -> bool:
    """Whether any request is due; a question that holds up no writer."""
    query = select(ForwardedRow.number).where(
        ForwardedRow.standing.in_(UNDER_WAY), ForwardedRow.next_at <= now
    )
    return session.scalars(query.limit(1)).first() is not None


def claim(session: Session, now: datetime, lease: timedelta, limit: int) -> list[Errand]:
    """Take up to `limit` requests that are due, and lay them back for the time of a lease."""
    query = (
        select(ForwardedRow, ForwardRow)
        .join(ForwardRow, ForwardedRow.forward_id == ForwardRow.forward_id)
        .where(ForwardedRow.standing.in_(UNDER_WAY), ForwardedRow.next_at <= now)
        .order_by(ForwardedRow.next_at, ForwardedRow.number)
        .limit(limit)
        .with_for_update(of=ForwardedRow, skip_locked=True)
    )
    errands = []
    for row, forward in session.execute(query):
        errands.append(_errand(row, forward))
        row.next_at, row.attempts = now + lease, row.attempts + 1
        # Before it is sent: if this process ends now, the next one asks whether it arrived.
        row.tried_at = row.tried_at or now
    return errands


def _errand(row: ForwardedRow, forward: ForwardRow) -> Errand:
    form = cast("Literal['json', 'xml']", forward.form)
    return Errand(
        number=row.number,
        account=Account(forward.url, form, forward.api_key, forward.jurisdiction_id),
        reference=_reference(row.event_id, row.version),
        fields=dict(row.fields),
        foreign_id=row.foreign_id,
        token=row.token,
        tried_at=row.tried_at,
    )


def note(row: ForwardedRow, reply: Reply, now: datetime, settings: ForwardSettings) -> None:
    """Note what a foreign server said of a request."""
    row.foreign_id = row.foreign_id or reply.foreign_id
    row.token = row.token or reply.token
    row.foreign_status = reply.status or row.foreign_status or "open"
    row.notes = reply.notes or row.notes
    row.standing = Standing.CLOSED if reply.is_closed else Standing.OPEN
    row.attempts, row.last_answer = 0, None
    row.next_at = now + timedelta(seconds=settings.poll_s)


def note_failure(
    row: ForwardedRow, error: ForeignError, now: datetime, settings: ForwardSettings
) -> None:
    """Note that an attempt failed: it is made again, or the request is dead."""
    row.last_answer = str(error)
    if error.is_final or row.attempts > len(settings.retry_after_s):
        row.standing = Standing.DEAD
    else:
        row.next_at = now + timedelta(seconds=settings.retry_after_s[row.attempts - 1])


def revive(row: ForwardedRow, now: datetime) -> None:
    """Let a dead request be tried again, from where it died."""
    is_open = row.foreign_id is not None or row.token is not None
    row.standing = Standing.OPEN if is_open else Standing.WAITING
    row.attempts, row.next_at = 0, now
