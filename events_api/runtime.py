"""What a running event API holds, and how a route gets at it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from events_api.feed import LiveFeed
from events_api.limiting import Limits
from events_api.links import SECRET_BYTES, EvidenceLinks
from events_api.passwords import Passwords
from events_api.settings import ApiSettings
from events_api.store import secrets
from events_api.store.cells import CellBook
from events_api.store.database import Database
from events_api.store.evidence import EvidenceFolder
from events_api.store.rulebook import RuleBook
from events_api.timekeeping import catch_up
from events_api.vehicles import VehicleBoard


@dataclass(frozen=True)
class Runtime:
    """Everything that lives as long as the app."""

    settings: ApiSettings
    database: Database
    rules: RuleBook
    evidence: EvidenceFolder
    cells: CellBook
    vehicles: VehicleBoard
    feed: LiveFeed
    links: EvidenceLinks
    passwords: Passwords
    limits: Limits


@contextmanager
def open_runtime(settings: ApiSettings, loop: asyncio.AbstractEventLoop) -> Iterator[Runtime]:
    """Open the store, migrated, and everything around it.

    Raises:
        CatalogueError: A rule file in force cannot be read.
    """
    database = Database(settings.database_url)
    try:
        database.migrate()
        rules = RuleBook()
        with database.write() as session:
            catch_up(session, rules.now(session))
            secret = secrets.shared(session, "evidence links", SECRET_BYTES, settings.clock())
        yield Runtime(
            settings=settings,
            database=database,
            rules=rules,
            evidence=EvidenceFolder(settings.evidence_folder),
            cells=CellBook(database),
            vehicles=VehicleBoard(),
            feed=LiveFeed(loop),
            links=EvidenceLinks(secret),
            passwords=Passwords(settings.hasher),
            limits=Limits(settings.rates, settings.clock),
        )
    finally:
        database.close()


async def _of_request(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


RuntimeDep = Annotated[Runtime, Depends(_of_request)]
