"""Times of published zones: the spellings of ED-269 and ED-318, read into active times.

Both give times of day with their offset, mostly Z, so weekly hours move against local clocks when
these are changed. A time without an offset is refused: it might mean either clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta, timezone

from geofences.active_times import EVERY_DAY, Weekday, WeeklyHours
from geofences.daylight import DaylightEvent
from geofences.errors import InvalidTimeError

_CLOCK = re.compile(
    r"(?P<hour>\d\d):(?P<minute>\d\d)(:(?P<second>\d\d)(\.(?P<fraction>\d{1,6})\d*)?)?"
    r"(?P<offset>Z|[+-]\d\d:?\d\d)",
    re.ASCII,
)
_ANY = "ANY"
_SOME_DAY = datetime(2000, 1, 2)  # noqa: DTZ001  (only its time of day is looked at)


def clock_of(text: object) -> time:
    """A time of day with its offset, such as 08:00Z, 08:00:00.00Z or 08:00:00+02:00.

    Returns:
        With the offset as its zone; 24:00 is 00:00.

    Raises:
        InvalidTimeError: it is none, or has no offset.
    """
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidTimeError(f"{text!r} is no time of day with its offset; write it as 08:30:00Z")
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    micros = int((match["fraction"] or "0").ljust(6, "0"))
    if (hour, minute, second, micros) == (24, 0, 0, 0):
        hour = 0
    try:
        return time(hour, minute, second, micros, tzinfo=_offset(match["offset"]))
    except ValueError:
        raise InvalidTimeError(f"{text!r} is no time of day; correct it") from None


def moment_of(text: object) -> datetime:
    """A date and time with its offset, such as 2026-05-01T00:00:00Z.

    Raises:
        InvalidTimeError: it is none, or has no offset.
    """
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise InvalidTimeError(
            f"{text!r} is no date and time with its offset; write it as 2026-05-01T00:00:00Z"
        )
    return moment


def hours_of(
    days: Iterable[str], start: time | DaylightEvent, end: time | DaylightEvent
) -> WeeklyHours:
    """Weekly hours of days by name and times with offsets.

    Args:
        days: MON to SUN, or ANY for all of them.
        start: with an offset, or an event.
        end: likewise; if both are times the offset of the start becomes that of both.

    Raises:
        InvalidTimeError: there is no day, or one that is unknown.
    """
    names = set(days)
    if unknown := names - {*Weekday, _ANY}:
        raise InvalidTimeError(f"the day {min(unknown)!r} is unknown; it is MON to SUN, or ANY")
    week = EVERY_DAY if _ANY in names else frozenset(Weekday(name) for name in names)
    clocks = [moment for moment in (start, end) if isinstance(moment, time)]
    offset = clocks[0].utcoffset() if clocks else None
    offset = offset or timedelta(0)
    return WeeklyHours(week, _local(start, offset), _local(end, offset), _zone_name(offset))


def _local(moment: time | DaylightEvent, offset: timedelta) -> time | DaylightEvent:
    if isinstance(moment, DaylightEvent):
        return moment
    apart = offset - (moment.utcoffset() or timedelta(0))
    return (datetime.combine(_SOME_DAY, moment.replace(tzinfo=None)) + apart).time()


def _offset(text: str) -> timezone:
    if text == "Z":
        return timezone.utc  # noqa: UP017  (the type is that of the other branch)
    hours, minutes = int(text[1:3]), int(text[-2:])
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _zone_name(offset: timedelta) -> str:
    if not offset:
        return "UTC"
    minutes = int(abs(offset).total_seconds()) // 60
    sign = "-" if offset < timedelta(0) else "+"
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
