"""Run a detector: several requests in flight, results in the order of the frames."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import openvino
from numpy.typing import NDArray

from vision.detections import Detections
from vision.detector import (
    Letterbox,
    input_size_for,
    joined_tiles,
    longest_input_px,
    suppress_doubles,
    tiles,
)
from vision.engine.devices import runner_of
from vision.engine.requests import Request
from vision.engine.rows import Layout, layout_of, rows_of
from vision.engine.settings import EngineSettings
from vision.errors import ModelError
from vision.frames import Frame
from vision.models.class_map import shown
from vision.models.embedded import names_in
from vision.models.registry import DEFAULT_THRESHOLD, ModelFiles
from vision.riders import with_riders

_MOST_BOXES = 1000
# Requests beyond those that work at once, so that the engine never waits for us.
_BEYOND = 2


@dataclass
class Job:
    """One region of a frame being looked at."""

    frame: Frame
    letterbox: Letterbox
    request: Request
    last_of_frame: bool


class ModelDetector:
    """A YOLO model of any of the common output layouts, on any device.

    Its file is read by OpenVINO, whatever it is run by.
    """

    def __init__(self, files: ModelFiles, settings: EngineSettings | None = None) -> None:
        """Read the model; it is compiled when the size of the frames is known.

        Raises:
            ModelError: OpenVINO cannot read the model or its layout is not that of a detector.
        """
        self._files = files
        self.model = files.identity
        self._settings = settings or EngineSettings()
        self._model = self._read()
        self.class_names, self._means = self._told_classes()
        self._told_as = np.append(self._means, np.int32(-1))
        self.thresholds = tuple(
            files.thresholds.get(name, DEFAULT_THRESHOLD) for name in self.class_names
        )
        self._floor = np.array(self.thresholds, np.float32) * self._settings.continue_share
        # The weakest of all floors first: on most frames it leaves a few of thousands of boxes.
        self._least = float(self._floor.min())
        self._rows_as = self._layout()
        # Two of its classes that are one of ours may both be called at the same place.
        joined = len(self.class_names) < int((self._means >= 0).sum())
        rides = {"person", "two_wheeler"} <= set(self.class_names) and files.joins_riders
        told = self.class_names
        self._riding = (told.index("person"), told.index("two_wheeler")) if rides else None
        self._suppresses = joined or self._rows_as == "raw"
        self._runner = runner_of(files, self._settings, self._model)

    def detect(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Detections]]:
        """Yield each frame with its detections, in the order of the frames.

        Raises:
            ModelError: the engine refuses the model or fails on a frame.
        """
        running: deque[Job] = deque()
        most_iou = self._settings.most_iou
        parts: list[Detections] = []
        tiles_of: list[Letterbox] = []
        for job in self._started(frames, running):
            parts.append(self._finish(job))
            tiles_of.append(job.letterbox)
            if job.last_of_frame:
                seen = joined_tiles(parts, tiles_of, job.frame.size_wh_px, most_iou)
                yield job.frame, seen
                parts, tiles_of = [], []

    def _started(self, frames: Iterable[Frame], running: deque[Job]) -> Iterator[Job]:
        """Keep the engine full and yield the oldest job whenever a request is needed."""
        free: list[Request] = []
        size_wh_px: tuple[int, int] | None = None
        letterboxes: tuple[Letterbox, ...] = ()
        for frame in frames:
            if frame.size_wh_px != size_wh_px:
                yield from _drained(running)
                size_wh_px = frame.size_wh_px
                letterboxes = self.letterboxes_for(size_wh_px)
                free = self._runner.requests(letterboxes[0].input_wh_px, _BEYOND)
            for index, letterbox in enumerate(letterboxes):
                if not free:
                    oldest = running.popleft()
                    yield oldest
                    free.append(oldest.request)
                request = free.pop()
                letterbox.fill(frame, request.blob)
                request.begin()
                running.append(Job(frame, letterbox, request, index == len(letterboxes) - 1))
        yield from _drained(running)

    def scale_of(self, size_wh_px: tuple[int, int]) -> float:
        """How many pixels the model is shown of one of a frame of a size, across; at most 1."""
        return self.letterboxes_for(size_wh_px)[0].scale

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
        made_for_px = max(self._files.input_wh_px or (640, 384))
        longest_px = longest_input_px(region_wh_px, made_for_px)
        return input_size_for(region_wh_px, self._settings.input_width_px or longest_px)

    def _read(self) -> openvino.Model:
        path = self._files.path
        try:
            model = openvino.Core().read_model(path)
        except RuntimeError as error:
            raise ModelError(
                f"{path}: cannot be read as a model; it is damaged or of another kind. "
                "Export it again."
            ) from error
        shape = _extents(model.inputs[0].get_partial_shape()) if len(model.inputs) == 1 else ()
        if len(shape) != 4 or shape[0] not in {1, None} or shape[1] not in {3, None}:
            raise ModelError(
                f"{path}: does not take one picture, (1, 3, height, width), as input; it is no "
                "detector, or was exported for several pictures at once."
            )
        return model

    def _told_classes(self) -> tuple[tuple[str, ...], NDArray[np.int32]]:
        """The class names that are told, and which of them each class of the model is, -1 none."""
        own = self._files.class_names or names_in(self._model)
        if not own:
            raise ModelError(
                f"{self._files.path}: names no classes; put a metadata.yaml with 'names' beside it."
            )
        told = replace(self._files, class_names=own).seen_classes
        if not told:
            raise ModelError(
                f"{self._files.path}: none of its classes is told of; map one of {shown(own)}."
            )
        means = self._files.class_map
        names = own if means is None else [means.get(name) for name in own]
        ids = [told.index(name) if name is not None else -1 for name in names]
        return told, np.array(ids, np.int32)

    def _layout(self) -> Layout:
        """Raw columns or finished rows; where the model leaves its output open, one is tried."""
        stated = self._files.output
        if stated in {"raw", "end2end"}:
            return "raw" if stated == "raw" else "end2end"
        shape = self._model.outputs[0].get_partial_shape()
        if shape.rank.is_dynamic or shape.rank.get_length() != 3 or _extents(shape)[1] is None:
            tried = self._model.clone()
            try:
                tried.reshape([1, 3, *reversed(self._files.input_wh_px or (640, 640))])
            except RuntimeError as error:
                raise self._is_none(shape) from error
            shape = tried.outputs[0].get_partial_shape()
        layout = layout_of(_extents(shape), len(self._means))
        if layout is None:
            raise self._is_none(shape)
        return layout

    def _is_none(self, shape: object) -> ModelError:
        return ModelError(
            f"{self._files.path}: its output {shape} does not fit its {len(self._means)} classes; "
            "it is no detector, or the class names in its metadata are wrong."
        )

    def _finish(self, job: Job) -> Detections:
        try:
            output = job.request.output()
        except RuntimeError as error:
            raise ModelError(
                f"{self._files.path}: failed on frame {job.frame.index} ({error})."
            ) from error
        boxes, score, own_id = rows_of(
            output, self._rows_as, least=self._least, every_class=self._settings.every_class
        )
        # A number that no class has stands for none, as the one beyond the last does.
        class_id = self._told_as[np.clip(own_id, -1, len(self._means))]
        told = (class_id >= 0) & (score >= self._floor[class_id]) & np.isfinite(boxes).all(axis=1)
        boxes, score, class_id = boxes[told], score[told], class_id[told]
        if self._suppresses:
            best = suppress_doubles(boxes, score, class_id, self._settings.most_iou)[:_MOST_BOXES]
            boxes, score, class_id = boxes[best], score[best], class_id[best]
        if self._riding is not None:
            boxes, stays = with_riders(boxes, score, class_id, *self._riding)
            boxes, score, class_id = boxes[stays], score[stays], class_id[stays]
        return Detections.of(job.letterbox.to_frame(boxes), np.clip(score, 0, 1), class_id)


def _drained(running: deque[Job]) -> Iterator[Job]:
    while running:
        yield running.popleft()


def _extents(shape: openvino.PartialShape) -> tuple[int | None, ...]:
    if shape.rank.is_dynamic:
        return ()
    return tuple(None if each.is_dynamic else each.get_length() for each in shape)
