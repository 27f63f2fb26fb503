"""What becomes of reports: observations of new events, or of ones already open.

Many reports are taken in by one transaction, and each as if it came alone: it sees what those
before it have made, and one that cannot be accepted leaves the others alone. They are all looked
up first and all written at last, since a statement takes longer than what it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from events_api import merging
from events_api.audit import Deed
from events_api.cases import TransitionName, Wish, may
from events_api.cited import check_stored, shown_of
from events_api.errors import ConflictError, ProblemError
from events_api.fingerprints import former_fingerprint
from events_api.forming import EventDraft, observe_again, opening, place_event
from events_api.handling import Occasion, Order, carry_out, case_of
from events_api.intake_reading import Arrival, Sent, read_all
from events_api.open_events import OpenEvents
from events_api.schemas import Receipt, Report, Verification
from events_api.settling import Ground, settle
from events_api.store import events
from events_api.store import intake as rows
from events_api.store.asking import Question
from events_api.store.bulk import Row
from events_api.store.intake_writing import Ends, Unwritten
from events_api.store.models import EventRow
from events_api.store.telling import told
from events_api.timekeeping import FirstClocks, keep_time

UNSAID = dict.fromkeys(
    ("grade", "body", "responsible", "duplicate_of", "extended_until", "suspended_until")
) | {"deadline": None}
"""What a report says nothing of."""


@dataclass(frozen=True)
class Intake:
    """The outcome of one report; `is_new` is false when it had been received before."""

    receipt: Receipt
    is_new: bool


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
    desk = Desk(session, arrived)
    outcomes = [desk.take(each) for each in desk.sent]
    desk.write()
    return outcomes


class Desk:
    """Where the reports of one transaction are taken in.

    Args:
        session: A writing session; nothing is committed here.
        arrived: Reports and how they came, all at the same time and under the same rules.
        beside: What else is to be asked of the database, on the same way.

    Attributes:
        sent: The reports, in their order.
        beside: The answers to what was asked beside.
    """

    def __init__(
        self,
        session: Session,
        arrived: Sequence[tuple[Report, Arrival]],
        beside: Sequence[Question] = (),
    ) -> None:
        self._session = session
        self._now = arrived[0][1].now
        self._rules = arrived[0][1].rules
        self._clocks = FirstClocks(self._rules, self._now)
        self.sent = read_all(arrived)
        looked_up = rows.look_up(session, self.sent, beside)
        self.beside = looked_up.beside
        self._known = looked_up.known
        fresh = [each for each in self.sent if each.report_id not in self._known]
        cited = {sha256 for each in fresh for sha256 in each.report.evidence}
        self._evidence = events.evidence_known(session, cited) if cited else {}
        self._passes = {each.report.pass_id for each in fresh}
        self._open = OpenEvents()
        if fresh:
            self._take_up(looked_up.numbers)
        self._last_number = looked_up.ends.event_number
        self._ends: Ends | None = looked_up.ends
        self._unwritten = Unwritten()

    def _take_up(self, numbers: set[int]) -> None:
        new = {number for number in numbers if number not in self._open}
        found, sightings = rows.open_events_seen(self._session, new, self._passes)
        for event in found:
            self._open.put(event)
        for seen in sightings:
            self._open.note_track(seen.event_number, seen.source, seen.pass_id, seen.track_id)

    def take(self, sent: Sent) -> Intake | ProblemError:
        """Take one report in, or say why it cannot be accepted."""
        try:
            return self._take(sent)
        except ProblemError as problem:
            return problem

    def _take(self, sent: Sent) -> Intake:
        report = sent.report
        known = self._known.get(sent.report_id)
        if known is not None:
            return Intake(_receipt_of_known(sent, known), is_new=False)
        rule = sent.rule or self._rules.catalogue.find(report.matter).merge_rule
        check_stored(report.evidence, self._evidence)
        verdict = merging.decide(sent.look, self._open.candidates(report, sent.reach), rule)
        if verdict.rival is not None:
            # Made for this report: kept here it would keep the desk, and the desk all reports,
            # until Python looks for rings among its objects.
            ground = Ground(self._session, self._open, self._take_up)
            verdict = settle(ground, report, verdict, rule)
        receipt = self._attach(sent, verdict)
        self._known[sent.report_id] = rows.Known(
            sent.fingerprint, receipt.created, receipt.merged_why, str(receipt.event_id)
        )
        return Intake(receipt, is_new=True)

    def _attach(self, sent: Sent, verdict: merging.Verdict) -> Receipt:
        snapshot = shown_of(sent.report, self._evidence)
        is_new = verdict.event_number is None
        if verdict.event_number is None:
            event = self._new_event(sent, snapshot)
            place_before = events.place_of(event)
        else:
            event = self._changing(verdict.event_number)
            place_before = events.place_of(event)
            observe_again(event, sent.report, snapshot, sent.arrival.grid)
        self._open.put(event)
        self._open.note_look(event.number, sent.look)
        receipt = Receipt(
            report_id=sent.report.report_id,
            event_id=UUID(event.event_id),
            created=is_new,
            merged_why=verdict.why,
        )
        unwritten = self._unwritten
        unwritten.observations.append(_observation(sent, receipt, event, self._now))
        unwritten.uses |= {(sha256, event.number) for sha256 in sent.report.evidence}
        unwritten.deeds.append(_deed(sent, receipt, event))
        if place_before != events.place_of(event):
            event = self._moved(event, place_before)
        if not self._found_still_there(event, sent):
            # The feed carries the state after this report.
            kind = "event.opened" if is_new else "event.changed"
            self._unwritten.messages.append((kind, told(event, self._now)))
        return receipt

    def _new_event(self, sent: Sent, snapshot: str | None) -> EventRow:
        number = self._last_number = self._last_number + 1
        draft = EventDraft(**UNSAID, **opening(sent.report, snapshot, self._now), number=number)
        event = draft.as_row()
        place_event(event, sent.report, sent.arrival.grid)
        self._unwritten.opened[number] = event
        self._unwritten.deadlines[number] = self._clocks.start(event)
        return event

    def _changing(self, number: int) -> EventRow:
        """Return an event that a report joins, and note what it was before."""
        event, unwritten = self._open.get(number), self._unwritten
        if number not in unwritten.opened and number not in unwritten.changed:
            unwritten.changed[number] = (vars(event).copy(), event)
        return event

    def _moved(self, event: EventRow, before: events.Place) -> EventRow:
        """Let an event's time follow its place: limits may differ from cell to cell."""
        left = events.left(event, before)
        if left is not None:
            self._unwritten.messages.append(("event.left", left))
        if event.number in self._unwritten.opened:
            self._unwritten.deadlines[event.number] = self._clocks.start(event)
            return event
        self.write()  # its time is reckoned from what the database has of it
        keep_time(self._session, self._session.get_one(EventRow, event.number), self._rules)
        return self._read_again(event)

    def _found_still_there(self, event: EventRow, sent: Sent) -> bool:
        """Take a report of what was said to be done as a look that found it still there."""
        name = TransitionName.FIND_STILL_THERE
        report, arrival = sent.report, sent.arrival
        later = event.status_since < report.observed_at <= arrival.now
        mine = later and arrival.by.scope.holds(event.cell_code, event.body)
        if not (mine and arrival.may_move and may(name, case_of(event), arrival.by)):
            return False
        self.write()  # what it writes comes after all that came before
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
        occasion = Occasion(arrival.by, arrival.now, arrival.rules)
        carry_out(self._session, self._session.get_one(EventRow, event.number), order, occasion)
        self._read_again(event)
        return True

    def _read_again(self, event: EventRow) -> EventRow:
        self._session.flush()
        (read,) = rows.open_events(self._session, {event.number})
        self._open.put(read)
        return read

    def write(self) -> None:
        """Write what was taken in since the last time."""
        self._unwritten.write(self._session, self._now, self._ends)
        self._unwritten, self._ends = Unwritten(), None


def _observation(sent: Sent, receipt: Receipt, event: EventRow, now: datetime) -> Row:
    return {
        "report_id": sent.report_id,
        "event_number": event.number,
        "fingerprint": sent.fingerprint,
        "source": sent.report.source,
        "pass_id": sent.report.pass_id,
        "track_id": sent.report.track_id,
        "received_at": now,
        "opened": receipt.created,
        "merged_why": receipt.merged_why,
        "report": sent.text,
    }


def _deed(sent: Sent, receipt: Receipt, event: EventRow) -> Deed:
    content = {
        "report_id": sent.report_id,
        "fingerprint": sent.fingerprint,
        "opened": receipt.created,
    }
    return Deed(sent.arrival.by.name, "report.received", f"event:{event.event_id}", content)


def _receipt_of_known(sent: Sent, known: rows.Known) -> Receipt:
    # What was received by a former version has the fingerprint that was taken then.
    is_same = known.fingerprint == sent.fingerprint
    if not is_same and known.fingerprint != former_fingerprint(sent.report):
        detail = "was received before with another content; a changed one needs an id of its own."
        raise ConflictError(f"The report {sent.report_id} {detail}")
    return Receipt(
        report_id=sent.report.report_id,
        event_id=UUID(known.event_id),
        created=known.opened,
        merged_why=known.merged_why,
    )
