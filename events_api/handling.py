"""Moves an event through its life: the row, its history, the feed and the audit at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from events_api.audit import Deed, canonical_json
from events_api.cases import CASE_FIELDS, Case, Given, Status, TransitionName, Wish, moved
from events_api.catalogue.grades import Grade
from events_api.errors import (
    ConflictError,
    NotFoundError,
    PreconditionFailedError,
    UnprocessableError,
)
from events_api.roles import Level, Principal
from events_api.schemas import MatterKey, VerificationReport
from events_api.store import audit, events, feed, transitions
from events_api.store.models import EventRow, TransitionRow
from events_api.store.rulebook import RulesInForce
from events_api.timekeeping import keep_time
from events_api.versions import SeenVersions, etag


@dataclass(frozen=True, slots=True)
class Order:
    """A transition that was asked for, and how.

    Attributes:
        wish: What is asked.
        seen: The versions of the event that the asker may have seen; none when any will do.
        key: Names the order, so that it counts once however often it is sent.
        found: What a verification found, as the wire writes it.
        looked_at: When the place was looked at, if this is a verification.
    """

    wish: Wish
    seen: SeenVersions | None = None
    key: str | None = None
    found: Mapping[str, Any] = field(default_factory=dict)
    looked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who asks, when, and the rules in force then."""

    by: Principal
    now: datetime
    rules: RulesInForce


@dataclass(frozen=True, slots=True)
class Handled:
    """The outcome of one order; `is_new` is false when it had been carried out before."""

    row: TransitionRow
    is_new: bool


def carry_out(session: Session, event: EventRow, order: Order, occasion: Occasion) -> Handled:
    """Move an event, once.

    Args:
        session: A writing session; nothing is committed here.
        event: As `events.locked_by_id` gives it.
        order: What is to be done.
        occasion: Who asks, and when.

    Raises:
        NotFoundError: The event is not in the scope of whoever asks.
        ConflictError: The order's key was used before, for something else.
        PreconditionFailedError: The event has moved since the asker saw it.
        TransitionError, ForbiddenError: As `cases.moved` raises them.
        UnprocessableError: As `cases.moved` raises it, or what is given means nothing here: a body
            or a matter that the catalogue does not name, a time that extends nothing, no original.
    """
    by, now = occasion.by, occasion.now
    # An order that is sent again finds the event moved on by itself, perhaps out of the scope of
    # whoever sent it: it is looked for before anything is judged.
    known = transitions.by_key(session, event.number, order.key) if order.key else None
    if known is not None and known.fingerprint == _fingerprint(order, by):
        return Handled(known, is_new=False)
    if not by.scope.holds(event.cell_code, event.body):
        raise no_such_event(event.event_id)
    if known is not None:
        raise ConflictError(
            f"The key {order.key} was used before, for another transition of this event; "
            "a new one needs a key of its own."
        )
    if order.seen is not None and not order.seen.include(event.version):
        raise changed_meanwhile(session, event)
    if order.looked_at is not None:
        _check_look(event, order.looked_at, now)
    case = case_of(event)
    after = moved(case, order.wish, by, now)
    _check_given(session, event, order.wish, occasion)
    return Handled(_write(session, event, after, order, occasion), is_new=True)


def no_such_event(event_id: object) -> NotFoundError:
    """Say the same of an event that is not there and of one that is not theirs."""
    return NotFoundError(f"There is no event {event_id} in the scope of this token.")


def verification_order(report: VerificationReport) -> Order:
    """Return what a second look asks for."""
    name = TransitionName.CONFIRM_GONE if report.gone else TransitionName.FIND_STILL_THERE
    found = "gone" if report.gone else "still there"
    words = f": {report.note}" if report.note else ""
    wish = Wish(name, reason=f"{report.source} looked again and found it {found}{words}")
    return Order(
        wish,
        key=f"verification:{report.verification_id}",
        found=report.model_dump(mode="json", exclude={"verification_id", "note"}),
        looked_at=report.observed_at,
    )


def case_of(event: EventRow) -> Case:
    """Return what the table of cases looks at."""
    values = {name: getattr(event, name) for name in CASE_FIELDS}
    grade = None if event.grade is None else Grade(event.grade)
    words = {"status": Status(event.status), "level": Level(event.level), "grade": grade}
    return Case(**{**values, **words})


def _check_look(event: EventRow, looked_at: datetime, now: datetime) -> None:
    if looked_at > now:
        raise UnprocessableError(
            f"The look of {looked_at.isoformat()} lies in the future; it is {now.isoformat()} "
            "here. Set the clock of the source."
        )
    if event.status == Status.AWAITING_VERIFICATION and looked_at < event.status_since:
        raise UnprocessableError(
            f"The look of {looked_at.isoformat()} was made before the handling was reported done "
            f"({event.status_since.isoformat()}), and verifies nothing; look again."
        )


def _write(
    session: Session, event: EventRow, after: Case, order: Order, occasion: Occasion
) -> TransitionRow:
    by, now = occasion.by, occasion.now
    was = event.status
    place_before = events.place_of(event)
    for name in CASE_FIELDS:
        setattr(event, name, getattr(after, name))
    event.version += 1
    if after.status != was:
        event.status_since = now
    row = TransitionRow(
        event_number=event.number,
        version=event.version,
        name=order.wish.name,
        from_status=was,
        to_status=after.status,
        actor=by.name,
        role=by.role,
        reason=order.wish.reason.strip(),
        at=now,
        details=_details(order),
        key=order.key,
        fingerprint=_fingerprint(order, by),
    )
    session.add(row)
    if order.wish.matter is not None:
        event.standard_ref, event.code = order.wish.matter.standard_ref, order.wish.matter.code
    audit.append(session, _deed(event, row, by), now)
    keep_time(session, event, occasion.rules)
    events.tell_left(session, event, place_before, now)
    feed.append(session, "event.changed", events.summary(event, now).model_dump(mode="json"), now)
    return row


def _deed(event: EventRow, row: TransitionRow, by: Principal) -> Deed:
    content = {
        "transition": str(row.name),
        "from": str(row.from_status),
        "to": str(row.to_status),
        "version": row.version,
        "reason": row.reason,
        "details": row.details,
        "role": str(by.role),
        "scope": str(by.scope),
    }
    return Deed(by.name, "event.moved", f"event:{event.event_id}", content)


def _details(order: Order) -> dict[str, Any]:
    given = {name: getattr(order.wish, name) for name in Given}
    details = {str(name): _plain(value) for name, value in given.items() if value is not None}
    return {**details, "verification": dict(order.found)} if order.found else details


def _plain(value: object) -> object:
    if isinstance(value, MatterKey):
        return value.model_dump()
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _fingerprint(order: Order, by: Principal) -> str:
    wish = order.wish
    content = [by.name, wish.name, wish.reason, _details(order)]
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def changed_meanwhile(session: Session, event: EventRow) -> PreconditionFailedError:
    """Say that an event is another than the asker saw, and how it stands."""
    last = transitions.of_version(session, event.number, event.version)
    how = f", by {last.name} of {last.actor} at {last.at.isoformat()}" if last is not None else ""
    return PreconditionFailedError(
        f"The event is {event.status} now, in version {event.version}{how}; "
        "read it again before you move it.",
        members={"current": {"status": event.status, "version": event.version}},
        headers={"ETag": etag(event.version)},
    )


def _check_given(session: Session, event: EventRow, wish: Wish, occasion: Occasion) -> None:
    if wish.body is not None:
        occasion.rules.catalogue.check_body(wish.body)
    if wish.matter is not None:
        _check_matter(event, wish.matter, occasion)
    if wish.name is TransitionName.EXTEND and wish.until is not None:
        _check_extension(event, wish.until)
    if wish.duplicate_of is not None:
        _check_original(session, event, str(wish.duplicate_of), occasion.by)


def _check_matter(event: EventRow, matter: MatterKey, occasion: Occasion) -> None:
    occasion.rules.catalogue.find(matter)
    if (event.standard_ref, event.code) == (matter.standard_ref, matter.code):
        raise UnprocessableError(f"The event is of the matter {matter.code} already.")


def _check_extension(event: EventRow, until: datetime) -> None:
    # Granted, it would change nothing and yet be shown as the time that was given.
    due_at = event.deadline.due_at if event.deadline is not None else None
    if due_at is not None and until <= due_at:
        raise UnprocessableError(
            f"The event is due at {due_at.isoformat()} in any case, and an extension takes no time "
            f"away; extend it to a later time than {until.isoformat()}."
        )


def _check_original(session: Session, event: EventRow, original_id: str, by: Principal) -> None:
    original = events.by_id(session, original_id, by.scope)
    if original is None:
        raise UnprocessableError(f"There is no event {original_id} that this one could repeat.")
    if original.number == event.number:
        raise UnprocessableError("An event is no duplicate of itself.")
    # One step to the original, always: a chain of duplicates could turn into a ring.
    if original.status == Status.DUPLICATE:
        raise UnprocessableError(
            f"The event {original_id} is itself a duplicate of {original.duplicate_of}; name that."
        )
    linked = events.duplicates(session, event.event_id)
    if linked:
        raise UnprocessableError(
            f"{len(linked)} duplicates are linked to this event, such as {linked[0]}; reopen them "
            "and link them to the other event first."
        )
