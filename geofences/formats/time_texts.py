"""Active times as the JSON text of one field, so that any map file can carry them.

The text is a list of periods; an empty text is always:

    [{"start": "2026-05-01T00:00:00Z", "end": null,
      "hours": [{"days": ["MON", "TUE"], "start": "22:00", "end": "SR",
                 "time_zone": "Asia/Shanghai"}]}]

`start` and `end` of hours are local times or one of BMCT, SR, SS and EECT; an end may be 24:00.
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from geofences.active_times import ALWAYS, ActivePeriod, ActiveTimes, Weekday, WeeklyHours
from geofences.daylight import DaylightEvent
from geofences.errors import InvalidTimeError

_END_OF_DAY = ("24:00", "24:00:00")


class _HoursText(BaseModel):
    model_config = ConfigDict(extra="forbid")

    days: list[Weekday]
    start: str
    end: str
    time_zone: str = "UTC"


class _PeriodText(BaseModel):
    model_config = ConfigDict(extra="forbid")

    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    hours: list[_HoursText] = []


_PERIODS = TypeAdapter(list[_PeriodText])


def text_of_times(times: ActiveTimes) -> str:
    """The text that `times_from_text` reads back."""
    if times.always:
        return ""
    texts = [
        _PeriodText(
            start=_in_utc(period.start),
            end=_in_utc(period.end),
            hours=[_hours_text(hours) for hours in period.hours],
        )
        for period in times.periods
    ]
    return _PERIODS.dump_json(texts, exclude_defaults=True).decode()


def times_from_text(text: str) -> ActiveTimes:
    """The active times of a text.

    Raises:
        InvalidTimeError: it is not of the form above, or a time in it is impossible.
    """
    if not text.strip():
        return ALWAYS
    try:
        periods = _PERIODS.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the text"
        raise InvalidTimeError(
            f"the active times cannot be read ({place}: {first['msg']}); correct them or leave "
            "them empty for always"
        ) from error
    if not periods:
        return ALWAYS
    return ActiveTimes(
        tuple(
            ActivePeriod(period.start, period.end, tuple(_hours(text) for text in period.hours))
            for period in periods
        )
    )


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _hours_text(hours: WeeklyHours) -> _HoursText:
    days = [day for day in Weekday if day in hours.days]
    return _HoursText(
        days=days,
        start=_moment_text(hours.start),
        end=_moment_text(hours.end),
        time_zone=hours.time_zone,
    )


def _moment_text(moment: time | DaylightEvent) -> str:
    return moment.value if isinstance(moment, DaylightEvent) else moment.isoformat()


def _hours(text: _HoursText) -> WeeklyHours:
    end = "00:00" if text.end in _END_OF_DAY else text.end
    return WeeklyHours(frozenset(text.days), _moment(text.start), _moment(end), text.time_zone)


def _moment(text: str) -> time | DaylightEvent:
    if text in list(DaylightEvent):
        return DaylightEvent(text)
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise InvalidTimeError(
            f"{text!r} is no time of day; write it as 08:30, or {', '.join(DaylightEvent)}"
        ) from None
