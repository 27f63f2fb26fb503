"""How often somebody may ask."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api import rate_limits
from events_api.errors import TooManyError
from events_api.rate_limits import MemoryCount, Rate, RateLimit, household
from tests.events_api.conftest import NOW

EVERY = timedelta(seconds=10)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Return the present."""
        return self.now


def asked(limit: RateLimit, who: str) -> bool:
    """Ask once, and return whether it was granted."""
    try:
        limit.take(who)
    except TooManyError:
        return False
    return True


def test_a_burst_then_one_after_each_interval() -> None:
    """And after a rest the whole burst again."""
    clock = Clock()
    limit = RateLimit(Rate(3, EVERY), clock, "Asking")
    assert [asked(limit, "lin") for _ in range(5)] == [True, True, True, False, False]
    clock.now += EVERY
    assert [asked(limit, "lin") for _ in range(2)] == [True, False]
    clock.now += 30 * EVERY
    assert [asked(limit, "lin") for _ in range(4)] == [True, True, True, False]


def test_the_refusal_says_when_to_come_again() -> None:
    """In whole seconds, rounded up, and then it is granted."""
    clock = Clock()
    limit = RateLimit(Rate(1, EVERY), clock, "Asking")
    limit.take("lin")
    clock.now += timedelta(seconds=2.5)
    with pytest.raises(TooManyError, match="Asking was tried too often; try again in 8 s") as info:
        limit.take("lin")
    assert info.value.headers == {"Retry-After": "8"}
    clock.now += timedelta(seconds=8)
    assert asked(limit, "lin")


def test_each_is_counted_alone() -> None:
    """One who is refused shuts nobody else out; and who showed themselves begins anew."""
    limit = RateLimit(Rate(1, EVERY), Clock(), "Asking")
    assert [asked(limit, who) for who in ("lin", "lin", "wang")] == [True, False, True]
    limit.give_back("lin")
    assert asked(limit, "lin")


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 5))
def test_never_more_than_the_burst_and_one_for_each_interval(gaps: list[int], burst: int) -> None:
    """However the requests come, in any stretch of time."""
    clock = Clock()
    limit = RateLimit(Rate(burst, EVERY), clock, "Asking")
    granted: list[datetime] = []
    for gap_s in gaps:
        clock.now += timedelta(seconds=gap_s)
        if asked(limit, "lin"):
            granted.append(clock.now)
    for first in range(len(granted)):
        for last in range(first, len(granted)):
            most = burst + (granted[last] - granted[first]) // EVERY
            assert last - first + 1 <= most


def test_names_without_end_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are free again go first, and then the older half."""
    monkeypatch.setattr(rate_limits, "MOST_KEPT", 10)
    clock = Clock()
    count = MemoryCount()
    limit = RateLimit(Rate(1, EVERY), clock, "Asking", count)
    for number in range(100):
        clock.now += timedelta(milliseconds=10)
        limit.take(str(number))
    assert not asked(limit, "99")
    assert len(count) <= 11


@pytest.mark.parametrize(
    ("address", "counted_by"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_household_is_counted_as_one(address: str | None, counted_by: str) -> None:
    """One that may choose among a network's addresses gains nothing by it."""
    assert household(address) == counted_by
