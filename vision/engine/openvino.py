"""Run a detector with OpenVINO: several requests in flight, results in the order of the frames."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import openvino
import yaml
from numpy.typing import NDArray
from openvino.preprocess import ColorFormat, PrePostProcessor

from vision.detections import Detections
from vision.detector import Letterbox, input_size_for, suppress_doubles, tiles
from vision.errors import ModelError
from vision.frames import Frame
from vision.models.registry import DEFAULT_THRESHOLD, ModelFiles, class_names_of

_PAD_GREY = 114
_MOST_BOXES = 1000
_LEAST_INPUT_PX = 640


@dataclass(frozen=True)
class EngineSettings:
    """How a model is run.

    Attributes:
        input_width_px: longer side of the model's input; 0 takes what the model was made for, or
            the frame's own size where that is smaller, but at least 640.
        tile_px: side of the tiles a large frame is cut into, 0 looks at the whole frame at once.
        continue_share: share of a class's threshold above which a weaker box still continues an
            object that is already tracked.
        most_iou: overlap above which the weaker of two boxes of a class is dropped.
        device: OpenVINO device.
        threads: CPU threads, 0 for all.
        extra_requests: requests beyond the optimum, so that the engine never waits for us.
    """

    input_width_px: int = 0
    tile_px: int = 0
    continue_share: float = 0.5
    most_iou: float = 0.6
    device: str = "CPU"
    threads: int = 0
    extra_requests: int = 1


@dataclass
class _Job:
    """One region of a frame being looked at."""

    frame: Frame
    letterbox: Letterbox
    request: openvino.InferRequest
    last_of_frame: bool


class OpenVinoDetector:
    """A YOLO model of any of the common output layouts, run by OpenVINO."""

    def __init__(self, files: ModelFiles, settings: EngineSettings | None = None) -> None:
        """Read the model; it is compiled when the size of the frames is known.

        Raises:
            ModelError: OpenVINO cannot read the model or its layout is not that of a detector.
        """
        self._files = files
        self._settings = settings or EngineSettings()
        self._core = openvino.Core()
        self._model = self._read()
        self.class_names = files.class_names or self._names_in_model()
        self.thresholds = tuple(
            files.thresholds.get(name, DEFAULT_THRESHOLD) for name in self.class_names
        )
        self._floor = np.array(self.thresholds, np.float32) * self._settings.continue_share
        self._end2end = self._is_end2end()
        self._compiled: dict[tuple[int, int], openvino.CompiledModel] = {}

    def detect(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Detections]]:
        """Yield each frame with its detections, in the order of the frames.

        Raises:
            ModelError: the engine refuses the model or fails on a frame.
        """
        running: deque[_Job] = deque()
        parts: list[Detections] = []
        for job in self._started(frames, running):
            parts.append(self._finish(job))
            if job.last_of_frame:
                yield job.frame, self._merged(parts)
                parts = []

    def _started(self, frames: Iterable[Frame], running: deque[_Job]) -> Iterator[_Job]:
        """Keep the engine full and yield the oldest job whenever a request is needed."""
        free: list[openvino.InferRequest] = []
        size_wh_px: tuple[int, int] | None = None
        letterboxes: tuple[Letterbox, ...] = ()
        for frame in frames:
            if frame.size_wh_px != size_wh_px:
                yield from _drained(running)
                size_wh_px = frame.size_wh_px
                letterboxes = self.letterboxes_for(size_wh_px)
                free = self._requests(letterboxes[0].input_wh_px)
            for index, letterbox in enumerate(letterboxes):
                if not free:
                    oldest = running.popleft()
                    yield oldest
                    free.append(oldest.request)
                request = free.pop()
                letterbox.fill(frame, request.get_input_tensor().data)
                request.start_async()
                running.append(_Job(frame, letterbox, request, index == len(letterboxes) - 1))
        yield from _drained(running)

    def letterboxes_for(self, source_wh_px: tuple[int, int]) -> tuple[Letterbox, ...]:
        """The regions a frame of this size is looked at in; one unless tiling is on."""
        tile_px = self._settings.tile_px
        if tile_px and max(source_wh_px) > tile_px:
            regions = tiles(source_wh_px, tile_px)
        else:
            regions = ((0, 0, *source_wh_px),)
        input_wh_px = self._input_size(regions[0][2:])
        return tuple(Letterbox(region, input_wh_px) for region in regions)

    def _input_size(self, region_wh_px: tuple[int, int]) -> tuple[int, int]:
        shape = self._model.inputs[0].get_partial_shape()
        if not shape[2].is_dynamic and not shape[3].is_dynamic:
            return shape[3].get_length(), shape[2].get_length()
        # Blown up, a small picture shows no more, and smoke and fire are found far less often.
        made_for = max(self._files.input_wh_px or (640, 384))
        longest_px = min(made_for, max(*region_wh_px, _LEAST_INPUT_PX))
        return input_size_for(region_wh_px, self._settings.input_width_px or longest_px)

    def _read(self) -> openvino.Model:
        path = self._files.path
        try:
            model = self._core.read_model(path)
        except RuntimeError as error:
            raise ModelError(
                f"{path}: cannot be read as a model; it is damaged or of another kind. "
                "Export it again."
            ) from error
        if len(model.inputs) != 1 or model.inputs[0].get_partial_shape().rank.get_length() != 4:
            raise ModelError(f"{path}: does not take one picture as input; it is no detector.")
        return model

    def _names_in_model(self) -> tuple[str, ...]:
        """Class names embedded in the model by ultralytics' export."""
        for place in (["framework", "names"], ["model_info", "names"]):
            if self._model.has_rt_info(place):
                text = str(self._model.get_rt_info(place).astype(str))
                try:
                    return class_names_of(yaml.safe_load(text))
                except (yaml.YAMLError, ValueError):
                    break
        raise ModelError(
            f"{self._files.path}: names no classes; put a metadata.yaml with 'names' beside it."
        )

    def _is_end2end(self) -> bool:
        shape = self._model.outputs[0].get_partial_shape()
        if shape.rank.get_length() != 3:
            raise ModelError(f"{self._files.path}: its output {shape} is not that of a detector.")
        if self._files.output:
            return self._files.output == "end2end"
        rows = shape[1]
        raw = not rows.is_dynamic and rows.get_length() == 4 + len(self.class_names)
        end2end = not shape[2].is_dynamic and shape[2].get_length() == 6
        if raw == end2end:
            raise ModelError(
                f"{self._files.path}: its output {shape} does not fit its "
                f"{len(self.class_names)} classes; check the class names in its metadata."
            )
        return end2end

    def _requests(self, input_wh_px: tuple[int, int]) -> list[openvino.InferRequest]:
        compiled = self._compiled.get(input_wh_px) or self._compile(input_wh_px)
        self._compiled[input_wh_px] = compiled
        optimum = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        requests = [
            compiled.create_infer_request()
            for _ in range(int(optimum) + self._settings.extra_requests)
        ]
        for request in requests:
            request.get_input_tensor().data[:] = _PAD_GREY
        return requests

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
            return self._core.compile_model(steps.build(), self._settings.device, options)
        except RuntimeError as error:
            raise ModelError(
                f"{self._files.path}: cannot be compiled for {width_px} x {height_px} on "
                f"{self._settings.device}; try another input size or device."
            ) from error

    def _finish(self, job: _Job) -> Detections:
        try:
            job.request.wait()
        except RuntimeError as error:
            raise ModelError(
                f"{self._files.path}: failed on frame {job.frame.index} ({error})."
            ) from error
        output = np.asarray(job.request.get_output_tensor(0).data[0])
        boxes, score, class_id = _end2end_rows(output) if self._end2end else _raw_rows(output)
        found = np.isfinite(boxes).all(axis=1) & (class_id < len(self._floor))
        found[found] &= score[found] >= self._floor[class_id[found]]
        boxes, score, class_id = boxes[found], score[found], class_id[found]
        if not self._end2end:
            best = suppress_doubles(boxes, score, class_id, self._settings.most_iou)[:_MOST_BOXES]
            boxes, score, class_id = boxes[best], score[best], class_id[best]
        return Detections.of(job.letterbox.to_frame(boxes), np.clip(score, 0, 1), class_id)

    def _merged(self, parts: list[Detections]) -> Detections:
        if len(parts) == 1:
            return parts[0]
        boxes = np.concatenate([part.xyxy_px for part in parts])
        score = np.concatenate([part.score for part in parts])
        class_id = np.concatenate([part.class_id for part in parts])
        best = suppress_doubles(boxes, score, class_id, self._settings.most_iou)
        return Detections.of(boxes[best], score[best], class_id[best])


def _drained(running: deque[_Job]) -> Iterator[_Job]:
    while running:
        yield running.popleft()


Rows = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]


def _end2end_rows(output: NDArray[np.float32]) -> Rows:
    """Boxes, scores and classes from (N, 6) rows of x1 y1 x2 y2 score class."""
    return output[:, :4].copy(), output[:, 4].copy(), output[:, 5].astype(np.int32)


def _raw_rows(output: NDArray[np.float32]) -> Rows:
    """Boxes, scores and classes from (4 + classes, anchors) columns of cx cy w h and scores."""
    class_id = output[4:].argmax(axis=0).astype(np.int32)
    score = output[4:].max(axis=0)
    centre, half = output[:2].T, output[2:4].T / 2
    return np.concatenate([centre - half, centre + half], axis=1), score, class_id
