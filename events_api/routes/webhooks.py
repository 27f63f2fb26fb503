"""Webhooks: who is told of events, and what they have not heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from events_api.access import ADMINISTRATORS, Asking, allow
from events_api.audit import Deed
from events_api.cases import Status
from events_api.errors import ForbiddenError, NotFoundError
from events_api.roles import Principal, Scope
from events_api.routes.tokens import ScopeText
from events_api.runtime import RuntimeDep
from events_api.schemas import NO_NUL, Code, Utc, Wire
from events_api.store import audit, feed
from events_api.webhooks import guard, queue
from events_api.webhooks.queue import KINDS
from events_api.webhooks.rows import DeliveryRow, WebhookRow
from events_api.webhooks.signing import new_secret

router = APIRouter(
    prefix="/webhooks", tags=["webhooks"], dependencies=[Depends(allow(ADMINISTRATORS))]
)

WebhookId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
MessageId = Annotated[str, Path(pattern=r"^[\w-]{1,60}$")]
Kind = Annotated[str, Field(pattern=f"^({'|'.join(KINDS)})$")]


class Wanted(Wire):
    """What a webhook is told: these kinds of messages, of events that all of these fit.

    `cell` is a cell's code or its first digits; what is not given does not matter.
    """

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1, max_length=len(KINDS))] = KINDS
    matter: Code | None = None
    cell: Code | None = None
    status: Status | None = None


class WebhookRequest(Wire):
    """A wish to be told; without a scope it is that of whoever asks."""

    url: Annotated[
        str,
        Field(
            min_length=1,
            max_length=2000,
            pattern=NO_NUL,
            examples=["https://example.com/gridpatrol"],
        ),
    ]
    wanted: Wanted = Wanted()
    scope: ScopeText | None = None


class WebhookInfo(Wire):
    """A webhook; `stopped_why` is null while it is told, `waiting` and `dead` count messages."""

    webhook_id: str
    url: str
    wanted: Wanted
    scope: str
    created_by: str
    created_at: Utc
    stopped_why: str | None
    last_delivered_at: Utc | None
    waiting: int
    dead: int


class NewWebhook(WebhookInfo):
    """A webhook and the secret that its messages are signed with, shown this once."""

    secret: str


class DeliveryInfo(Wire):
    """A message that was not heard: when it is tried again, or that it is dead."""

    message_id: str
    kind: str
    created_at: Utc
    attempts: int
    next_at: Utc | None
    is_dead: bool
    last_answer: str | None


@router.post("", status_code=201)
def post_webhook(wish: WebhookRequest, runtime: RuntimeDep, asking: Asking) -> NewWebhook:
    """Let another system be told of events from now on, signed as Standard Webhooks says.

    Each message carries `webhook-id`, the same in every attempt, `webhook-timestamp` and
    `webhook-signature`. One that is not answered by 2xx is sent again for two days, and then dead.
    """
    scope = asking.scope if wish.scope is None else Scope.parse(wish.scope)
    if not asking.scope.covers(scope):
        raise ForbiddenError(
            f"The token {asking.name} is for {asking.scope}, and cannot give what lies beyond it: "
            f"{scope}."
        )
    url = guard.check_url(wish.url)
    guard.allowed(url, guard.addresses_of(url), runtime.settings.webhooks.networks)
    now = runtime.settings.clock()
    with runtime.database.write() as session:
        row = WebhookRow(
            webhook_id=str(uuid4()),
            url=str(url),
            secret=new_secret(),
            scope=str(scope),
            wanted=wish.wanted.model_dump(mode="json"),
            feed_id=feed.last_id(session),
            created_by=asking.name,
            created_at=now,
        )
        session.add(row)
        content = {"host": url.host, "scope": str(scope), "wanted": row.wanted}
        subject = f"webhook:{row.webhook_id}"
        audit.append(session, Deed(asking.name, "webhook.added", subject, content), now)
        session.flush()
        return NewWebhook(**_info(session, row), secret=row.secret)


@router.get("")
def list_webhooks(runtime: RuntimeDep, asking: Asking) -> tuple[WebhookInfo, ...]:
    """List the webhooks within your own scope, without their secrets."""
    with runtime.database.read() as session:
        rows = session.scalars(select(WebhookRow).order_by(WebhookRow.created_at))
        return tuple(WebhookInfo(**_info(session, row)) for row in rows if _is_theirs(row, asking))


@router.delete("/{webhook_id}", status_code=204)
def delete_webhook(webhook_id: WebhookId, runtime: RuntimeDep, asking: Asking) -> None:
    """Take a webhook away, with all that it has not heard."""
    with runtime.database.write() as session:
        row = _found(session, webhook_id, asking)
        session.execute(delete(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id))
        session.delete(row)
        deed = Deed(asking.name, "webhook.removed", f"webhook:{webhook_id}")
        audit.append(session, deed, runtime.settings.clock())


@router.get("/{webhook_id}/deliveries")
def list_deliveries(
    webhook_id: WebhookId,
    runtime: RuntimeDep,
    asking: Asking,
    dead: Annotated[bool | None, Query(description="Only the dead, or only the others")] = None,
) -> tuple[DeliveryInfo, ...]:
    """List the oldest thousand messages that a webhook has not heard; what was heard is gone."""
    with runtime.database.read() as session:
        _found(session, webhook_id, asking)
        query = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id)
        if dead is not None:
            query = query.where(DeliveryRow.is_dead.is_(dead))
        rows = session.scalars(query.order_by(DeliveryRow.number).limit(1000)).all()
        return _deliveries(rows)


@router.post("/{webhook_id}/deliveries/{message_id}/redelivery", status_code=202)
def redeliver(
    webhook_id: WebhookId, message_id: MessageId, runtime: RuntimeDep, asking: Asking
) -> DeliveryInfo:
    """Send a message again at once, with all attempts before it; a stopped webhook goes on."""
    with runtime.database.write() as session:
        webhook = _found(session, webhook_id, asking)
        query = select(DeliveryRow).where(
            DeliveryRow.webhook_id == webhook_id, DeliveryRow.message_id == message_id
        )
        row = session.scalars(query).one_or_none()
        if row is None:
            raise NotFoundError(f"The webhook has no message {message_id} that was not heard.")
        queue.revive(row, runtime.settings.clock())
        webhook.stopped_why = None
        (made,) = _deliveries([row])
    runtime.feed.wake()
    return made


def _found(session: Session, webhook_id: str, asking: Principal) -> WebhookRow:
    row = session.get(WebhookRow, webhook_id)
    if row is None or not _is_theirs(row, asking):
        raise NotFoundError(f"There is no webhook {webhook_id} in your scope.")
    return row


def _is_theirs(row: WebhookRow, asking: Principal) -> bool:
    return asking.scope.covers(Scope.parse(row.scope))


def _info(session: Session, row: WebhookRow) -> dict[str, Any]:
    query = select(DeliveryRow.is_dead, func.count()).where(
        DeliveryRow.webhook_id == row.webhook_id
    )
    rows = session.execute(query.group_by(DeliveryRow.is_dead))
    counts = {bool(is_dead): int(count) for is_dead, count in rows}
    copied = set(WebhookInfo.model_fields) - {"wanted", "waiting", "dead"}
    return {
        **{name: getattr(row, name) for name in copied},
        "wanted": Wanted.model_validate(row.wanted),
        "waiting": counts.get(False, 0),
        "dead": counts.get(True, 0),
    }


def _deliveries(rows: Sequence[DeliveryRow]) -> tuple[DeliveryInfo, ...]:
    return tuple(
        DeliveryInfo(
            message_id=row.message_id,
            kind=row.kind,
            created_at=row.created_at,
            attempts=row.attempts,
            next_at=None if row.is_dead else row.next_at,
            is_dead=row.is_dead,
            last_answer=row.last_answer,
        )
        for row in rows
    )
