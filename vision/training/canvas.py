"""Training pictures: pieces of one or four labelled pictures on one canvas.

Several pictures share a canvas, so the map of known classes follows: each cell of the map holds
what is known of the picture that lies there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.training.classes import CLASS_NAMES
from vision.training.dataset import Picture, read_image
from vision.training.labels import SetKnowledge, knowledge_of
from vision.training.tiles import Boxes, clipped, flipped, join, moved, turned

GREY = 114
_CELL_PX = 8  # the finest anchors' stride
_SEAM_PX = 64  # seams lie on multiples of this, so that every level's anchors agree about them
_FOUR_PICTURES = 0.5
_FILLED_MIN = 0.7  # of a cell's side: a small picture on much grey teaches little for its cost
_AS_AT_RUN_TIME = 0.45  # whole pictures, fitted into their cell as the runtime fits them
_AIMED_AT_A_BOX = 0.7

Draw = Callable[[np.random.Generator], Picture]
Taught = Callable[[Picture], NDArray[np.bool_]]
Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Canvas:
    """One training picture.

    Attributes:
        image: uint8, (H, W, 3) BGR.
        boxes: Its boxes in its pixels.
        known: bool, (classes, H / 8, W / 8): is the class known here?
    """

    image: Image
    boxes: Boxes
    known: NDArray[np.bool_]


def all_classes(picture: Picture) -> NDArray[np.bool_]:  # noqa: ARG001 - for any picture
    """Say that a picture's labels teach of every class: bool, (classes,)."""
    return np.ones(len(CLASS_NAMES), np.bool_)


def compose(
    draw: Draw,
    size_wh_px: tuple[int, int],
    rng: np.random.Generator,
    taught: Taught = all_classes,
) -> Canvas:
    """Make one training picture of the given size (multiples of 64).

    Args:
        draw: Chooses a picture.
        size_wh_px: Width and height.
        rng: Of all that is left to chance.
        taught: Says of which classes a picture's labels teach. The boxes of all others still
            decide which piece is cut, and are left out then.

    Raises:
        TrainingDataError: A picture cannot be read.
    """
    width, height = size_wh_px
    image = np.full((height, width, 3), GREY, np.uint8)
    known = np.zeros((len(CLASS_NAMES), height // _CELL_PX, width // _CELL_PX), np.bool_)
    parts = []
    for x1, y1, x2, y2 in _cells(size_wh_px, rng):
        picture = draw(rng)
        piece, boxes = cut_piece(picture, (x2 - x1, y2 - y1), rng)
        image[y1:y2, x1:x2] = piece
        rows = slice(y1 // _CELL_PX, y2 // _CELL_PX)
        columns = slice(x1 // _CELL_PX, x2 // _CELL_PX)
        classes = taught(picture)
        known[:, rows, columns] = (picture.known & classes)[:, None, None]
        parts.append(moved(boxes.where(classes[boxes.class_id]), (1, 1), (x1, y1)))
    return Canvas(image, join(parts), known)


def cut_piece(
    picture: Picture, size_wh_px: tuple[int, int], rng: np.random.Generator
) -> tuple[Image, Boxes]:
    """Turn, resize, recolour and cut one picture so that it fills a cell.

    Raises:
        TrainingDataError: The picture cannot be read.
    """
    row = knowledge_of(picture.dataset)
    image, boxes = read_image(picture), Boxes(picture.xyxy_px, picture.class_id)
    if row.any_way_up:
        for _ in range(int(rng.integers(4))):
            boxes, image = turned(boxes, image.shape[1]), np.rot90(image)
    if rng.random() < 0.5:
        boxes, image = flipped(boxes, image.shape[1]), image[:, ::-1]
    scale_xy = _random_scale(row, image, size_wh_px, rng)
    image = _resized(image, scale_xy)
    boxes = moved(boxes, scale_xy, (0, 0))
    left, top = _place(image, boxes, size_wh_px, rng)
    width, height = size_wh_px
    inside = clipped(boxes, (left, top, left + width, top + height))
    piece = _cut(image, (left, top), size_wh_px)
    return _recoloured(piece, rng), moved(inside, (1, 1), (-left, -top))


def _cells(
    size_wh_px: tuple[int, int], rng: np.random.Generator
) -> tuple[tuple[int, int, int, int], ...]:
    width, height = size_wh_px
    if rng.random() >= _FOUR_PICTURES:
        return ((0, 0, width, height),)
    x, y = _seam(width, rng), _seam(height, rng)
    return ((0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height))


def _seam(length_px: int, rng: np.random.Generator) -> int:
    steps = length_px // _SEAM_PX
    low = max(1, round(steps * 0.35))
    return int(rng.integers(low, max(low, steps - low) + 1)) * _SEAM_PX


def _random_scale(
    row: SetKnowledge, image: Image, size_wh_px: tuple[int, int], rng: np.random.Generator
) -> tuple[float, float]:
    low, high = np.log(row.aspect_range)
    stretch = float(np.exp(rng.uniform(low, high)))
    low, high = np.log(row.scale_range)
    height, width = image.shape[:2]
    fitting = min(size_wh_px[0] / (width * stretch), size_wh_px[1] / height)
    scale = max(float(np.exp(rng.uniform(low, high))), _FILLED_MIN * fitting)
    if rng.random() < _AS_AT_RUN_TIME:
        scale = min(fitting, row.scale_range[1])
    return scale * stretch, scale


def _resized(image: Image, scale_xy: tuple[float, float]) -> Image:
    height, width = image.shape[:2]
    size = (max(8, round(width * scale_xy[0])), max(8, round(height * scale_xy[1])))
    method = cv2.INTER_AREA if scale_xy[1] < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(image), size, interpolation=method), np.uint8)


def _place(
    image: Image, boxes: Boxes, size_wh_px: tuple[int, int], rng: np.random.Generator
) -> tuple[int, int]:
    """Choose the piece's upper left corner, mostly so that some box is inside."""
    aim = None
    if len(boxes) and rng.random() < _AIMED_AT_A_BOX:
        x1, y1, x2, y2 = boxes.xyxy_px[rng.integers(len(boxes))]
        aim = ((x1 + x2) / 2, (y1 + y2) / 2)
    corner = []
    for axis, cell_px in enumerate(size_wh_px):
        spare = image.shape[1 - axis] - cell_px
        low, high = min(0, spare), max(0, spare)
        if aim is None or spare <= 0:
            corner.append(int(rng.integers(low, high + 1)))
        else:
            wanted = aim[axis] - cell_px * rng.uniform(0.2, 0.8)
            corner.append(int(np.clip(wanted, low, high)))
    return corner[0], corner[1]


def _cut(image: Image, corner_px: tuple[int, int], size_wh_px: tuple[int, int]) -> Image:
    """Cut a piece that may reach beyond the picture; what lies beyond is grey."""
    width, height = size_wh_px
    left, top = corner_px
    piece = np.full((height, width, 3), GREY, np.uint8)
    x1, y1 = max(left, 0), max(top, 0)
    x2, y2 = min(left + width, image.shape[1]), min(top + height, image.shape[0])
    piece[y1 - top : y2 - top, x1 - left : x2 - left] = image[y1:y2, x1:x2]
    return piece


def _recoloured(piece: Image, rng: np.random.Generator) -> Image:
    """Vary hue, saturation, brightness; now and then blur or compress hard."""
    hue, saturation, value = rng.uniform([-6, 0.6, 0.65], [6, 1.35, 1.35])
    levels = np.arange(256, dtype=np.float32)
    tables = [(levels + hue) % 180, levels * saturation, levels * value]
    table = np.stack(tables, axis=-1).clip(0, 255).astype(np.uint8)[None]
    piece = cv2.cvtColor(cv2.LUT(cv2.cvtColor(piece, cv2.COLOR_BGR2HSV), table), cv2.COLOR_HSV2BGR)
    chance = rng.random()
    if chance < 0.08:
        piece = cv2.GaussianBlur(piece, (3, 3), 0)
    elif chance < 0.18:
        quality = int(rng.integers(25, 60))
        _, coded = cv2.imencode(".jpg", piece, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(piece, np.uint8)
