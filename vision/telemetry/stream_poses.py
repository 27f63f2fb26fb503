"""Camera poses of a live stream that brings its own telemetry."""

from __future__ import annotations

from geofences.view import CameraPose
from vision.errors import PoseError
from vision.telemetry.film_poses import (
    Completion,
    FilmPoses,
    completed_camera,
    refuse_incomplete,
)
from vision.telemetry.stream_misb import StreamTelemetry
from vision.telemetry.track import PoseTrack


class StreamPoses:
    """Answers where a stream's camera was when one of its pictures was taken.

    The camera is the one that the first packets tell of. On the ground before take-off heights may
    lie under the terrain; from when on they do not, poses are known.
    """

    def __init__(
        self, telemetry: StreamTelemetry, completion: Completion, size_wh_px: tuple[int, int]
    ) -> None:
        """Begin with what has come so far.

        Raises:
            PoseError: fewer than two positions or no picture came, or something is missing that a
                person may say; the message says by which option.
        """
        if not all(size_wh_px):
            raise PoseError("No picture came yet, so the shape of its pictures is not known.")
        track = telemetry.newest()
        refuse_incomplete(track, completion)
        self.camera = completed_camera(track, completion, size_wh_px)
        self.terrain = completion.terrain
        self.said = ""
        self._telemetry = telemetry
        self._completion = completion
        self._poses: FilmPoses | None = None
        try:
            self.said = self._poses_of(track).said
        except PoseError as error:
            if self.terrain is None:
                raise
            self.said = f"Poses come with the stream, but there is none yet: {error}"

    def pose_at(self, time_s: float) -> CameraPose:
        """The pose at a time of the pictures.

        Raises:
            PoseError: it is not known.
        """
        return self._poses_of(self._telemetry.track(time_s)).pose_at(time_s)

    def _poses_of(self, track: PoseTrack) -> FilmPoses:
        """By the height that the first usable part of the track was found to tell best."""
        if self._poses is None:
            self._poses = FilmPoses(track, self._completion, self.camera.size_wh_px)
            # The camera stays the one that findings are projected with.
            self._poses.camera = self.camera
        return self._poses.of(track)
