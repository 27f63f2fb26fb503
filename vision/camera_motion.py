"""How far the picture as a whole moved since the last frame."""

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frames import Frame

_SMALL_WIDTH_PX = 320
_LEAST_RESPONSE = 0.03


class CameraMotion:
    """Measures the shift between consecutive frames by phase correlation of small pictures."""

    def __init__(self) -> None:
        self._last: NDArray[np.float32] | None = None
        self._window: NDArray[np.float32] | None = None

    def shift_px(self, frame: Frame) -> tuple[float, float]:
        """How far the content moved right and down since the last frame, in its pixels.

        A cut or a picture without texture gives no clear answer and counts as no motion.
        """
        width_px, height_px = frame.size_wh_px
        small_wh = (_SMALL_WIDTH_PX, max(8, round(_SMALL_WIDTH_PX * height_px / width_px)))
        grey = frame.grey(small_wh).astype(np.float32)
        last, self._last = self._last, grey
        if last is None or last.shape != grey.shape:
            self._window = cv2.createHanningWindow(small_wh, cv2.CV_32F).astype(np.float32)
            return 0.0, 0.0
        (right, down), response = cv2.phaseCorrelate(last, grey, self._window)
        if response < _LEAST_RESPONSE:
            return 0.0, 0.0
        return float(right) * width_px / small_wh[0], float(down) * height_px / small_wh[1]
