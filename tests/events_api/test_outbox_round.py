"""Many pictures on their way at once: each before its report, and none in the way of others."""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events_api.errors import ApiDownError, RefusedError, WrongTokenError
from events_api.outbox import Blob, Outbox
from events_api.outbox_pictures import MOST_AT_ONCE
from events_api.outbox_round import SLOW_S
from events_api.schemas import Receipt, Report
from tests.events_api.factories import JPEG, make_report, report_id

PATIENCE_S = 60.0
DOWN = ApiDownError("the link is broken")


def picture(number: int) -> Blob:
    """Return a picture like no other."""
    return Blob(JPEG + str(number).encode(), "image/jpeg")


def put(outbox: Outbox, number: int, *blobs: Blob) -> None:
    """Put the n-th report with these pictures."""
    outbox.put(make_report(number, evidence=[blob.sha256 for blob in blobs]), blobs)


class FarApi:
    """An API that several threads ask; what a picture waits for, or fails with, is told before."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.fail: dict[str, BaseException] = {}
        self.gates: dict[str, threading.Event] = {}
        self.now = 0
        self.most_at_once = 0
        self.lock = threading.Lock()

    def put_evidence(self, data: bytes, media_type: str) -> str:
        """Take a picture."""
        sha256 = Blob(data, media_type).sha256
        with self.lock:
            self.now += 1
            self.most_at_once = max(self.most_at_once, self.now)
        try:
            self.before_picture(sha256)
            self.log.append(sha256)
        finally:
            with self.lock:
                self.now -= 1
        return sha256

    def before_picture(self, sha256: str) -> None:
        """Wait and fail as told."""
        if sha256 in self.gates:
            assert self.gates[sha256].wait(PATIENCE_S)
        if sha256 in self.fail:
            raise self.fail[sha256]

    def submit_report(self, report: Report) -> Receipt:
        """Take a report, whose pictures must be there."""
        name = str(report.report_id)
        if name in self.fail:
            raise self.fail[name]
        assert set(report.evidence) <= set(self.log), "the API would refuse it"
        self.log.append(name)
        event_id = UUID(int=1)
        return Receipt(
            report_id=report.report_id, event_id=event_id, created=True, merged_why="New"
        )

    def reports(self) -> list[int]:
        """Return the numbers of the reports that have come, in their order."""
        numbers = {str(report_id(number)): number for number in range(100)}
        return [numbers[each] for each in self.log if each in numbers]


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """An empty outbox whose clock stands still."""
    with Outbox(tmp_path, clock_s=lambda: 0.0, chance=random.Random(1)) as box:
        yield box


def test_several_pictures_are_on_their_way_at_once(outbox: Outbox) -> None:
    """None of these is answered before as many as there may be are on their way together."""
    for number in range(MOST_AT_ONCE):
        put(outbox, number, picture(number))
    outbox.deliver(FarApi())  # from quick answers it learns that many may go
    together = threading.Barrier(MOST_AT_ONCE)

    class Api(FarApi):
        def before_picture(self, sha256: str) -> None:
            super().before_picture(sha256)
            together.wait(PATIENCE_S)

    api = Api()
    numbers = range(MOST_AT_ONCE, 4 * MOST_AT_ONCE)
    for number in numbers:
        put(outbox, number, picture(number))
    delivery = outbox.deliver(api)
    assert (delivery.stopped, delivery.waiting) == (None, 0)
    assert api.most_at_once == MOST_AT_ONCE
    assert api.reports() == list(numbers)


def test_reports_wait_for_the_picture_of_one_before(outbox: Outbox) -> None:
    """They keep their order, whichever picture is there first."""
    api = FarApi()
    for number in range(5):
        put(outbox, number, picture(number))

    class Opening(threading.Event):
        """Opens when the pictures behind have come."""

        def wait(self, timeout: float | None = None) -> bool:
            behind = {picture(1).sha256, picture(2).sha256}
            return waited_for(lambda: behind <= set(api.log)) and timeout is not None

    api.gates[picture(0).sha256] = Opening()
    outbox.deliver(api)
    assert api.log.index(picture(2).sha256) < api.log.index(picture(0).sha256)
    assert api.reports() == [0, 1, 2, 3, 4]


def waited_for(holds: object) -> bool:
    """Wait until something holds."""
    assert callable(holds)
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        if holds():
            return True
        pause.wait(0.01)
    return False


def test_a_slow_picture_holds_up_no_other_report_for_long(tmp_path: Path) -> None:
    """After some seconds those behind go ahead, and its own goes when it has come."""
    now_s = [0.0]
    with Outbox(tmp_path, clock_s=lambda: now_s[0]) as outbox:
        put(outbox, 0, picture(0))
        put(outbox, 1)
        put(outbox, 2, picture(2))
        api = FarApi()

        class Opening(threading.Event):
            """Opens when the reports behind have come."""

            def wait(self, timeout: float | None = None) -> bool:
                now_s[0] = SLOW_S + 1
                return waited_for(lambda: api.reports() == [1, 2]) and timeout is not None

        api.gates[picture(0).sha256] = Opening()
        delivery = outbox.deliver(api)
    assert api.reports() == [1, 2, 0]
    assert (delivery.stopped, delivery.waiting) == (None, 0)


def test_a_picture_that_fails_holds_up_its_own_report_alone(outbox: Outbox) -> None:
    """It waits for the next round, and the others are not left waiting with it."""
    api = FarApi()
    for number in range(8):
        put(outbox, number, *([picture(number)] if number in {1, 3} else []))
    api.fail[picture(1).sha256] = DOWN
    delivery = outbox.deliver(api)
    assert api.reports() == [0, 2, 3, 4, 5, 6, 7]
    assert (delivery.stopped, delivery.waiting) == (DOWN, 1)
    assert 0 < delivery.retry_in_s <= 0.5
    api.fail.clear()
    assert outbox.deliver(api, at_once=True).stopped is None
    assert api.reports()[-1] == 1


def test_where_no_picture_can_be_stored_plain_reports_go(outbox: Outbox) -> None:
    """As with a server whose disk is full: it is asked about few pictures, and then no more."""
    asked: list[str] = []

    class Full(FarApi):
        def before_picture(self, sha256: str) -> None:
            asked.append(sha256)
            raise DOWN

    api = Full()
    for number in range(30):
        put(outbox, number, *([picture(number)] if number != 29 else []))
    delivery = outbox.deliver(api)
    assert api.reports() == [29]
    assert (delivery.stopped, delivery.waiting) == (DOWN, 29)
    assert len(asked) <= MOST_AT_ONCE


def test_plain_reports_behind_many_that_are_held_back_go_too(outbox: Outbox) -> None:
    """However many pictures wait for a disk with room."""
    api = FarApi()
    waiting = 510
    for number in range(waiting):
        put(outbox, number, picture(number % 3))
    put(outbox, waiting)
    api.fail = {picture(number).sha256: DOWN for number in range(3)}
    assert outbox.deliver(api).waiting == waiting
    assert api.log == [str(report_id(waiting))]


def test_a_wrong_token_stops_all_at_once(outbox: Outbox) -> None:
    """No report is tried with it either."""
    api = FarApi()
    put(outbox, 0, picture(0))
    put(outbox, 1, picture(1))
    wrong = WrongTokenError("token")
    api.fail = {picture(number).sha256: wrong for number in range(2)}
    delivery = outbox.deliver(api)
    assert (delivery.stopped, delivery.waiting, api.log) == (wrong, 2, [])


def test_an_interrupt_waits_for_no_picture(outbox: Outbox) -> None:
    """Ctrl-C ends it while one is on its way, and afterwards everything still arrives once."""
    api = FarApi()
    gate = threading.Event()
    put(outbox, 0)
    put(outbox, 1, picture(1))
    api.gates[picture(1).sha256] = gate
    api.fail[str(report_id(0))] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        outbox.deliver(api)
    assert (api.log, outbox.pending()) == ([], 2)
    gate.set()
    api.fail.clear()
    assert outbox.deliver(api, at_once=True).waiting == 0
    assert api.reports() == [0, 1]


class BadLink(FarApi):
    """A link that breaks as a list of faults says, one for each request; then it holds."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__()
        self.faults = faults

    def put_evidence(self, data: bytes, media_type: str) -> str:
        """Take a picture, if the link holds, and answer, if it holds still."""
        fault = self._next_fault("before")
        sha256 = super().put_evidence(data, media_type)
        self._raise_after(fault)
        return sha256

    def submit_report(self, report: Report) -> Receipt:
        """Take a report, if the link holds, and answer, if it holds still."""
        fault = self._next_fault("before")
        receipt = super().submit_report(report)
        self._raise_after(fault)
        return receipt

    def _next_fault(self, place: str) -> str:
        with self.lock:
            fault = self.faults.pop(0) if self.faults else ""
        if fault == place:
            raise DOWN
        if fault == "refused":
            raise RefusedError(422, "not taken")
        return fault

    def _raise_after(self, fault: str) -> None:
        if fault == "after":
            raise DOWN


@settings(max_examples=40, deadline=None)
@given(
    reports=st.lists(st.lists(st.integers(0, 5), max_size=3, unique=True), max_size=12),
    faults=st.lists(st.sampled_from(["", "", "before", "after", "refused"]), max_size=25),
)
def test_whatever_the_link_does_each_report_arrives_or_is_put_aside(
    reports: list[list[int]], faults: list[str]
) -> None:
    """Nothing is lost, nothing is checked off that did not arrive, and pictures come first."""
    with tempfile.TemporaryDirectory() as folder, Outbox(Path(folder)) as outbox:
        for number, cited in enumerate(reports):
            put(outbox, number, *(picture(each) for each in cited))
        api = BadLink(list(faults))
        taken, refused = [], []
        for _ in range(60):
            delivery = outbox.deliver(api, at_once=True)
            taken += [each.report_id for each in delivery.receipts]
            refused += [each.report.report_id for each in delivery.refused]
            if delivery.stopped is None:
                break
        assert outbox.pending() == 0
        assert sorted(taken + refused) == sorted(report_id(n) for n in range(len(reports)))
        assert {str(each) for each in taken} <= set(api.log)
        assert [each.report.report_id for each in outbox.dead_letters()] == refused
        if not faults:
            assert api.reports() == list(range(len(reports)))
