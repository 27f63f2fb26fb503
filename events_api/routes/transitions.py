"""Events moved through their lives, by people and by what a second look found."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response

from events_api.access import VERIFIERS, Asking, allow
from events_api.cases import MOVERS, Wish
from events_api.cited import check_evidence
from events_api.handling import (
    Handled,
    Occasion,
    Order,
    carry_out,
    no_such_event,
    verification_order,
)
from events_api.problems import Problem
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import Transition, TransitionRequest, VerificationReport
from events_api.store import events, transitions
from events_api.versions import Seen, etag

router = APIRouter(tags=["events"])

ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"description": "Carried out", "model": Transition},
    403: {"description": "The role or the level does not allow it", "model": Problem},
    404: {"description": "There is no such event in the scope", "model": Problem},
    409: {"description": "Not from this state, or the key was used before", "model": Problem},
    422: {"description": "A reason or a field is missing or does not fit", "model": Problem},
}
GUARDED: dict[int | str, dict[str, Any]] = {
    412: {"description": "The event has moved since; `current` says to where", "model": Problem},
    428: {"description": "`If-Match` is missing", "model": Problem},
}

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=100,
        description="The same key again gives the same answer and moves nothing",
    ),
]


@router.post(
    "/events/{event_id}/transitions",
    dependencies=[Depends(allow(MOVERS))],
    responses={**ANSWERS, **GUARDED},
)
def post_transition(  # noqa: PLR0913, PLR0917 - each is a part of the request
    event_id: UUID,
    wish: TransitionRequest,
    runtime: RuntimeDep,
    asking: Asking,
    seen: Seen,
    response: Response,
    key: Key = None,
) -> Transition:
    """Move an event as its state, your role and your scope allow.

    Send the event's `ETag` in `If-Match`. The answer is 201 the first time and 200 for a
    transition that was received before under the same `Idempotency-Key`.
    """
    now = runtime.settings.clock()
    order = Order(Wish(**dict(wish)), seen=seen, key=key and f"key:{key}")
    with runtime.database.write() as session:
        event = events.locked_by_id(session, str(event_id))
        if event is None:
            raise no_such_event(event_id)
        occasion = Occasion(asking, now, runtime.rules.now(session))
        handled = carry_out(session, event, order, occasion)
        response.headers["ETag"] = etag(event.version)
        made = transitions.record(handled.row)
    _tell(runtime, handled, response)
    return made


@router.post(
    "/events/{event_id}/verifications",
    dependencies=[Depends(allow(VERIFIERS))],
    responses=ANSWERS,
)
def post_verification(
    event_id: UUID,
    report: VerificationReport,
    runtime: RuntimeDep,
    asking: Asking,
    response: Response,
) -> Transition:
    """Say what a second look found: an event that awaits it is closed, or handled further.

    No `If-Match` is needed: who looks does not decide on what somebody else has read. The answer
    is 201 the first time and 200 for a report that was received before.
    """
    now = runtime.settings.clock()
    with runtime.database.write() as session:
        event = events.locked_by_id(session, str(event_id))
        if event is None:
            raise no_such_event(event_id)
        check_evidence(session, report.evidence)
        occasion = Occasion(asking, now, runtime.rules.now(session))
        handled = carry_out(session, event, verification_order(report), occasion)
        events.note_evidence(session, event, report.evidence)
        response.headers["ETag"] = etag(event.version)
        made = transitions.record(handled.row)
    _tell(runtime, handled, response)
    return made


def _tell(runtime: Runtime, handled: Handled, response: Response) -> None:
    response.status_code = 201 if handled.is_new else 200
    if handled.is_new:
        runtime.feed.wake()
