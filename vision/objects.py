"""What is known of each tracked object: its looks, its class, how long it has been where."""

import math
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from statistics import median

import numpy as np
from numpy.typing import NDArray

from vision.detections import NO_TRACK, Detections
from vision.ground_motion import GroundFrame
from vision.projection import PlaceLook, Places

_LOOKS_KEPT = 600
_SPARSE_KEPT = 512
_VISIT_GAP_S = 2.0
_IN_VIEW_S = 0.75

BoxPx = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class SteadyBox:
    """A box as it would be if the ground had not moved through the picture.

    Attributes:
        epoch: looks of one epoch can be compared.
        x_px: its middle in the reference picture.
        y_px: likewise.
        size_px: root of its area there.
        sigma_px: how well the ground is followed.
        vouched: whether the ground beside it was seen to move as all of it does.
    """

    epoch: int
    x_px: float
    y_px: float
    size_px: float
    sigma_px: float = 0.0
    vouched: bool = False

    def __reduce__(self) -> tuple[type["SteadyBox"], tuple[object, ...]]:
        told = (self.epoch, self.x_px, self.y_px, self.size_px, self.sigma_px, self.vouched)
        return SteadyBox, told


@dataclass(frozen=True, slots=True)
class FrameSeen:
    """The frame that detections are of.

    Attributes:
        time_s: when.
        index: which.
        size_wh_px: how large; None where that is not told.
        ground: how its ground lies; None where nobody followed it.
        flicker_from: from which row on detections are told by their flicker, not by the detector;
            None where all are the detector's.
        stirs: of each of the detector's rows how much of its box changes (`vision.stirring`);
            None where nobody measured it.
    """

    time_s: float
    index: int
    size_wh_px: tuple[int, int] | None = None
    ground: GroundFrame | None = None
    flicker_from: int | None = None
    stirs: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One detection of an object.

    Attributes:
        time_s: when.
        frame_index: in which frame.
        score: how sure the detector was.
        class_id: as what.
        xyxy_px: where in the picture.
        zones: numbers of the zones it stands in.
        place: where on the ground, None without a pose.
        picture_share: how much of the picture its box fills, NaN where that is not told.
        steady: its box over ground at rest, None where nobody followed the ground.
        by_flicker: whether its flicker told it, and the score is of the smoke beside it.
        stir: share of its box that changes within a second, NaN where that is not known.
    """

    time_s: float
    frame_index: int
    score: float
    class_id: int
    xyxy_px: BoxPx
    zones: frozenset[int]
    place: PlaceLook | None
    picture_share: float = math.nan
    steady: SteadyBox | None = None
    by_flicker: bool = False
    stir: float = math.nan

    def __reduce__(self) -> tuple[type["Look"], tuple[object, ...]]:
        # Hundreds are kept of each object and written down with every finding, and asking each
        # for its fields, as dataclasses with slots do, takes several times as long.
        return Look, (
            self.time_s,
            self.frame_index,
            self.score,
            self.class_id,
            self.xyxy_px,
            self.zones,
            self.place,
            self.picture_share,
            self.steady,
            self.by_flicker,
            self.stir,
        )


class TrackedObject:
    """All looks at one object, in order of time.

    A visit is an unbroken stretch of looks; a drone that comes back on the next lane begins a
    new visit of the same object.
    """

    def __init__(self, track_id: int, look: Look) -> None:
        self.track_id = track_id
        self.looks: deque[Look] = deque([look], maxlen=_LOOKS_KEPT)
        self.first_s = look.time_s
        self.visit_s = look.time_s
        self._votes: Counter[int] = Counter()
        self._stays: dict[int, tuple[float, float]] = {}
        self._sparse = [look]
        self._sparse_every_s = 1.0
        self._vote(look)

    def add(self, look: Look, grace_s: float = 1.0) -> None:
        """Add the next look; a stay in a zone survives being outside it for the grace."""
        if look.time_s - self.looks[-1].time_s > _VISIT_GAP_S:
            self.visit_s = look.time_s
            self._sparse = []
        self.looks.append(look)
        self._thin(look)
        self._vote(look, grace_s)

    @property
    def last(self) -> Look:
        """The latest look."""
        return self.looks[-1]

    @property
    def class_id(self) -> int:
        """The class with the greatest sum of scores."""
        if len(self._votes) == 1:
            return next(iter(self._votes))
        return max(self._votes, key=lambda class_id: (self._votes[class_id], -class_id))

    def seen_as(self, least_share: float) -> frozenset[int]:
        """The classes with so much of the sum of all scores: more than one where they waver."""
        least = least_share * self._votes.total()
        return frozenset(class_id for class_id, votes in self._votes.items() if votes >= least)

    def places(self) -> list[PlaceLook]:
        """Places of all looks that have one, numbered by visit."""
        return [
            replace(look.place, visit=number)
            for number, looks in enumerate(self.visits())
            for look in looks
            if look.place is not None
        ]

    def visits(self) -> list[list[Look]]:
        """All looks, visit by visit; the present one is the last."""
        visits: list[list[Look]] = [[]]
        last_s = self.looks[0].time_s
        for look in self.looks:
            if look.time_s - last_s > _VISIT_GAP_S:
                visits.append([])
            last_s = look.time_s
            visits[-1].append(look)
        return visits

    def visit_looks(self) -> list[Look]:
        """Looks of the present visit."""
        # Asked of every object at every step: nearly always all that is kept is of this visit.
        if self.looks[0].time_s >= self.visit_s:
            return list(self.looks)
        late = list(takewhile(lambda look: look.time_s >= self.visit_s, reversed(self.looks)))
        return late[::-1]

    def long_looks(self) -> list[Look]:
        """Looks of the whole present visit however long it lasts, sparse, and the latest."""
        latest = [self.last] if self._sparse[-1] is not self.last else []
        return [*self._sparse, *latest]

    @property
    def remembers_visit(self) -> bool:
        """Whether all looks of the present visit are still known."""
        return self.looks[0].time_s <= self.visit_s

    def stay_s(self, zone: int) -> float:
        """How long the object has been in a zone up to its latest look."""
        if zone not in self._stays:
            return 0.0
        start_s, end_s = self._stays[zone]
        return end_s - start_s

    def is_in_view(self, time_s: float) -> bool:
        """Whether the object was seen just now."""
        return time_s - self.last.time_s <= _IN_VIEW_S

    def _thin(self, look: Look) -> None:
        """Keep about a look a second, and half as many each time that they are too many."""
        if self._sparse and look.time_s - self._sparse[-1].time_s < self._sparse_every_s:
            return
        self._sparse.append(look)
        if len(self._sparse) > _SPARSE_KEPT:
            self._sparse = self._sparse[::2]
            self._sparse_every_s *= 2

    def _vote(self, look: Look, grace_s: float = 1.0) -> None:
        # Scores as integers keep the sum, and with it the class, independent of rounding order.
        self._votes[look.class_id] += round(look.score * 1000)
        if not look.zones and not self._stays:
            return
        for zone in look.zones:
            start_s, end_s = self._stays.get(zone, (look.time_s, look.time_s))
            kept = look.time_s - end_s <= max(grace_s, _VISIT_GAP_S)
            self._stays[zone] = (start_s if kept else look.time_s, look.time_s)
        self._stays = {
            zone: stay for zone, stay in self._stays.items() if look.time_s - stay[1] <= grace_s
        }


def median_score(looks: Iterable[Look]) -> float:
    """Median of the scores, 0 without looks."""
    scores = [look.score for look in looks]
    return median(scores) if scores else 0.0


def median_area_m2(looks: Iterable[Look]) -> float | None:
    """Median of the ground that an object covers, None where no look tells."""
    areas_m2 = [look.place.area_m2 for look in looks if look.place is not None]
    known_m2 = [area_m2 for area_m2 in areas_m2 if math.isfinite(area_m2)]
    return median(known_m2) if known_m2 else None


class ObjectBook:
    """Every object of a pass, by track id, and the times of the frames looked at."""

    def __init__(self, memory_s: float = 30.0) -> None:
        self._objects: dict[int, TrackedObject] = {}
        self._frame_times_s: deque[float] = deque(maxlen=20_000)
        self._memory_s = memory_s

    def add_frame(
        self,
        frame: FrameSeen,
        detections: Detections,
        places: Places | None,
        zones: list[frozenset[int]],
    ) -> None:
        """Add the tracked detections of a frame; row i stands in ``zones[i]`` at place i."""
        self._frame_times_s.append(frame.time_s)
        for track_id, look in _looks(frame, detections, places, zones):
            known = self._objects.get(track_id)
            if known is None:
                self._objects[track_id] = TrackedObject(track_id, look)
            else:
                known.add(look)

    def forget(self, time_s: float) -> None:
        """Drop objects unseen for longer than the memory."""
        old = [
            track_id
            for track_id, known in self._objects.items()
            if time_s - known.last.time_s > self._memory_s
        ]
        for track_id in old:
            del self._objects[track_id]

    def seen_since(self, start_s: float) -> list[TrackedObject]:
        """Objects with a look at or after a time, in order of their ids."""
        return [known for known in self._objects.values() if known.last.time_s >= start_s]

    def in_view(self, time_s: float) -> list[TrackedObject]:
        """Objects seen just now, in order of their ids."""
        return [known for known in self._objects.values() if known.is_in_view(time_s)]

    def frames_between(self, start_s: float, end_s: float) -> int:
        """How many frames were looked at from one time to another, both included."""
        times_s = self._frame_times_s
        return bisect_right(times_s, end_s) - bisect_left(times_s, start_s)


def _looks(
    frame: FrameSeen,
    detections: Detections,
    places: Places | None,
    zones: list[frozenset[int]],
) -> Iterator[tuple[int, Look]]:
    """Looks of a frame, each with the id of its object; those of no object are left out."""
    steady = _steady(frame, detections)
    detected = len(detections) if frame.flicker_from is None else frame.flicker_from
    frame_px = frame.size_wh_px[0] * frame.size_wh_px[1] if frame.size_wh_px else math.nan
    # Out of the arrays at once: row by row that costs many times as much.
    boxes_px, scores = detections.xyxy_px.tolist(), detections.score.tolist()
    class_ids = detections.class_id.tolist()
    stirs = [] if frame.stirs is None else frame.stirs.tolist()
    for row, track_id in enumerate(detections.track_id.tolist()):
        if track_id == NO_TRACK:
            continue
        left, top, right, bottom = boxes_px[row]
        yield (
            track_id,
            Look(
                time_s=frame.time_s,
                frame_index=frame.index,
                score=scores[row],
                class_id=class_ids[row],
                xyxy_px=(left, top, right, bottom),
                zones=zones[row],
                place=None if places is None else _place(places, row),
                picture_share=(right - left) * (bottom - top) / frame_px,
                steady=steady[row] if steady else None,
                by_flicker=row >= detected,
                stir=stirs[row] if row < len(stirs) else math.nan,
            ),
        )


def _steady(frame: FrameSeen, detections: Detections) -> list[SteadyBox]:
    """The boxes of a frame over ground at rest, none where nobody followed the ground."""
    ground = frame.ground
    if ground is None:
        return []
    boxes_px = detections.xyxy_px.astype(np.float64)
    settled, vouched = ground.settled(boxes_px).tolist(), ground.vouched(boxes_px).tolist()
    return [
        SteadyBox(ground.epoch, x, y, size, ground.sigma_px, known)
        for (x, y, size), known in zip(settled, vouched, strict=True)
    ]


def _place(places: Places, row: int) -> PlaceLook | None:
    """Where one of a frame's detections is, None where that is not known."""
    xy_m = places.xy_m[row]
    if not np.isfinite(xy_m).all():
        return None
    area_m2 = math.nan if places.area_m2 is None else float(places.area_m2[row])
    return PlaceLook(
        xy_m, places.shared_m[row], places.own_m[row], area_m2=area_m2, seen=places.seen
    )
