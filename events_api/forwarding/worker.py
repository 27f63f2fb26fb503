"""Hands dispatched events on for as long as the server runs, and brings their status back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from events_api.background import in_background
from events_api.cases import Status, TransitionName, Wish
from events_api.errors import ProblemError
from events_api.feed import Listener
from events_api.forwarding import queue
from events_api.forwarding.desk import Desk, ForeignError, Reply
from events_api.forwarding.queue import Errand
from events_api.forwarding.rows import ForwardedRow, ForwardRow, Standing
from events_api.handling import Occasion, Order, carry_out
from events_api.roles import Principal, Role, Scope, ScopeKind
from events_api.runtime import Runtime
from events_api.store import events
from events_api.webhooks import guard

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(hours=1)
"""How far the clocks of both servers may be apart when a request is looked for."""


@asynccontextmanager
async def forwarding(runtime: Runtime) -> AsyncIterator[None]:
    """Forward until the context is left; what is under way then is asked for again later."""
    with runtime.feed.listening(fleeting=False) as listener:
        async with in_background("forwards", lambda: Forwarder(runtime, listener).run()):
            yield


class Forwarder:
    """Fills the queue from the feed and runs its errands, several at a time.

    Args:
        runtime: The running API.
        listener: Is woken when the feed has grown.
    """

    def __init__(self, runtime: Runtime, listener: Listener) -> None:
        self._runtime, self._listener = runtime, listener
        self._settings = runtime.settings.forwards
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Forward without end."""
        while not self._listener.closed:
            try:
                for errand in await run_in_threadpool(self._collect):
                    task = asyncio.create_task(self._run(errand))
                    self._under_way.add(task)
                    task.add_done_callback(self._under_way.discard)
            except SQLAlchemyError as error:
                log.warning("forwards wait, the database does not answer: %r", error)
            await self._listener.wait(self._settings.look_s)

    def _collect(self) -> list[Errand]:
        database, now = self._runtime.database, self._runtime.settings.clock()
        with database.read() as session:
            behind = queue.behind(session)
        for forward_id in behind:
            with database.write() as session:
                if queue.fill(session, forward_id, now):
                    self._runtime.feed.wake()
        free = self._settings.at_once - len(self._under_way)
        with database.read() as session:
            if free <= 0 or not queue.is_due(session, now):
                return []
        # Longer than an attempt may take: it looks for an earlier one, and sends.
        lease = timedelta(seconds=4 * self._settings.timeout_s)
        with database.write() as session:
            return queue.claim(session, now, lease, free)

    async def _run(self, errand: Errand) -> None:
        with suppress(SQLAlchemyError):  # the lease passes, and it is asked for again
            await run_in_threadpool(self._errand, errand)

    def _errand(self, errand: Errand) -> None:
        networks = self._runtime.settings.webhooks.networks
        desk = Desk(errand.account, networks, self._settings.timeout_s)
        try:
            answer: Reply | ForeignError = ask(desk, errand)
        except ForeignError as error:
            answer = error
        with self._runtime.database.write() as session:
            self._settle(session, errand, answer)
        self._runtime.feed.wake()

    def _settle(self, session: Session, errand: Errand, answer: Reply | ForeignError) -> None:
        row = session.get(ForwardedRow, errand.number, with_for_update=True)
        forward = None if row is None else session.get(ForwardRow, row.forward_id)
        if row is None or forward is None:  # taken back meanwhile
            return
        now = self._runtime.settings.clock()
        if isinstance(answer, ForeignError):
            queue.note_failure(row, answer, now, self._settings)
            return
        queue.note(row, answer, now, self._settings)
        forward.last_answered_at = now
        if row.foreign_id is not None:
            self._move(session, row, forward)

    def _move(self, session: Session, row: ForwardedRow, forward: ForwardRow) -> None:
        """Let the history of the event tell that the foreign server has it, and that it is done."""
        event = events.locked_by_id(session, row.event_id)
        if event is None:
            return
        host = guard.check_url(forward.url).host
        words = f"Open311 {host}: request {row.foreign_id} is {row.foreign_status}."
        reason = f"{words} {row.notes or ''}".strip()[:2000]
        by = Principal(f"open311:{host}"[:100], Role.HANDLER, Scope(ScopeKind.BODY, forward.body))
        now = self._runtime.settings.clock()
        occasion = Occasion(by, now, self._runtime.rules.now(session))
        steps = [(Status.DISPATCHED, TransitionName.START)]
        if row.standing == Standing.CLOSED:
            steps.append((Status.HANDLING, TransitionName.FINISH))
        for status, name in steps:
            if event.status != status:
                continue
            order = Order(Wish(name, reason), key=f"forward:{row.number}:{name}")
            try:
                carry_out(session, event, order, occasion)
            except ProblemError as error:  # somebody here has decided otherwise
                log.info("the status of request %s changes nothing: %s", row.foreign_id, error)


def ask(desk: Desk, errand: Errand) -> Reply:
    """Ask a foreign server what is to be asked next of a request.

    Raises:
        ForeignError: It did not do it.
    """
    if errand.foreign_id is not None:
        return desk.state(errand.foreign_id)
    if errand.token is not None:
        return desk.of_token(errand.token)
    if errand.tried_at is not None:
        # GeoReport has no keys against doubling: what an earlier attempt opened is looked for.
        since = errand.tried_at - LOOK_BACK
        found = desk.find(errand.reference, errand.fields["service_code"], since)
        if found is not None and found.foreign_id is not None:
            return found
    return desk.send(errand.fields)
