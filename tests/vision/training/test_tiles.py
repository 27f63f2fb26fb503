"""Cutting pieces out of pictures, and their boxes with them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vision.training.tiles import Boxes, clipped, flipped, join, moved, no_boxes, turned


def boxes(*corners: tuple[float, float, float, float]) -> Boxes:
    """Return boxes of class 2 with the given corners."""
    return Boxes(np.array(corners, np.float32).reshape(-1, 4), np.full(len(corners), 2, np.int64))


sides = st.integers(4, 200)
places = st.integers(0, 400)
some_boxes = st.lists(
    st.tuples(places, places, sides, sides).map(
        lambda v: (float(v[0]), float(v[1]), float(v[0] + v[2]), float(v[1] + v[3]))
    ),
    max_size=6,
).map(lambda corners: boxes(*corners))


def test_a_box_inside_the_piece_stays_as_it_is() -> None:
    """Nothing is lost of what lies wholly inside."""
    inside = clipped(boxes((20, 30, 60, 80)), (10, 10, 110, 110))
    assert inside.xyxy_px.tolist() == [[20, 30, 60, 80]]
    assert inside.class_id.tolist() == [2]


def test_a_box_cut_in_half_is_clipped_at_the_edge() -> None:
    """Half an object still teaches, with its visible box."""
    inside = clipped(boxes((90, 20, 130, 40)), (10, 10, 110, 110))
    assert inside.xyxy_px.tolist() == [[90, 20, 110, 40]]


def test_a_sliver_of_a_box_is_dropped() -> None:
    """A tenth of a car at the edge is no car."""
    assert len(clipped(boxes((108, 20, 128, 40)), (10, 10, 110, 110))) == 0


def test_a_heap_larger_than_the_piece_fills_it() -> None:
    """Of a cloud of smoke any part is smoke, however little of the whole."""
    inside = clipped(boxes((-1000, -1000, 1000, 1000)), (0, 0, 100, 100))
    assert inside.xyxy_px.tolist() == [[0, 0, 100, 100]]


def test_no_boxes_stay_no_boxes() -> None:
    """The empty set passes through every step."""
    empty = turned(flipped(moved(no_boxes(), (2, 2), (3, 3)), 10), 10)
    assert len(clipped(join([empty, no_boxes()]), (0, 0, 5, 5))) == 0
    assert len(join([])) == 0


def test_a_quarter_turn_follows_the_picture() -> None:
    """The box lies on the same pixels after the picture was turned."""
    image = np.zeros((40, 60), np.uint8)
    image[5:15, 40:55] = 1
    turned_image = np.rot90(image)
    x1, y1, x2, y2 = turned(boxes((40, 5, 55, 15)), 60).xyxy_px[0].astype(int)
    assert turned_image[y1:y2, x1:x2].all()
    assert turned_image.sum() == (y2 - y1) * (x2 - x1)


@given(some_boxes)
def test_mirroring_twice_changes_nothing(some: Boxes) -> None:
    """A mirror image of a mirror image is the picture."""
    assert np.allclose(flipped(flipped(some, 640), 640).xyxy_px, some.xyxy_px)


@given(some_boxes)
def test_clipped_boxes_lie_inside_the_piece(some: Boxes) -> None:
    """No label reaches beyond its piece."""
    inside = clipped(some, (50, 60, 300, 250)).xyxy_px
    assert (inside[:, [0, 1]] >= [50, 60]).all()
    assert (inside[:, [2, 3]] <= [300, 250]).all()
    assert (inside[:, 2:] > inside[:, :2]).all()


@given(some_boxes, st.integers(-50, 50), st.floats(0.5, 2))
def test_moving_there_and_back_changes_nothing(some: Boxes, shift: int, scale: float) -> None:
    """Scaling and shifting can be undone."""
    there = moved(some, (scale, scale), (shift, shift))
    back = moved(moved(there, (1, 1), (-shift, -shift)), (1 / scale, 1 / scale), (0, 0))
    assert np.allclose(back.xyxy_px, some.xyxy_px, atol=0.01)
