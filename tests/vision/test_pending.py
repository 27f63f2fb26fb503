import numpy as np

from tests.vision.builders import boxes
from vision.detections import Detections
from vision.frames import Frame
from vision.objects import Look, TrackedObject
from vision.pending import Pending
from vision.rules.findings import Finding
from vision.rules.schema import load_rules

RULE = load_rules()[0]
IMAGE = np.zeros((100, 100, 3), np.uint8)


def look(index: int, score: float, x: float = 40.0) -> Look:
    """A look in the frame of that number, ten frames a second."""
    return Look(index / 10, index, score, 0, (x, 40, x + 20, 60), frozenset(), None)


def frame(index: int) -> Frame:
    """A black frame."""
    return Frame(index, index / 10, IMAGE)


def found(subject: TrackedObject, time_s: float) -> Finding:
    """A finding about an object."""
    return Finding(RULE, subject, (), time_s, 0.0, 0.8, None, "because")


def test_without_settling_a_finding_is_due_at_once() -> None:
    """A fixed camera gains nothing by waiting."""
    pending, subject = Pending(0.0), TrackedObject(1, look(0, 0.8))
    pending.look(frame(0), boxes(((40, 40, 60, 60), 0.8, 0)), [found(subject, 0.0)])
    (held,) = pending.due(0.0)
    assert held.frame.index == 0
    assert list(pending.due(9.0)) == []


def test_the_best_frame_while_waiting_is_kept() -> None:
    """A surer look that is whole replaces the one at hand; one cut by the edge does not."""
    pending, subject = Pending(3.0), TrackedObject(1, look(0, 0.5))
    pending.look(frame(0), Detections.empty(), [found(subject, 0.0)])
    for index, score, x in ((1, 0.7, 40.0), (2, 0.9, 79.5), (3, 0.6, 40.0)):
        subject.add(look(index, score, x))
        pending.look(frame(index), Detections.empty(), [])
        assert list(pending.due(index / 10)) == []
    (held,) = pending.due(3.0)
    assert held.frame.index == 1


def test_an_object_that_left_the_view_is_not_waited_for() -> None:
    """There is nothing more to gather."""
    pending, subject = Pending(30.0), TrackedObject(1, look(0, 0.5))
    pending.look(frame(0), Detections.empty(), [found(subject, 0.0)])
    assert len(list(pending.due(2.0))) == 1


def test_it_is_known_whether_a_finding_waits() -> None:
    """One that is due now does not; what waits has to be kept safe meanwhile."""
    pending, subject = Pending(3.0), TrackedObject(1, look(0, 0.5))
    assert not pending.waits(0.0)
    pending.look(frame(0), Detections.empty(), [found(subject, 0.0)])
    assert pending.waits(0.0)
    assert not pending.waits(3.0)


def test_what_the_frames_around_the_best_one_show_is_kept_with_it() -> None:
    """A second before and after it: who was lost in it alone is there."""
    pending, subject = Pending(3.0), TrackedObject(1, look(0, 0.5))
    for index in range(40):
        if index:
            subject.add(look(index, 0.9 if index == 15 else 0.5))
        findings = [found(subject, 1.2)] if index == 12 else []
        pending.look(frame(index), boxes(((index, 0, 99, 60), 0.8, 0)), findings)
    (held,) = pending.due(4.2)
    assert held.frame.index == 15
    near = [index for index in range(5, 26) if index != 15]
    assert [each.time_s for each in held.near] == [index / 10 for index in near]
    assert [int(each.detections.xyxy_px[0, 0]) for each in held.near] == near
    assert {each.size_wh_px for each in held.near} == {held.frame.size_wh_px}
