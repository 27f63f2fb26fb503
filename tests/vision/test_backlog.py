"""Tests of `vision.backlog`."""

from collections.abc import Iterable

from vision.backlog import Backlog


def held(pictures: Iterable[tuple[float, float]], most_s: float) -> int:
    """How many pictures, each with its time and when it came, are of the backlog."""
    backlog = Backlog(most_s)
    return sum(backlog.holds(time_s, came_s) for time_s, came_s in pictures)


def test_what_comes_at_once_is_old_and_what_is_waited_for_is_not() -> None:
    """However long it took to open the stream: the rest was a wait for its first picture."""
    at_once = [(number / 10.0, number / 1000.0) for number in range(10)]
    then = [(1.0 + number / 10.0, 0.1 + number / 10.0) for number in range(50)]
    assert held(at_once + then, most_s=5.0) in range(10, 13)


def test_one_picture_that_is_read_late_ends_nothing() -> None:
    """The machine was busy for a moment."""
    at_once = [
        (number / 25.0, number / 1000.0 + (0.1 if number > 20 else 0.0)) for number in range(100)
    ]
    assert held(at_once, most_s=5.0) == 100


def test_it_is_no_longer_than_it_took_to_open() -> None:
    """A server that sends faster than its pictures were taken has no end of it."""
    assert held([(number / 25.0, number / 1000.0) for number in range(100)], most_s=2.0) == 50


def test_a_stream_whose_clock_stands_nearly_still_is_seen_from_the_beginning() -> None:
    """Its five seconds would be minutes."""
    assert held([(number / 1000.0, float(number)) for number in range(60)], most_s=5.0) <= 2


def test_nothing_is_old_where_nothing_may_have_come_before() -> None:
    """As of a stream that is waited for."""
    assert held([(number / 25.0, number / 1000.0) for number in range(10)], most_s=0.0) == 0
