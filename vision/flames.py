"""Flames beside smoke, told by their flicker.

Small flames, behind windows or far away, look like lamps, paint and paper in any one picture. Over
two seconds they do not: they glow in the colours of fire, and how brightly changes from picture to
picture, where lamps and sunlit walls stay as they are (Töreyin, Dedeoğlu, Güdükbay and Çetin 2006,
"Computer vision based method for real-time fire and flame detection", tells them by both). Cars
and clothes in such colours move, too: so flames are only sought beside smoke that the detector
sees, and by a camera that stands.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.association import grown
from vision.detections import Detections
from vision.frames import Frame
from vision.stirring import LEAST_STIR, STIRRING_SCORE_SHARE

_SMALL_SIDE_PX = 320
_PICTURES = 10
_LEAST_PICTURES = 8
_EVERY_S = 0.15
_JITTER_S = 1e-3
_LONGEST_GAP_S = 1.5
_SMOKE_REMEMBERED_S = 3.0
# How far from the smoke its flames may be, in its own width and height.
_BESIDE = 1.0
# Levels of 255. A flame saturates the camera's red now and then, and is far less blue.
_LEAST_RED = 180
_LEAST_PEAK = 230
_REDDER_THAN_BLUE = 50
_LEAST_CHANGE = 8
# A camera on a mast sways: an edge changes by as much as it is steep, a flame by more.
_SWAY_PX = 0.5
_GLOWING_SHARE = 0.3
_LEAST_AREA = 1e-3
# Where so much of the picture changes, the camera moves or the light does.
_MOST_CHANGING = 0.3
_NONE = np.empty((0, 4), np.float32)

Pictures = NDArray[np.float32]
Mask = NDArray[np.bool_]


class FlameWatch:
    """Looks for flickering flames while a camera that stands sees smoke.

    Args:
        class_names: of the detector; without "smoke" and "fire" nothing is ever told.
        thresholds: from which score on a class is told, by class.
    """

    def __init__(self, class_names: Sequence[str], thresholds: Sequence[float]) -> None:
        known = {name: number for number, name in enumerate(class_names)}
        self._smoke, self._fire = known.get("smoke", -1), known.get("fire", -1)
        self._thresholds = thresholds
        self._pictures: deque[NDArray[np.uint8]] = deque(maxlen=_PICTURES)
        self._looked_s = self._smoke_s = float("-inf")
        self._smoke_px, self._smoke_score = _NONE[:1], 0.0
        self._found_px = _NONE

    def flames(
        self, frame: Frame, detections: Detections, stirs: NDArray[np.float64] | None = None
    ) -> Detections:
        """Flames in this frame that the detector does not tell, as sure as the smoke beside them.

        Args:
            frame: the next frame.
            detections: what the detector saw in it.
            stirs: how much of each of their boxes changes (`vision.stirring`), where that is known.
        """
        if min(self._smoke, self._fire) < 0:
            return Detections.empty()
        self._note_smoke(frame, detections, stirs)
        if frame.time_s - self._smoke_s > _SMOKE_REMEMBERED_S:
            self._forget()
            return Detections.empty()
        if frame.time_s - self._looked_s >= _EVERY_S - _JITTER_S:
            self._look(frame)
        boxes_px = self._beside_smoke(self._found_px)
        boxes_px = boxes_px[~_told(boxes_px, self._of(detections, self._fire).xyxy_px)]
        count = len(boxes_px)
        scores, classes = np.full(count, self._smoke_score), np.full(count, self._fire)
        return Detections.of(boxes_px, scores, classes)

    def _of(self, detections: Detections, class_id: int) -> Detections:
        wanted = detections.class_id == class_id
        return detections[wanted & (detections.score >= self._thresholds[class_id])]

    def _note_smoke(
        self, frame: Frame, detections: Detections, stirs: NDArray[np.float64] | None
    ) -> None:
        least = np.full(len(detections), self._thresholds[self._smoke])
        if stirs is not None:
            least[stirs >= LEAST_STIR] *= STIRRING_SCORE_SHARE
        smoke = detections[(detections.class_id == self._smoke) & (detections.score >= least)]
        if len(smoke):
            best = smoke[int(smoke.score.argmax()) :][:1]
            self._smoke_s, self._smoke_score = frame.time_s, float(best.score[0])
            self._smoke_px = best.xyxy_px

    def _forget(self) -> None:
        self._pictures.clear()
        self._looked_s, self._found_px = float("-inf"), _NONE

    def _look(self, frame: Frame) -> None:
        if frame.time_s - self._looked_s > _LONGEST_GAP_S:
            self._forget()
        scale = _SMALL_SIDE_PX / max(frame.size_wh_px)
        width_px, height_px = (max(1, round(side * scale)) for side in frame.size_wh_px)
        self._pictures.append(frame.resized((width_px, height_px)))
        self._looked_s = frame.time_s
        self._found_px = _NONE
        if len(self._pictures) >= _LEAST_PICTURES:
            pictures = np.stack(self._pictures).astype(np.float32)
            self._found_px = (_pieces(flickering(pictures)) / scale).astype(np.float32)

    def _beside_smoke(self, boxes_px: NDArray[np.float32]) -> NDArray[np.float32]:
        if not len(boxes_px):
            return boxes_px
        near = grown(self._smoke_px.astype(np.float64), _BESIDE)[0]
        apart = (boxes_px[:, :2] > near[2:]).any(axis=1) | (boxes_px[:, 2:] < near[:2]).any(axis=1)
        return np.asarray(boxes_px[~apart], np.float32)


def flickering(pictures: Pictures) -> Mask:
    """Where something glows in the colours of fire, and more and less so from picture to picture.

    Args:
        pictures: float32 (N, H, W, 3), BGR, 0 to 255, of one camera that stands, in order.

    Returns:
        bool (H, W); nowhere, where so much changes that the camera must have moved.
    """
    blue, green, red = (pictures[..., band] for band in range(3))
    brightness = 0.114 * blue + 0.587 * green + 0.299 * red
    change = np.abs(np.diff(brightness, axis=0)).mean(axis=0)
    if (change > _LEAST_CHANGE).mean() > _MOST_CHANGING:
        return np.zeros(change.shape, np.bool_)
    steepness = np.mean([_steepness(each) for each in brightness], axis=0)
    sway = _SWAY_PX * cv2.dilate(steepness, np.ones((3, 3), np.uint8))
    glows = (red > _LEAST_RED) & (red - blue > _REDDER_THAN_BLUE)
    glows &= (red >= green) & (green >= 0.85 * blue)
    often = glows.mean(axis=0) >= _GLOWING_SHARE
    return np.asarray(often & (change > _LEAST_CHANGE + sway) & (red.max(axis=0) >= _LEAST_PEAK))


def _steepness(brightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much it changes from pixel to pixel, float32 (H, W)."""
    across, down = cv2.Sobel(brightness, -1, 1, 0), cv2.Sobel(brightness, -1, 0, 1)
    return np.asarray(np.hypot(across, down) / 8, np.float32)


def _pieces(mask: Mask) -> NDArray[np.float32]:
    """Boxes of the pieces of a mask that are large enough, float32 (N, 4)."""
    joined = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, _, pieces, _ = cv2.connectedComponentsWithStats(joined)
    x_px, y_px, width_px, height_px, area_px = pieces[1:].T
    boxes_px = np.stack([x_px, y_px, x_px + width_px, y_px + height_px], axis=1)
    return np.asarray(boxes_px[area_px >= _LEAST_AREA * mask.size], np.float32)


def _told(boxes_px: NDArray[np.float32], fires_px: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which boxes touch a fire that the detector tells by itself, bool (N,)."""
    low = np.maximum(boxes_px[:, None, :2], fires_px[None, :, :2])
    high = np.minimum(boxes_px[:, None, 2:], fires_px[None, :, 2:])
    return np.asarray(np.any(np.all(high > low, axis=2), axis=1))
