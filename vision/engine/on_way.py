"""Frames on their way through a detector in another process, and what comes of their parts."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vision.detections import Detections
from vision.detector import Letterbox, joined_tiles
from vision.engine.messages import PassedOver, Seen
from vision.frames import Frame


@dataclass(eq=False)
class PendingFrame:
    """A frame on its way: its parts that were seen, by job, and whether it gave way to a newer."""

    frame: Frame
    letterboxes: tuple[Letterbox, ...]
    jobs: list[int] = field(default_factory=list)
    seen: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    gave_way: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every part was seen."""
        return len(self.seen) == len(self.letterboxes)

    def take(self, answer: Seen | PassedOver) -> None:
        """Take in what became of one of its parts."""
        if isinstance(answer, Seen):
            self.seen[answer.job] = answer.rows
        else:
            self.gave_way = True


@dataclass
class ShownPicture:
    """A picture that was handed over and not answered yet."""

    slot: int
    attempts: int = 1


def merged(pending: PendingFrame, most_iou: float) -> Detections:
    """The detections of all parts of a frame, in pixels of the frame."""
    parts = []
    for job, letterbox in zip(pending.jobs, pending.letterboxes, strict=True):
        rows = pending.seen[job]
        class_id = rows[:, 5].astype(np.int32)
        parts.append(Detections.of(letterbox.to_frame(rows[:, :4]), rows[:, 4], class_id))
    return joined_tiles(parts, pending.letterboxes, pending.frame.size_wh_px, most_iou)
