"""Keeps every event's deadline true: reckons clocks from histories and writes what is due."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from events_api.audit import Deed
from events_api.cases import OPEN_STATUSES, Status, TransitionName
from events_api.catalogue.calendar_files import CalendarFile
from events_api.catalogue.grades import Grade
from events_api.catalogue.matters import Catalogue, Matter
from events_api.catalogue.steps import Step
from events_api.deadlines import Change, Clock, Pause, Rules, StepLimit, run_clocks
from events_api.store import audit, feed, rulebook
from events_api.store.models import DeadlineRow, EventRow, ObservationRow, TransitionRow
from events_api.store.rulebook import RulesInForce, read_rules

STEP_OF: Mapping[Status, Step | None] = {
    Status.REPORTED: Step.ACCEPT,
    Status.ACCEPTED: Step.DISPATCH,
    Status.DISPATCHED: Step.HANDLE,
    Status.HANDLING: Step.HANDLE,
    Status.SUSPENDED: Step.HANDLE,
    Status.AWAITING_VERIFICATION: Step.VERIFY,
    Status.CLOSED: None,
    Status.REJECTED: None,
    Status.DUPLICATE: None,
}
"""Which clock runs in each state; the time until handling begins is the handler's too."""

BATCH = 500


@dataclass(frozen=True)
class AdoptedCatalogue:
    """A catalogue brought into force, and what that meant.

    Attributes:
        catalogue: It.
        events: How many open events were reckoned anew.
        unknown: Matters that open events name and the catalogue lacks.
    """

    catalogue: Catalogue
    events: int
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class AdoptedCalendar:
    """A year's calendar brought into force, and how many open events were reckoned anew."""

    calendar: CalendarFile
    events: int


def adopt_catalogue(
    session: Session, text: str, name: str, by: str, now: datetime
) -> AdoptedCatalogue:
    """Bring a catalogue into force, and let every open event follow it, in one transaction.

    Raises:
        CatalogueError: The text breaks the form; nothing was changed.
    """
    catalogue = rulebook.put_catalogue(session, text, name, by, now)
    _note(session, Deed(by, "catalogue.adopted", f"file:{name}"[:200]), text, now)
    count = _follow(session, now)
    query = select(EventRow.standard_ref, EventRow.code).distinct()
    named = session.execute(query.where(EventRow.status.in_(OPEN_STATUSES)))
    unknown = sorted(code for ref, code in named if catalogue.known(ref, code) is None)
    return AdoptedCatalogue(catalogue, count, tuple(unknown))


def adopt_calendar(
    session: Session, text: str, name: str, by: str, now: datetime
) -> AdoptedCalendar:
    """Bring a year's calendar into force, and let every open event follow it, in one transaction.

    Raises:
        CatalogueError: The text breaks the form, or does not fit to other years; nothing changed.
    """
    calendar = rulebook.put_calendar(session, text, name, by, now)
    _note(session, Deed(by, "calendar.adopted", f"calendar:{calendar.year}"), text, now)
    return AdoptedCalendar(calendar, _follow(session, now))


def keep_time(session: Session, event: EventRow, rules: RulesInForce) -> DeadlineRow:
    """Reckon one event's clocks from all that happened to it, and write down where it stands.

    Called in the transaction of every change; doing it again changes nothing.
    """
    session.flush()  # what has just happened is part of the history
    (row,) = _reckon(session, [event], rules)
    return row


def start_time(session: Session, event: EventRow, rules: RulesInForce, now: datetime) -> None:
    """Start the clock of an event that was opened just now, which has no history to be read."""
    row = DeadlineRow(event_number=event.number, reported_at=now)
    session.add(row)
    set_committed_value(event, "deadline", row)
    _write(row, event, (), rules)


class FirstClocks:
    """Starts the clocks of events that are opened at one moment, many of which share one.

    Args:
        rules: The rules in force.
        now: The moment.
    """

    def __init__(self, rules: RulesInForce, now: datetime) -> None:
        self._rules, self._now = rules, now
        self._known: dict[tuple[str, str, str | None], dict[str, Any]] = {}

    def start(self, event: EventRow) -> DeadlineRow:
        """Return the deadline of an event that is not in the database yet.

        It may stand for a row, as the event does.
        """
        key = event.standard_ref, event.code, event.cell_code
        if key not in self._known:
            first = SimpleNamespace(event_number=event.number, reported_at=self._now)
            _write(cast("DeadlineRow", first), event, (), self._rules)
            self._known[key] = vars(first)
        made = {**self._known[key], "event_number": event.number}
        row = event.deadline = cast("DeadlineRow", SimpleNamespace(**made))
        event.responsible = row.responsible
        return row


def catch_up(session: Session, rules: RulesInForce) -> int:
    """Reckon the events that have no deadline yet, and return how many there were."""
    missing = (
        select(EventRow)
        .outerjoin(DeadlineRow, DeadlineRow.event_number == EventRow.number)
        .where(DeadlineRow.event_number.is_(None))
    )
    return sum(
        len(_reckon(session, batch, rules))
        for batch in _batches(session, missing.order_by(EventRow.number))
    )


def _note(session: Session, deed: Deed, text: str, now: datetime) -> None:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    audit.append(session, replace(deed, content={"sha256": sha256}), now)


def _follow(session: Session, now: datetime) -> int:
    # Closed events keep the deadlines they were handled under.
    rules = read_rules(session)
    query = select(EventRow).where(EventRow.status.in_(OPEN_STATUSES))
    batches = _batches(session, query.order_by(EventRow.number))
    count = sum(len(_reckon(session, batch, rules)) for batch in batches)
    feed.append(session, "rules", {"revision": rules.revision}, now)
    return count


def _batches(session: Session, query: Any) -> Iterator[Sequence[EventRow]]:  # noqa: ANN401
    numbers = list(session.scalars(query.with_only_columns(EventRow.number)))
    for start in range(0, len(numbers), BATCH):
        wanted = EventRow.number.in_(numbers[start : start + BATCH])
        yield session.scalars(select(EventRow).where(wanted)).all()


def _reckon(session: Session, events: Sequence[EventRow], rules: RulesInForce) -> list[DeadlineRow]:
    numbers = [event.number for event in events]
    moves: dict[int, list[TransitionRow]] = {number: [] for number in numbers}
    query = select(TransitionRow).where(TransitionRow.event_number.in_(numbers))
    for move in session.scalars(query.order_by(TransitionRow.version)):
        moves[move.event_number].append(move)
    known = {
        row.event_number: row
        for row in session.scalars(select(DeadlineRow).where(DeadlineRow.event_number.in_(numbers)))
    }
    reported = _reported(session, [number for number in numbers if number not in known])
    rows = []
    for event in events:
        row = known.get(event.number)
        if row is None:
            row = DeadlineRow(event_number=event.number, reported_at=reported[event.number])
            session.add(row)
        set_committed_value(event, "deadline", row)  # by hand, or it would be asked for first
        _write(row, event, moves[event.number], rules)
        rows.append(row)
    return rows


def _reported(session: Session, numbers: Sequence[int]) -> dict[int, datetime]:
    """Return when each event first reached the API: from then on it is somebody's business."""
    first = func.min(ObservationRow.received_at)
    query = select(ObservationRow.event_number, first).group_by(ObservationRow.event_number)
    found = session.execute(query.where(ObservationRow.event_number.in_(numbers)))
    return {number: at for number, at in found}  # noqa: C416 - rows are no pairs to the checker


def _write(
    row: DeadlineRow, event: EventRow, moves: Sequence[TransitionRow], rules: RulesInForce
) -> None:
    catalogue = rules.catalogue
    matter = catalogue.known(event.standard_ref, event.code)
    responsible = matter and catalogue.body(matter, event.cell_code)
    row.responsible = event.body or (responsible.id if responsible else None)
    event.responsible = row.responsible
    row.cell_code = event.cell_code
    clocks = run_clocks(_history(row.reported_at, moves), _rules(rules, matter, event.cell_code))
    running = next((clock for clock in clocks if clock.ended_at is None), None)
    row.step = running.step if running else None
    for name in ("started_at", "due_at", "warn_at", "paused_at", "paused_until"):
        setattr(row, name, getattr(running, name) if running else None)
    row.closed_at = moves[-1].at if moves and event.status == Status.CLOSED else None
    handled = [clock for clock in clocks if clock.step is Step.HANDLE and clock.ran is not None]
    ran = sum((clock.ran for clock in handled if clock.ran is not None), timedelta())
    row.handled_s = ran.total_seconds() if handled else None
    limited = [clock.overran for clock in handled if clock.limit or clock.due_at]
    row.is_late = any(limited) if limited else None
    row.clocks = [_record(clock) for clock in clocks]


def _history(reported_at: datetime, moves: Sequence[TransitionRow]) -> list[Change]:
    return [Change(reported_at, Step.ACCEPT), *map(_change, moves)]


def _change(move: TransitionRow) -> Change:
    given = move.details.get("until")
    until = None if given is None else datetime.fromisoformat(given)
    status = Status(move.to_status)
    return Change(
        at=move.at,
        step=STEP_OF[status],
        pause=Pause.SUSPENDED if status is Status.SUSPENDED else None,
        pause_ends_at=until if status is Status.SUSPENDED else None,
        extended_to=until if move.name == TransitionName.EXTEND else None,
        grade=Grade(move.details["grade"]) if move.name == TransitionName.GRADE else None,
    )


def _rules(rules: RulesInForce, matter: Matter | None, cell_code: str | None) -> Rules:
    clockwork = rules.catalogue.clockwork
    return Rules(
        calendar=rules.calendar,
        limit=_limits(rules.catalogue, matter, cell_code),
        pauses=frozenset(map(Pause, clockwork.pauses)),
        warn_share=Fraction(str(clockwork.warn_share)),
    )


def _limits(
    catalogue: Catalogue, matter: Matter | None, cell_code: str | None
) -> Callable[[Step, bool, Grade | None], StepLimit | None]:
    def limit(step: Step, by_night: bool, grade: Grade | None) -> StepLimit | None:
        found = catalogue.limit(matter, step, cell_code, grade)
        if found is None:
            return None
        amount = found.night if by_night and found.night is not None else found
        return StepLimit(amount.exact, amount.unit)

    return limit


def _record(clock: Clock) -> dict[str, Any]:
    limit = clock.limit and {"amount": float(clock.limit.amount), "unit": clock.limit.unit}
    moments = ("started_at", "ended_at", "due_at", "warn_at", "paused_at", "paused_until")
    written = {name: getattr(clock, name) for name in moments}
    return {
        "step": clock.step,
        "limit": limit,
        **{name: at and at.isoformat() for name, at in written.items()},
        "ran_s": None if clock.ran is None else clock.ran.total_seconds(),
        "overran": clock.overran,
    }
