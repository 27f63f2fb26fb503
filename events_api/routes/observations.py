"""Observations: taken out of an event that they should not have been merged into."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from events_api.access import Asking, allow
from events_api.handling import Occasion
from events_api.roles import Role
from events_api.routes.transitions import ANSWERS, GUARDED
from events_api.runtime import RuntimeDep
from events_api.split_schemas import Split, SplitRequest
from events_api.unmerging import Parting, split
from events_api.versions import Seen, etag

router = APIRouter(tags=["events"])

DESK = (Role.ACCEPTOR, Role.SUPERVISOR)


@router.post(
    "/observations/{report_id}/split",
    status_code=201,
    dependencies=[Depends(allow(DESK))],
    responses={**ANSWERS, 201: {"description": "Taken out", "model": Split}, **GUARDED},
)
def post_split(
    report_id: UUID,
    wish: SplitRequest,
    runtime: RuntimeDep,
    asking: Asking,
    seen: Seen,
    response: Response,
) -> Split:
    """Take an observation out of its event, into an event of its own or another open one.

    Send the `ETag` of the event that it is in in `If-Match`. Why it was merged stands at the
    observation (`merged_why`), and afterwards why and by whom it was taken out.
    """
    with runtime.database.write() as session:
        occasion = Occasion(asking, runtime.settings.clock(), runtime.rules.now(session))
        parting = Parting(report_id, wish, seen)
        made = split(session, parting, occasion, lambda: runtime.cells.now().grid)
    response.headers["ETag"] = etag(made.version)
    runtime.feed.wake()
    return made
