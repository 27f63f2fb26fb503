"""Findings that wait for better looks before they become sightings."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from vision.detections import Detections
from vision.frames import Frame
from vision.hiding import REACH_S
from vision.objects import BoxPx
from vision.rules.findings import Finding

_BETTER_BY = 0.02
_MARGIN_SHARE = 0.02


@dataclass(frozen=True, eq=False)
class Around:
    """What was detected in a frame near the best one, whose picture is not kept."""

    time_s: float
    size_wh_px: tuple[int, int]
    detections: Detections


@dataclass(eq=False)
class Held:
    """A finding with the best frame of its object so far.

    Attributes:
        finding: of the rules.
        due_s: when it is told at the latest.
        frame: the best one.
        detections: in that frame.
        box: of the object there.
        value: how well it shows the object.
        near: what the frames around it show.
    """

    finding: Finding
    due_s: float
    frame: Frame
    detections: Detections
    box: BoxPx
    value: float
    near: list[Around] = field(default_factory=list)


class Pending:
    """Holds findings for a while, keeping for each the frame that shows its object best."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._held: list[Held] = []
        self._recent: deque[Around] = deque()

    def look(self, frame: Frame, detections: Detections, findings: list[Finding]) -> None:
        """Take in new findings of a frame, and the frame for those held already."""
        while self._recent and self._recent[0].time_s < frame.time_s - REACH_S:
            self._recent.popleft()
        now = Around(frame.time_s, frame.size_wh_px, detections)
        for held in self._held:
            value, box = _value_in(held.finding, frame)
            if value > held.value + _BETTER_BY:
                held.frame, held.detections = frame, detections
                held.box, held.value = box, value
                held.near = list(self._recent)
            elif frame.time_s <= held.frame.time_s + REACH_S:
                held.near.append(now)
        for finding in findings:
            value, box = _value_in(finding, frame)
            due_s = finding.time_s + self._settle_s
            near = list(self._recent)
            self._held.append(Held(finding, due_s, frame, detections, box, value, near))
        self._recent.append(now)

    def waits(self, time_s: float) -> bool:
        """Whether a finding is held that does not become due at this time."""
        return not all(self._is_settled(held, time_s) for held in self._held)

    def due(self, time_s: float) -> Iterator[Held]:
        """Take out what has settled: its time has come, or its object left the view."""
        kept: list[Held] = []
        for held in self._held:
            if self._is_settled(held, time_s):
                yield held
            else:
                kept.append(held)
        self._held = kept

    @staticmethod
    def _is_settled(held: Held, time_s: float) -> bool:
        return time_s >= held.due_s or not held.finding.subject.is_in_view(time_s)


def _value_in(finding: Finding, frame: Frame) -> tuple[float, BoxPx]:
    """How well a frame shows the object, and its box there; cut off at the edge counts little."""
    look = finding.subject.last
    if look.frame_index != frame.index:
        return 0.0, look.xyxy_px
    width_px, height_px = frame.size_wh_px
    left, top, right, bottom = look.xyxy_px
    cut = (
        left < _MARGIN_SHARE * width_px
        or top < _MARGIN_SHARE * height_px
        or right > (1 - _MARGIN_SHARE) * width_px
        or bottom > (1 - _MARGIN_SHARE) * height_px
    )
    return look.score * (0.5 if cut else 1.0), look.xyxy_px
