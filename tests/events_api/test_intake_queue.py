"""Reports that wait together are taken in together, and each is answered for itself."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from events_api.errors import ConflictError
from events_api.intake import Intake
from events_api.intake_queue import IntakeQueue
from events_api.roles import Principal, Role
from events_api.schemas import Receipt, Report
from events_api.senders import Sender
from events_api.taking_in import Arriving, Outcome
from tests.events_api.factories import make_report

BY = Sender(Principal("falcon-1", Role.MACHINE))


def taken(report: Report) -> Intake:
    """Return what becomes of a report."""
    receipt = Receipt(report_id=report.report_id, event_id=UUID(int=1), created=True, merged_why="")
    return Intake(receipt, is_new=True)


class Store:
    """Takes reports in, and notes which came together."""

    def __init__(self, damaged: Report | None = None) -> None:
        self.groups: list[int] = []
        self.damaged = damaged

    async def take_in(self, reports: Arriving) -> list[Outcome]:
        """Take some in; a damaged one spoils its whole transaction."""
        self.groups.append(len(reports))
        await asyncio.sleep(0)
        if any(report == self.damaged for report, _ in reports):
            raise OverflowError("no such number")
        return [
            ConflictError("used before") if report.score < 0.5 else taken(report)
            for report, _ in reports
        ]


def submit(store: Store, *reports: Report) -> list[Intake | BaseException]:
    """Submit reports at once, and return what became of each."""

    async def run() -> list[Intake | BaseException]:
        queue = IntakeQueue(store.take_in)
        waiting = (queue.submit(report, BY) for report in reports)
        return await asyncio.gather(*waiting, return_exceptions=True)

    return asyncio.run(run())


def test_those_that_wait_share_a_transaction() -> None:
    """Ten at once are one group, and each gets its own receipt."""
    store, reports = Store(), [make_report(number) for number in range(10)]
    assert submit(store, *reports) == [taken(report) for report in reports]
    assert store.groups == [10]


def test_one_that_cannot_be_accepted_leaves_the_others_alone() -> None:
    """It alone is told so."""
    reports = [make_report(1), make_report(2, score=0.1), make_report(3)]
    first, second, third = submit(Store(), *reports)
    assert isinstance(second, ConflictError)
    assert [first, third] == [taken(reports[0]), taken(reports[2])]


def test_where_a_transaction_fails_each_is_tried_alone() -> None:
    """The damaged one fails, and the others are taken in."""
    reports = [make_report(1), make_report(2), make_report(3)]
    store = Store(damaged=reports[1])
    first, second, third = submit(store, *reports)
    assert isinstance(second, OverflowError)
    assert [first, third] == [taken(reports[0]), taken(reports[2])]
    assert store.groups == [3, 1, 1, 1]


@pytest.mark.parametrize("count", [65, 200])
def test_a_group_has_a_bound(count: int) -> None:
    """Nobody waits for hundreds of others."""
    store = Store()
    submit(store, *(make_report(number) for number in range(count)))
    assert max(store.groups) == 64
    assert sum(store.groups) == count


async def send_again(queue: IntakeQueue, number: int) -> None:
    """Send a report, and another one a while after the answer: the later the higher the number."""
    await queue.submit(make_report(number), BY)
    for _ in range(3 * number):
        await asyncio.sleep(0)
    await queue.submit(make_report(100 + number), BY)


@pytest.mark.parametrize(("patience", "second"), [(1e6, 4), (0.0, 1)])
def test_who_was_just_answered_is_waited_for(patience: float, second: int) -> None:
    """Until half of them have come again, or the patience is over; nobody is left out."""

    async def run() -> list[int]:
        store = Store()
        queue = IntakeQueue(store.take_in, patience)
        await asyncio.gather(*(send_again(queue, number) for number in range(8)))
        return store.groups

    first, then, *others = asyncio.run(run())
    assert (first, then) == (8, second)
    assert sum(others) == 8 - second


def test_one_alone_is_not_kept_waiting() -> None:
    """However patient the queue is: nobody else was about."""

    async def run() -> list[int]:
        store = Store()
        queue = IntakeQueue(store.take_in, 1e6)
        for number in range(3):
            await queue.submit(make_report(number), BY)
        return store.groups

    assert asyncio.run(run()) == [1, 1, 1]
