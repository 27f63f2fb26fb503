"""Reports in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Response

from events_api.access import SENDERS, Asking, allow
from events_api.intake import Arrival, Intake, receive
from events_api.problems import Problem
from events_api.roles import Principal
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import Receipt, Report

router = APIRouter(tags=["reports"])

ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"description": "Received for the first time", "model": Receipt},
    409: {"description": "The id was used for another content", "model": Problem},
    422: {"description": "The report cannot be accepted", "model": Problem},
}


@router.post("/reports", dependencies=[Depends(allow(SENDERS))], responses=ANSWERS)
def post_report(report: Report, runtime: RuntimeDep, asking: Asking, response: Response) -> Receipt:
    """Send one report; sending it again does no harm and gives the same event.

    The answer is 201 the first time and 200 for a report that was received before.
    """
    intake = _take_in(runtime, report, asking)
    runtime.metrics.count_report(intake)
    if intake.is_new:
        response.status_code = 201
        runtime.feed.wake()
    return intake.receipt


def _take_in(runtime: Runtime, report: Report, by: Principal) -> Intake:
    with runtime.database.write() as session:
        arrival = Arrival(
            by,
            runtime.settings.clock(),
            runtime.rules.now(session),
            lambda: runtime.cells.now().grid,
        )
        return receive(session, report, arrival)
