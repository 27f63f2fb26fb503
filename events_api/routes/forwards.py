"""Forwards: foreign Open311 servers that handle what is dispatched to a body."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Path
from pydantic import Field, SecretStr
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from events_api.access import ADMINISTRATORS, READERS, Asking, allow
from events_api.audit import Deed
from events_api.errors import ForbiddenError, NotFoundError
from events_api.forwarding import queue
from events_api.forwarding.rows import ForwardedRow, ForwardRow, Standing
from events_api.handling import no_such_event
from events_api.roles import Principal, Scope, ScopeKind
from events_api.runtime import RuntimeDep
from events_api.schemas import NO_NUL, Body, Code, Utc, Wire, Word
from events_api.store import audit, events, feed
from events_api.webhooks import guard

router = APIRouter(tags=["forwards"])

BY_ADMINISTRATORS = [Depends(allow(ADMINISTRATORS))]
ForwardId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
Number = Annotated[int, Path(ge=1, lt=2**31)]


class ForwardWish(Wire):
    """Which foreign server handles what is dispatched to a body.

    `services` names its service for each matter of ours that it takes, by the codes of both;
    events of other matters stay here. It answers in XML, or in JSON if it speaks that.
    """

    url: Annotated[
        str,
        Field(
            min_length=1,
            max_length=2000,
            pattern=NO_NUL,
            examples=["https://city.example/open311/v2"],
        ),
    ]
    form: Literal["json", "xml"] = "xml"
    api_key: Annotated[SecretStr, Field(max_length=500)] = SecretStr("")
    jurisdiction_id: Word | None = None
    body: Body
    services: Annotated[dict[Code, Code], Field(min_length=1, max_length=500)]


class ForwardInfo(Wire):
    """A forward, without its key; the last four count its requests."""

    forward_id: str
    url: str
    form: str
    jurisdiction_id: str | None
    body: str
    services: dict[str, str]
    created_by: str
    created_at: Utc
    last_answered_at: Utc | None
    waiting: int
    open: int
    closed: int
    dead: int


class ForwardedRequest(Wire):
    """An event as a request at a foreign server; `foreign_id` is null until it has answered.

    `status` and `notes` are what it said last; `last_answer` says why an attempt failed.
    """

    number: int
    forward_id: str
    url: str
    event_id: UUID
    standing: Standing
    foreign_id: str | None
    token: str | None
    status: str | None
    notes: str | None
    created_at: Utc
    attempts: int
    next_at: Utc | None
    last_answer: str | None


@router.post("/forwards", status_code=201, dependencies=BY_ADMINISTRATORS)
def post_forward(wish: ForwardWish, runtime: RuntimeDep, asking: Asking) -> ForwardInfo:
    """Hand on what is dispatched to a body from now on, to a foreign Open311 server.

    The event is started once that server has a request of it, and is reported as finished once
    the request is closed there; both stand in its history with the request's number.
    """
    _check_scope(asking, wish.body)
    url = guard.check_url(wish.url)
    guard.allowed(url, guard.addresses_of(url), runtime.settings.webhooks.networks)
    now = runtime.settings.clock()
    with runtime.database.write() as session:
        row = ForwardRow(
            forward_id=str(uuid4()),
            url=str(url),
            form=wish.form,
            api_key=wish.api_key.get_secret_value(),
            jurisdiction_id=wish.jurisdiction_id,
            body=wish.body,
            services=dict(wish.services),
            feed_id=feed.last_id(session),
            created_by=asking.name,
            created_at=now,
        )
        session.add(row)
        content = {"host": url.host, "body": wish.body, "services": dict(wish.services)}
        subject = f"forward:{row.forward_id}"
        audit.append(session, Deed(asking.name, "forward.added", subject, content), now)
        session.flush()
        return _info(session, row)


@router.get("/forwards", dependencies=BY_ADMINISTRATORS)
def list_forwards(runtime: RuntimeDep, asking: Asking) -> tuple[ForwardInfo, ...]:
    """List the forwards of the bodies within your own scope, without their keys."""
    with runtime.database.read() as session:
        rows = session.scalars(select(ForwardRow).order_by(ForwardRow.created_at))
        return tuple(_info(session, row) for row in rows if _is_theirs(row.body, asking))


@router.delete("/forwards/{forward_id}", status_code=204, dependencies=BY_ADMINISTRATORS)
def delete_forward(forward_id: ForwardId, runtime: RuntimeDep, asking: Asking) -> None:
    """Take a forward away, with all that it waits for; foreign requests stay as they are."""
    with runtime.database.write() as session:
        row = _found(session, forward_id, asking)
        session.execute(delete(ForwardedRow).where(ForwardedRow.forward_id == forward_id))
        session.delete(row)
        deed = Deed(asking.name, "forward.removed", f"forward:{forward_id}")
        audit.append(session, deed, runtime.settings.clock())


@router.get("/forwards/{forward_id}/requests", dependencies=BY_ADMINISTRATORS)
def list_forwarded(
    forward_id: ForwardId, runtime: RuntimeDep, asking: Asking, standing: Standing | None = None
) -> tuple[ForwardedRequest, ...]:
    """List the newest thousand requests of a forward; the dead are those that were given up."""
    with runtime.database.read() as session:
        forward = _found(session, forward_id, asking)
        query = select(ForwardedRow).where(ForwardedRow.forward_id == forward_id)
        if standing is not None:
            query = query.where(ForwardedRow.standing == standing)
        rows = session.scalars(query.order_by(ForwardedRow.number.desc()).limit(1000))
        return tuple(_request(row, forward.url) for row in rows)


@router.post(
    "/forwards/{forward_id}/requests/{number}/retry",
    status_code=202,
    dependencies=BY_ADMINISTRATORS,
)
def retry_forwarded(
    forward_id: ForwardId, number: Number, runtime: RuntimeDep, asking: Asking
) -> ForwardedRequest:
    """Try a request again at once, with all attempts before it; a dead one lives again."""
    with runtime.database.write() as session:
        forward = _found(session, forward_id, asking)
        row = session.get(ForwardedRow, number, with_for_update=True)
        if row is None or row.forward_id != forward_id or row.standing == Standing.CLOSED:
            raise NotFoundError(f"The forward has no request {number} that is not closed.")
        queue.revive(row, runtime.settings.clock())
        made = _request(row, forward.url)
    runtime.feed.wake()
    return made


@router.get("/events/{event_id}/forwards", dependencies=[Depends(allow(READERS))])
def list_event_forwards(
    event_id: UUID, runtime: RuntimeDep, asking: Asking
) -> tuple[ForwardedRequest, ...]:
    """List the requests that an event is at foreign servers, with what those said last."""
    with runtime.database.read() as session:
        if events.by_id(session, str(event_id), asking.scope) is None:
            raise no_such_event(event_id)
        query = (
            select(ForwardedRow, ForwardRow.url)
            .join(ForwardRow, ForwardedRow.forward_id == ForwardRow.forward_id)
            .where(ForwardedRow.event_id == str(event_id))
        )
        rows = session.execute(query.order_by(ForwardedRow.number))
        return tuple(_request(row, url) for row, url in rows)


def _check_scope(asking: Principal, body: str) -> None:
    if not _is_theirs(body, asking):
        raise ForbiddenError(
            f"The token {asking.name} is for {asking.scope}, and the body {body} lies beyond it."
        )


def _is_theirs(body: str, asking: Principal) -> bool:
    return asking.scope.covers(Scope(ScopeKind.BODY, body))


def _found(session: Session, forward_id: str, asking: Principal) -> ForwardRow:
    row = session.get(ForwardRow, forward_id)
    if row is None or not _is_theirs(row.body, asking):
        raise NotFoundError(f"There is no forward {forward_id} in your scope.")
    return row


def _info(session: Session, row: ForwardRow) -> ForwardInfo:
    query = select(ForwardedRow.standing, func.count()).where(
        ForwardedRow.forward_id == row.forward_id
    )
    rows = session.execute(query.group_by(ForwardedRow.standing))
    known = {name: int(count) for name, count in rows}
    counts: dict[str, Any] = {str(each): known.get(each, 0) for each in Standing}
    copied = set(ForwardInfo.model_fields) - set(Standing)
    fields: dict[str, Any] = {name: getattr(row, name) for name in copied}
    return ForwardInfo(**fields, **counts)


def _request(row: ForwardedRow, url: str) -> ForwardedRequest:
    copied = set(ForwardedRequest.model_fields) - {"url", "status", "next_at"}
    is_over = row.standing in {Standing.CLOSED, Standing.DEAD}
    return ForwardedRequest(
        **{name: getattr(row, name) for name in copied},
        url=url,
        status=row.foreign_status,
        next_at=None if is_over else row.next_at,
    )
