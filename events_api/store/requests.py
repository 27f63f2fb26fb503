"""Events as another system asks for service requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload

from events_api.cases import OPEN_STATUSES
from events_api.roles import Scope
from events_api.store.events import in_scope
from events_api.store.models import EventRow


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests are asked for; what is none does not matter.

    Attributes:
        ids: The events themselves; all else is passed over then.
        matters: Standards and codes of matters.
        is_open: Whether they take further observations.
        begin: First observed at this time or later.
        end: First observed at this time or earlier.
    """

    ids: tuple[str, ...] | None = None
    matters: tuple[tuple[str, str], ...] | None = None
    is_open: bool | None = None
    begin: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of what fits is shown: at most `size`, after the first `skipped`."""

    size: int
    skipped: int = 0


def find(session: Session, scope: Scope, wanted: RequestFilter, page: Page) -> Sequence[EventRow]:
    """Return a page of the events of a scope, newest first."""
    query = select(EventRow).options(joinedload(EventRow.deadline)).where(*in_scope(scope))
    if wanted.ids is not None:
        query = query.where(EventRow.event_id.in_(wanted.ids))
    if wanted.matters is not None:
        query = query.where(tuple_(EventRow.standard_ref, EventRow.code).in_(wanted.matters))
    if wanted.is_open is not None:
        stands = EventRow.status.in_(OPEN_STATUSES)
        query = query.where(stands if wanted.is_open else ~stands)
    if wanted.begin is not None:
        query = query.where(EventRow.first_observed_at >= wanted.begin)
    if wanted.end is not None:
        query = query.where(EventRow.first_observed_at <= wanted.end)
    query = query.order_by(EventRow.number.desc()).limit(page.size).offset(page.skipped)
    return session.scalars(query).all()
