"""Whether the API lives, whether it can serve, and how it does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from events_api.access import Asking, allow, anybody
from events_api.errors import EvidenceStoreError, ForbiddenError, UnavailableError
from events_api.problems import Problem
from events_api.roles import EVERYWHERE, Role
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import Health, Wire
from events_api.store import feed
from events_api.store.revisions import newest_revision, present_revision
from events_api.store.stock import read_stock

router = APIRouter(tags=["health"])

WATCHERS = (Role.MACHINE, Role.ADMINISTRATOR)
"""May read the figures. Never by address alone: behind a proxy everybody comes from the same."""

log = logging.getLogger(__name__)


class PlainText(Response):
    """Figures as Prometheus reads them."""

    media_type = CONTENT_TYPE_LATEST


class Readiness(Wire):
    """What was tried, and that it works."""

    status: Literal["ready"]
    checks: dict[str, Literal["ok"]]


@router.get("/healthz", dependencies=[Depends(anybody)])
async def get_health(runtime: RuntimeDep) -> Health:
    """Say that the process lives and answers; no token needed.

    Nothing else is tried: who restarts what does not live must not do so for a database that is
    away. `/readyz` says whether requests can be served.
    """
    return Health(status="ok", time=runtime.settings.clock())


@router.get(
    "/readyz",
    dependencies=[Depends(anybody)],
    responses={503: {"description": "Something it needs is away", "model": Problem}},
)
def get_readiness(runtime: RuntimeDep) -> Readiness:
    """Say that requests can be served: database, its form, and the place of evidence; no token."""
    failed = [name for name, check in CHECKS.items() if not _holds(name, check, runtime)]
    if failed:
        states = {name: "failed" if name in failed else "ok" for name in CHECKS}
        raise UnavailableError(
            f"Requests cannot be served now: {', '.join(failed)} failed; the log says why.",
            members={"checks": states},
        )
    return Readiness(status="ready", checks=dict.fromkeys(CHECKS, "ok"))


@router.get(
    "/metrics",
    dependencies=[Depends(allow(WATCHERS))],
    response_class=PlainText,
    responses={200: {"content": {CONTENT_TYPE_LATEST: {"schema": {"type": "string"}}}}},
)
def get_metrics(runtime: RuntimeDep, asking: Asking) -> PlainText:
    """Return this process's figures in Prometheus's text format.

    Issue a machine token for the monitoring system; it is bounded by no scope, as they are not.
    """
    if asking.scope != EVERYWHERE:
        raise ForbiddenError(
            f"The figures are of the whole county, and this token's scope is {asking.scope}."
        )
    with runtime.database.read() as session:
        stock = read_stock(session)
    return PlainText(runtime.metrics.exposition(stock, runtime.feed.streams))


def _database(runtime: Runtime) -> None:
    with runtime.database.read() as session:
        feed.last_id(session)


def _migrations(runtime: Runtime) -> None:
    with runtime.database.read() as session:
        present = present_revision(session)
    if present != newest_revision():
        raise UnavailableError(
            f"the database has the form {present}, and this program's is {newest_revision()}"
        )


def _evidence(runtime: Runtime) -> None:
    runtime.evidence.check_writable()


CHECKS: dict[str, Callable[[Runtime], None]] = {
    "database": _database,
    "migrations": _migrations,
    "evidence": _evidence,
}


def _holds(name: str, check: Callable[[Runtime], None], runtime: Runtime) -> bool:
    try:
        check(runtime)
    except (SQLAlchemyError, EvidenceStoreError, UnavailableError) as error:
        log.warning("not ready, %s: %s", name, error)
        return False
    return True
