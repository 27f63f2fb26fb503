"""The open events that reports of one transaction may join, in memory."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from events_api import merging
from events_api.schemas import Report
from events_api.store.cells import Box
from events_api.store.models import EventRow
from geofences.geodesy import LonLat

METRES_PER_DEGREE = 110_000
"""Rounded down: a search box must not be too small."""

BUCKET_DEG = 0.002
POLAR_DEG = 89.0
"""Nearer to a pole longitudes say nothing."""

Bucket = tuple[str, str, int, int]
Track = tuple[str, str, int | None]
"""Source, pass and track."""


def place_of(report: Report) -> LonLat | None:
    """Return where a report saw something."""
    return LonLat(report.position.lon_deg, report.position.lat_deg) if report.position else None


def look_of(report: Report) -> merging.Look:
    """Return what merging needs to know of a report."""
    return merging.Look(
        position=place_of(report),
        ce90_m=report.ce90_m,
        observed_at=report.observed_at,
        source=report.source,
        pass_id=report.pass_id,
        track_id=report.track_id,
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """Around a report, how far an event of its matter may lie and still be joined.

    Attributes:
        place: Where the report saw it.
        box: Holds whatever may be joined, however badly placed.
        variance_m2: The report's part in the squared sigma of the distance.
        metres_east: Of a degree of longitude, rounded down.
    """

    place: LonLat
    box: Box
    variance_m2: float
    metres_east: float

    @classmethod
    def of(cls, report: Report, rule: merging.MergeRule) -> Reach | None:
        """Return the reach of a report; none where it has no position."""
        return cls.of_look(look_of(report), rule)

    @classmethod
    def of_look(cls, look: merging.Look, rule: merging.MergeRule) -> Reach | None:
        """Return the reach of a look; none where it has no position."""
        place = look.position
        if place is None:
            return None
        cosine = math.cos(math.radians(place.lat_deg))
        north_deg = merging.reach_m(look.ce90_m, rule) / METRES_PER_DEGREE
        # Near a pole any longitude is near; the bound keeps the box finite.
        east_deg = north_deg / max(0.01, cosine)
        lon_deg, lat_deg = place.lon_deg, place.lat_deg
        is_polar = abs(lat_deg) > POLAR_DEG
        return cls(
            place=place,
            box=(lon_deg - east_deg, lat_deg - north_deg, lon_deg + east_deg, lat_deg + north_deg),
            variance_m2=merging.variance_m2(look.ce90_m, rule),
            metres_east=0.0 if is_polar else METRES_PER_DEGREE * cosine,
        )

    def holds(self, event: merging.OpenEvent) -> bool:
        """Whether an event may be near enough; of those that are, none is missed."""
        if event.position is None:
            return False
        east_m = (event.position.lon_deg - self.place.lon_deg) * self.metres_east
        north_m = (event.position.lat_deg - self.place.lat_deg) * METRES_PER_DEGREE
        return east_m**2 + north_m**2 <= merging.gate_m2(self.variance_m2, event.ce90_m)


class OpenEvents:
    """Open events by place and by what passes put into them; each report sees those before it."""

    def __init__(self) -> None:
        self._events: dict[int, EventRow] = {}
        self._shown: dict[int, merging.OpenEvent] = {}
        self._bucket_of: dict[int, Bucket | None] = {}
        self._in_bucket: dict[Bucket, set[int]] = defaultdict(set)
        self._tracks: dict[tuple[int, str, str], set[int | None]] = defaultdict(set)
        self._of_track: dict[Track, set[int]] = defaultdict(set)
        self._looks: dict[tuple[int, str, str], list[merging.Look]] = defaultdict(list)

    def put(self, event: EventRow) -> None:
        """Take an event up, or note that it has changed."""
        bucket = _bucket_of(event)
        before = self._bucket_of.get(event.number)
        if before is not None and before != bucket:
            self._in_bucket[before].discard(event.number)
        self._events[event.number] = event
        self._shown[event.number] = _shown(event)
        self._bucket_of[event.number] = bucket
        if bucket is not None:
            self._in_bucket[bucket].add(event.number)

    def note_track(self, number: int, source: str, pass_id: str, track_id: int | None) -> None:
        """Note that a pass has put a track into an event."""
        self._tracks[number, source, pass_id].add(track_id)
        self._of_track[source, pass_id, track_id].add(number)

    def note_look(self, number: int, look: merging.Look) -> None:
        """Note that a report of this transaction was put into an event."""
        self.note_track(number, look.source, look.pass_id, look.track_id)
        self._looks[number, look.source, look.pass_id].append(look)

    def looks(self, report: Report, number: int) -> Sequence[merging.Look]:
        """Return what the report's pass has put into an event in this transaction."""
        return self._looks.get((number, report.source, report.pass_id), ())

    def get(self, number: int) -> EventRow:
        """Return the event of a number."""
        return self._events[number]

    def __contains__(self, number: int) -> bool:
        """Whether an event was taken up."""
        return number in self._events

    def candidates(self, report: Report, reach: Reach | None) -> list[merging.OpenEvent]:
        """Return the events of the report's matter in its reach, and those its track is in."""
        key = (report.matter.standard_ref, report.matter.code)
        found = set(self._near(key, reach))
        if report.track_id is not None:
            track = (report.source, report.pass_id, report.track_id)
            for number in self._of_track.get(track, ()):
                event = self._events.get(number)
                if event is not None and (event.standard_ref, event.code) == key:
                    found.add(number)
        return self._as_seen_by(found, report)

    def around(
        self, report: Report, look: merging.Look, rule: merging.MergeRule
    ) -> list[merging.OpenEvent]:
        """Return the events of the report's matter in the reach of another look of its pass."""
        key = (report.matter.standard_ref, report.matter.code)
        return self._as_seen_by(set(self._near(key, Reach.of_look(look, rule))), report)

    def _as_seen_by(self, numbers: set[int], report: Report) -> list[merging.OpenEvent]:
        made = report.source, report.pass_id
        return [
            replace(self._shown[number], tracks=frozenset(self._tracks.get((number, *made), ())))
            for number in sorted(numbers)
        ]

    def _near(self, key: tuple[str, str], reach: Reach | None) -> Iterator[int]:
        if reach is None:
            return
        west, south, east, north = (math.floor(side / BUCKET_DEG) for side in reach.box)
        for i in range(west, east + 1):
            for j in range(south, north + 1):
                for number in self._in_bucket.get((*key, i, j), ()):
                    if reach.holds(self._shown[number]):
                        yield number


def _shown(event: EventRow) -> merging.OpenEvent:
    position = None
    if event.lon_deg is not None and event.lat_deg is not None:
        position = LonLat(event.lon_deg, event.lat_deg)
    return merging.OpenEvent(
        number=event.number,
        position=position,
        ce90_m=event.ce90_m,
        first_observed_at=event.first_observed_at,
        last_observed_at=event.last_observed_at,
        tracks=frozenset(),
    )


def _bucket_of(event: EventRow) -> Bucket | None:
    if event.lon_deg is None or event.lat_deg is None:
        return None
    i, j = math.floor(event.lon_deg / BUCKET_DEG), math.floor(event.lat_deg / BUCKET_DEG)
    return event.standard_ref, event.code, i, j
