"""What the pipeline asks of any detector, and the geometry every detector shares."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detections import Detections
from vision.frames import Frame

_LEAST_PX, _SMALL_PX = 512, 640
_ENLARGED = 1.2
_EDGE_PX = 2.0
_COVERED_SHARE = 0.6


class Detector(Protocol):
    """Turns frames into detections, in order, working on several at once."""

    @property
    def model(self) -> str:
        """Which model looks now, as `ModelFiles.identity` says it."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names by class id."""

    @property
    def thresholds(self) -> tuple[float, ...]:
        """Score from which a detection counts on its own, by class id.

        Detections below it may be delivered too; they only continue what is already known.
        """

    def scale_of(self, size_wh_px: tuple[int, int]) -> float:
        """How many pixels the model is shown of one of a frame of a size, across; at most 1."""

    def detect(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Detections]]:
        """Yield each frame with its detections, in the order of the frames."""


@dataclass(frozen=True)
class Letterbox:
    """How a region of a frame is laid into the model's input, keeping its aspect.

    Attributes:
        region_xywh_px: part of the frame that is looked at.
        input_wh_px: size of the model's input.
    """

    region_xywh_px: tuple[int, int, int, int]
    input_wh_px: tuple[int, int]

    @cached_property
    def resized_wh_px(self) -> tuple[int, int]:
        """Size of the region inside the input."""
        _, _, width_px, height_px = self.region_xywh_px
        scale = min(self.input_wh_px[0] / width_px, self.input_wh_px[1] / height_px)
        return max(1, round(width_px * scale)), max(1, round(height_px * scale))

    @cached_property
    def pad_xy_px(self) -> tuple[int, int]:
        """Grey border left of and above the region inside the input."""
        width_px, height_px = self.resized_wh_px
        return (self.input_wh_px[0] - width_px) // 2, (self.input_wh_px[1] - height_px) // 2

    @property
    def scale(self) -> float:
        """Pixels of the input for one of the frame, across; at most 1: more show no more."""
        return min(1.0, self.resized_wh_px[0] / self.region_xywh_px[2])

    def fill(self, frame: Frame, blob: NDArray[np.uint8]) -> None:
        """Write the region into a grey blob, uint8 (1, h, w, 3), border untouched."""
        x_px, y_px, width_px, height_px = self.region_xywh_px
        resized_wh_px = self.resized_wh_px
        if (width_px, height_px) == frame.size_wh_px:
            picture = frame.resized(resized_wh_px)
        else:
            crop = frame.image[y_px : y_px + height_px, x_px : x_px + width_px]
            picture = np.asarray(cv2.resize(crop, resized_wh_px), np.uint8)
        left_px, top_px = self.pad_xy_px
        blob[0, top_px : top_px + resized_wh_px[1], left_px : left_px + resized_wh_px[0]] = picture

    def to_frame(self, xyxy_px: NDArray[np.floating]) -> NDArray[np.float32]:
        """Map boxes (N, 4) from the input to the frame, clipped to the region."""
        start, size, scale, pad = self._region
        boxes = (np.asarray(xyxy_px, np.float64) - pad) * scale
        return np.asarray(np.minimum(np.maximum(boxes, 0.0), size) + start, np.float32)

    def to_input(self, xyxy_px: NDArray[np.floating]) -> NDArray[np.float32]:
        """Map boxes (N, 4) from the frame to the input."""
        start, _, scale, pad = self._region
        return np.asarray((np.asarray(xyxy_px, np.float64) - start) / scale + pad, np.float32)

    @cached_property
    def _region(self) -> NDArray[np.float64]:
        """For each edge of a box where the region starts, its size, scale and border, (4, 4)."""
        x_px, y_px, width_px, height_px = self.region_xywh_px
        scale = [
            size / made
            for size, made in zip((width_px, height_px), self.resized_wh_px, strict=True)
        ]
        rows = [(x_px, y_px), (width_px, height_px), scale, self.pad_xy_px]
        return np.tile(np.array(rows, np.float64), 2)


def longest_input_px(source_wh_px: tuple[int, int], most_px: int) -> int:
    """The longer side at which pictures of a size are looked at; docs/decisions/0279 says why.

    Small pictures are looked at as they are, larger ones are enlarged a little: traffic is found
    better so, but smoke, fire and garbage far less often in what is blown up.

    Args:
        source_wh_px: of the pictures.
        most_px: the longest side that the model was made for.
    """
    own_px = max(source_wh_px)
    return min(
        most_px, max(_LEAST_PX, own_px) if own_px <= _SMALL_PX else round(_ENLARGED * own_px)
    )


def input_size_for(
    source_wh_px: tuple[int, int], longest_px: int, stride_px: int = 32
) -> tuple[int, int]:
    """Smallest input, in steps of the stride, whose longer side is given and holds the source."""
    longer, shorter = max(source_wh_px), min(source_wh_px)
    long_px = math.ceil(longest_px / stride_px) * stride_px
    short_px = max(1, math.ceil(long_px * shorter / longer / stride_px)) * stride_px
    return (long_px, short_px) if source_wh_px[0] >= source_wh_px[1] else (short_px, long_px)


def tiles(
    source_wh_px: tuple[int, int], tile_px: int, overlap: float = 0.2
) -> tuple[tuple[int, int, int, int], ...]:
    """Regions (x, y, w, h) of about a tile's size that cover the source with an overlap."""
    xs = _starts(source_wh_px[0], tile_px, overlap)
    ys = _starts(source_wh_px[1], tile_px, overlap)
    width_px, height_px = min(tile_px, source_wh_px[0]), min(tile_px, source_wh_px[1])
    return tuple((x, y, width_px, height_px) for y in ys for x in xs)


def _starts(length_px: int, tile_px: int, overlap: float) -> tuple[int, ...]:
    if length_px <= tile_px:
        return (0,)
    count = math.ceil((length_px - tile_px) / (tile_px * (1 - overlap))) + 1
    return tuple(round(i * (length_px - tile_px) / (count - 1)) for i in range(count))


def joined_tiles(
    parts: Sequence[Detections],
    letterboxes: Sequence[Letterbox],
    source_wh_px: tuple[int, int],
    most_iou: float,
) -> Detections:
    """What was seen in the tiles of a frame, each thing once.

    A thing that a tile's edge cuts is whole in the next tile, as far as it is no larger than
    their overlap: the piece is dropped where most of it lies in a whole box of its class.

    Args:
        parts: detections of each tile, in pixels of the frame.
        letterboxes: the tiles, in the same order.
        source_wh_px: size of the frame.
        most_iou: overlap above which the weaker of two boxes of a class is dropped.
    """
    if len(parts) == 1:
        return parts[0]
    boxes = np.concatenate([part.xyxy_px for part in parts])
    score = np.concatenate([part.score for part in parts])
    class_id = np.concatenate([part.class_id for part in parts])
    cut = np.concatenate(
        [
            _cut(part.xyxy_px, letterbox.region_xywh_px, source_wh_px)
            for part, letterbox in zip(parts, letterboxes, strict=True)
        ]
    )
    stays = ~cut
    for piece in np.flatnonzero(cut):
        whole = boxes[~cut & (class_id == class_id[piece])]
        stays[piece] = _most_inside(boxes[piece], whole) < _COVERED_SHARE
    boxes, score, class_id = boxes[stays], score[stays], class_id[stays]
    best = suppress_doubles(boxes, score, class_id, most_iou)
    return Detections.of(boxes[best], score[best], class_id[best])


def _cut(
    xyxy_px: NDArray[np.float32],
    region_xywh_px: tuple[int, int, int, int],
    source_wh_px: tuple[int, int],
) -> NDArray[np.bool_]:
    """Which boxes end at an edge of their tile that is not one of the frame."""
    x, y, width, height = region_xywh_px
    low, high = np.array([x, y]), np.array([x + width, y + height])
    inner_low, inner_high = low > 0, high < np.array(source_wh_px)
    at_low = (xyxy_px[:, :2] < low + _EDGE_PX) & inner_low
    at_high = (xyxy_px[:, 2:] > high - _EDGE_PX) & inner_high
    return np.asarray((at_low | at_high).any(axis=1))


def _most_inside(box: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    """Largest share of a box that lies inside one of others."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    inside = (high - low).clip(0).prod(axis=1)
    area = max(1e-6, float((box[2:] - box[:2]).prod()))
    return float(inside.max(initial=0.0)) / area


def suppress_doubles(
    xyxy_px: NDArray[np.float32],
    score: NDArray[np.float32],
    class_id: NDArray[np.int32],
    most_iou: float,
) -> NDArray[np.intp]:
    """Indices of the boxes kept by non-maximum suppression within each class, best first."""
    if not len(score):
        return np.empty(0, np.intp)
    xywh = xyxy_px.astype(np.float64)
    xywh[:, 2:] -= xywh[:, :2]
    # As lists, which OpenCV reads in half the time that it takes for the rows of an array.
    lists = xywh.tolist(), score.tolist(), class_id.tolist()
    return np.asarray(cv2.dnn.NMSBoxesBatched(*lists, 0.0, most_iou), np.intp).reshape(-1)
