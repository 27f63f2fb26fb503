"""Tests of `vision.writing`: where what is told stands, and when."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from geofences.geodesy import LocalFrame, distance_m
from tests.vision.builders import CAMERA, HOME, NAMES, boxes, picture
from vision.detections import Detections
from vision.frames import Frame
from vision.objects import Look, TrackedObject
from vision.pending import Around, Held
from vision.projection import PlaceLook, Projector
from vision.rules.findings import Finding
from vision.rules.schema import load_rules
from vision.rules.zones import ZoneMap
from vision.sightings import Sighting
from vision.writing import Ground, SightingWriter

FRAME = LocalFrame(HOME)
START = datetime(2026, 5, 1, tzinfo=UTC)
WRITER = SightingWriter(
    NAMES,
    ZoneMap(()),
    Ground(None, Projector(CAMERA, FRAME, NAMES), (None, 0.0, ())),
    "heron-1",
    "p1",
    START,
)
RULE = load_rules()[0]


def seen(times_s: Sequence[float], east_m: Callable[[float], float]) -> TrackedObject:
    """A car at a place of its own at each time, seen with an error of half a metre."""
    looks = [
        Look(
            time_s,
            round(time_s * 10),
            0.9,
            1,
            (600.0, 300.0, 680.0, 340.0),
            frozenset(),
            PlaceLook(np.array([east_m(time_s), 0.0]), np.eye(2, 6), 0.5 * np.eye(2)),
        )
        for time_s in times_s
    ]
    subject = TrackedObject(1, looks[0])
    for look in looks[1:]:
        subject.add(look)
    return subject


def told(subject: TrackedObject, best_s: float) -> Sighting:
    """What is written of it, its best picture being of some time."""
    finding = Finding(RULE, subject, (), 1.0, 0.0, 0.9, None, "it is there")
    frame = Frame(round(best_s * 10), best_s, picture(640, 360))
    return WRITER.write(Held(finding, 5.0, frame, Detections.empty(), subject.last.xyxy_px, 0.9))


def east_m_of(sighting: Sighting) -> float:
    """How far east of HOME it is told."""
    assert sighting.position is not None
    return float(FRAME.to_local(sighting.position.lon_deg, sighting.position.lat_deg)[0])


@pytest.mark.parametrize("best_s", [0.0, 1.3, 2.0, 5.0])
def test_what_drives_is_told_where_it_was_when_the_picture_was_taken(best_s: float) -> None:
    """At 10 m/s the place of the latest looks is thirty metres from that of the best picture."""
    subject = seen(np.arange(0.0, 5.05, 0.1).tolist(), lambda time_s: 10.0 * time_s)
    sighting = told(subject, best_s)
    assert (sighting.observed_at - START).total_seconds() == pytest.approx(best_s)
    assert east_m_of(sighting) == pytest.approx(10.0 * best_s, abs=0.01)


def test_a_single_look_at_what_drives_is_its_place() -> None:
    """Where the next look is seconds away nothing is drawn between them."""
    subject = seen([0.0, 1.9, 3.8], lambda time_s: 10.0 * time_s)
    assert east_m_of(told(subject, 1.9)) == pytest.approx(19.0, abs=0.01)


def test_what_stands_is_fused_from_visits_with_other_errors() -> None:
    """Lanes flown both ways are off to both sides: all their looks count, and none is movement."""
    there = [0.1 * n for n in range(20)]
    back = [60.0 + each for each in there]
    subject = seen([*there, *back], lambda time_s: 3.0 if time_s < 30.0 else -3.0)
    sighting = told(subject, 61.0)
    once = told(seen(there, lambda _: 3.0), 1.0)
    assert east_m_of(sighting) == pytest.approx(0.0, abs=0.01)
    assert sighting.ce90_m is not None
    assert once.ce90_m is not None
    assert sighting.ce90_m < once.ce90_m


def test_whom_the_detector_loses_in_the_best_picture_is_not_shown() -> None:
    """The frames around it tell that somebody is there."""
    subject = seen([0.0, 0.1, 0.2], lambda _: 0.0)
    finding = Finding(RULE, subject, (), 1.0, 0.0, 0.9, None, "it is there")
    noise = np.random.default_rng(5).integers(0, 255, (360, 640, 3)).astype(np.uint8)
    box = (600.0, 300.0, 680.0, 340.0)
    someone = boxes(((300.0, 100.0, 340.0, 200.0), 0.9, 0)).with_tracks(np.array([4], np.int64))
    larger = boxes(((600.0, 200.0, 680.0, 400.0), 0.9, 0)).with_tracks(np.array([4], np.int64))
    # The stream changed its size meanwhile.
    near = [Around(0.0, (1280, 720), larger), Around(0.2, (640, 360), someone)]
    edges = []
    for around in ([], near):
        held = Held(finding, 5.0, Frame(1, 0.1, noise), Detections.empty(), box, 0.9, around)
        (_, overview) = WRITER.write(held).evidence
        data = np.frombuffer(overview.data, np.uint8)
        shown = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))
        edges.append(np.abs(np.diff(shown[110:190, 305:335].astype(float), axis=1)).mean())
    assert edges[1] < 0.2 * edges[0]


def test_a_source_without_poses_tells_its_declared_place() -> None:
    """With the error that was declared for it."""
    writer = replace(WRITER, ground=Ground(None, None, (HOME, 20.0, ())))
    subject = seen([0.0, 0.1], lambda _: 0.0)
    finding = Finding(RULE, subject, (), 1.0, 0.0, 0.9, None, "it is there")
    frame = Frame(1, 0.1, picture(640, 360))
    held = Held(finding, 5.0, frame, Detections.empty(), subject.last.xyxy_px, 0.9)
    sighting = writer.write(held)
    assert sighting.position is not None
    assert distance_m(sighting.position, HOME) == 0.0
    assert sighting.ce90_m == 20.0
    assert sighting.ce50_m == pytest.approx(20.0 * 0.5486, rel=1e-3)
