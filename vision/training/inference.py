"""Running an exported model over single pictures, for scoring it."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino as ov
from numpy.typing import NDArray

from vision.training.canvas import GREY

_MULTIPLE_PX = 32
_OVERLAP_MAX = 0.6


class ExportedModel:
    """A model of `export.py`, run on the CPU one picture at a time.

    It takes the same steps as the runtime, without its pipelining: letterbox, inference, thinning
    out by class.
    """

    def __init__(self, model_xml: Path, *, score_min: float = 0.01, threads: int = 2) -> None:
        core = ov.Core()
        self._model = core.read_model(model_xml)
        self._core = core
        self._score_min = score_min
        self._config = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
        self._compiled: dict[tuple[int, int], Any] = {}

    def detect(
        self, image: NDArray[np.uint8], long_side_px: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
        """Detect on one picture, uint8 (H, W, 3) BGR.

        Returns:
            Corners float32 (N, 4) in the picture's pixels, scores float32 (N,), classes int64
            (N,), best first.
        """
        tensor, scale = letterboxed(image, long_side_px)
        raw = self._compiled_for(tensor.shape[2:])(tensor)[0][0]
        return decoded(raw, scale, self._score_min)

    def _compiled_for(self, size_hw_px: tuple[int, int]) -> Any:  # noqa: ANN401
        if size_hw_px not in self._compiled:
            self._model.reshape([1, 3, *size_hw_px])
            self._compiled[size_hw_px] = self._core.compile_model(self._model, "CPU", self._config)
        return self._compiled[size_hw_px]


def letterboxed(image: NDArray[np.uint8], long_side_px: int) -> tuple[NDArray[np.float32], float]:
    """Resize a picture to a long side and pad it, right and below, to multiples of 32.

    Returns:
        float32 (1, 3, H, W) RGB in 0..1, and the factor from picture to network pixels.
    """
    height, width = image.shape[:2]
    scale = long_side_px / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(image, size, interpolation=method)
    padded_hw = [-(-side // _MULTIPLE_PX) * _MULTIPLE_PX for side in small.shape[:2]]
    padded = np.full((*padded_hw, 3), GREY, np.uint8)
    padded[: small.shape[0], : small.shape[1]] = small
    channels = padded[:, :, ::-1].transpose(2, 0, 1)[None]
    return np.ascontiguousarray(channels, dtype=np.float32) / np.float32(255), scale


def decoded(
    raw: NDArray[np.float32], scale: float, score_min: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """Turn the raw output (4 + classes, A) into thinned-out boxes, best first."""
    scores = raw[4:]
    class_id, anchor = np.nonzero(scores >= score_min)
    score = scores[class_id, anchor]
    centre, size = raw[:2, anchor].T, raw[2:4, anchor].T
    corner = (centre - size / 2) / scale
    rectangles = np.concatenate([corner, size / scale], axis=1)
    kept = np.asarray(
        cv2.dnn.NMSBoxesBatched(
            rectangles.astype(np.float64).tolist(),
            score.astype(np.float64).tolist(),
            class_id.tolist(),
            score_min,
            _OVERLAP_MAX,
        ),
        dtype=np.int64,
    ).reshape(-1)
    kept = kept[np.argsort(-score[kept], kind="stable")]
    xyxy_px = np.concatenate([corner[kept], corner[kept] + size[kept] / scale], axis=1)
    return xyxy_px.astype(np.float32), score[kept].astype(np.float32), class_id[kept]
