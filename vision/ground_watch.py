"""When the ground of a picture is followed, and what that tells of a camera without poses."""

from collections.abc import Sequence

import numpy as np

from vision.detections import Detections
from vision.frames import Frame, FrameSource
from vision.ground_motion import FloatArray, GroundFrame, GroundMotion
from vision.rules.schema import CongestionRule, PresenceRule, Rule, StationaryRule

_JITTER_S = 1e-6
_OFF_SHARE = 0.01
_OFF_S = 1.0
_WINDOW_S = 10.0
_ZONES_LOST = (
    "{}: the ground could not be followed any more at {:.1f} s, and the zones drawn on the first "
    "picture counted until then only; watch what comes after as a film of its own."
)
_ZONES_LEFT = (
    "{}: the picture is seen to move at {:.1f} s, and zones stay where they were drawn into it; if "
    "the camera is on its way, say so with --moving-camera, and they go with the ground."
)


class SeenToMove:
    """Whether the pictures tell of a camera on its way, where nobody said so.

    It is, for ten seconds, once the middle of the picture has been off its place on the ground by
    a hundredth of the picture's width for a second, as most points all over the picture agree.
    A mast sways by less, and for a shorter time; one wrong measure does not last.
    """

    def __init__(self) -> None:
        self._epoch = -1
        self._from_px = np.zeros(2)
        self._from_s = self._off_s = self._until_s = float("-inf")

    def look(self, ground: GroundFrame, size_wh_px: tuple[int, int], time_s: float) -> bool:
        """Whether it is on its way, as far as the ground of this picture and earlier ones tell."""
        middle = np.array(size_wh_px) / 2.0
        at_px = ground.settled(np.concatenate([middle, middle])[None])[0, :2]
        if ground.epoch != self._epoch or time_s - self._from_s > _WINDOW_S:
            self._epoch, self._from_px, self._from_s = ground.epoch, at_px, time_s
        is_off = np.linalg.norm(at_px - self._from_px) > _OFF_SHARE * size_wh_px[0]
        if not is_off or not ground.is_wide(size_wh_px):
            self._off_s = float("inf")
        else:
            self._off_s = min(self._off_s, time_s)
            if time_s - self._off_s >= _OFF_S - _JITTER_S:
                self._until_s = time_s + _WINDOW_S
        return time_s <= self._until_s


class GroundWatch:
    """Follows the ground while a rule asks who moves over it.

    Args:
        rules: what is looked for.
        names: of the classes.
        every_s: as often as the rules are judged will do, and costs least.
        said: whether somebody said that the camera moves.
        drawn: whether zones were drawn into its picture: of a camera that is said to move into
            the first one, to go with the ground.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        names: Sequence[str],
        every_s: float,
        *,
        said: bool,
        drawn: bool,
    ) -> None:
        dense = [rule for rule in rules if isinstance(rule, CongestionRule) and not rule.zones]
        self._least_count = min((rule.min_count // 2 for rule in dense), default=None)
        alone = {name for rule in rules if _asks(rule) for name in rule.classes}
        self._alone = np.array([i for i, name in enumerate(names) if name in alone], np.int32)
        self._every_s, self._said, self._drawn = every_s, said, drawn
        self.carries = said and drawn
        self._motion, self._seen_to_move = GroundMotion(), SeenToMove()
        self._first_epoch: int | None = None
        self._on_its_way = said
        self.followed_s, self._begun_s = float("-inf"), float("inf")
        self._moved_s: float | None = None
        self._zones_lost_s: float | None = None

    @property
    def stands(self) -> bool:
        """Whether the camera stands, as far as anybody said or its pictures tell."""
        return not self._on_its_way

    def look(self, frame: Frame, detections: Detections) -> GroundFrame | None:
        """How the ground of the next picture lies, where a rule asks for it."""
        if not self.carries:
            if not self._is_asked(frame.time_s, detections):
                self._motion.forget()
                return None
            if frame.time_s - self.followed_s < self._every_s - _JITTER_S:
                return None
        self.followed_s = frame.time_s
        ground = self._motion.follow(frame, detections.xyxy_px.astype(np.float64))
        if not self._said:
            self._on_its_way = self._seen_to_move.look(ground, frame.size_wh_px, frame.time_s)
            if self._on_its_way and self._moved_s is None:
                self._moved_s = frame.time_s
        if self._first_epoch is None:
            self._first_epoch = ground.epoch
        elif self.carries and ground.epoch != self._first_epoch:
            self.lose_zones(frame.time_s)
        return ground

    def lose_zones(self, time_s: float) -> None:
        """The picture that zones were drawn on cannot be compared with any more."""
        self._zones_lost_s = time_s if self._zones_lost_s is None else self._zones_lost_s

    def warn(self, source: FrameSource) -> None:
        """Tell who reads the report of a source what became of its zones, if it moved."""
        if source.report.warning or not self._drawn:
            return
        if self.carries and self._zones_lost_s is not None:
            source.report.warning = _ZONES_LOST.format(source.name, self._zones_lost_s)
        elif self._moved_s is not None:
            source.report.warning = _ZONES_LEFT.format(source.name, self._moved_s)

    def to_first(self, ground: GroundFrame) -> FloatArray | None:
        """Homography to the picture that zones were drawn on; None once the ground was lost."""
        return ground.to_reference if self._zones_lost_s is None else None

    def _is_asked(self, time_s: float, detections: Detections) -> bool:
        if self._least_count is not None and len(detections) >= self._least_count:
            return True
        if not len(self._alone):
            return False
        self._begun_s = min(self._begun_s, time_s)
        is_new = time_s - self._begun_s <= _WINDOW_S
        # What kind of camera it is should be known before something slides into its picture.
        if not self._said and (is_new or self._on_its_way):
            return True
        return bool(np.isin(detections.class_id, self._alone).any())


def _asks(rule: Rule) -> bool:
    """Whether a rule asks of a single thing whether it moves over the ground."""
    if isinstance(rule, PresenceRule):
        return rule.whole_picture
    return isinstance(rule, StationaryRule)
