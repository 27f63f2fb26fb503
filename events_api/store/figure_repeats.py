"""Which events are repeats: another of the same matter had been closed here not long before."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session

from events_api.cases import Status
from events_api.store.base import UtcDateTime
from events_api.store.figure_facts import Standing
from geofences.geodesy import LonLat, distance_m

REPEAT_WITHIN = timedelta(days=30)
REPEAT_WITHIN_M = 30.0

LEAST_METRES_PER_DEGREE = 110_000.0
"""Of latitude anywhere, and of longitude at the equator: a little less than either is."""

AT_ONCE = 64
"""So many are looked up by one statement."""

_ALL = ", ".join(f"'{status}'" for status in Status)

# The looks first and then, for each, what the index has: CROSS JOIN keeps SQLite to this order.
_NEAR = """
WITH looks (look, number, standard_ref, code, south, north, west, east, since, until)
AS (VALUES {{values}})
SELECT looks.look, events.number, events.lon_deg, events.lat_deg
FROM looks CROSS JOIN events CROSS JOIN deadlines
WHERE events.standard_ref = looks.standard_ref AND events.code = looks.code
AND events.status IN ({statuses})
AND events.lat_deg BETWEEN looks.south AND looks.north
AND events.lon_deg BETWEEN looks.west AND looks.east
AND events.number <> looks.number
AND deadlines.event_number = events.number
AND deadlines.{moment} BETWEEN looks.since AND looks.until
"""
_CLOSED = _NEAR.format(statuses=f"'{Status.CLOSED}'", moment="closed_at")
_REPORTED = _NEAR.format(statuses=_ALL, moment="reported_at")
_NAMES = ("look", "number", "ref", "code", "south", "north", "west", "east", "since", "until")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where and when an event of a matter was reported, or closed."""

    number: int
    standard_ref: str
    code: str
    place: LonLat
    at: datetime


def repeats(session: Session, events: Iterable[Standing]) -> set[int]:
    """Return the numbers of those events that are repeats; one without a place is none."""
    spots = [spot for each in events if (spot := spot_of(each, each.reported_at)) is not None]
    found = _near(session, _CLOSED, spots, (-REPEAT_WITHIN, timedelta()))
    return {number for number, _ in found}


def followers(session: Session, closed: Sequence[Spot]) -> set[int]:
    """Return the numbers of what was reported near a closed event, and soon enough after."""
    found = _near(session, _REPORTED, closed, (timedelta(), REPEAT_WITHIN))
    return {other for _, other in found}


def spot_of(event: Standing, at: datetime | None) -> Spot | None:
    """Return where an event lies, at a moment; none without a place or a moment."""
    if event.lon_deg is None or event.lat_deg is None or at is None:
        return None
    place = LonLat(event.lon_deg, event.lat_deg)
    return Spot(event.number, event.standard_ref, event.code, place, at)


def _near(
    session: Session, statement: str, spots: Sequence[Spot], span: tuple[timedelta, timedelta]
) -> Iterator[tuple[int, int]]:
    """Give the numbers of each spot and of what is near it, in place and time."""
    for first in range(0, len(spots), AT_ONCE):
        some = spots[first : first + AT_ONCE]
        # Few lengths, so that few statements are ever made ready.
        length = 1 << (len(some) - 1).bit_length()
        looks = [(place, *_look(spot, span)) for place, spot in enumerate(some)]
        looks += looks[-1:] * (length - len(looks))
        values = {
            f"{name}_{row}": value
            for row, look in enumerate(looks)
            for name, value in zip(_NAMES, look, strict=True)
        }
        found = session.execute(_statement(statement, length), values)
        for place, other, lon_deg, lat_deg in found:
            spot = some[place]
            if distance_m(spot.place, LonLat(lon_deg, lat_deg)) <= REPEAT_WITHIN_M:
                yield spot.number, other


def _look(spot: Spot, span: tuple[timedelta, timedelta]) -> tuple[Any, ...]:
    lon_deg, lat_deg = spot.place.lon_deg, spot.place.lat_deg
    high_deg = REPEAT_WITHIN_M / LEAST_METRES_PER_DEGREE
    south_deg, north_deg = lat_deg - high_deg, lat_deg + high_deg
    # The end nearer to a pole is the one where degrees of longitude are shortest.
    shrunk = math.cos(math.radians(min(90.0, max(abs(south_deg), abs(north_deg)))))
    wide_deg = high_deg / shrunk if shrunk > high_deg else 360.0
    west_deg, east_deg = lon_deg - wide_deg, lon_deg + wide_deg
    if west_deg < -180.0 or east_deg > 180.0:
        west_deg, east_deg = -180.0, 180.0  # across the antimeridian: the distance decides
    box = (south_deg, north_deg, west_deg, east_deg)
    return spot.number, spot.standard_ref, spot.code, *box, spot.at + span[0], spot.at + span[1]


@lru_cache
def _statement(statement: str, rows: int) -> TextClause:
    written = (", ".join(f":{name}_{row}" for name in _NAMES) for row in range(rows))
    asked = text(statement.format(values=", ".join(f"({row})" for row in written)))
    return asked.bindparams(
        *(
            bindparam(f"{name}_{row}", type_=UtcDateTime())
            for row in range(rows)
            for name in ("since", "until")
        )
    )
