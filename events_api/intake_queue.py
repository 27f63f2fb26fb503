"""Reports that come at the same time are taken in by one transaction.

To be on disk takes a commit longer than all else that a report asks for, so those that wait while
one commits share the next. Each is answered after the commit that it is in; one that cannot be
accepted leaves the others alone, and where a transaction fails, each is tried in one of its own.

Who was just answered often sends the next report at once. A transaction that began with the first
of them would leave all others waiting for it, so after a transaction of many the next one begins
when half of those about have come: while these are taken in, the other half is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from events_api.errors import ProblemError
from events_api.intake import Intake
from events_api.schemas import Report
from events_api.senders import Sender
from events_api.taking_in import Arriving, Outcome

AT_ONCE = 64

PATIENCE = 0.5

TakeIn = Callable[[Arriving], Awaitable[list[Outcome]]]
"""Takes reports in, and returns after the commit."""


class IntakeQueue:
    """Reports that wait to be taken in; used on one event loop.

    Args:
        take_in: The transaction.
        patience: So long, in times that the last transaction took, those are waited for who may
            come again.
    """

    def __init__(self, take_in: TakeIn, patience: float = PATIENCE) -> None:
        self._take_in = take_in
        self._patience = patience
        self._waiting: list[tuple[Report, Sender, asyncio.Future[Outcome]]] = []
        self._working: asyncio.Task[None] | None = None
        self._company = _Company()

    async def submit(self, report: Report, by: Sender) -> Intake:
        """Have a report taken in, and return after it was.

        Raises:
            ProblemError: As `intake.receive` says.
        """
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((report, by, outcome))
        self._company.count(len(self._waiting))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        found = await outcome
        if isinstance(found, ProblemError):
            raise found
        return found

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                await self._company.gathered()
                some, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                began_s = loop.time()
                await self._settle(some)
                took_s = loop.time() - began_s
                self._company.expect(len(some), len(self._waiting), self._patience * took_s)
        finally:
            self._working = None

    async def _settle(self, some: Sequence[tuple[Report, Sender, asyncio.Future[Outcome]]]) -> None:
        try:
            outcomes = await self._take_in([(report, by) for report, by, _ in some])
        except Exception as error:  # noqa: BLE001 - whoever waits for it is told
            if len(some) > 1:
                for one in some:
                    await self._settle([one])
            elif not some[0][2].done():
                some[0][2].set_exception(error)
            return
        for (_, _, waiting), outcome in zip(some, outcomes, strict=True):
            if not waiting.done():  # the client may have gone
                waiting.set_result(outcome)


class _Company:
    """How many reports are about, and whether enough of them wait for the next transaction."""

    def __init__(self) -> None:
        self._wanted = 0
        self._until_s = 0.0
        self._enough = asyncio.Event()

    def expect(self, answered: int, waiting: int, patience_s: float) -> None:
        """Note how many were just answered, and how many wait already."""
        self._wanted = min(AT_ONCE, (answered + waiting + 1) // 2)
        self._until_s = asyncio.get_running_loop().time() + patience_s
        self._enough.clear()
        self.count(waiting)

    def count(self, waiting: int) -> None:
        """Note how many wait."""
        if waiting >= self._wanted:
            self._enough.set()

    async def gathered(self) -> None:
        """Wait until enough are there, or have been waited for long enough."""
        if self._enough.is_set():
            return
        try:
            async with asyncio.timeout_at(self._until_s):
                await self._enough.wait()
        except TimeoutError:
            return
