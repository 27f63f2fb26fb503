"""Reports that come at the same time are taken in by one transaction.

To be on disk takes a commit longer than all else that a report asks for, so those that wait while
one commits share the next. Each is answered after the commit that it is in; one that cannot be
accepted leaves the others alone, and where a transaction fails, each is tried in one of its own.
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

TakeIn = Callable[[Arriving], Awaitable[list[Outcome]]]
"""Takes reports in, and returns after the commit."""


class IntakeQueue:
    """Reports that wait to be taken in; used on one event loop.

    Args:
        take_in: The transaction.
    """

    def __init__(self, take_in: TakeIn) -> None:
        self._take_in = take_in
        self._waiting: list[tuple[Report, Sender, asyncio.Future[Outcome]]] = []
        self._working: asyncio.Task[None] | None = None

    async def submit(self, report: Report, by: Sender) -> Intake:
        """Have a report taken in, and return after it was.

        Raises:
            ProblemError: As `intake.receive` says.
        """
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((report, by, outcome))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        found = await outcome
        if isinstance(found, ProblemError):
            raise found
        return found

    async def _work(self) -> None:
        try:
            while self._waiting:
                some, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                await self._settle(some)
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
