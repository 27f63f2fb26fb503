"""What becomes of a report: an observation of a new event, or of one already open."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.orm import Session

from events_api import merging
from events_api.audit import Deed
from events_api.cases import Status, TransitionName, Wish, may
from events_api.catalogue.matters import Matter
from events_api.errors import ConflictError, UnprocessableError
from events_api.handling import Occasion, Order, carry_out, case_of
from events_api.roles import Level, Principal
from events_api.schemas import Receipt, Report, Verification
from events_api.store import audit, events, feed
from events_api.store.cells import Box
from events_api.store.models import EventRow, EvidenceRow, ObservationRow
from events_api.store.rulebook import RulesInForce
from events_api.timekeeping import keep_time, start_time
from geofences.cells import Grid
from geofences.geodesy import LonLat

MOST_CELLS = 16
"""How many of the cells that an event may lie in are kept."""

METRES_PER_DEGREE = 110_000
"""Rounded down: a search box must not be too small."""


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
    # A retry is the usual case on a bad line, and the cheapest: it is looked for first.
    known = events.observation_of_report(session, str(report.report_id))
    if known is not None:
        return Intake(_receipt_of_known(session, report, known), is_new=False)
    matter = arrival.rules.catalogue.find(report.matter)
    snapshot = snapshot_of(session, report)
    look = _look(report)
    verdict = merging.decide(look, _candidates(session, report, matter), matter.merge_rule)
    event = None
    if verdict.event_number is not None:
        # Nobody else changes it from here on: a report can move it, too.
        event = session.get(EventRow, verdict.event_number, with_for_update=True)
    # The feed carries the state after this report, so it is written last.
    kind = "event.opened" if event is None else "event.changed"
    place_before = None if event is None else events.place_of(event)
    if event is None:
        event = open_event(report, snapshot, arrival.now)
        place_event(event, report, arrival.grid)
        session.add(event)
        session.flush()  # the observation needs the event's number
    else:
        observe_again(event, report, snapshot, arrival.grid)
    session.add(_observation(report, event, verdict, arrival.now))
    events.note_evidence(session, event, report.evidence)
    receipt = Receipt(
        report_id=report.report_id,
        event_id=UUID(event.event_id),
        created=verdict.event_number is None,
        merged_why=verdict.why,
    )
    # The audit before the feed, here and everywhere: both heads are locked to the commit, and two
    # writers that took them crosswise would wait for each other.
    audit.append(session, _deed(report, receipt, arrival.by), arrival.now)
    if place_before is None:
        start_time(session, event, arrival.rules, arrival.now)
    elif place_before != events.place_of(event):
        events.tell_left(session, event, place_before, arrival.now)
        keep_time(session, event, arrival.rules)  # limits may differ from cell to cell
    if not _found_still_there(session, event, report, arrival):
        summary = events.summary(event, arrival.now).model_dump(mode="json")
        feed.append(session, kind, summary, arrival.now)
    return Intake(receipt, is_new=True)


def check_evidence(session: Session, hashes: Sequence[str]) -> dict[str, EvidenceRow]:
    """Return what is stored of each of these pictures and clips.

    Raises:
        UnprocessableError: One is not stored here.
    """
    known = events.evidence_known(session, hashes) if hashes else {}
    missing = [sha256 for sha256 in hashes if sha256 not in known]
    if missing:
        raise UnprocessableError(
            f"The evidence {missing[0]} is not stored here; PUT /evidence/{missing[0]} first."
        )
    return known


def _found_still_there(session: Session, event: EventRow, report: Report, arrival: Arrival) -> bool:
    """Take a report of what was said to be done as a look that found it still there."""
    name = TransitionName.FIND_STILL_THERE
    later = event.status_since < report.observed_at <= arrival.now
    mine = arrival.by.scope.holds(event.cell_code, event.body)
    if not (later and mine and arrival.may_move and may(name, case_of(event), arrival.by)):
        return False
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
    carry_out(session, event, order, Occasion(arrival.by, arrival.now, arrival.rules))
    return True


def _deed(report: Report, receipt: Receipt, by: Principal) -> Deed:
    content = {
        "report_id": str(report.report_id),
        "fingerprint": report.fingerprint(),
        "opened": receipt.created,
    }
    return Deed(by.name, "report.received", f"event:{receipt.event_id}", content)


def _receipt_of_known(session: Session, report: Report, known: ObservationRow) -> Receipt:
    if known.fingerprint != report.fingerprint():
        raise ConflictError(
            f"The report {report.report_id} was received before with another content; "
            "a changed report needs an id of its own."
        )
    event = session.get_one(EventRow, known.event_number)
    return Receipt(
        report_id=report.report_id,
        event_id=UUID(event.event_id),
        created=known.opened,
        merged_why=known.merged_why,
    )


def snapshot_of(session: Session, report: Report) -> str | None:
    """Return the picture that stands for a report; none when it has none.

    Raises:
        UnprocessableError: Its evidence is not stored here.
    """
    known = check_evidence(session, report.evidence)
    # What everybody who reads sees first is never one that is sealed.
    return next((each for each in report.evidence if known[each].is_shown_picture), None)


def _look(report: Report) -> merging.Look:
    return merging.Look(
        position=_lonlat(report),
        ce90_m=report.ce90_m,
        observed_at=report.observed_at,
        source=report.source,
        pass_id=report.pass_id,
        track_id=report.track_id,
    )


def _lonlat(report: Report) -> LonLat | None:
    return LonLat(report.position.lon_deg, report.position.lat_deg) if report.position else None


def _candidates(session: Session, report: Report, matter: Matter) -> list[merging.OpenEvent]:
    # An event may be found both ways; it is weighed once.
    rows: dict[int, EventRow] = {}
    if report.track_id is not None:
        of_track = events.open_events_of_track(
            session, report.matter, report.source, report.pass_id, report.track_id
        )
        rows.update({row.number: row for row in of_track})
    place = _lonlat(report)
    if place is not None:
        box = _box(place, merging.reach_m(report.ce90_m, matter.merge_rule))
        near = events.open_events_in(session, report.matter, box)
        rows.update({row.number: row for row in near})
    if not rows:
        return []
    tracks = events.tracks_of_pass(session, rows, report.source, report.pass_id)
    return [_open_event_of(row, tracks.get(row.number, frozenset())) for row in rows.values()]


def _box(place: LonLat, reach_m: float) -> Box:
    north_deg = reach_m / METRES_PER_DEGREE
    # Near a pole any longitude is near; the bound keeps the box finite.
    east_deg = north_deg / max(0.01, math.cos(math.radians(place.lat_deg)))
    return (
        place.lon_deg - east_deg,
        place.lat_deg - north_deg,
        place.lon_deg + east_deg,
        place.lat_deg + north_deg,
    )


def _open_event_of(row: EventRow, tracks: frozenset[int | None]) -> merging.OpenEvent:
    position = None
    if row.lon_deg is not None and row.lat_deg is not None:
        position = LonLat(row.lon_deg, row.lat_deg)
    return merging.OpenEvent(
        number=row.number,
        position=position,
        ce90_m=row.ce90_m,
        first_observed_at=row.first_observed_at,
        last_observed_at=row.last_observed_at,
        tracks=tracks,
    )


def open_event(report: Report, snapshot: str | None, now: datetime) -> EventRow:
    """Return a new event as its first report tells it, without its place."""
    return EventRow(
        # From the report that opened it, so that a replay into an empty database gives it again.
        event_id=str(uuid5(NAMESPACE_URL, f"gridpatrol:event:{report.report_id}")),
        standard_ref=report.matter.standard_ref,
        code=report.matter.code,
        class_name=report.class_name,
        status=Status.REPORTED,
        status_since=now,
        version=1,
        level=Level.VILLAGE,
        score=report.score,
        source=report.source,
        snapshot=snapshot,
        why=report.why,
        observation_count=1,
        first_observed_at=report.observed_at,
        last_observed_at=report.observed_at,
    )


def observe_again(
    event: EventRow, report: Report, snapshot: str | None, grid: Callable[[], Grid]
) -> None:
    """Take one more report into an event."""
    event.observation_count += 1
    event.score = max(event.score, report.score)
    event.first_observed_at = min(event.first_observed_at, report.observed_at)
    event.last_observed_at = max(event.last_observed_at, report.observed_at)
    event.snapshot = event.snapshot or snapshot
    if _is_surer(report, event):
        event.why = report.why
        event.snapshot = snapshot or event.snapshot
        place_event(event, report, grid)


def _is_surer(report: Report, event: EventRow) -> bool:
    """Whether the report places the event better than all before it."""
    if report.position is None:
        return False
    if event.lon_deg is None:  # any place is better than none
        return True
    reported_m = merging.ASSUMED_CE90_M if report.ce90_m is None else report.ce90_m
    known_m = merging.ASSUMED_CE90_M if event.ce90_m is None else event.ce90_m
    return reported_m < known_m


def place_event(event: EventRow, report: Report, grid: Callable[[], Grid]) -> None:
    """Let an event lie where a report saw it."""
    place = _lonlat(report)
    event.lon_deg = place.lon_deg if place else None
    event.lat_deg = place.lat_deg if place else None
    event.ce50_m, event.ce90_m = report.ce50_m, report.ce90_m
    event.zone_id, event.place = report.zone_id, report.place
    event.cell_code = report.cell_code
    event.cells = [share.model_dump() for share in report.cells]
    if place is None:
        return
    # The edge knows its cells; only officers and citizens send a bare point.
    if event.cell_code is None:
        cell = grid().cell_at(place)
        event.cell_code = cell.code if cell else None
    if not event.cells and report.ce90_m is not None and report.ce90_m <= merging.VAGUE_CE90_M:
        shares = grid().probabilities(place, report.ce90_m)[:MOST_CELLS]
        event.cells = [{"code": each.code, "probability": each.probability} for each in shares]


def _observation(
    report: Report, event: EventRow, verdict: merging.Verdict, now: datetime
) -> ObservationRow:
    return ObservationRow(
        report_id=str(report.report_id),
        event_number=event.number,
        fingerprint=report.fingerprint(),
        source=report.source,
        pass_id=report.pass_id,
        track_id=report.track_id,
        received_at=now,
        opened=verdict.event_number is None,
        merged_why=verdict.why,
        report=report.model_dump(mode="json"),
    )
