"""Models run by ONNX Runtime: on cards of NVIDIA with CUDA or TensorRT, or on the processor.

This module needs ONNX Runtime; load it only where one of its devices is asked for.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.engine.devices import OnnxDevice
from vision.engine.onnx_session import SessionWish, build_apart, check_device, look, opened
from vision.engine.requests import PAD_GREY, Request
from vision.engine.settings import EngineSettings
from vision.models.registry import ModelFiles

# While one picture is computed, the next is brought to the card.
_AT_ONCE = 2
_EXACT = "f32"


class OnnxRunner:
    """A model on a device of ONNX Runtime's.

    Args:
        files: the model, an .onnx.
        settings: how it is run.
        device: where.

    Raises:
        DeviceError: the ONNX Runtime that is installed does not know the device.
    """

    def __init__(self, files: ModelFiles, settings: EngineSettings, device: OnnxDevice) -> None:
        check_device(device)
        self._files = files
        self._settings = settings
        self._device = device
        self._sessions: dict[tuple[int, int], Any] = {}

    def requests(self, input_wh_px: tuple[int, int], beyond: int = 0) -> list[Request]:
        """New requests for pictures of a size; with TensorRT the first may take minutes.

        Raises:
            DeviceError: the device is not there or refuses the model.
        """
        session = self._sessions.get(input_wh_px) or self._open(input_wh_px)
        self._sessions[input_wh_px] = session
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="onnx")
        return [_Request(session, pool, input_wh_px) for _ in range(_AT_ONCE + beyond)]

    def _open(self, input_wh_px: tuple[int, int]) -> Any:  # noqa: ANN401 - a session
        wish = SessionWish(
            self._files.path,
            self._device,
            input_wh_px,
            is_exact=self._files.precision == _EXACT,
            threads=self._settings.threads,
        )
        if self._device.kind == "tensorrt":
            build_apart(wish)
        return opened(wish)


class _Request:
    """One look at a time, in a thread of a few that share a session."""

    def __init__(
        self,
        session: Any,  # noqa: ANN401 - not typed here
        pool: ThreadPoolExecutor,
        input_wh_px: tuple[int, int],
    ) -> None:
        self._session = session
        self._pool = pool
        self._blob = np.full((1, input_wh_px[1], input_wh_px[0], 3), PAD_GREY, np.uint8)
        self._look: Future[NDArray[np.floating]] | None = None

    @property
    def blob(self) -> NDArray[np.uint8]:
        return self._blob

    def begin(self, blob: NDArray[np.uint8] | None = None) -> None:
        self._look = self._pool.submit(self._seen, self._blob if blob is None else blob)

    def output(self) -> NDArray[np.floating]:
        if self._look is None:
            raise RuntimeError("no look was begun")
        return self._look.result()

    def _seen(self, blob: NDArray[np.uint8]) -> NDArray[np.floating]:
        # RGB in 0..1, channels first.
        picture = cv2.dnn.blobFromImage(blob[0], 1 / 255, swapRB=True)
        found: NDArray[np.floating] = look(self._session, np.asarray(picture, np.float32))
        return found
