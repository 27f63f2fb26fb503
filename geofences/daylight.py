"""Sunrise, sunset and civil twilight of a day at a place.

Days are those of the sun at the place: the day of a date runs twelve hours to both sides of the
moment when the sun is highest. So an event has one date wherever the clocks of the country, or
those of UTC, change theirs.

Times are those of astral (NOAA's equations) for an observer at sea level, as almanacs define them:
the upper edge of the sun at the horizon with the usual refraction, and for twilight its centre 6
degrees below without.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from astral import Observer, SunDirection
from astral.julian import julianday, julianday_to_juliancentury
from astral.sun import elevation, eq_of_time, time_of_transit

from geofences.geodesy import LonLat

_ONE_DAY = timedelta(days=1)
_SLACK = timedelta(minutes=5)  # events close to midnight move as the sun does
_MINUTES_PER_DEG = 4.0


class DaylightEvent(StrEnum):
    """What the sun does, by the names of ED-318, in the order of a day."""

    MORNING_TWILIGHT = "BMCT"
    SUNRISE = "SR"
    SUNSET = "SS"
    EVENING_TWILIGHT = "EECT"


_ORDER = tuple(DaylightEvent)
_MORNING = (DaylightEvent.MORNING_TWILIGHT, DaylightEvent.SUNRISE)
_HORIZON_DEG = 5.0 / 6.0  # 34' of refraction and 16' of the sun's half width
_DEPRESSION_DEG = {
    DaylightEvent.MORNING_TWILIGHT: 6.0,
    DaylightEvent.SUNRISE: _HORIZON_DEG,
    DaylightEvent.SUNSET: _HORIZON_DEG,
    DaylightEvent.EVENING_TWILIGHT: 6.0,
}


def comes_before(first: DaylightEvent, second: DaylightEvent) -> bool:
    """Whether one event is earlier than another on the same day."""
    return _ORDER.index(first) < _ORDER.index(second)


def event_time(event: DaylightEvent, place: LonLat, day: date) -> datetime:
    """When an event happens.

    Args:
        event: which.
        place: where.
        day: its date by the sun at the place; years 2 to 9998.

    Returns:
        In UTC. Where the sun stays above (the horizon, or 6 degrees below it), the sun's midnight
        before for morning events and after for evening events, so that there is light all day;
        where it stays below, noon for both, so that there is none.
    """
    noon = _noon(place, day)
    midnight = _midnight(place, day - _ONE_DAY if event in _MORNING else day)
    since, until = sorted((noon, midnight))
    observer = Observer(place.lat_deg, place.lon_deg)
    # Astral puts an event on a date of UTC, which may be a day off that of the sun.
    for k in (0, -1, 1):
        found = _astral_time(event, observer, day + k * _ONE_DAY)
        if found is not None and since - _SLACK <= found <= until + _SLACK:
            return found
    dark = elevation(observer, noon, with_refraction=False) < -_DEPRESSION_DEG[event]
    return noon if dark else midnight


def _noon(place: LonLat, day: date) -> datetime:
    equation_min = eq_of_time(julianday_to_juliancentury(julianday(day)))
    late_min = place.lon_deg * _MINUTES_PER_DEG + equation_min
    return datetime.combine(day, time(12), UTC) - timedelta(minutes=late_min)


def _midnight(place: LonLat, day: date) -> datetime:
    """Half-way to the next noon, so that light all day leaves no gap to the day after."""
    noon = _noon(place, day)
    return noon + (_noon(place, day + _ONE_DAY) - noon) / 2


def _astral_time(event: DaylightEvent, observer: Observer, day: date) -> datetime | None:
    direction = SunDirection.RISING if event in _MORNING else SunDirection.SETTING
    zenith_deg = 90.0 + _DEPRESSION_DEG[event]
    try:
        moment: datetime = time_of_transit(
            observer, day, zenith_deg, direction, with_refraction=False
        )
    except ValueError:  # the sun does not get there on that day
        return None
    return moment
