"""What becomes of reports: observations of new events, or of ones already open.

Many reports are taken in by one transaction, and each as if it came alone: it sees what those
before it have made, and one that cannot be accepted leaves the others alone. They are all looked
up first and all written at last, since a statement takes longer than what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from events_api import merging
from events_api.audit import Deed
from events_api.cases import TransitionName, Wish, may
from events_api.catalogue.matters import Matter
from events_api.errors import ConflictError, ProblemError, UnprocessableError
from events_api.forming import EventDraft, observe_again, opening, place_event
from events_api.handling import Occasion, Order, carry_out, case_of
from events_api.open_events import UNNUMBERED, OpenEvents, Reach, look_of
from events_api.roles import Principal
from events_api.schemas import Receipt, Report, Verification
from events_api.settling import Ground, settle
from events_api.store import audit, events, feed
from events_api.store import intake as rows
from events_api.store.models import DeadlineRow, EventRow, EvidenceRow
from events_api.store.rulebook import RulesInForce
from events_api.timekeeping import keep_time, started
from geofences.cells import Grid

UNSAID = dict.fromkeys(
    ("body", "responsible", "duplicate_of", "extended_until", "suspended_until", "deadline")
)
"""What a report says nothing of."""


@dataclass(frozen=True)
class Intake:
    """The outcome of one report; `is_new` is false when it had been received before."""

    receipt: Receipt
    is_new: bool


@dataclass(frozen=True)
class Arrival:
    """How a report came.

    Attributes:
        by: Who sent it.
        now: When it came.
        rules: The catalogue and the calendars in force.
        grid: Gives the cells in force; asked only when the report does not name its cell.
        may_move: Whether the report may send back what was said to be done; nobody knows who an
            unknown citizen is.
    """

    by: Principal
    now: datetime
    rules: RulesInForce
    grid: Callable[[], Grid]
    may_move: bool = True


def receive(session: Session, report: Report, arrival: Arrival) -> Intake:
    """Take a report in, once.

    Args:
        session: A writing session; nothing is committed here.
        report: As it was sent.
        arrival: How it came.

    Raises:
        ConflictError: The report's id was used before, for another content.
        UnprocessableError: The report names a matter that is not in the catalogue, or cites
            evidence that is not stored here.
    """
    (outcome,) = receive_all(session, [(report, arrival)])
    if isinstance(outcome, ProblemError):
        raise outcome
    return outcome


def receive_all(
    session: Session, arrived: Sequence[tuple[Report, Arrival]]
) -> list[Intake | ProblemError]:
    """Take reports in, in their order, each once.

    Args:
        session: A writing session; nothing is committed here.
        arrived: Reports and how they came, all at the same time and under the same rules.

    Returns:
        For each what became of it, or why it cannot be accepted, as `receive` says.
    """
    if not arrived:
        return []
    desk = _Desk(session, arrived)
    outcomes = [desk.take(report, arrival) for report, arrival in arrived]
    desk.write()
    return outcomes


def check_evidence(session: Session, hashes: Sequence[str]) -> dict[str, EvidenceRow]:
    """Return what is stored of each of these pictures and clips.

    Raises:
        UnprocessableError: One is not stored here.
    """
    known = events.evidence_known(session, hashes) if hashes else {}
    _check_stored(hashes, known)
    return known


def snapshot_of(session: Session, report: Report) -> str | None:
    """Return the picture that stands for a report; none when it has none.

    Raises:
        UnprocessableError: Its evidence is not stored here.
    """
    return _snapshot(report, check_evidence(session, report.evidence))


def _snapshot(report: Report, known: dict[str, EvidenceRow]) -> str | None:
    # What everybody who reads sees first is never one that is sealed.
    return next((each for each in report.evidence if known[each].is_shown_picture), None)


@dataclass(slots=True)
class _Unwritten:
    """What reports have made and the database does not have yet, in their order."""

    events: list[EventRow]
    deadlines: list[DeadlineRow]
    observations: list[tuple[EventRow, dict[str, Any]]]
    uses: list[tuple[str, EventRow]]
    deeds: list[Deed]
    messages: list[tuple[str, EventRow, dict[str, Any]]]


class _Desk:
    """Where the reports of one transaction are taken in."""

    def __init__(self, session: Session, arrived: Sequence[tuple[Report, Arrival]]) -> None:
        reports = [report for report, _ in arrived]
        self._session = session
        self._now = arrived[0][1].now
        self._rules = arrived[0][1].rules
        # A retry is the usual case on a bad line, and the cheapest: it is looked for first.
        ids = [str(report.report_id) for report in reports]
        self._known = rows.known_reports(session, ids)
        fresh = [report for report in reports if str(report.report_id) not in self._known]
        cited = {sha256 for report in fresh for sha256 in report.evidence}
        self._evidence = events.evidence_known(session, cited) if cited else {}
        self._matters: dict[tuple[str, str], Matter | None] = {}
        self._passes = {report.pass_id for report in fresh}
        self._open = OpenEvents()
        self._look_up(fresh)
        self._numbers = count(UNNUMBERED)
        self._unwritten = _Unwritten([], [], [], [], [], [])

    def _look_up(self, reports: Sequence[Report]) -> None:
        reaches = [(report.matter, self._reach(report)) for report in reports]
        looks = [(matter, reach) for matter, reach in reaches if reach is not None]
        self._take_up(rows.near(self._session, looks) | rows.followed(self._session, reports))

    def _take_up(self, numbers: set[int]) -> None:
        new = {number for number in numbers if number not in self._open}
        for event in rows.open_events(self._session, new):
            self._open.put(event)
        for seen in rows.sightings(self._session, new, self._passes):
            self._open.note_track(seen.event_number, seen.source, seen.pass_id, seen.track_id)

    def _reach(self, report: Report) -> Reach | None:
        matter = self._matter(report)
        return None if matter is None else Reach.of(report, matter.merge_rule)

    def _matter(self, report: Report) -> Matter | None:
        key = report.matter.standard_ref, report.matter.code
        if key not in self._matters:
            self._matters[key] = self._rules.catalogue.known(*key)
        return self._matters[key]

    def take(self, report: Report, arrival: Arrival) -> Intake | ProblemError:
        """Take one report in, or say why it cannot be accepted."""
        try:
            return self._take(report, arrival)
        except ProblemError as problem:
            return problem

    def _take(self, report: Report, arrival: Arrival) -> Intake:
        fingerprint = report.fingerprint()
        known = self._known.get(str(report.report_id))
        if known is not None:
            return Intake(_receipt_of_known(report, fingerprint, known), is_new=False)
        matter = self._matter(report) or self._rules.catalogue.find(report.matter)
        _check_stored(report.evidence, self._evidence)
        snapshot = _snapshot(report, self._evidence)
        candidates = self._open.candidates(report, Reach.of(report, matter.merge_rule))
        verdict = merging.decide(look_of(report), candidates, matter.merge_rule)
        if verdict.rivals:
            ground = Ground(self._session, self._open, self._take_up)
            verdict = settle(ground, report, verdict, matter.merge_rule)
        receipt = self._attach(report, snapshot, verdict, fingerprint, arrival)
        self._known[str(report.report_id)] = rows.Known(
            fingerprint, receipt.created, receipt.merged_why, str(receipt.event_id)
        )
        return Intake(receipt, is_new=True)

    def _attach(
        self,
        report: Report,
        snapshot: str | None,
        verdict: merging.Verdict,
        fingerprint: str,
        arrival: Arrival,
    ) -> Receipt:
        is_new = verdict.event_number is None
        place_before = None
        if verdict.event_number is None:
            event = self._new_event(report, snapshot, arrival)
        else:
            event = self._open.get(verdict.event_number)
            place_before = events.place_of(event)
            observe_again(event, report, snapshot, arrival.grid)
        self._open.put(event)
        self._open.note_look(event.number, look_of(report))
        receipt = Receipt(
            report_id=report.report_id,
            event_id=UUID(event.event_id),
            created=is_new,
            merged_why=verdict.why,
        )
        unwritten = self._unwritten
        seen = _observation(report, fingerprint, receipt, self._now)
        unwritten.observations.append((event, seen))
        unwritten.uses += [(sha256, event) for sha256 in report.evidence]
        unwritten.deeds.append(_deed(report, fingerprint, receipt, arrival.by))
        if place_before is not None and place_before != events.place_of(event):
            self._moved(event, place_before)
        if not self._found_still_there(event, report, arrival):
            # The feed carries the state after this report.
            kind = "event.opened" if is_new else "event.changed"
            summary = events.summary(event, self._now).model_dump(mode="json")
            unwritten.messages.append((kind, event, summary))
        return receipt

    def _new_event(self, report: Report, snapshot: str | None, arrival: Arrival) -> EventRow:
        draft = EventDraft(
            **UNSAID, **opening(report, snapshot, self._now), number=next(self._numbers)
        )
        event = draft.as_row()
        place_event(event, report, arrival.grid)
        self._unwritten.events.append(event)
        self._unwritten.deadlines.append(started(event, self._rules, self._now))
        return event

    def _moved(self, event: EventRow, before: events.Place) -> None:
        """Let an event's time follow its place: limits may differ from cell to cell."""
        left = events.left(event, before)
        if left is not None:
            self._unwritten.messages.append(("event.left", event, left))
        if event.number < UNNUMBERED:
            keep_time(self._session, event, self._rules)
            return
        index = self._unwritten.events.index(event)
        self._unwritten.deadlines[index] = started(event, self._rules, self._now)

    def _found_still_there(self, event: EventRow, report: Report, arrival: Arrival) -> bool:
        """Take a report of what was said to be done as a look that found it still there."""
        name = TransitionName.FIND_STILL_THERE
        later = event.status_since < report.observed_at <= arrival.now
        mine = arrival.by.scope.holds(event.cell_code, event.body)
        if not (later and mine and arrival.may_move and may(name, case_of(event), arrival.by)):
            return False
        # What it writes comes after all that came before; what is new may change yet.
        for new in self.write():
            self._open.put(self._session.get_one(EventRow, new.number))
        found = Verification(
            gone=False,
            source=report.source,
            observed_at=report.observed_at,
            evidence=report.evidence,
        )
        reason = f"The report {report.report_id} of {report.source} shows it again"
        order = Order(
            Wish(name, reason),
            key=f"report:{report.report_id}",
            found=found.model_dump(mode="json"),
            looked_at=report.observed_at,
        )
        carry_out(self._session, event, order, Occasion(arrival.by, arrival.now, arrival.rules))
        return True

    def write(self) -> Sequence[EventRow]:
        """Write what was taken in since the last time, and return the events that are new."""
        session, made = self._session, self._unwritten
        self._unwritten = _Unwritten([], [], [], [], [], [])
        self._number(made)
        session.flush()
        rows.add_deadlines(session, made.deadlines)
        rows.add_observations(
            session, [{**seen, "event_number": event.number} for event, seen in made.observations]
        )
        rows.add_uses(session, {(sha256, event.number) for sha256, event in made.uses})
        # The audit before the feed, here and everywhere: both heads are locked to the commit, and
        # two writers that took them crosswise would wait for each other.
        audit.append_all(session, made.deeds, self._now)
        for kind, event, payload in made.messages:
            if kind != "event.left":
                payload["number"] = event.number
        feed.append_all(session, [(kind, body) for kind, _, body in made.messages], self._now)
        return made.events

    def _number(self, made: _Unwritten) -> None:
        if not made.events:
            return
        provisional = [event.number for event in made.events]
        rows.add_events(self._session, made.events)
        self._open.renumber(provisional, made.events)
        for event, deadline in zip(made.events, made.deadlines, strict=True):
            deadline.event_number = event.number


def _check_stored(hashes: Sequence[str], known: dict[str, EvidenceRow]) -> None:
    missing = [sha256 for sha256 in hashes if sha256 not in known]
    if missing:
        raise UnprocessableError(
            f"The evidence {missing[0]} is not stored here; PUT /evidence/{missing[0]} first."
        )


def _deed(report: Report, fingerprint: str, receipt: Receipt, by: Principal) -> Deed:
    content = {
        "report_id": str(report.report_id),
        "fingerprint": fingerprint,
        "opened": receipt.created,
    }
    return Deed(by.name, "report.received", f"event:{receipt.event_id}", content)


def _receipt_of_known(report: Report, fingerprint: str, known: rows.Known) -> Receipt:
    if known.fingerprint != fingerprint:
        raise ConflictError(
            f"The report {report.report_id} was received before with another content; "
            "a changed report needs an id of its own."
        )
    return Receipt(
        report_id=report.report_id,
        event_id=UUID(known.event_id),
        created=known.opened,
        merged_why=known.merged_why,
    )


def _observation(
    report: Report, fingerprint: str, receipt: Receipt, now: datetime
) -> dict[str, Any]:
    return {
        "report_id": str(report.report_id),
        "fingerprint": fingerprint,
        "source": report.source,
        "pass_id": report.pass_id,
        "track_id": report.track_id,
        "received_at": now,
        "opened": receipt.created,
        "merged_why": receipt.merged_why,
        "report": report.model_dump(mode="json"),
    }
