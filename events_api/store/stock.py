"""How much lies in the database, counted by it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from events_api.cases import OPEN_STATUSES
from events_api.store.deadlines import is_open
from events_api.store.evidence_models import EvidenceRow
from events_api.store.models import DeadlineRow, EventRow
from events_api.webhooks.rows import DeliveryRow


@dataclass(frozen=True, slots=True)
class Stock:
    """How much there is.

    Attributes:
        open_events: How many open events stand in each status.
        waiting_deliveries: Messages to webhooks that are still to be sent.
        dead_deliveries: Those that were given up.
        evidence_count: Pictures and clips.
        evidence_bytes: Their size.
    """

    open_events: dict[str, int]
    waiting_deliveries: int
    dead_deliveries: int
    evidence_count: int
    evidence_bytes: int


def read_stock(session: Session) -> Stock:
    """Count what is open, what waits, and what is kept."""
    # By the few deadlines that run, and not by all the events that ever were.
    query = select(EventRow.status, func.count()).join(
        DeadlineRow, DeadlineRow.event_number == EventRow.number
    )
    found = session.execute(query.where(is_open()).group_by(EventRow.status))
    open_events = dict.fromkeys(map(str, OPEN_STATUSES), 0)
    open_events |= {status: count for status, count in found}  # noqa: C416
    messages = select(DeliveryRow.is_dead, func.count()).group_by(DeliveryRow.is_dead)
    by_death = {is_dead: count for is_dead, count in session.execute(messages)}  # noqa: C416
    sums = select(func.count(), func.coalesce(func.sum(EvidenceRow.size_bytes), 0))
    count, size = session.execute(sums.where(EvidenceRow.removed_at.is_(None))).one()
    return Stock(
        open_events=open_events,
        waiting_deliveries=by_death.get(False, 0),
        dead_deliveries=by_death.get(True, 0),
        evidence_count=count,
        evidence_bytes=int(size),
    )
