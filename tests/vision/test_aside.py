"""What a frame need not wait for is done aside, in order, and nothing of it is lost."""

import threading
from functools import partial

import pytest

from vision.aside import Aside
from vision.errors import EvidenceError

PATIENCE_S = 60.0


def test_steps_are_done_in_their_order_in_another_thread() -> None:
    """All of them before closing returns."""
    done: list[tuple[int, int]] = []

    def step(number: int) -> None:
        done.append((number, threading.get_ident()))

    aside = Aside()
    for number in range(200):
        aside.do(partial(step, number))
    aside.close()
    assert [number for number, _ in done] == list(range(200))
    assert {thread for _, thread in done}.isdisjoint({threading.get_ident()})


def test_who_brings_a_step_does_not_wait_for_it() -> None:
    """It is done when it can be."""
    may_go = threading.Event()
    aside = Aside()
    aside.do(partial(may_go.wait, PATIENCE_S))
    assert not may_go.is_set()
    may_go.set()
    aside.close()


def test_who_brings_too_much_waits_and_the_wait_is_told() -> None:
    """Steps may hold pictures: only so many are kept."""
    may_go, begun = threading.Event(), threading.Event()
    times_s = iter((5.0, 8.0))
    waits: list[float] = []
    done: list[int] = []

    def first() -> None:
        begun.set()
        may_go.wait(PATIENCE_S)

    def clock_s() -> float:
        """Asked when somebody begins to wait; only then there is room."""
        may_go.set()
        return next(times_s)

    aside = Aside(most_waiting=2, on_wait=waits.append, clock_s=clock_s)
    aside.do(first)
    assert begun.wait(PATIENCE_S)
    for number in (1, 2):
        aside.do(partial(done.append, number))
    assert waits == []
    aside.do(partial(done.append, 3))
    aside.close()
    assert (done, waits) == ([1, 2, 3], [3.0])


def _fail() -> None:
    raise EvidenceError("The disk is full.")


def test_a_failure_reaches_who_brings_the_next_step() -> None:
    """And who closes; what came after it is not done."""
    done: list[int] = []
    may_go = threading.Event()
    aside = Aside(most_waiting=3)
    aside.do(partial(may_go.wait, PATIENCE_S))
    aside.do(_fail)
    aside.do(partial(done.append, 1))
    may_go.set()
    with pytest.raises(EvidenceError, match="full"):
        aside.close()
    with pytest.raises(EvidenceError, match="full"):
        aside.do(partial(done.append, 2))
    assert done == []


def test_who_waits_when_a_step_fails_is_told_of_it() -> None:
    """He would wait for ever."""
    may_go = threading.Event()
    aside = Aside(most_waiting=1)

    def held() -> None:
        may_go.wait(PATIENCE_S)
        _fail()

    aside.do(held)
    caught: list[BaseException] = []

    def bring() -> None:
        try:
            for _ in range(9):
                aside.do(lambda: None)
        except EvidenceError as error:
            caught.append(error)

    bringing = threading.Thread(target=bring)
    bringing.start()
    may_go.set()
    bringing.join(PATIENCE_S)
    assert len(caught) == 1


def test_nothing_brought_needs_no_thread() -> None:
    """Most passes find nothing."""
    Aside().close()
