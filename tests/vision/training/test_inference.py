"""Bringing pictures into the network's form, and boxes back out of it."""

import numpy as np
import pytest

from vision.training.inference import decoded, letterboxed


@pytest.mark.parametrize(
    ("size_wh_px", "long_side_px", "tensor_hw"),
    [
        ((1280, 720), 960, (544, 960)),
        ((1280, 720), 1280, (736, 1280)),
        ((640, 360), 640, (384, 640)),
        ((450, 800), 640, (640, 384)),
        ((608, 608), 640, (640, 640)),
    ],
)
def test_the_network_sees_multiples_of_32(
    size_wh_px: tuple[int, int], long_side_px: int, tensor_hw: tuple[int, int]
) -> None:
    """Each side is padded up to the next multiple of 32 and no further."""
    image = np.zeros((size_wh_px[1], size_wh_px[0], 3), np.uint8)
    tensor, _ = letterboxed(image, long_side_px)
    assert tensor.shape == (1, 3, *tensor_hw)


def test_colours_come_out_as_red_green_blue_in_fractions() -> None:
    """Blue of the picture becomes the last channel."""
    image = np.zeros((32, 32, 3), np.uint8)
    image[..., 0] = 255
    tensor, _ = letterboxed(image, 32)
    assert tensor[0, :, 5, 5].tolist() == [0, 0, 1]


def raw_of(*columns: tuple[float, ...]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    """Return raw output with one column an anchor: cx cy w h and three scores."""
    return np.array(columns, np.float32).T


def test_boxes_come_back_in_the_pictures_pixels() -> None:
    """A box of the half-size network picture is twice as large in the picture."""
    xyxy_px, score, class_id = decoded(raw_of((50, 40, 20, 10, 0.0, 0.9, 0.0)), 0.5, 0.1)
    assert xyxy_px.tolist() == [[80, 70, 120, 90]]
    assert score.tolist() == pytest.approx([0.9])
    assert class_id.tolist() == [1]


def test_doubles_of_one_class_are_thinned_out() -> None:
    """Two boxes on one object leave the better one; another class is another object."""
    _, score, class_id = decoded(
        raw_of(
            (50, 50, 20, 20, 0.6, 0, 0), (51, 50, 20, 20, 0.8, 0, 0), (50, 50, 20, 20, 0, 0, 0.5)
        ),
        1.0,
        0.1,
    )
    assert score.tolist() == pytest.approx([0.8, 0.5])
    assert class_id.tolist() == [0, 2]


def test_nothing_found_is_an_empty_set() -> None:
    """Scores below the minimum leave nothing, in the right shapes."""
    xyxy_px, score, class_id = decoded(raw_of((50, 50, 20, 20, 0, 0, 0)), 1.0, 0.1)
    assert xyxy_px.shape == (0, 4)
    assert len(score) == len(class_id) == 0
