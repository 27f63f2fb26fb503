"""Hours of the day in which a rule is judged, by the clocks of the place."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOURS_PATTERN = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"
"""`22:00-06:00`: from, included, to, not included; over midnight where it ends before it begins.

One that ends as it begins would mean all day or never: the schema refuses it.
"""


@cache
def time_zone_of(name: str) -> ZoneInfo:
    """The time zone of a name as in `Asia/Shanghai`.

    Raises:
        ValueError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        raise ValueError(f"{name!r} is no time zone; write it as in Asia/Shanghai") from error


def is_within(hours: Sequence[str], time_zone: str, moment: datetime) -> bool:
    """Whether a moment lies in one of the spans of hours; always where there are none.

    Args:
        hours: spans as in `HOURS_PATTERN`.
        time_zone: whose clocks they are read on.
        moment: with its own time zone.
    """
    if not hours:
        return True
    there = moment.astimezone(time_zone_of(time_zone))
    now_min = 60 * there.hour + there.minute
    return any(_holds(span, now_min) for span in hours)


def _holds(span: str, now_min: int) -> bool:
    start_min, end_min = (60 * int(each[:2]) + int(each[3:]) for each in span.split("-"))
    if start_min < end_min:
        return start_min <= now_min < end_min
    return now_min >= start_min or now_min < end_min
