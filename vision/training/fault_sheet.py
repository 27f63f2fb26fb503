"""Faults side by side, each with what lies around it: a sheet to look through."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.training.dataset import Picture, read_image
from vision.training.faults import Fault

Image = NDArray[np.uint8]

_TILE_PX = 240
_ROW = 8
_LINE_PX = 22
_AROUND = 1.6
_LEAST_PX = 24.0
_RED, _GREEN, _BLUE, _WHITE = (60, 60, 255), (80, 220, 80), (255, 180, 60), (255, 255, 255)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def fault_sheet(faults: Sequence[Fault], class_number: int) -> Image:
    """Draw faults of one kind and class, in rows.

    The false alarm or the missed object is red, what is labelled green, and blue as another class.
    Below each stand its score and the most that it overlaps.

    Args:
        faults: at least one.
        class_number: of their class, in the labels.

    Returns:
        uint8 (H, W, 3) BGR.

    Raises:
        TrainingDataError: a picture cannot be read.
    """
    tiles = [_tile(fault, class_number) for fault in faults]
    empty = np.zeros_like(tiles[0])
    tiles.extend([empty] * (-len(tiles) % min(_ROW, len(tiles))))
    width = min(_ROW, len(tiles))
    rows = [np.hstack(tiles[start : start + width]) for start in range(0, len(tiles), width)]
    return np.asarray(np.vstack(rows), np.uint8)


def _tile(fault: Fault, class_number: int) -> Image:
    image = read_image(fault.picture)
    left, top, side = _cut(fault.xyxy_px, fault.picture.size_wh_px)
    turn = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top]]) * (_TILE_PX / side)
    tile = np.asarray(cv2.warpAffine(image, turn, (_TILE_PX, _TILE_PX)), np.uint8)

    def draw(boxes_px: Iterable[NDArray[np.float32]], colour: tuple[int, int, int]) -> None:
        for box_px in boxes_px:
            corners = (box_px.reshape(2, 2) - (left, top)) * (_TILE_PX / side)
            low, high = np.rint(corners).astype(int).tolist()
            cv2.rectangle(tile, low, high, colour, 1, cv2.LINE_AA)

    draw(_labels(fault.picture, class_number, own=False), _BLUE)
    draw(_labels(fault.picture, class_number, own=True), _GREEN)
    draw([fault.xyxy_px], _RED)
    return np.concatenate([tile, _line(fault)])


def _labels(picture: Picture, class_number: int, *, own: bool) -> NDArray[np.float32]:
    return picture.xyxy_px[np.flatnonzero((picture.class_id == class_number) == own)]


def _cut(xyxy_px: NDArray[np.float32], size_wh_px: tuple[int, int]) -> tuple[float, float, float]:
    """Left, top and side of the square that is shown: the box and what lies around it."""
    around = 2 * _AROUND * max(float((xyxy_px[2:] - xyxy_px[:2]).max()), _LEAST_PX)
    side = min(around, float(max(size_wh_px)))
    begin = [
        # Within the picture where it is large enough, and else the picture is in the middle.
        min(max((low + high - side) / 2, 0.0), length - side)
        if side <= length
        else (length - side) / 2
        for low, high, length in zip(xyxy_px[:2], xyxy_px[2:], size_wh_px, strict=True)
    ]
    return float(begin[0]), float(begin[1]), side


def _line(fault: Fault) -> Image:
    said = "missed" if np.isnan(fault.score) else f"{fault.score:.2f}"
    line = np.zeros((_LINE_PX, _TILE_PX, 3), np.uint8)
    text = f"{said}  overlap {fault.overlap:.2f}"
    cv2.putText(line, text, (4, _LINE_PX - 6), _FONT, 0.45, _WHITE, 1, cv2.LINE_AA)
    return line
