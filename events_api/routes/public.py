"""Citizens' reports without an account, and what became of them."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, File, Form, Path, Response, UploadFile
from pydantic import ValidationError

from events_api.access import Asking, allow, anybody
from events_api.audit import Deed
from events_api.errors import TooLargeError, UnprocessableError
from events_api.handling import no_such_event
from events_api.intake_reading import Arrival
from events_api.limiting import Household
from events_api.pictures import plain_jpeg
from events_api.problems import Problem
from events_api.public import (
    PUBLIC,
    Message,
    Progress,
    check_place,
    contacts_of,
    receipt_known,
    report_of,
    spaced,
    standing_of,
    take_in,
)
from events_api.roles import Role
from events_api.routes.evidence import keep
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import NO_NUL, MatterKey, Position, Report, Utc, Wire
from events_api.store import audit, events
from events_api.store.evidence_models import EvidenceRow

router = APIRouter(tags=["public"])

OPEN = [Depends(anybody)]
CONTACT_READERS = (Role.ACCEPTOR,)
TOO_MANY: dict[int | str, dict[str, Any]] = {
    429: {"description": "Too often; `Retry-After` says when to come", "model": Problem}
}

Words = Annotated[
    str,
    Form(max_length=1000, pattern=NO_NUL, description="What is wrong, in your own words"),
]
Lon = Annotated[float | None, Form(ge=-180, le=180, description="degrees, WGS 84")]
Lat = Annotated[float | None, Form(ge=-90, le=90, description="degrees, WGS 84")]
Accuracy = Annotated[
    float | None, Form(ge=0, le=100_000, description="metres; as a telephone states it (95 %)")
]
CellCode = Annotated[
    str | None, Form(min_length=1, max_length=40, pattern=NO_NUL, description="Its cell")
]
Place = Annotated[
    str | None, Form(max_length=200, pattern=NO_NUL, description="Where it is, in words")
]
MatterText = Annotated[
    str | None,
    Form(max_length=81, pattern=NO_NUL, description="standard_ref/code of GET /public/matters"),
]
Contact = Annotated[
    str | None,
    Form(
        max_length=200,
        pattern=NO_NUL,
        description="Only acceptors see it, and each look is noted",
    ),
]
ReportId = Annotated[UUID | None, Form(description="The same id again gives the same receipt")]
Picture = Annotated[UploadFile | None, File(description="JPEG, PNG or WebP, up to 10 MiB")]


class PublicReceipt(Wire):
    """The number by which a citizen asks what became of a report."""

    receipt: str


class PublicStanding(PublicReceipt):
    """How far a report is, without anything about anybody."""

    status: Progress
    since: Utc
    received_at: Utc
    matter_zh: str
    matter_en: str


class PublicMatter(Wire):
    """A class of events that a citizen may name."""

    standard_ref: str
    code: str
    zh: str
    en: str


class ContactShown(Wire):
    """How somebody who reported can be reached."""

    report_id: UUID
    contact: str
    received_at: Utc


def _message(  # noqa: PLR0913, PLR0917 - one for each field of the form
    words: Words = "",
    lon: Lon = None,
    lat: Lat = None,
    accuracy_m: Accuracy = None,
    cell_code: CellCode = None,
    place: Place = None,
    matter: MatterText = None,
    contact: Contact = None,
    report_id: ReportId = None,
) -> Message:
    if (lon is None) != (lat is None):
        raise UnprocessableError("A point has both lon and lat; send both, or neither.")
    return Message(
        report_id=report_id or uuid4(),
        words=words.strip(),
        position=None if lon is None or lat is None else Position(lon_deg=lon, lat_deg=lat),
        accuracy_m=accuracy_m,
        cell_code=cell_code,
        place=(place or "").strip() or None,
        matter=_matter(matter),
        contact=(contact or "").strip() or None,
    )


def _matter(text: str | None) -> MatterKey | None:
    if not text:
        return None
    # The reference holds slashes itself; a code does not.
    standard_ref, _, code = text.rpartition("/")
    if not standard_ref or not code:
        raise UnprocessableError(f"{text!r} is no matter; write standard_ref/code.")
    return MatterKey(standard_ref=standard_ref, code=code)


def _counted(runtime: RuntimeDep, household: Household) -> None:
    runtime.limits.public_report.take(household)
    runtime.limits.public_reports.take("all")


def _asked(runtime: RuntimeDep, household: Household) -> None:
    runtime.limits.public_question.take(household)


@router.post(
    "/public/reports",
    status_code=201,
    dependencies=[*OPEN, Depends(_counted)],
    responses={422: {"description": "It cannot be accepted", "model": Problem}, **TOO_MANY},
)
def post_public_report(
    runtime: RuntimeDep,
    message: Annotated[Message, Depends(_message)],
    response: Response,
    picture: Picture = None,
) -> PublicReceipt:
    """Report something without an account: a picture or words, and where it is.

    It becomes an observation of an event, as a drone's report does. The picture is written anew
    without what the camera noted. Keep the receipt number: GET /public/reports/{receipt} tells
    what became of it.
    """
    response.headers["Cache-Control"] = "no-store"
    with runtime.database.read() as session:
        known = receipt_known(session, message.report_id)
    if known is not None:
        response.status_code = 200
        return PublicReceipt(receipt=spaced(known))
    data = _read(runtime, picture)
    if data is None and not message.words:
        raise UnprocessableError("Send a picture, or say in words what is wrong.")
    now = runtime.settings.clock()
    report = _checked(runtime, message)
    if data is not None:
        report = report_of(message, now, _store(runtime, plain_jpeg(data)))
    with runtime.database.write() as session:
        rules = runtime.rules.now(session)
        arrival = Arrival(PUBLIC, now, rules, lambda: runtime.cells.now().grid, may_move=False)
        receipt, intake = take_in(session, report, message.contact, arrival)
    runtime.metrics.count_report(intake)
    runtime.feed.wake()
    return PublicReceipt(receipt=spaced(receipt))


@router.get("/public/reports/{receipt}", dependencies=[*OPEN, Depends(_asked)], responses=TOO_MANY)
def get_public_report(
    receipt: Annotated[str, Path(max_length=40, examples=["7K3F-9QTM-2XVB"])], runtime: RuntimeDep
) -> PublicStanding:
    """Say how far a report is, by its receipt number."""
    with runtime.database.read() as session:
        standing = standing_of(session, receipt)
        catalogue = runtime.rules.now(session).catalogue
    matter = catalogue.known(standing.matter.standard_ref, standing.matter.code)
    return PublicStanding(
        receipt=receipt,
        status=standing.progress,
        since=standing.since,
        received_at=standing.received_at,
        matter_zh=standing.matter.code if matter is None else matter.zh,
        matter_en=standing.matter.code if matter is None else matter.en,
    )


@router.get("/public/matters", dependencies=OPEN)
def list_public_matters(runtime: RuntimeDep) -> tuple[PublicMatter, ...]:
    """List the classes of events that a citizen may choose from."""
    with runtime.database.read() as session:
        matters = runtime.rules.now(session).catalogue.matters
    fields = tuple(PublicMatter.model_fields)
    return tuple(PublicMatter(**{name: getattr(each, name) for name in fields}) for each in matters)


@router.get("/events/{event_id}/contacts", dependencies=[Depends(allow(CONTACT_READERS))])
def list_contacts(
    event_id: UUID, runtime: RuntimeDep, asking: Asking, response: Response
) -> tuple[ContactShown, ...]:
    """Say how the citizens who reported an event can be reached; the audit notes who looked."""
    response.headers["Cache-Control"] = "no-store"
    with runtime.database.write() as session:
        row = events.by_id(session, str(event_id), asking.scope)
        if row is None:
            raise no_such_event(event_id)
        found = contacts_of(session, row.number)
        if found:
            deed = Deed(asking.name, "contacts.opened", f"event:{event_id}", {"count": len(found)})
            audit.append(session, deed, runtime.settings.clock())
        return tuple(
            ContactShown(
                report_id=UUID(each.report_id), contact=each.contact, received_at=each.received_at
            )
            for each in found
        )


def _checked(runtime: Runtime, message: Message) -> Report:
    """Judge a message before anything of it is kept."""
    try:
        report = report_of(message, runtime.settings.clock())
    except ValidationError as error:
        raise UnprocessableError(
            "A report says where: send lon and lat, a cell_code, or the place in words."
        ) from error
    with runtime.database.read() as session:
        runtime.rules.now(session).catalogue.find(report.matter)
    check_place(report, lambda: runtime.cells.now().grid)
    return report


def _read(runtime: Runtime, picture: UploadFile | None) -> bytes | None:
    if picture is None:
        return None
    limit_bytes = runtime.settings.public_picture_bytes
    data = picture.file.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise TooLargeError(f"A picture may have up to {limit_bytes} bytes here; send less.")
    return data or None  # an empty field of a form is none


def _store(runtime: Runtime, jpeg: bytes) -> str:
    sha256 = hashlib.sha256(jpeg).hexdigest()
    with runtime.evidence.receive(sha256, "image/jpeg", len(jpeg)) as arrival:
        arrival.write(jpeg)
        row = EvidenceRow(
            sha256=sha256,
            media_type="image/jpeg",
            size_bytes=len(jpeg),
            stored_at=runtime.settings.clock(),
            stored_by=PUBLIC.name,
            sealed=False,
        )
        keep(runtime, arrival, row)
    return sha256
