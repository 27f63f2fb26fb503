"""Undoes a merging by hand: an observation is taken out of an event, into another or its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from events_api.audit import Deed
from events_api.cases import OPEN_STATUSES
from events_api.cited import snapshot_of
from events_api.errors import ConflictError, ForbiddenError, NotFoundError, UnprocessableError
from events_api.forming import observe_again, open_event, place_event
from events_api.handling import Occasion, changed_meanwhile
from events_api.roles import Level, Principal
from events_api.schemas import Report
from events_api.split_schemas import Split, SplitRequest
from events_api.store import audit, events, feed, transitions
from events_api.store.evidence_models import EvidenceUseRow
from events_api.store.models import EventRow, ObservationRow
from events_api.timekeeping import keep_time, start_time
from events_api.versions import SeenVersions
from geofences.cells import Grid

FORMED = (
    "class_name",
    "score",
    "source",
    "snapshot",
    "why",
    "observation_count",
    "first_observed_at",
    "last_observed_at",
)
"""What an event is by its observations, its place left out."""


@dataclass(frozen=True, slots=True)
class Parting:
    """What is taken out of what, and for what reason.

    Attributes:
        report_id: The report whose observation it is.
        wish: Why, and where it goes.
        seen: The versions of the event it is taken from that the asker may have seen.
    """

    report_id: UUID
    wish: SplitRequest
    seen: SeenVersions


def split(
    session: Session, parting: Parting, occasion: Occasion, grid: Callable[[], Grid]
) -> Split:
    """Take an observation out of its event.

    Both events are then what their observations make of them: place, score, picture and times.

    Args:
        session: A writing session; nothing is committed here.
        parting: What is wished.
        occasion: Who asks, when, and the rules in force.
        grid: Gives the cells in force.

    Raises:
        NotFoundError: There is no such observation in the scope of whoever asks.
        ForbiddenError: The event was escalated above them.
        PreconditionFailedError: The event has moved since the asker saw it.
        ConflictError: It is the event's only observation, or the event is finished.
        UnprocessableError: It cannot go where it is to go.
    """
    by, now = occasion.by, occasion.now
    seen, event, other = _found(session, parting, by)
    report = Report.model_validate(seen.report)
    # Whose they were before: who loses one of them by this is told so.
    before = [(row, events.place_of(row)) for row in (event, other) if row is not None]
    target = other or _own_event(session, report, event, occasion, grid)
    joined_why, reason = seen.merged_why, parting.wish.reason.strip()
    seen.event_number, seen.opened = target.number, other is None
    seen.merged_why = f"Taken out of event {event.event_id} by {by.name}: {reason}"
    session.flush()
    for row in (event, target):
        _form(session, row, grid)
    _hand_over_evidence(session, report, event, target)
    event.version += 1
    made = Split(
        report_id=parting.report_id,
        event_id=UUID(event.event_id),
        version=event.version,
        into=UUID(target.event_id),
        is_new=other is None,
    )
    content = made.model_dump(mode="json") | {"reason": reason, "had_joined": joined_why}
    audit.append(session, Deed(by.name, "event.split", f"event:{event.event_id}", content), now)
    for row, place in before:
        keep_time(session, row, occasion.rules)
        events.tell_left(session, row, place, now)
    if other is None:
        start_time(session, target, occasion.rules, now)
    for row in (event, target):
        kind = "event.opened" if row is not event and other is None else "event.changed"
        feed.append(session, kind, events.summary(row, now).model_dump(mode="json"), now)
    return made


def _found(
    session: Session, parting: Parting, by: Principal
) -> tuple[ObservationRow, EventRow, EventRow | None]:
    """Return the observation, the event it is in and the one it goes to, both locked."""
    seen = events.observation_of_report(session, str(parting.report_id))
    target_id = None if parting.wish.into is None else str(parting.wish.into)
    locked = _lock(session, seen, target_id)
    event = None if seen is None else locked.get(seen.event_number)
    if seen is None or event is None or not by.scope.holds(event.cell_code, event.body):
        raise NotFoundError(
            f"There is no observation {parting.report_id} in the scope of this token."
        )
    _check_source(session, event, parting, by)
    if target_id is None:
        return seen, event, None
    named = next((row for row in locked.values() if row.event_id == target_id), None)
    return seen, event, _checked_target(event, named, by)


def _own_event(
    session: Session,
    report: Report,
    event: EventRow,
    occasion: Occasion,
    grid: Callable[[], Grid],
) -> EventRow:
    made = open_event(report, snapshot_of(session, report), occasion.now)
    # Not the name that its report would give: the event it is taken from may have that.
    name = f"gridpatrol:split:{report.report_id}:{event.event_id}:{event.version}"
    made.event_id = str(uuid5(NAMESPACE_URL, name))
    place_event(made, report, grid)
    session.add(made)
    session.flush()  # the observation needs the event's number
    return made


def _lock(
    session: Session, seen: ObservationRow | None, target_id: str | None
) -> dict[int, EventRow]:
    if seen is None:
        return {}
    wanted = (EventRow.number == seen.event_number) | (EventRow.event_id == (target_id or ""))
    # In one order, so that two who split crosswise do not wait for each other.
    query = select(EventRow).where(wanted).order_by(EventRow.number).with_for_update()
    return {row.number: row for row in session.scalars(query)}


def _check_source(session: Session, event: EventRow, parting: Parting, by: Principal) -> None:
    if not by.scope.reaches(Level(event.level)):
        raise ForbiddenError(
            f"The event was escalated to the level {event.level}; the scope {by.scope} no longer "
            "decides on it."
        )
    if not parting.seen.include(event.version):
        raise changed_meanwhile(session, event)
    if event.status not in OPEN_STATUSES:
        raise ConflictError(f"The event is {event.status}; reopen it before it is split.")
    if event.observation_count == 1:
        raise ConflictError(
            "This is the event's only observation; reject the event, or link it as a duplicate."
        )


def _checked_target(event: EventRow, target: EventRow | None, by: Principal) -> EventRow:
    if target is None or not by.scope.holds(target.cell_code, target.body):
        raise UnprocessableError("There is no event in your scope to take the observation in.")
    if target.number == event.number:
        raise UnprocessableError("The observation is in this event already; name another one.")
    if target.status not in OPEN_STATUSES:
        raise UnprocessableError(f"The other event is {target.status}; name one that is open.")
    if (target.standard_ref, target.code) != (event.standard_ref, event.code):
        raise UnprocessableError(
            f"The other event is of the matter {target.code}, and this one of {event.code}."
        )
    return target


def _form(session: Session, event: EventRow, grid: Callable[[], Grid]) -> None:
    """Make an event what its observations tell, as if they had just come one by one."""
    first, *later = _reports(session, event)
    formed = open_event(first, snapshot_of(session, first), event.status_since)
    for name in FORMED:
        setattr(event, name, getattr(formed, name))
    place_event(event, first, grid)
    for report in later:
        observe_again(event, report, snapshot_of(session, report), grid)


def _reports(session: Session, event: EventRow) -> Sequence[Report]:
    query = select(ObservationRow.report).where(ObservationRow.event_number == event.number)
    rows = session.scalars(query.order_by(ObservationRow.number))
    return [Report.model_validate(row) for row in rows]


def _hand_over_evidence(
    session: Session, report: Report, event: EventRow, target: EventRow
) -> None:
    """Let the pictures go with the observation, unless something else in the event cites them."""
    kept = {each for other in _reports(session, event) for each in other.evidence}
    for move in transitions.history(session, event.number):
        kept |= set(move.details.get("verification", {}).get("evidence", ()))
    gone = [sha256 for sha256 in report.evidence if sha256 not in kept]
    session.execute(
        delete(EvidenceUseRow).where(
            EvidenceUseRow.event_number == event.number, EvidenceUseRow.sha256.in_(gone)
        )
    )
    events.note_evidence(session, target, report.evidence)
