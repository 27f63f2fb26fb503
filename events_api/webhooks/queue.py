"""The queue of messages in the database: filled from the feed, emptied by answers."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from events_api.feed_scope import for_scope
from events_api.roles import Scope
from events_api.store import feed
from events_api.store.feed_models import FeedRow
from events_api.webhooks.rows import DeliveryRow, WebhookRow

ONE_READING = 200

KINDS = ("event.opened", "event.changed", "event.left")
"""What may be told."""

FILTERS = ("matter", "cell", "status")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way.

    Attributes:
        number: The row of the queue.
        webhook_id: Whom it is for.
        url: Where to.
        secret: What it is signed with.
        message_id: The same in every attempt, so that a receiver can tell it was heard before.
        body: What is sent.
    """

    number: int
    webhook_id: str
    url: str
    secret: str
    message_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt; the status is none when nobody answered."""

    status: int | None
    words: str

    @property
    def is_heard(self) -> bool:
        """Whether the receiver took the message."""
        return self.status is not None and 200 <= self.status < 300


def behind(session: Session) -> Sequence[str]:
    """Return the webhooks for which the feed has something new."""
    head = feed.last_id(session)
    query = select(WebhookRow.webhook_id).where(
        WebhookRow.feed_id < head, WebhookRow.stopped_why.is_(None)
    )
    return session.scalars(query).all()


def fill(session: Session, webhook_id: str, now: datetime) -> bool:
    """Put the next messages of the feed into the queue of one webhook; true when more follow.

    The place in the feed and the messages are one transaction: each is queued exactly once.
    """
    query = select(WebhookRow).where(WebhookRow.webhook_id == webhook_id).with_for_update()
    webhook = session.scalars(query).one_or_none()
    if webhook is None:
        return False
    rows = feed.after(session, webhook.feed_id, ONE_READING)
    for row in rows:
        told = for_scope(Scope.parse(webhook.scope), row.kind, row.payload)
        if told is not None and is_wanted(webhook.wanted, row.kind, told):
            session.add(_delivery(webhook, row, told, now))
        webhook.feed_id = row.feed_id
    return len(rows) == ONE_READING


def is_wanted(wanted: Mapping[str, Any], kind: str, payload: Mapping[str, Any]) -> bool:
    """Whether a webhook asked for this; of an event that left, only its id is known."""
    if kind not in (wanted.get("kinds") or KINDS):
        return False
    if kind == "event.left":
        return True
    matter, cell, status = (wanted.get(name) for name in FILTERS)
    return (
        (matter is None or payload["matter"]["code"] == matter)
        and (cell is None or str(payload["cell_code"] or "").startswith(cell))
        and (status is None or payload["status"] == status)
    )


def is_due(session: Session, now: datetime) -> bool:
    """Whether any message is due; a question that holds up no writer."""
    query = (
        select(DeliveryRow.number)
        .join(WebhookRow, DeliveryRow.webhook_id == WebhookRow.webhook_id)
        .where(DeliveryRow.is_dead.is_(False), DeliveryRow.next_at <= now)
        .where(WebhookRow.stopped_why.is_(None))
    )
    return session.scalars(query.limit(1)).first() is not None


def claim(
    session: Session, now: datetime, lease: timedelta, busy: Collection[str], limit: int
) -> list[Parcel]:
    """Take up to `limit` messages that are due, and lay them back for the time of a lease.

    If this process ends before it has an answer, the lease passes and the message is sent again.
    """
    query = (
        select(DeliveryRow, WebhookRow)
        .join(WebhookRow, DeliveryRow.webhook_id == WebhookRow.webhook_id)
        .where(DeliveryRow.is_dead.is_(False), DeliveryRow.next_at <= now)
        .where(WebhookRow.stopped_why.is_(None), WebhookRow.webhook_id.not_in(list(busy)))
        .order_by(DeliveryRow.next_at, DeliveryRow.number)
        .limit(limit)
        .with_for_update(of=DeliveryRow, skip_locked=True)
    )
    parcels = []
    for row, webhook in session.execute(query):
        row.next_at = now + lease
        row.attempts += 1
        body = row.body.encode()
        address = (webhook.webhook_id, webhook.url, webhook.secret)
        parcels.append(Parcel(row.number, *address, row.message_id, body))
    return parcels


def settle(
    session: Session, parcel: Parcel, answer: Answer, now: datetime, retry_after_s: Sequence[float]
) -> None:
    """Note what came of an attempt: heard, to be tried again, or dead."""
    row = session.get(DeliveryRow, parcel.number, with_for_update=True)
    webhook = session.get(WebhookRow, parcel.webhook_id, with_for_update=True)
    if row is None or webhook is None:  # taken back meanwhile
        return
    if answer.is_heard:
        webhook.last_delivered_at = now
        session.delete(row)
        return
    row.last_answer = answer.words
    if answer.status == HTTPStatus.GONE:
        webhook.stopped_why = "The receiver answered 410: it wants to be told no more."
    if row.attempts > len(retry_after_s):
        row.is_dead = True
    else:
        row.next_at = now + timedelta(seconds=retry_after_s[row.attempts - 1])


def revive(row: DeliveryRow, now: datetime) -> None:
    """Let a message be sent again, from the first attempt on."""
    row.is_dead, row.attempts, row.next_at = False, 0, now


def _delivery(
    webhook: WebhookRow, row: FeedRow, told: dict[str, Any], now: datetime
) -> DeliveryRow:
    body = {"type": row.kind, "timestamp": row.at.isoformat(), "feed_id": row.feed_id, "data": told}
    return DeliveryRow(
        message_id=f"msg_{webhook.webhook_id}_{row.feed_id}",
        webhook_id=webhook.webhook_id,
        kind=row.kind,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        created_at=now,
        attempts=0,
        next_at=now,
        is_dead=False,
    )
