"""What a detector saw in one frame, as parallel arrays."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

NO_TRACK = -1


def _checked_column(name: str, values: NDArray[np.generic], count: int) -> None:
    if values.shape != (count,):
        raise ValueError(f"{name} has shape {values.shape}, expected ({count},)")


@dataclass(frozen=True, eq=False)
class Detections:
    """All boxes of one frame; row i of every array is the same object.

    Attributes:
        xyxy_px: float32 (N, 4), left, top, right, bottom in pixels of the frame.
        score: float32 (N,), 0 to 1.
        class_id: int32 (N,), index into the detector's class names.
        track_id: int64 (N,), NO_TRACK where no track is known.
    """

    xyxy_px: NDArray[np.float32]
    score: NDArray[np.float32]
    class_id: NDArray[np.int32]
    track_id: NDArray[np.int64]

    def __post_init__(self) -> None:
        count = self.score.shape[0] if self.score.ndim else -1
        if self.xyxy_px.shape != (count, 4):
            raise ValueError(f"xyxy_px has shape {self.xyxy_px.shape}, expected ({count}, 4)")
        _checked_column("score", self.score, count)
        _checked_column("class_id", self.class_id, count)
        _checked_column("track_id", self.track_id, count)
        if not np.isfinite(self.xyxy_px).all():
            raise ValueError("xyxy_px holds numbers that are not finite")
        if count and not ((self.score >= 0) & (self.score <= 1)).all():
            raise ValueError("score holds numbers outside 0 to 1")

    @classmethod
    def of(
        cls,
        xyxy_px: NDArray[np.floating],
        score: NDArray[np.floating],
        class_id: NDArray[np.integer],
    ) -> "Detections":
        """Make detections without tracks from arrays of any float and integer width.

        Raises:
            ValueError: the shapes do not agree or values are impossible.
        """
        return cls(
            np.asarray(xyxy_px, np.float32).reshape(-1, 4),
            np.asarray(score, np.float32),
            np.asarray(class_id, np.int32),
            np.full(len(score), NO_TRACK, np.int64),
        )

    @classmethod
    def empty(cls) -> "Detections":
        """No detections."""
        return cls.of(np.empty((0, 4)), np.empty(0), np.empty(0, np.int32))

    def __len__(self) -> int:
        return int(self.score.shape[0])

    def __getitem__(self, index: NDArray[np.generic] | slice) -> "Detections":
        return Detections(
            self.xyxy_px[index], self.score[index], self.class_id[index], self.track_id[index]
        )

    def followed_by(self, more: "Detections") -> "Detections":
        """These and then more of the same frame."""
        if not len(more):
            return self
        return Detections(
            np.concatenate([self.xyxy_px, more.xyxy_px]),
            np.concatenate([self.score, more.score]),
            np.concatenate([self.class_id, more.class_id]),
            np.concatenate([self.track_id, more.track_id]),
        )

    def with_tracks(self, track_id: NDArray[np.int64]) -> "Detections":
        """The same boxes with these track ids, int64 (N,).

        Raises:
            ValueError: the ids are not one for each box.
        """
        return replace(self, track_id=track_id)
