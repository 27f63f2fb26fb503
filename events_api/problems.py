"""Every refusal as RFC 9457 problem+json, with a sentence a person can act on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from events_api import request_ids
from events_api.errors import (
    EvidenceAlteredError,
    EvidenceLostError,
    EvidenceStoreError,
    ProblemError,
)

MEDIA_TYPE = "application/problem+json"
SHOWN_PROBLEMS = 5
RETRY_AFTER_S = 30
METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    request_id: str | None = None


def problem_response(
    status: int,
    title: str,
    detail: str,
    headers: dict[str, str] | None = None,
    members: dict[str, object] | None = None,
) -> JSONResponse:
    """Return a problem+json answer; `members` are further ones, after RFC 9457 section 3.2."""
    name = request_ids.present()
    problem = Problem(title=title, status=status, detail=detail, request_id=name)
    told = problem.model_dump(exclude_none=True)
    body = {**(members or {}), **told}
    return JSONResponse(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of `app` answer as a problem."""
    app.add_exception_handler(ProblemError, _own_problem)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(EvidenceStoreError, _no_evidence_store)
    app.add_exception_handler(Exception, _unforeseen)


def _own_problem(_request: Request, error: Exception) -> JSONResponse:
    problem = cast("ProblemError", error)
    headers = dict(problem.headers)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return problem_response(problem.status, problem.title, str(problem), headers, problem.members)


def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    problems = cast("RequestValidationError", error).errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        reason = problems[0].get("ctx", {}).get("error", "it ends too early")
        return problem_response(400, "Bad request", f"The body is not JSON: {reason}.")
    detail = invalid_sentences(cast("RequestValidationError", error))
    sent = request.headers.get("Content-Type", "")
    if "json" not in sent and any(problem["loc"] == ("body",) for problem in problems):
        # What programs send by themselves where they are told nothing, and read as no object.
        named = f"and not {sent}" if sent else "and not without one"
        detail = f"Send the body as JSON with `Content-Type: application/json`, {named}."
    return problem_response(422, "Cannot be accepted", detail)


def invalid_sentences(error: RequestValidationError | ValidationError) -> str:
    """Say what is wrong with a request, the first few mistakes of it."""
    problems = error.errors()
    # A list of hundreds helps nobody; the first few show what kind of mistake it is.
    sentences = [_sentence(problem) for problem in problems[:SHOWN_PROBLEMS]]
    more = len(problems) - len(sentences)
    tail = f" And {more} more." if more else ""
    return " ".join(sentences) + tail


def _sentence(problem: Mapping[str, object]) -> str:
    where = ".".join(str(part) for part in cast("tuple[object, ...]", problem["loc"]))
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}."


def _http_problem(request: Request, error: Exception) -> JSONResponse:
    http_error = cast("HTTPException", error)
    title = HTTPStatus(http_error.status_code).phrase
    detail = f"{request.method} {request.url.path}: {http_error.detail}."
    headers = dict(http_error.headers or {})
    if http_error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_of(request))
    return problem_response(http_error.status_code, title, detail, headers)


def _methods_of(request: Request) -> list[str]:
    """Return every method of a path; several routes may share one."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    return [
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    ]


def _no_evidence_store(_request: Request, error: Exception) -> JSONResponse:
    log.error("no evidence: %s", error)
    if isinstance(error, EvidenceAlteredError):
        detail = (
            "This picture or clip is not shown: it was altered where it lies, since its bytes no "
            "longer have its SHA-256. Do not rely on it; whoever runs this server can restore it "
            "from a backup."
        )
        return problem_response(503, "Evidence altered", detail, members={"evidence": "altered"})
    if isinstance(error, EvidenceLostError):
        # It does not come back by itself: who is told to wait would wait for ever.
        detail = (
            "This picture or clip should be here and is missing; whoever runs this server can "
            "restore it from a backup."
        )
        return problem_response(503, "Cannot serve now", detail)
    detail = "Pictures and clips cannot be reached just now; try again later."
    return problem_response(503, "Cannot serve now", detail, {"Retry-After": str(RETRY_AFTER_S)})


def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    # The server itself logs the traceback, once this answer is sent.
    route = request_ids.route_of(request.scope)
    log.error("%s %s failed: %r", request.method, route, error)
    detail = "The event API failed on this request; its log says why. Trying again does no harm."
    return problem_response(500, "Internal error", detail)
