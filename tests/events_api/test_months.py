"""Months by a county's own clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from events_api.calendars import WorkingCalendar
from events_api.errors import UnprocessableError
from events_api.months import month_bounds

SHANGHAI = WorkingCalendar(ZoneInfo("Asia/Shanghai"), (0, 0), {})


@pytest.mark.parametrize(
    ("month", "begins", "ends"),
    [("2026-07", (2026, 6, 30), (2026, 7, 31)), ("2026-12", (2026, 11, 30), (2026, 12, 31))],
)
def test_a_month_begins_at_midnight_of_its_place(
    month: str, begins: tuple[int, int, int], ends: tuple[int, int, int]
) -> None:
    """Midnight of Shanghai is four in the afternoon in UTC, the day before."""
    expected = tuple(datetime(*day, 16, tzinfo=UTC) for day in (begins, ends))
    assert month_bounds(month, SHANGHAI) == expected


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-00", "2026-13", "26-07", "2026-7", "９９９９-０１"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    """With the form that is wanted."""
    with pytest.raises(UnprocessableError, match="2026-07"):
        month_bounds(text, SHANGHAI)
