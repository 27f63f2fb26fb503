"""Pictures and clips, in and out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse

from events_api.access import (
    READERS,
    WITNESSES,
    Asking,
    Credentials,
    allow,
    authenticate,
    check_role,
    declare,
    named,
    sent_token,
)
from events_api.audit import Deed
from events_api.errors import ForbiddenError, GoneError, NotFoundError, UnavailableError
from events_api.evidence_answers import file_response
from events_api.links import Signature
from events_api.problems import Problem
from events_api.roles import Principal, Role, ScopeKind
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import EvidenceInfo
from events_api.store import audit, events
from events_api.store.evidence import MEDIA_TYPES, Arrival, check_media_type
from events_api.store.evidence_models import EvidenceRow

router = APIRouter(tags=["evidence"])

FILES = {each: {"schema": {"type": "string", "format": "binary"}} for each in MEDIA_TYPES}


@dataclass(frozen=True, slots=True)
class Opener:
    """Who opens evidence, and whether by a link in the place of a token."""

    by: Principal
    is_linked: bool


Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the bytes")]


@router.put(
    "/evidence/{sha256}",
    dependencies=[Depends(allow(WITNESSES))],
    openapi_extra={"requestBody": {"required": True, "content": FILES}},
    responses={
        201: {"description": "Stored for the first time", "model": EvidenceInfo},
        415: {"description": "It is no JPEG, PNG or MP4", "model": Problem},
    },
)
async def put_evidence(
    sha256: Hash,
    runtime: RuntimeDep,
    asking: Asking,
    request: Request,
    response: Response,
    sealed: Annotated[bool, Query(description="Open it to named roles only; for ever")] = False,
) -> EvidenceInfo:
    """Store a JPEG, PNG or MP4 under the SHA-256 of its bytes; again does no harm.

    Originals before blurring are sent with `sealed=true`: supervisors and administrators alone
    open them, by their own token.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    check_media_type(media_type)
    limit_bytes = runtime.settings.evidence_limit_bytes
    # Streamed to disk: a clip never lies in memory as a whole.
    with runtime.evidence.receive(sha256, media_type, limit_bytes) as arrival:
        async for piece in request.stream():
            arrival.write(piece)
        row = EvidenceRow(
            sha256=sha256,
            media_type=media_type,
            size_bytes=arrival.size_bytes,
            stored_at=runtime.settings.clock(),
            stored_by=asking.name,
            sealed=sealed,
        )
        info, is_new = await run_in_threadpool(keep, runtime, arrival, row)
    response.status_code = 201 if is_new else 200
    return info


def _opener(
    runtime: RuntimeDep,
    sha256: Hash,
    credentials: Credentials,
    holder: Annotated[str | None, Query(max_length=100, description="Of a signed link")] = None,
    expires: Annotated[int | None, Query(ge=0, lt=2**40, description="Of a signed link")] = None,
    signature: Annotated[str | None, Query(max_length=64, description="Of a signed link")] = None,
) -> Opener:
    now = runtime.settings.clock()
    if holder is not None and expires is not None and signature is not None:
        runtime.links.check(sha256, Signature(holder, expires, signature), now)
        with runtime.database.read() as session:
            opener = Opener(named(session, holder), is_linked=True)
    else:
        by = authenticate(runtime.database, sent_token(credentials), now)
        opener = Opener(by, is_linked=False)
    check_role(opener.by, READERS)
    return opener


@router.get(
    "/evidence/{sha256}",
    response_class=FileResponse,
    openapi_extra={"security": [{}]},  # or a signed link
    responses={
        200: {"description": "The bytes", "content": FILES},
        206: {"description": "The part of the bytes that `Range` names", "content": FILES},
        410: {"description": "It was removed, as the rules of retention say", "model": Problem},
        416: {"description": "It has no such part", "model": Problem},
        503: {"description": "Where it lies is away, or it is lost or altered", "model": Problem},
    },
)
def get_evidence(
    sha256: Hash,
    runtime: RuntimeDep,
    opener: Annotated[Opener, Depends(declare(_opener, READERS))],
    span: Annotated[str | None, Header(alias="Range", max_length=100, description="A part")] = None,
) -> Response:
    """Return a stored picture or clip of an event in the token's scope; the audit notes who looked.

    A link as events show it (`snapshot_url`, `evidence`) needs no token, and holds for minutes.
    A token that is bounded by no scope may also open what belongs to no event yet.
    """
    row = _openable(runtime, sha256, opener)
    size_bytes = runtime.proof.check(sha256)
    # Kept nowhere on the way: each opening is seen here, or it would be in no audit.
    headers = {"Cache-Control": "private, no-store"}
    answer = file_response(runtime.evidence, sha256, size_bytes, span, row.media_type, headers)
    # Last: what could not be shown was not opened.
    content = {"sealed": row.sealed, "linked": opener.is_linked}
    deed = Deed(opener.by.name, "evidence.opened", f"evidence:{sha256}", content)
    with runtime.database.write() as session:
        audit.append(session, deed, runtime.settings.clock())
    return answer


def _openable(runtime: Runtime, sha256: str, opener: Opener) -> EvidenceRow:
    by = opener.by
    with runtime.database.read() as session:
        row = session.get(EvidenceRow, sha256)
        unbounded = by.scope.kind is ScopeKind.EVERYWHERE
        if row is None or not (unbounded or events.evidence_shown(session, sha256, by.scope)):
            raise NotFoundError(f"There is no evidence {sha256} in the scope of this token.")
        if row.removed_at is not None:
            raise GoneError(
                f"The evidence {sha256} was removed at {row.removed_at.isoformat()}, as the rules "
                "of retention say; the audit says by which."
            )
        if row.sealed:
            _check_sealed(opener, runtime.settings.sealed_roles)
        return row


def _check_sealed(opener: Opener, roles: tuple[Role, ...]) -> None:
    if opener.is_linked:
        raise ForbiddenError("This evidence is sealed; open it by your own token.")
    check_role(opener.by, roles)


def keep(runtime: Runtime, arrival: Arrival, row: EvidenceRow) -> tuple[EvidenceInfo, bool]:
    """Put what has arrived in its place, and say whether it is new.

    Raises:
        UnprocessableError: The bytes are not those of the hash, or not of the stated type.
    """
    # The file first: a row without its file would promise what is not there.
    arrival.keep()
    with runtime.database.write() as session:
        known = session.get(EvidenceRow, row.sha256)
        if known is not None and known.removed_at is not None:
            _take_back(runtime, known)
        if known is None:
            session.add(row)
        elif row.sealed and not known.sealed:
            known.sealed = True
            deed = Deed(row.stored_by, "evidence.sealed", f"evidence:{row.sha256}")
            audit.append(session, deed, row.stored_at)
        stored = known or row
        columns = {name: getattr(stored, name) for name in EvidenceInfo.model_fields}
        return EvidenceInfo(**columns), known is None


def _take_back(runtime: Runtime, known: EvidenceRow) -> None:
    """Let something that was removed be here again, now that it was sent again."""
    # Its removal may have gone on until this very moment.
    if runtime.evidence.find(known.sha256) is None:
        raise UnavailableError("This evidence is just being removed; send it again.")
    known.removed_at = None
