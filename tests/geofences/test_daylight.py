"""Tests of `geofences.daylight`.

Expected times are those of the U. S. Naval Observatory (Astronomical Applications Department:
"Complete Sun and Moon Data for One Day" and "Table of Sunrise/Sunset for an Entire Year"), which
gives whole minutes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofences.daylight import DaylightEvent, comes_before, event_time
from geofences.geodesy import LonLat

BMCT, SR, SS, EECT = DaylightEvent

OSLO = LonLat(10.7522, 59.9139)
QUITO = LonLat(-78.4678, -0.1807)
SYDNEY = LonLat(151.2093, -33.8688)
REYKJAVIK = LonLat(-21.9426, 64.1466)
USHUAIA = LonLat(-68.3030, -54.8019)
LONDON = LonLat(-0.1278, 51.5074)
FREDONIA = LonLat(-112.52, 36.95)
NORTH_70 = LonLat(0.0, 70.0)

PLACES = st.builds(LonLat, st.floats(-180.0, 180.0), st.floats(-64.0, 64.0))
DATES = st.dates(date(1980, 1, 1), date(2060, 1, 1))


@pytest.mark.parametrize(
    ("place", "day", "event", "expected"),
    [
        (OSLO, "2025-06-21", SR, "2025-06-21T01:54"),
        (OSLO, "2025-06-21", SS, "2025-06-21T20:44"),
        (OSLO, "2025-06-21", BMCT, "2025-06-21T00:10"),
        (OSLO, "2025-06-21", EECT, "2025-06-21T22:28"),
        (OSLO, "2025-12-21", BMCT, "2025-12-21T07:21"),
        (OSLO, "2025-12-21", SS, "2025-12-21T14:12"),
        (QUITO, "2025-03-20", SR, "2025-03-20T11:18"),
        (QUITO, "2025-03-20", EECT, "2025-03-20T23:45"),
        (SYDNEY, "2025-09-22", SS, "2025-09-22T07:51"),
        (SYDNEY, "2025-09-23", SR, "2025-09-22T19:44"),  # of the 23rd by Sydney's sun
        (REYKJAVIK, "2025-12-21", SR, "2025-12-21T11:22"),
        (REYKJAVIK, "2025-12-21", EECT, "2025-12-21T16:49"),
        (USHUAIA, "2025-12-21", SR, "2025-12-21T07:52"),
        (USHUAIA, "2025-12-21", SS, "2025-12-22T01:11"),  # of the 21st by Ushuaia's sun
        (LONDON, "2025-06-21", BMCT, "2025-06-21T02:55"),
        (LONDON, "2025-06-21", SS, "2025-06-21T20:22"),
        (FREDONIA, "2023-01-01", SR, "2023-01-01T14:43"),
        (FREDONIA, "2023-06-01", SS, "2023-06-02T02:44"),
        (NORTH_70, "2025-12-21", BMCT, "2025-12-21T09:55"),
        (NORTH_70, "2025-12-21", EECT, "2025-12-21T14:02"),
        (NORTH_70, "2025-05-15", SS, "2025-05-15T23:37"),
        (NORTH_70, "2025-11-24", SR, "2025-11-24T11:14"),
    ],
)
def test_events_are_those_of_the_almanac(
    place: LonLat, day: str, event: DaylightEvent, expected: str
) -> None:
    """To a minute, all round the world and close to polar day and night."""
    found = event_time(event, place, date.fromisoformat(day))
    assert abs(found - datetime.fromisoformat(expected + "+00:00")) < timedelta(minutes=1)


def test_the_sun_does_not_set_in_polar_day() -> None:
    """It is light from one midnight to the next, without a gap between days."""
    day = date(2025, 6, 21)
    rises, sets = (event_time(event, NORTH_70, day) for event in (SR, SS))
    assert abs(sets - rises - timedelta(days=1)) < timedelta(minutes=1)
    assert sets == event_time(SR, NORTH_70, date(2025, 6, 22))


def test_the_sun_does_not_rise_in_polar_night() -> None:
    """The day has no length, while twilight still has."""
    day = date(2025, 12, 21)
    assert event_time(SR, NORTH_70, day) == event_time(SS, NORTH_70, day)
    assert event_time(BMCT, NORTH_70, day) < event_time(EECT, NORTH_70, day)


@given(place=PLACES, day=DATES)
def test_events_come_in_their_order_round_noon(place: LonLat, day: date) -> None:
    """On every day, at every longitude, and the next day's begin after the last has ended."""
    times = [event_time(event, place, day) for event in DaylightEvent]
    assert times == sorted(times)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    noon -= timedelta(hours=place.lon_deg / 15)
    assert all(abs(moment - noon) < timedelta(hours=12, minutes=25) for moment in times)
    next_dawn = event_time(BMCT, place, day + timedelta(days=1))
    assert times[-1] <= next_dawn + timedelta(minutes=5)


def test_events_are_ordered_by_the_day() -> None:
    """Dawn before sunrise before sunset before dusk, and none before itself."""
    assert comes_before(BMCT, SR)
    assert comes_before(SR, EECT)
    assert not comes_before(SS, SR)
    assert not comes_before(SS, SS)
