"""What it means to whoever asked that the database failed."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from events_api.problems import problem_response
from events_api.request_ids import route_of

RETRY_AFTER_S = 5

log = logging.getLogger(__name__)


def install_database_problems(app: FastAPI) -> None:
    """Make what the database refuses answer as a problem."""
    app.add_exception_handler(OperationalError, _away)
    app.add_exception_handler(PoolTimeoutError, _away)
    app.add_exception_handler(DataError, _unstorable)


def _away(request: Request, error: Exception) -> JSONResponse:
    log.error(
        "%s %s: the database does not answer: %r", request.method, route_of(request.scope), error
    )
    return problem_response(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Not available",
        "The database does not answer just now. Try again; what was sent twice counts once.",
        {"Retry-After": str(RETRY_AFTER_S)},
    )


def _unstorable(request: Request, error: Exception) -> JSONResponse:
    # PostgreSQL keeps no text with a NUL in it, and SQLite keeps every text.
    log.warning("%s %s: the database refuses: %r", request.method, route_of(request.scope), error)
    return problem_response(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Cannot be accepted",
        "Something in this request cannot be stored: leave out signs that are no letters, such as "
        "the one of code 0.",
    )
