"""What citizens send without an account, and what they are told of it."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from events_api.cases import Status
from events_api.catalogue.matters import LOCAL_EXTENSION
from events_api.errors import NotFoundError, UnprocessableError
from events_api.intake import Intake, receive
from events_api.intake_reading import Arrival
from events_api.merging import ASSUMED_CE90_M
from events_api.roles import Principal, Role
from events_api.schemas import MatterKey, Position, Report, ReportKind
from events_api.store.access_models import ContactRow, PublicReportRow
from events_api.store.models import EventRow, ObservationRow
from geofences.cells import Grid
from geofences.errors import GroundError
from geofences.geodesy import LonLat

PUBLIC = Principal("public", Role.COLLECTOR)
"""Who acts when a citizen does: nobody knows them."""

UNSORTED = MatterKey(standard_ref=LOCAL_EXTENSION, code="EXT-UNSORTED")
"""The matter of a report whose sender named none: an acceptor will."""

SOURCE = "citizen"
SCORE = 0.5
"""How likely a citizen's report is right, where nobody has counted yet."""

LEAST_CE90_M = 5.0
"""No telephone is surer, whatever it says; an event's place is not moved by one that boasts."""

CE90_PER_CE95 = math.sqrt(math.log(1 / 0.10) / math.log(1 / 0.05))
"""Telephones state the radius that holds the place in 95 % of cases (W3C Geolocation), we in 90 %;
of a circular normal error."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: letters that are read over a telephone and not mistaken for digits."""

GROUP, GROUPS = 4, 3


class Progress(StrEnum):
    """What a citizen is told: how far it is, and not who does it or why."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    IN_HAND = "in_hand"
    DONE = "done"
    NOT_ACCEPTED = "not_accepted"


PROGRESS: dict[Status, Progress] = {
    Status.REPORTED: Progress.RECEIVED,
    Status.ACCEPTED: Progress.ACCEPTED,
    Status.DISPATCHED: Progress.ACCEPTED,
    Status.HANDLING: Progress.IN_HAND,
    Status.SUSPENDED: Progress.IN_HAND,
    Status.AWAITING_VERIFICATION: Progress.IN_HAND,
    Status.CLOSED: Progress.DONE,
    Status.REJECTED: Progress.NOT_ACCEPTED,
}


@dataclass(frozen=True, slots=True)
class Message:
    """What a citizen sends.

    Attributes:
        report_id: Names the message, so that it counts once however often it is sent.
        words: What they say.
        position: Where it is.
        accuracy_m: Radius that holds the place in 95 % of cases, as the telephone says.
        cell_code: The cell, where they know no point.
        place: Where it is, in words.
        matter: What it is; none where they leave that to others.
        contact: How they can be reached; kept apart.
    """

    report_id: UUID
    words: str
    position: Position | None = None
    accuracy_m: float | None = None
    cell_code: str | None = None
    place: str | None = None
    matter: MatterKey | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a report is."""

    progress: Progress
    since: datetime
    received_at: datetime
    matter: MatterKey


def report_of(message: Message, now: datetime, picture: str | None = None) -> Report:
    """Write a citizen's message as a report; its position error is always stated."""
    ce90_m = None
    if message.position is not None:
        told_m = ASSUMED_CE90_M
        if message.accuracy_m is not None:
            told_m = message.accuracy_m * CE90_PER_CE95
        ce90_m = max(LEAST_CE90_M, told_m)
    return Report(
        report_id=message.report_id,
        kind=ReportKind.CITIZEN,
        source=SOURCE,
        matter=message.matter or UNSORTED,
        score=SCORE,
        observed_at=now,
        position=message.position,
        ce90_m=ce90_m,
        cell_code=message.cell_code,
        place=message.place,
        why=message.words,
        evidence=() if picture is None else (picture,),
    )


def check_place(report: Report, grid: Callable[[], Grid]) -> None:
    """Refuse what lies outside of the county, whose business it is not.

    Raises:
        UnprocessableError: The cell is none, or no cell lies within the position error.
    """
    cells = grid()
    if len(cells) == 0:  # a server that was given no county yet takes everything
        return
    if report.cell_code is not None:
        try:
            cells.by_code(report.cell_code)
        except GroundError as error:
            raise UnprocessableError(
                f"There is no cell {report.cell_code} here; send the place as a point or in words."
            ) from error
    if report.position is None or report.ce90_m is None:
        return
    place = LonLat(report.position.lon_deg, report.position.lat_deg)
    if cells.cell_at(place) is None and not cells.probabilities(place, report.ce90_m):
        raise UnprocessableError(
            "This place lies outside of the county; send the report to the county it lies in."
        )


def receipt_known(session: Session, report_id: UUID) -> str | None:
    """Return the receipt number that a message was given before."""
    query = select(PublicReportRow.receipt).where(PublicReportRow.report_id == str(report_id))
    return session.scalars(query).one_or_none()


def take_in(
    session: Session, report: Report, contact: str | None, arrival: Arrival
) -> tuple[str, Intake]:
    """Take a citizen's report in, and return its receipt number.

    Raises:
        ConflictError, UnprocessableError: As `intake.receive` raises them.
    """
    known = receipt_known(session, report.report_id)
    intake = receive(session, report, arrival)
    if known is not None:
        return known, intake
    receipt = new_receipt()
    times = {"report_id": str(report.report_id), "received_at": arrival.now}
    session.add(PublicReportRow(receipt=receipt, **times))
    if contact:
        session.add(ContactRow(contact=contact, **times))
    return receipt, intake


def standing_of(session: Session, receipt: str) -> Standing:
    """Return how far the report of a receipt number is; of a duplicate, how far its original is.

    Raises:
        NotFoundError: No report has it.
    """
    public = session.get(PublicReportRow, _plain(receipt))
    if public is None:
        raise NotFoundError("No report has this receipt number; compare it letter by letter.")
    query = select(EventRow).join(ObservationRow, ObservationRow.event_number == EventRow.number)
    event = session.scalars(query.where(ObservationRow.report_id == public.report_id)).one()
    if event.duplicate_of is not None:
        original = select(EventRow).where(EventRow.event_id == event.duplicate_of)
        event = session.scalars(original).one()
    matter = MatterKey(standard_ref=event.standard_ref, code=event.code)
    progress = PROGRESS[Status(event.status)]
    return Standing(progress, event.status_since, public.received_at, matter)


def contacts_of(session: Session, event_number: int) -> list[ContactRow]:
    """Return how those who reported an event can be reached."""
    is_of = ObservationRow.report_id == ContactRow.report_id
    query = select(ContactRow).join(ObservationRow, is_of)
    query = query.where(ObservationRow.event_number == event_number)
    return list(session.scalars(query.order_by(ObservationRow.number)))


def new_receipt() -> str:
    """Return a receipt number that nobody guesses: sixty random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(GROUP * GROUPS))


def spaced(receipt: str) -> str:
    """Write a receipt number as people read it: `7K3F-9QTM-2XVB`."""
    return "-".join(receipt[at : at + GROUP] for at in range(0, len(receipt), GROUP))


def _plain(receipt: str) -> str:
    # As Crockford reads: case does not count, and what looks like a digit is one.
    written = receipt.upper().translate(str.maketrans("ILO", "110", "- "))
    return written[: GROUP * GROUPS + 1]
