"""Models run by OpenVINO, on processors and graphics of Intel and processors of others."""

import numpy as np
import openvino
from numpy.typing import NDArray
from openvino.preprocess import ColorFormat, PrePostProcessor

from vision.engine.requests import PAD_GREY, Request
from vision.engine.settings import EngineSettings
from vision.errors import ModelError
from vision.models.registry import ModelFiles

# One for as long as the process lives: with its last core OpenVINO unloads what computes on the
# processor, and frees the stack on which the thread that began with it handles signals. The next
# Ctrl-C would then end the process by a segmentation fault (docs/decisions/0266).
CORE = openvino.Core()


class OpenVinoRunner:
    """A model on a device of OpenVINO's.

    Args:
        files: the model.
        settings: how it is run.
        model: as it was read from its file.
    """

    def __init__(self, files: ModelFiles, settings: EngineSettings, model: openvino.Model) -> None:
        self._files = files
        self._settings = settings
        self._model = model
        self._compiled: dict[tuple[int, int], openvino.CompiledModel] = {}

    def requests(self, input_wh_px: tuple[int, int], beyond: int = 0) -> list[Request]:
        """New requests for pictures of a size: the optimum of the device and so many beyond.

        Raises:
            ModelError: OpenVINO cannot compile the model for this size, or not for the device.
        """
        compiled = self._compiled.get(input_wh_px) or self._compile(input_wh_px)
        self._compiled[input_wh_px] = compiled
        optimum = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        return [_Request(compiled.create_infer_request()) for _ in range(optimum + beyond)]

    def _compile(self, input_wh_px: tuple[int, int]) -> openvino.CompiledModel:
        """Compile for one input size, with colour order and scaling inside the graph."""
        width_px, height_px = input_wh_px
        options = {"PERFORMANCE_HINT": "THROUGHPUT"}
        if self._files.precision:
            options["INFERENCE_PRECISION_HINT"] = self._files.precision
        if self._settings.threads:
            options["INFERENCE_NUM_THREADS"] = str(self._settings.threads)
        try:
            model = self._model.clone()
            if model.inputs[0].get_partial_shape().is_dynamic:
                model.reshape([1, 3, height_px, width_px])
            steps = PrePostProcessor(model)
            steps.input().tensor().set_element_type(openvino.Type.u8).set_layout(
                openvino.Layout("NHWC")
            ).set_color_format(ColorFormat.BGR)
            steps.input().model().set_layout(openvino.Layout("NCHW"))
            steps.input().preprocess().convert_color(ColorFormat.RGB).convert_element_type(
                openvino.Type.f32
            ).scale(255.0)
            return CORE.compile_model(steps.build(), self._settings.device, options)
        except RuntimeError as error:
            raise ModelError(
                f"{self._files.path}: cannot be compiled for {width_px} x {height_px} on "
                f"{self._settings.device}; try another input size or device."
            ) from error


class _Request:
    """A request of OpenVINO's, with its input filled with grey."""

    def __init__(self, request: openvino.InferRequest) -> None:
        self._request = request
        self.blob[:] = PAD_GREY

    @property
    def blob(self) -> NDArray[np.uint8]:
        blob: NDArray[np.uint8] = self._request.get_input_tensor().data
        return blob

    def begin(self, blob: NDArray[np.uint8] | None = None) -> None:
        if blob is not None:
            self._request.set_input_tensor(openvino.Tensor(blob, shared_memory=True))
        self._request.start_async()

    def output(self) -> NDArray[np.floating]:
        self._request.wait()
        output: NDArray[np.floating] = self._request.get_output_tensor(0).data[0]
        return output
