import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.builders import boxes, picture
from vision.association import iou_matrix
from vision.detections import Detections
from vision.detector import (
    Letterbox,
    input_size_for,
    joined_tiles,
    longest_input_px,
    suppress_doubles,
    tiles,
)
from vision.frames import Frame

SIZES = st.tuples(st.integers(16, 4000), st.integers(16, 4000))


@given(SIZES, st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_boxes_come_back_from_the_input(size: tuple[int, int], shares: list[float]) -> None:
    """Mapping a box into the model's input and back moves no edge by a hundredth of a pixel."""
    letterbox = Letterbox((0, 0, *size), input_size_for(size, 640))
    xs, ys = sorted(shares[:2]), sorted(shares[2:])
    box = np.array([[xs[0] * size[0], ys[0] * size[1], xs[1] * size[0], ys[1] * size[1]]])
    back = letterbox.to_frame(letterbox.to_input(box))
    assert np.abs(back - box).max() < 1e-2 + 1e-5 * max(size)


@given(SIZES, st.sampled_from([320, 640, 1280]))
def test_the_input_holds_the_source_and_wastes_less_than_a_stride(
    size: tuple[int, int], longest_px: int
) -> None:
    """The input has the source's aspect, in steps of the stride."""
    width_px, height_px = input_size_for(size, longest_px)
    assert max(width_px, height_px) == longest_px
    assert width_px % 32 == height_px % 32 == 0
    pad = Letterbox((0, 0, *size), (width_px, height_px)).pad_xy_px
    assert min(pad) >= 0
    assert max(pad) <= 16


@pytest.mark.parametrize(
    ("source", "longest_px", "expected"),
    [
        ((1920, 1080), 640, (640, 384)),
        ((1280, 720), 1280, (1280, 736)),
        ((1080, 1920), 640, (384, 640)),
        ((1764, 430), 640, (640, 160)),
    ],
)
def test_usual_sources_get_the_usual_inputs(
    source: tuple[int, int], longest_px: int, expected: tuple[int, int]
) -> None:
    """Wide video is seen in a wide input, tall video in a tall one."""
    assert input_size_for(source, longest_px) == expected


@pytest.mark.parametrize(
    ("source", "most_px", "expected"),
    [
        ((320, 240), 960, 512),
        ((608, 608), 960, 608),
        ((640, 360), 960, 640),
        ((450, 800), 960, 960),
        ((704, 576), 960, 845),
        ((1920, 1080), 960, 960),
        ((800, 450), 640, 640),
        ((320, 240), 416, 416),
    ],
)
def test_pictures_are_hardly_enlarged(source: tuple[int, int], most_px: int, expected: int) -> None:
    """Small ones to 512 px, others by a fifth; never beyond what the model was made for."""
    assert longest_input_px(source, most_px) == expected


def test_boxes_outside_are_cut_at_the_edge_of_the_frame() -> None:
    """A box that leaves the picture ends at its edge."""
    letterbox = Letterbox((0, 0, 1920, 1080), (640, 384))
    box = letterbox.to_frame(np.array([[-50.0, -50.0, 900.0, 900.0]]))
    assert box.tolist() == [[0.0, 0.0, 1920.0, 1080.0]]


def test_filling_leaves_the_border_grey() -> None:
    """The picture lies in the middle and nothing is written beside it."""
    letterbox = Letterbox((0, 0, 200, 100), (64, 64))
    blob = np.full((1, 64, 64, 3), 114, np.uint8)
    letterbox.fill(Frame(0, 0.0, np.full((100, 200, 3), 250, np.uint8)), blob)
    assert (blob[0, 16:48] == 250).all()
    assert (blob[0, :16] == 114).all()
    assert (blob[0, 48:] == 114).all()


def test_a_tile_is_filled_with_its_region() -> None:
    """A region's own pixels reach the input."""
    image = picture(300, 200)
    blob = np.zeros((1, 64, 64, 3), np.uint8)
    Letterbox((100, 50, 64, 64), (64, 64)).fill(Frame(0, 0.0, image), blob)
    assert (blob[0] == image[50:114, 100:164]).all()


@given(SIZES, st.integers(64, 1280))
def test_tiles_cover_every_pixel(size: tuple[int, int], tile_px: int) -> None:
    """Each row and column of the source lies in a tile, and no tile leaves the source."""
    regions = tiles(size, tile_px)
    for axis in (0, 1):
        spans = sorted({(region[axis], region[axis] + region[axis + 2]) for region in regions})
        assert spans[0][0] == 0
        assert spans[-1][1] == size[axis]
        assert all(a[1] >= b[0] for a, b in itertools.pairwise(spans))


def test_doubles_are_dropped_within_a_class_only() -> None:
    """Of two boxes on one thing the better stays; another class there is another thing."""
    xyxy = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10]], np.float32)
    score = np.array([0.5, 0.9, 0.4], np.float32)
    kept = suppress_doubles(xyxy, score, np.array([0, 0, 1], np.int32), 0.5)
    assert sorted(kept.tolist()) == [1, 2]


@given(st.integers(1, 200), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_what_is_kept_are_the_best_of_what_overlaps(count: int, seed: int) -> None:
    """Few boxes or many: no two that are kept overlap, and a better kept one covers each other."""
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 60, (count, 2))
    xyxy = np.concatenate([corner, corner + rng.uniform(5, 30, (count, 2))], 1).astype(np.float32)
    score, class_id = rng.random(count, np.float32), rng.integers(0, 3, count, np.int32)
    kept = suppress_doubles(xyxy, score, class_id, 0.5)
    overlap = iou_matrix(xyxy.astype(np.float64), xyxy.astype(np.float64)) > 0.5
    overlap &= (class_id[:, None] == class_id) & ~np.eye(count, dtype=bool)
    assert not overlap[np.ix_(kept, kept)].any()
    assert (np.diff(score[kept]) <= 0).all()
    for dropped in np.setdiff1d(np.arange(count), kept):
        assert (overlap[dropped, kept] & (score[kept] >= score[dropped])).any()


def test_nothing_suppresses_to_nothing() -> None:
    """The empty array is the first case."""
    kept = suppress_doubles(
        np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int32), 0.5
    )
    assert kept.tolist() == []


TWO_TILES = (Letterbox((0, 0, 100, 100), (96, 96)), Letterbox((80, 0, 100, 100), (96, 96)))


def in_two_tiles(left: Detections, right: Detections) -> list[list[float]]:
    """Boxes of a frame of 180 x 100 that was seen in two tiles which overlap by 20."""
    return sorted(joined_tiles((left, right), TWO_TILES, (180, 100), 0.6).xyxy_px.tolist())


def test_a_piece_at_a_tiles_edge_is_dropped_where_the_whole_is_seen() -> None:
    """Even if the piece is the surer one; of another class it stays."""
    whole = (82, 10, 118, 30)
    piece = boxes(((82, 10, 100, 30), 0.9, 1))
    assert in_two_tiles(piece, boxes((whole, 0.6, 1))) == [list(whole)]
    assert len(in_two_tiles(piece, boxes((whole, 0.6, 2)))) == 2


def test_a_piece_of_which_nobody_sees_the_whole_stays() -> None:
    """A thing larger than the overlap is told in pieces rather than not at all."""
    left, right = (40, 10, 100, 30), (80, 10, 160, 30)
    told = in_two_tiles(boxes((left, 0.9, 1)), boxes((right, 0.8, 1)))
    assert told == [list(left), list(right)]


def test_what_ends_at_the_frames_own_edge_is_whole() -> None:
    """A car that leaves the picture stays, though a larger box of its class holds it."""
    leaving, larger = (150, 10, 180, 30), (120, 5, 178, 60)
    told = in_two_tiles(Detections.empty(), boxes((leaving, 0.9, 1), (larger, 0.5, 1)))
    assert told == [list(larger), list(leaving)]


def test_one_tile_is_left_as_it_is() -> None:
    """What an end-to-end model tells twice is not ours to judge where nothing was joined."""
    twice = boxes(((0, 0, 50, 50), 0.9, 1), ((0, 0, 50, 50), 0.8, 1))
    assert joined_tiles((twice,), TWO_TILES[:1], (100, 100), 0.6) is twice
