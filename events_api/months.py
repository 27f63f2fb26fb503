"""Months by a county's own clock."""

from __future__ import annotations

import re
from datetime import date, datetime

from events_api.calendars import WorkingCalendar
from events_api.errors import UnprocessableError


def month_bounds(text: str, calendar: WorkingCalendar) -> tuple[datetime, datetime]:
    """Return when a month such as `2026-07` begins and when the next one does.

    Raises:
        UnprocessableError: It is no month.
    """
    found = re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII)
    year, month = map(int, found.groups()) if found else (0, 0)
    if not (1970 <= year < 9999 and 1 <= month <= 12):
        raise UnprocessableError(f"month={text!r} is no month; write year and month, as 2026-07.")
    following = date(year + month // 12, month % 12 + 1, 1)
    return calendar.midnight(date(year, month, 1)), calendar.midnight(following)
