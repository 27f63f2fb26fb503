"""Reports in: one, or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import TypeAdapter, ValidationError

from events_api.access import SENDERS, Asking, SentToken, allow, token_hash
from events_api.errors import ProblemError, UnprocessableError
from events_api.intake import Intake
from events_api.problems import Problem, invalid_sentences
from events_api.quick_route import QuickRoute, json_answer, plain_token, quickly
from events_api.report_schemas import BatchOutcome, BatchReceipt, ReadBatch, ReportBatch
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import Receipt, Report
from events_api.senders import ChangedSenderError, Sender
from events_api.taking_in import Outcome

router = APIRouter(tags=["reports"], route_class=QuickRoute)

ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"description": "Received for the first time", "model": Receipt},
    409: {"description": "The id was used for another content", "model": Problem},
    422: {"description": "The report cannot be accepted", "model": Problem},
}

REPORT, BATCH = TypeAdapter(Report), TypeAdapter(ReadBatch)


def _sender(runtime: Runtime, request: Request) -> Sender | None:
    token = plain_token(request)
    return None if token is None else runtime.senders.known(token_hash(token))


def _forget(runtime: Runtime, sender: Sender) -> None:
    """Ask for a changed sender anew, and before a transaction: it would enter each time else."""
    if sender.sha256 is not None:
        runtime.senders.forget(sender.sha256)


async def _quick_report(request: Request) -> Response | None:
    runtime: Runtime = request.app.state.runtime
    sender = _sender(runtime, request)
    if sender is None:
        return None
    try:
        report = REPORT.validate_json(await request.body())
        intake = await runtime.intake.submit(report, sender)
    except ValidationError:
        return None
    except ChangedSenderError:
        _forget(runtime, sender)
        return None
    runtime.metrics.count_report(intake)
    return json_answer(intake.receipt.model_dump_json(), 201 if intake.is_new else 200)


@router.post("/reports", dependencies=[Depends(allow(SENDERS))], responses=ANSWERS)
@quickly(_quick_report)
async def post_report(
    report: Report, runtime: RuntimeDep, asking: Asking, token: SentToken, response: Response
) -> Receipt:
    """Send one report; sending it again does no harm and gives the same event.

    The answer is 201 the first time and 200 for a report that was received before.
    """
    runtime.senders.note(token_hash(token), asking)
    intake = await runtime.intake.submit(report, Sender(asking))
    runtime.metrics.count_report(intake)
    if intake.is_new:
        response.status_code = 201
    return intake.receipt


async def _quick_reports(request: Request) -> Response | None:
    runtime: Runtime = request.app.state.runtime
    sender = _sender(runtime, request)
    if sender is None:
        return None
    try:
        batch = BATCH.validate_json(await request.body())
    except ValidationError:
        return None
    reports = [(each, sender) for each in batch.reports]
    outcomes = await run_in_threadpool(runtime.take_in, reports)
    if any(isinstance(each, ChangedSenderError) for each in outcomes):
        _forget(runtime, sender)
        return None
    return json_answer(_receipt(runtime, outcomes).model_dump_json())


@router.post("/reports/batch", dependencies=[Depends(allow(SENDERS))])
@quickly(_quick_reports)
async def post_reports(
    batch: ReportBatch, runtime: RuntimeDep, asking: Asking, token: SentToken
) -> BatchReceipt:
    """Send many reports, in the order in which they were made.

    The answer says of each, in the same order, what POST /reports would have answered: a report
    that cannot be accepted leaves the others alone, and what was received before counts once. When
    the answer comes, all that were accepted are kept.
    """
    runtime.senders.note(token_hash(token), asking)
    read = [_read(each) for each in batch.reports]
    reports = [(each, Sender(asking)) for each in read if isinstance(each, Report)]
    outcomes = iter(await run_in_threadpool(runtime.take_in, reports))
    return _receipt(
        runtime, [next(outcomes) if isinstance(each, Report) else each for each in read]
    )


def _read(content: dict[str, Any]) -> Report | ProblemError:
    try:
        return Report.model_validate(content)
    except ValidationError as error:
        return UnprocessableError(invalid_sentences(error))


def _receipt(runtime: Runtime, outcomes: Sequence[Outcome]) -> BatchReceipt:
    runtime.metrics.count_reports(each for each in outcomes if isinstance(each, Intake))
    return BatchReceipt(results=tuple(map(_outcome, outcomes)))


def _outcome(outcome: Outcome) -> BatchOutcome:
    if isinstance(outcome, Intake):
        return BatchOutcome(status=201 if outcome.is_new else 200, receipt=outcome.receipt)
    return BatchOutcome(status=outcome.status, detail=str(outcome))
