"""Pictures and clips, in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse

from events_api.access import READERS, WITNESSES, Asking, allow
from events_api.audit import Deed
from events_api.errors import NotFoundError
from events_api.roles import Principal, ScopeKind
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import EvidenceInfo
from events_api.store import audit, events
from events_api.store.evidence import Arrival, check_media_type
from events_api.store.models import EvidenceRow

router = APIRouter(tags=["evidence"])

Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the bytes")]


@router.put("/evidence/{sha256}", dependencies=[Depends(allow(WITNESSES))])
async def put_evidence(
    sha256: Hash, runtime: RuntimeDep, asking: Asking, request: Request, response: Response
) -> EvidenceInfo:
    """Store a JPEG, PNG or MP4 under the SHA-256 of its bytes; again does no harm."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    check_media_type(media_type)
    limit_bytes = runtime.settings.evidence_limit_bytes
    # Streamed to disk: a clip never lies in memory as a whole.
    with runtime.evidence.receive(sha256, media_type, limit_bytes) as arrival:
        async for piece in request.stream():
            arrival.write(piece)
        row, is_new = await run_in_threadpool(_keep, runtime, arrival, media_type, asking.name)
    response.status_code = 201 if is_new else 200
    return row


@router.get(
    "/evidence/{sha256}", dependencies=[Depends(allow(READERS))], response_class=FileResponse
)
def get_evidence(sha256: Hash, runtime: RuntimeDep, asking: Asking) -> FileResponse:
    """Return a stored picture or clip of an event in the token's scope; the audit notes who looked.

    A token that is bounded by no scope may also open what belongs to no event yet.
    """
    media_type = _open(runtime, sha256, asking)
    # Kept nowhere on the way: each opening is seen here, or it would be in no audit.
    headers = {"Cache-Control": "private, no-store"}
    return FileResponse(runtime.evidence.path(sha256), media_type=media_type, headers=headers)


def _open(runtime: Runtime, sha256: str, by: Principal) -> str:
    with runtime.database.write() as session:
        row = session.get(EvidenceRow, sha256)
        unbounded = by.scope.kind is ScopeKind.EVERYWHERE
        if row is None or not (unbounded or events.evidence_shown(session, sha256, by.scope)):
            raise NotFoundError(f"There is no evidence {sha256} in the scope of this token.")
        deed = Deed(by.name, "evidence.opened", f"evidence:{sha256}")
        audit.append(session, deed, runtime.settings.clock())
        return row.media_type


def _keep(
    runtime: Runtime, arrival: Arrival, media_type: str, by: str
) -> tuple[EvidenceInfo, bool]:
    # The file first: a row without its file would promise what is not there.
    arrival.keep()
    info = EvidenceInfo(sha256=arrival.sha256, media_type=media_type, size_bytes=arrival.size_bytes)
    with runtime.database.write() as session:
        if session.get(EvidenceRow, info.sha256) is not None:
            return info, False
        row = EvidenceRow(**info.model_dump(), stored_at=runtime.settings.clock(), stored_by=by)
        session.add(row)
    return info, True
