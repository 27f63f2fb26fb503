"""Training pictures: valid boxes, balanced classes, the same for the same seed."""

from itertools import islice

import numpy as np
import pytest

from vision.simulator.scene import CLASS_NAMES
from vision.simulator.training_pictures import MIN_SIDE_PX, TrainingPicture, training_pictures

SMALL = ((320, 180), 0.15)


@pytest.fixture(scope="module")
def pictures() -> list[TrainingPicture]:
    """Twelve small pictures of one seed: one scene and the start of the next."""
    return list(islice(training_pictures(5, *SMALL), 12))


def test_pictures_and_boxes_have_their_shapes(pictures: list[TrainingPicture]) -> None:
    """Images are uint8 BGR, boxes float32 (N, 4), ids int32 (N,)."""
    for image, xyxy_px, class_id in pictures:
        assert image.shape == (180, 320, 3)
        assert image.dtype == np.uint8
        assert xyxy_px.dtype == np.float32
        assert class_id.dtype == np.int32
        assert xyxy_px.shape == (len(class_id), 4)


def test_boxes_lie_inside_and_are_large_enough(pictures: list[TrainingPicture]) -> None:
    """No box leaves the picture, none is a speck."""
    for _, xyxy_px, class_id in pictures:
        if not len(xyxy_px):
            continue
        assert xyxy_px.min() >= 0
        assert xyxy_px[:, [0, 2]].max() <= 320
        assert xyxy_px[:, [1, 3]].max() <= 180
        sides = xyxy_px[:, 2:] - xyxy_px[:, :2]
        assert sides.min() >= MIN_SIDE_PX - 1e-3
        assert class_id.min() >= 0
        assert class_id.max() < len(CLASS_NAMES)


def test_most_classes_turn_up_soon(pictures: list[TrainingPicture]) -> None:
    """A dozen pictures show at least seven of the nine classes."""
    seen = {int(index) for picture in pictures for index in picture.class_id}
    assert len(seen) >= 7


def test_pictures_differ(pictures: list[TrainingPicture]) -> None:
    """No two pictures are the same."""
    assert len({picture.image.tobytes() for picture in pictures}) == len(pictures)


def test_the_same_seed_gives_the_same_pictures(pictures: list[TrainingPicture]) -> None:
    """A second run repeats the first to the last grey level."""
    again = next(training_pictures(5, *SMALL))
    np.testing.assert_array_equal(again.image, pictures[0].image)
    np.testing.assert_array_equal(again.xyxy_px, pictures[0].xyxy_px)


def test_another_seed_gives_other_pictures(pictures: list[TrainingPicture]) -> None:
    """Training and validation pictures come from different seeds."""
    other = next(training_pictures(6, *SMALL))
    assert not np.array_equal(other.image, pictures[0].image)
