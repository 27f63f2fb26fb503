"""What a pass remembers between two frames, so that it can be put away and taken up again."""

from dataclasses import dataclass, field

from geofences.geodesy import LonLat
from vision.ground_tracking import GroundTracker
from vision.objects import ObjectBook
from vision.pending import Pending
from vision.rules.findings import JudgeMemory
from vision.tracking import PictureTracker


@dataclass(eq=False)
class PassState:
    """Tracks, objects, findings that wait, and what was told.

    Attributes:
        class_names: of the detector; class ids mean nothing without them.
        book: every object.
        pending: findings that wait for better looks.
        picture_tracker: tracks without poses.
        ground_tracker: tracks with poses.
        judge: what the rules remember.
        origin: of the pass's metres, None before the first pose.
        frame_index: of the latest judged frame, -1 before the first.
        time_s: of that frame.
        judged_s: when the rules were judged last.
        without_pose: frames that could not be located.
    """

    class_names: tuple[str, ...]
    book: ObjectBook
    pending: Pending
    picture_tracker: PictureTracker
    ground_tracker: GroundTracker
    judge: JudgeMemory = field(default_factory=JudgeMemory)
    origin: LonLat | None = None
    frame_index: int = -1
    time_s: float = 0.0
    judged_s: float = float("-inf")
    without_pose: int = 0
