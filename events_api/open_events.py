"""The open events that reports of one transaction may join, in memory."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from events_api import merging
from events_api.schemas import Report
from events_api.store.cells import Box
from events_api.store.models import EventRow
from geofences.geodesy import LonLat

METRES_PER_DEGREE = 110_000
"""Rounded down: a search box must not be too small."""

BUCKET_DEG = 0.005

Bucket = tuple[str, str, int, int]
Track = tuple[str, str, int | None]
"""Source, pass and track."""


def place_of(report: Report) -> LonLat | None:
    """Return where a report saw something."""
    return LonLat(report.position.lon_deg, report.position.lat_deg) if report.position else None


def box_around(place: LonLat, reach_m: float) -> Box:
    """Return a box that holds all that lies within reach."""
    north_deg = reach_m / METRES_PER_DEGREE
    # Near a pole any longitude is near; the bound keeps the box finite.
    east_deg = north_deg / max(0.01, math.cos(math.radians(place.lat_deg)))
    return (
        place.lon_deg - east_deg,
        place.lat_deg - north_deg,
        place.lon_deg + east_deg,
        place.lat_deg + north_deg,
    )


class OpenEvents:
    """Open events by place and by what passes put into them; each report sees those before it."""

    def __init__(self) -> None:
        self._events: dict[int, EventRow] = {}
        self._bucket_of: dict[int, Bucket | None] = {}
        self._in_bucket: dict[Bucket, set[int]] = defaultdict(set)
        self._tracks: dict[tuple[int, str, str], set[int | None]] = defaultdict(set)
        self._of_track: dict[Track, set[int]] = defaultdict(set)

    def put(self, event: EventRow) -> None:
        """Take an event up, or note that it lies elsewhere now."""
        bucket = _bucket_of(event)
        before = self._bucket_of.get(event.number)
        if before is not None and before != bucket:
            self._in_bucket[before].discard(event.number)
        self._events[event.number] = event
        self._bucket_of[event.number] = bucket
        if bucket is not None:
            self._in_bucket[bucket].add(event.number)

    def renumber(self, before: Iterable[int], events: Iterable[EventRow]) -> None:
        """Note the numbers that the database has given to new events."""
        given = {old: event.number for old, event in zip(before, events, strict=True)}
        for old, number in given.items():
            event = self._events.pop(old)
            bucket = self._bucket_of.pop(old)
            if bucket is not None:
                self._in_bucket[bucket].discard(old)
            self._events[number] = event
            self.put(event)
        self._tracks = defaultdict(
            set, {(given.get(key[0], key[0]), *key[1:]): seen for key, seen in self._tracks.items()}
        )
        for numbers in self._of_track.values():
            for old in numbers & given.keys():
                numbers.remove(old)
                numbers.add(given[old])

    def note_track(self, number: int, source: str, pass_id: str, track_id: int | None) -> None:
        """Note that a pass has put a track into an event."""
        self._tracks[number, source, pass_id].add(track_id)
        self._of_track[source, pass_id, track_id].add(number)

    def get(self, number: int) -> EventRow:
        """Return the event of a number."""
        return self._events[number]

    def candidates(self, report: Report, box: Box | None) -> list[merging.OpenEvent]:
        """Return the events of the report's matter in its box, and those its track is in."""
        found: set[int] = set()
        if report.track_id is not None:
            found |= self._of_track.get((report.source, report.pass_id, report.track_id), set())
        if box is not None:
            found |= self._near(report, box)
        key = (report.matter.standard_ref, report.matter.code)
        events = (self._events[number] for number in sorted(found) if number in self._events)
        return [
            self._candidate(event, report)
            for event in events
            if (event.standard_ref, event.code) == key
        ]

    def _near(self, report: Report, box: Box) -> set[int]:
        west_deg, south_deg, east_deg, north_deg = box
        key = (report.matter.standard_ref, report.matter.code)
        return {
            number
            for i in range(math.floor(west_deg / BUCKET_DEG), math.floor(east_deg / BUCKET_DEG) + 1)
            for j in range(
                math.floor(south_deg / BUCKET_DEG), math.floor(north_deg / BUCKET_DEG) + 1
            )
            for number in self._in_bucket.get((*key, i, j), ())
            if _lies_in(self._events[number], box)
        }

    def _candidate(self, event: EventRow, report: Report) -> merging.OpenEvent:
        position = None
        if event.lon_deg is not None and event.lat_deg is not None:
            position = LonLat(event.lon_deg, event.lat_deg)
        return merging.OpenEvent(
            number=event.number,
            position=position,
            ce90_m=event.ce90_m,
            first_observed_at=event.first_observed_at,
            last_observed_at=event.last_observed_at,
            tracks=frozenset(
                self._tracks.get((event.number, report.source, report.pass_id), frozenset())
            ),
        )


def _bucket_of(event: EventRow) -> Bucket | None:
    if event.lon_deg is None or event.lat_deg is None:
        return None
    i, j = math.floor(event.lon_deg / BUCKET_DEG), math.floor(event.lat_deg / BUCKET_DEG)
    return event.standard_ref, event.code, i, j


def _lies_in(event: EventRow, box: Box) -> bool:
    west_deg, south_deg, east_deg, north_deg = box
    if event.lon_deg is None or event.lat_deg is None:
        return False
    return west_deg <= event.lon_deg <= east_deg and south_deg <= event.lat_deg <= north_deg
