"""Rendered pictures lie on disk in the form of the real ones."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vision.simulator.training_pictures import TrainingPicture
from vision.training.classes import CLASS_NAMES
from vision.training.dataset import of_split, read_image, read_pictures
from vision.training.rendered import RenderSettings, render_set

SMALL = RenderSettings(train_pictures=2, val_pictures=1, size_wh_px=(320, 180))


STALL, CAR = CLASS_NAMES.index("stall"), CLASS_NAMES.index("car")


def paint(seed: int, size_wh_px: tuple[int, int]) -> Iterator[TrainingPicture]:
    """Yield pictures of a grey that tells the seed, with a stall and a car."""
    boxes = np.array([[10, 20, 50, 60], [100.5, 90, 200, 180]], np.float32)
    image = np.full((size_wh_px[1], size_wh_px[0], 3), seed % 251, np.uint8)
    while True:
        yield TrainingPicture(image, boxes, np.array([STALL, CAR], np.int32))


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    """Three small pictures."""
    return render_set(tmp_path / "rendered", SMALL, paint)


def test_they_are_read_as_any_other_set(rendered: Path) -> None:
    """Both splits are there, and every class is known on every picture."""
    pictures = read_pictures(rendered)
    assert [p.split for p in pictures] == ["train", "train", "val"]
    assert all(p.known.all() for p in pictures)
    assert all(p.labelled == frozenset(CLASS_NAMES) for p in pictures)


def test_boxes_come_back_as_the_camera_gave_them(rendered: Path) -> None:
    """Written in fractions and read again, they are the true boxes."""
    truth = next(paint(SMALL.train_seed, SMALL.size_wh_px))
    read = read_pictures(rendered)[0]
    assert read.class_id.tolist() == truth.class_id.tolist()
    assert np.allclose(read.xyxy_px, truth.xyxy_px, atol=0.1)


def test_training_and_validation_show_other_villages(rendered: Path) -> None:
    """Their seeds differ, and so do their pictures."""
    first, _, validation = (read_image(picture) for picture in read_pictures(rendered))
    assert SMALL.train_seed != SMALL.val_seed
    assert np.abs(first.astype(int) - validation.astype(int)).mean() > 5


def test_what_was_rendered_is_not_rendered_again(rendered: Path) -> None:
    """A resumed run takes the pictures as they lie there."""
    more = render_set(rendered, replace(SMALL, train_pictures=5), paint)
    assert len(of_split(read_pictures(more), "train")) == 2
