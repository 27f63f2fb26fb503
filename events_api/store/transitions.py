"""The history of events in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from events_api.schemas import Transition
from events_api.store.models import TransitionRow


def by_key(session: Session, event_number: int, key: str) -> TransitionRow | None:
    """Return the transition of an event that was ordered under this key."""
    query = select(TransitionRow).where(
        TransitionRow.event_number == event_number, TransitionRow.key == key
    )
    return session.scalars(query).one_or_none()


def of_version(session: Session, event_number: int, version: int) -> TransitionRow | None:
    """Return the transition that led to a version; the first version has none."""
    return session.get(TransitionRow, (event_number, version))


def history(session: Session, event_number: int) -> Sequence[TransitionRow]:
    """Return all transitions of an event, oldest first."""
    query = select(TransitionRow).where(TransitionRow.event_number == event_number)
    return session.scalars(query.order_by(TransitionRow.version)).all()


def histories(session: Session, event_numbers: Iterable[int]) -> dict[int, list[TransitionRow]]:
    """Return all transitions of several events, of each oldest first."""
    query = select(TransitionRow).where(TransitionRow.event_number.in_(list(event_numbers)))
    found: dict[int, list[TransitionRow]] = {}
    for row in session.scalars(query.order_by(TransitionRow.event_number, TransitionRow.version)):
        found.setdefault(row.event_number, []).append(row)
    return found


def record(row: TransitionRow) -> Transition:
    """Write a transition as the wire shows it."""
    columns = {name: getattr(row, name) for name in Transition.model_fields if hasattr(row, name)}
    return Transition(**columns, **row.details)
