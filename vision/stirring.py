"""How much of a box changes within a second: smoke billows, and a white wall does not.

The outline that a detector gives to smoke hardly tells: it wavers before a wall as well, when
somebody walks past. What is inside does: over a second smoke is somewhere else in much of its box,
and a wall nowhere, for a camera that stands.
"""

from collections import deque
from collections.abc import Collection, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detections import Detections
from vision.frames import Frame

LEAST_STIR = 0.1
"""Share of its box from which on a thing stirs."""
STIRRING_SCORE_SHARE = 0.5
"""Share of its usual score that is enough of what stirs, since a wall with that score does not."""

_SMALL_SIDE_PX = 320
_BLUR_PX = 1.5
_LAG_S = 1.0
_LEAST_LAG_S = 0.5
_JITTER_S = 1e-3
_REMEMBERED_S = 3.0
# Levels of 255, above what noise and compression leave in a small picture.
_LEAST_CHANGE = 6.0
_LEAST_PIXELS = 30

FloatArray = NDArray[np.float64]
Picture = NDArray[np.float32]
Mask = NDArray[np.bool_]


class StirWatch:
    """Measures how much of each box of some classes changes, for a camera that stands.

    Pictures are kept, small and grey, only while something of these classes is seen.

    Args:
        class_names: of the detector.
        wanted: classes to measure.
    """

    def __init__(self, class_names: Sequence[str], wanted: Collection[str]) -> None:
        self._wanted = np.array([name in wanted for name in class_names], bool)
        self._pictures: deque[tuple[float, Picture]] = deque()
        self._seen_s = float("-inf")

    def shares(self, frame: Frame, detections: Detections) -> FloatArray:
        """By how much more of each box than of the rest of the picture changed in a second.

        Args:
            frame: the next frame.
            detections: what was seen in it.

        Returns:
            float64 (N,), 0 to 1; NaN where it is not wanted, or not known yet.
        """
        shares = np.full(len(detections), np.nan)
        measured = self._wanted[detections.class_id]
        if measured.any():
            self._seen_s = frame.time_s
        if frame.time_s - self._seen_s > _REMEMBERED_S:
            self._pictures.clear()
            return shares
        scale = _SMALL_SIDE_PX / max(frame.size_wh_px)
        picture = self._add(frame, scale)
        then_s, then = self._pictures[0]
        if not measured.any() or frame.time_s - then_s < _LEAST_LAG_S:
            return shares
        boxes_px = np.rint(detections.xyxy_px * scale).astype(int)
        others = _filled(picture.shape, boxes_px[~measured])
        for row in np.flatnonzero(measured):
            inside = _filled(picture.shape, boxes_px[row : row + 1])
            shares[row] = stirring_share(picture - then, inside, ~others)
        return shares

    def _add(self, frame: Frame, scale: float) -> Picture:
        width_px, height_px = (max(1, round(side * scale)) for side in frame.size_wh_px)
        grey = frame.grey((width_px, height_px)).astype(np.float32)
        picture = np.asarray(cv2.GaussianBlur(grey, (0, 0), _BLUR_PX), np.float32)
        if self._pictures and self._pictures[0][1].shape != picture.shape:
            self._pictures.clear()
        self._pictures.append((frame.time_s, picture))
        while frame.time_s - self._pictures[0][0] > _LAG_S + _JITTER_S:
            self._pictures.popleft()
        return picture


def stirring_share(change: Picture, inside: Mask, counted: Mask) -> float:
    """How much more of a box than of the rest of the picture changed, 0 to 1.

    Where the light changes, or the camera's exposure, all of the picture does by about as much;
    where it sways, edges do everywhere.

    Args:
        change: levels from one picture to another, float32 (H, W).
        inside: the box, bool (H, W).
        counted: where nothing else is, bool (H, W).

    Returns:
        NaN where too little of the box is counted.
    """
    box, rest = change[inside & counted], change[~inside & counted]
    if len(box) < _LEAST_PIXELS:
        return float("nan")
    if len(rest) < _LEAST_PIXELS:
        return float((np.abs(box) > _LEAST_CHANGE).mean())
    light = float(np.median(rest))
    of_box, of_rest = ((np.abs(part - light) > _LEAST_CHANGE).mean() for part in (box, rest))
    return max(0.0, float(of_box - of_rest))


def _filled(shape: tuple[int, ...], boxes_px: NDArray[np.int_]) -> Mask:
    """Where any of the boxes is, bool (H, W)."""
    mask = np.zeros(shape, bool)
    for left, top, right, bottom in np.maximum(boxes_px, 0).tolist():
        mask[top:bottom, left:right] = True
    return mask
