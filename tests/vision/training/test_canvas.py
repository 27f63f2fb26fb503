"""Training pictures made of one or four labelled pictures."""

from pathlib import Path

import numpy as np
import pytest

from vision.training.canvas import GREY, Canvas, compose, cut_piece
from vision.training.classes import CLASS_NAMES
from vision.training.dataset import Picture, read_pictures

CAR, FIRE = CLASS_NAMES.index("car"), CLASS_NAMES.index("fire")


def draw_from(pictures: tuple[Picture, ...], seed: int) -> Canvas:
    """Compose a canvas of 256 x 192 from these pictures, each equally likely."""
    return compose(
        lambda rng: pictures[int(rng.integers(len(pictures)))],
        (256, 192),
        np.random.default_rng(seed),
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_map_of_known_classes_follows_the_pictures(folder: Path, seed: int) -> None:
    """Around every box the map says what is known of the picture the box came from."""
    town, blaze = read_pictures(folder)
    canvas = draw_from((town, blaze), seed)
    for (x1, y1, x2, y2), class_id in zip(canvas.boxes.xyxy_px, canvas.boxes.class_id, strict=True):
        column, row = int((x1 + x2) / 2 // 8), int((y1 + y2) / 2 // 8)
        source = town if class_id == CAR else blaze
        assert canvas.known[:, row, column].tolist() == source.known.tolist()


@pytest.mark.parametrize("seed", range(8))
def test_every_box_lies_on_the_canvas(folder: Path, seed: int) -> None:
    """No label points beyond the picture."""
    boxes = draw_from(read_pictures(folder), seed).boxes.xyxy_px
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= [256, 192]).all()


@pytest.mark.parametrize("seed", range(12))
def test_the_box_moves_with_its_object(folder: Path, seed: int) -> None:
    """After turning, resizing and cutting, the bright car is where its box is."""
    town = read_pictures(folder)[0]
    piece, boxes = cut_piece(town, (128, 128), np.random.default_rng(seed))
    for x1, y1, x2, y2 in boxes.xyxy_px.astype(int):
        assert piece[y1 + 2 : y2 - 2, x1 + 2 : x2 - 2].mean() > 1.5 * np.median(piece)


def test_a_small_picture_lies_on_grey(folder: Path) -> None:
    """Where a picture does not reach, the canvas is grey as the runtime pads it."""
    blaze = read_pictures(folder)[1]
    piece, _ = cut_piece(blaze, (128, 512), np.random.default_rng(1))
    assert np.abs(piece.astype(int) - GREY).min() < 60
    assert piece.shape == (512, 128, 3)


def test_the_same_seed_makes_the_same_picture(folder: Path) -> None:
    """A resumed run sees what it would have seen."""
    pictures = read_pictures(folder)
    first, second = draw_from(pictures, 5), draw_from(pictures, 5)
    assert (first.image == second.image).all()
    assert (first.boxes.xyxy_px == second.boxes.xyxy_px).all()
