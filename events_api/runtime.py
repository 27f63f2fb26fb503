"""What a running event API holds, and how a route gets at it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from events_api import principals
from events_api.feed import FeedMessage, LiveFeed
from events_api.feed_tail import AT_ONCE, FeedTail
from events_api.intake_queue import IntakeQueue
from events_api.limiting import Limits
from events_api.links import SECRET_BYTES, EvidenceLinks
from events_api.live_tokens import LiveTokens
from events_api.metrics import Metrics
from events_api.passwords import Passwords
from events_api.principals import Principals
from events_api.replicas import Replicas
from events_api.roles import Principal
from events_api.senders import Senders
from events_api.settings import ApiSettings
from events_api.store import feed, secrets, tokens, users
from events_api.store.cells import CellBook
from events_api.store.database import Database
from events_api.store.evidence import EvidenceStore
from events_api.store.evidence_place import open_evidence
from events_api.store.evidence_proof import EvidenceProof
from events_api.store.rate_limits import count_by
from events_api.store.rulebook import RuleBook
from events_api.taking_in import Arriving, IntakeDesk, Outcome
from events_api.timekeeping import catch_up
from events_api.vehicles import VehicleBoard


@dataclass(frozen=True)
class Runtime:
    """Everything that lives as long as the app."""

    settings: ApiSettings
    database: Database
    rules: RuleBook
    evidence: EvidenceStore
    proof: EvidenceProof
    cells: CellBook
    vehicles: VehicleBoard
    feed: LiveFeed
    replicas: Replicas
    tail: FeedTail
    live_tokens: LiveTokens
    principals: Principals
    senders: Senders
    take_in: Callable[[Arriving], list[Outcome]]
    intake: IntakeQueue
    links: EvidenceLinks
    passwords: Passwords
    limits: Limits
    metrics: Metrics


@contextmanager
def open_runtime(
    settings: ApiSettings, loop: asyncio.AbstractEventLoop, metrics: Metrics
) -> Iterator[Runtime]:
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
            counting = secrets.shared(session, "rate limits", SECRET_BYTES, settings.clock())
        vehicles, live, cells = VehicleBoard(), LiveFeed(loop), CellBook(database)
        evidence = open_evidence(settings.evidence_folder, settings.evidence_bucket)
        take_in = IntakeDesk(database, rules, cells, settings.clock, live).take_in
        yield Runtime(
            settings=settings,
            database=database,
            rules=rules,
            evidence=evidence,
            proof=EvidenceProof(evidence),
            cells=cells,
            vehicles=vehicles,
            feed=live,
            replicas=Replicas(database, live, vehicles),
            tail=FeedTail(lambda feed_id: run_in_threadpool(_read_after, database, feed_id)),
            live_tokens=LiveTokens(
                lambda hashes: run_in_threadpool(_in_force, database, settings.clock, hashes)
            ),
            principals=Principals(
                lambda hashes: run_in_threadpool(_principals, database, settings.clock, hashes)
            ),
            senders=Senders(),
            take_in=take_in,
            intake=IntakeQueue(lambda reports: run_in_threadpool(take_in, reports)),
            links=EvidenceLinks(secret),
            passwords=Passwords(settings.hasher),
            limits=Limits(settings.rates, settings.clock, partial(count_by, database, counting)),
            metrics=metrics,
        )
    finally:
        database.close()


def _read_after(database: Database, feed_id: int) -> list[FeedMessage]:
    with database.read() as session:
        rows = feed.after(session, feed_id, AT_ONCE)
        return [FeedMessage(row.feed_id, row.kind, row.payload) for row in rows]


def _principals(
    database: Database, clock: Callable[[], datetime], hashes: frozenset[str]
) -> dict[str, Principal]:
    with database.read() as session:
        return principals.find_all(session, hashes, clock())


def _in_force(
    database: Database, clock: Callable[[], datetime], hashes: frozenset[str]
) -> frozenset[str]:
    with database.read() as session:
        of_tokens = tokens.in_force(session, hashes)
        return of_tokens | users.sessions_in_force(session, hashes - of_tokens, clock())


async def _of_request(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


RuntimeDep = Annotated[Runtime, Depends(_of_request)]
