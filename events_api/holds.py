"""What a person decides about retention: its rules, and what is held in spite of them."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from events_api.audit import Deed
from events_api.catalogue.retention_files import Retention, parse_retention
from events_api.errors import ConflictError, NotFoundError
from events_api.store import audit
from events_api.store import retention as stored
from events_api.store.models import EventRow
from events_api.store.retention_models import LegalHoldRow


def adopt_rules(session: Session, text: str, name: str, by: str, now: datetime) -> Retention:
    """Bring rules into force.

    Raises:
        CatalogueError: The text breaks the form; nothing was changed.
    """
    rules = parse_retention(text, name)
    stored.put_rules(session, text, by, now)
    content = {"sha256": hashlib.sha256(text.encode()).hexdigest()}
    audit.append(session, Deed(by, "retention.adopted", f"file:{name}"[:200], content), now)
    return rules


def hold(session: Session, event_id: str, reason: str, by: str, now: datetime) -> None:
    """Keep everything of an event until it is released.

    Raises:
        NotFoundError: There is no such event.
        ConflictError: It is held already.
    """
    number = _number(session, event_id)
    if session.get(LegalHoldRow, number) is not None:
        raise ConflictError(f"The event {event_id} is held already; nothing was changed.")
    row = LegalHoldRow(event_number=number, reason=reason, placed_by=by, placed_at=now)
    session.add(row)
    audit.append(session, Deed(by, "hold.placed", f"event:{event_id}", {"reason": reason}), now)


def release(session: Session, event_id: str, reason: str, by: str, now: datetime) -> None:
    """Let the rules hold for an event again.

    Raises:
        NotFoundError: There is no such event, or it is not held.
    """
    row = session.get(LegalHoldRow, _number(session, event_id))
    if row is None:
        raise NotFoundError(f"The event {event_id} is not held.")
    session.delete(row)
    audit.append(session, Deed(by, "hold.released", f"event:{event_id}", {"reason": reason}), now)


def _number(session: Session, event_id: str) -> int:
    query = select(EventRow.number).where(EventRow.event_id == event_id)
    number = session.scalars(query.with_for_update()).one_or_none()
    if number is None:
        raise NotFoundError(f"There is no event {event_id}; nothing was changed.")
    return number
