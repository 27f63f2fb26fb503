"""Frames of a camera on its way, chosen by how far its view moved over the ground."""

import math
from collections.abc import Callable, Iterator
from typing import Self

from geofences.geodesy import LonLat, destination, distance_m
from geofences.view import CameraPose
from patrol.wrapped_source import WrappedSource
from vision.errors import PoseError
from vision.frames import Frame, FrameSource
from vision.ground_context import PoseAt

# Whatever hovers is looked at so often all the same, as things below it may move.
LEAST_EVERY_S = 1.0
# Nearer to the horizon a tremble of the gimbal sweeps over more ground than anybody looks at.
_FLATTEST_DEG = 20.0
_JITTER_S = 1e-3


class MovedSource(WrappedSource):
    """Gives a frame once the camera, or what it looks at, has moved far enough since the last.

    Frames whose pose is not known are all given, so that they are counted.

    Args:
        source: the frames to choose from.
        pose_at: where the camera was.
        every_m: how far.
    """

    def __init__(self, source: FrameSource, pose_at: PoseAt, every_m: float) -> None:
        super().__init__(source)
        self._pose_at = pose_at
        self._every_m = every_m

    def around(self, wrap: Callable[[FrameSource], FrameSource]) -> Self:
        """The same choice among the frames that something makes of those within."""
        return type(self)(wrap(self._source), self._pose_at, self._every_m)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames that are due."""
        last_s, last = -math.inf, (LonLat(0.0, 0.0), LonLat(0.0, 0.0))
        for frame in self._source:
            try:
                here = _places(self._pose_at(frame.time_s))
            except PoseError:
                yield frame
                continue
            is_late = frame.time_s - last_s >= LEAST_EVERY_S - _JITTER_S
            if is_late or max(map(distance_m, last, here)) >= self._every_m:
                last_s, last = frame.time_s, here
                yield frame


def _places(pose: CameraPose) -> tuple[LonLat, LonLat]:
    """The point below the camera, and about where the middle of its picture lies."""
    down_deg = max(_FLATTEST_DEG, min(90.0, -pose.pitch_deg))
    ahead_m = pose.height_ground_m / math.tan(math.radians(down_deg))
    return pose.position, destination(pose.position, pose.heading_deg, ahead_m)
