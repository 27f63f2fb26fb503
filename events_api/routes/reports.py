"""Reports in: one, or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from events_api.access import SENDERS, Asking, allow
from events_api.errors import ProblemError, UnprocessableError
from events_api.intake import Intake
from events_api.intake_queue import Outcome
from events_api.problems import Problem, invalid_sentences
from events_api.report_schemas import BatchOutcome, BatchReceipt, ReportBatch
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import Receipt, Report

router = APIRouter(tags=["reports"])

ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"description": "Received for the first time", "model": Receipt},
    409: {"description": "The id was used for another content", "model": Problem},
    422: {"description": "The report cannot be accepted", "model": Problem},
}


@router.post("/reports", dependencies=[Depends(allow(SENDERS))], responses=ANSWERS)
async def post_report(
    report: Report, runtime: RuntimeDep, asking: Asking, response: Response
) -> Receipt:
    """Send one report; sending it again does no harm and gives the same event.

    The answer is 201 the first time and 200 for a report that was received before.
    """
    intake = await runtime.intake.submit(report, asking)
    runtime.metrics.count_report(intake)
    if intake.is_new:
        response.status_code = 201
        runtime.feed.wake()
    return intake.receipt


@router.post("/reports/batch", dependencies=[Depends(allow(SENDERS))])
async def post_reports(batch: ReportBatch, runtime: RuntimeDep, asking: Asking) -> BatchReceipt:
    """Send many reports, in the order in which they were made.

    The answer says of each, in the same order, what POST /reports would have answered: a report
    that cannot be accepted leaves the others alone, and what was received before counts once. When
    the answer comes, all that were accepted are kept.
    """
    read = [_read(each) for each in batch.reports]
    reports = [(each, asking) for each in read if isinstance(each, Report)]
    outcomes = iter(await run_in_threadpool(runtime.take_in, reports))
    told = [next(outcomes) if isinstance(each, Report) else each for each in read]
    _tell(runtime, told)
    return BatchReceipt(results=tuple(map(_outcome, told)))


def _read(content: dict[str, Any]) -> Report | ProblemError:
    try:
        return Report.model_validate(content)
    except ValidationError as error:
        return UnprocessableError(invalid_sentences(error))


def _tell(runtime: Runtime, outcomes: Sequence[Outcome]) -> None:
    taken = [each for each in outcomes if isinstance(each, Intake)]
    for intake in taken:
        runtime.metrics.count_report(intake)
    if any(intake.is_new for intake in taken):
        runtime.feed.wake()


def _outcome(outcome: Outcome) -> BatchOutcome:
    if isinstance(outcome, Intake):
        return BatchOutcome(status=201 if outcome.is_new else 200, receipt=outcome.receipt)
    return BatchOutcome(status=outcome.status, detail=str(outcome))
