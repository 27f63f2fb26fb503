"""How many pictures go at once: as many as help, as little as the memory and the link bear."""

from __future__ import annotations

import threading

import pytest

from events_api.errors import ApiDownError
from events_api.outbox_errands import Errands
from events_api.outbox_pictures import MOST_AT_ONCE, MOST_BYTES, Pace, Picture, Pictures, Put


def sending(put: Put) -> tuple[Errands, Pictures]:
    """Return what sends pictures so, by a clock that stands still."""
    errands = Errands(lambda: 0.0)
    return errands, Pictures(put, Pace(), errands, lambda: 0.0)


def test_quick_answers_let_more_go_at_once() -> None:
    """One more for each, up to a bound."""
    pace = Pace()
    lanes = [pace.lanes]
    for _ in range(10):
        pace.note_answer(0.2)
        lanes.append(pace.lanes)
    assert lanes[:4] == [2, 3, 4, 5]
    assert pace.lanes == MOST_AT_ONCE


def test_late_answers_let_fewer_go_and_a_failure_but_one() -> None:
    """Over a thin link many together hold each other up until none of them is answered in time."""
    pace = Pace()
    for _ in range(10):
        pace.note_answer(0.2)
    pace.note_answer(8.0)
    assert pace.lanes == MOST_AT_ONCE // 2
    pace.note_answer(8.0)
    pace.note_answer(8.0)
    assert pace.lanes == 2
    pace.note_failure()
    pace.note_answer(8.0)
    assert pace.lanes == 1
    pace.note_answer(0.2)
    assert pace.lanes == 2


def test_large_pictures_go_one_after_another() -> None:
    """Those in memory have no more bytes than a bound, unless one alone has."""
    gate = threading.Event()
    errands, pictures = sending(lambda data, _: str(gate.wait(60) and data))
    assert pictures.may_begin(10 * MOST_BYTES)
    pictures.begin(Picture("a", bytes(1000), "video/mp4"))
    assert pictures.may_begin(MOST_BYTES - 1000)
    assert not pictures.may_begin(MOST_BYTES - 999)
    gate.set()
    while pictures.on_way:
        errands.wait(1.0)
    assert pictures.may_begin(10 * MOST_BYTES)


def test_a_picture_that_failed_alone_stops_no_other() -> None:
    """Two together, with none that arrives between, do."""
    broken = {"a", "c", "d"}

    def send(data: bytes, _: str) -> str:
        if data.decode() in broken:
            raise ApiDownError("down")
        return ""

    errands, pictures = sending(send)
    may_go_on = []
    for name in "abcd":
        pictures.begin(Picture(name, name.encode(), "image/png"))
        while pictures.on_way:
            errands.wait(1.0)
        may_go_on.append(pictures.may_begin(1))
    assert may_go_on == [True, True, True, False]
    assert pictures.have_arrived(("b",))


def test_what_nobody_foresaw_is_not_swallowed() -> None:
    """A thread's fault is raised where it is waited for."""

    def send(_: bytes, __: str) -> str:
        raise ZeroDivisionError

    errands, pictures = sending(send)
    pictures.begin(Picture("a", b"", "image/png"))
    with pytest.raises(ZeroDivisionError):
        errands.wait(60.0)
