"""Tests of `vision.ground_motion`."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vision.frames import Frame
from vision.ground_motion import GroundFrame, GroundMotion

Image = NDArray[np.uint8]
FloatArray = NDArray[np.float64]

SIZE = (640, 360)
NO_BOXES = np.empty((0, 4))


def ground(seed: int = 3) -> Image:
    """A large picture with texture of many sizes."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 255, (900, 1600, 3)).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 4), np.uint8)


def seen(large: Image, to_picture: FloatArray) -> Image:
    """What a camera shows of the large picture, by a homography."""
    return np.asarray(cv2.warpPerspective(large, to_picture, SIZE), np.uint8)


def camera(
    index: int, *, turn_deg: float = 0.0, zoom: float = 1.0, lean: float = 0.0
) -> FloatArray:
    """A camera that drifts to the right and down, turns, zooms and leans, picture by picture."""
    turned = cv2.getRotationMatrix2D((800, 450), index * turn_deg, zoom**index)
    moved = np.vstack([turned, [0, 0, 1]])
    moved[:2, 2] -= (480 + 3.0 * index, 270 + 1.5 * index)
    leaning = np.eye(3)
    leaning[2, 0] = lean * index
    return np.asarray(leaning @ moved, np.float64)


def around(place: FloatArray, to_picture: FloatArray, half_px: float = 10.0) -> FloatArray:
    """The box of a thing of the large picture, as the camera shows it."""
    carried = to_picture @ (*place, 1.0)
    x, y = carried[:2] / carried[2]
    return np.array([x - half_px, y - half_px, x + half_px, y + half_px])


@pytest.mark.parametrize(
    "way",
    [{}, {"turn_deg": 0.4}, {"zoom": 1.006}, {"lean": 2e-6}, {"turn_deg": -0.3, "zoom": 0.995}],
)
def test_what_stands_on_the_ground_stays_where_it_is(way: dict[str, float]) -> None:
    """However the camera moves: shifts, turns, zooms, leans, over forty pictures."""
    large, motion = ground(), GroundMotion()
    place = np.array([820.0, 470.0])
    settled, raw = [], []
    for index in range(40):
        to_picture = camera(index, **way)
        box = around(place, to_picture)[None]
        frame = motion.follow(Frame(index, index / 10, seen(large, to_picture)), box)
        assert frame.epoch == 1
        settled.append(frame.settled(box)[0, :2])
        raw.append(box[0, :2])
    assert np.linalg.norm(np.ptp(raw, axis=0)) > 30.0
    assert np.linalg.norm(np.ptp(settled, axis=0)) < 2.0


def test_what_drives_moves_by_as_much_as_it_drives() -> None:
    """Under a moving camera, and although the camera keeps it in the middle of its picture."""
    large, motion = ground(), GroundMotion()
    settled = []
    for index in range(30):
        to_picture = camera(index)
        place = np.array([700.0 + 3.0 * index, 450.0 + 1.5 * index])
        box = around(place, to_picture)[None]
        frame = motion.follow(Frame(index, index / 10, seen(large, to_picture)), box)
        settled.append(frame.settled(box)[0, :2])
    assert settled[-1] - settled[0] == pytest.approx([87.0, 43.5], abs=2.0)


def test_a_camera_that_stands_does_not_creep() -> None:
    """Noise of the pictures is no motion: exactly none, after fifty pictures."""
    rng, motion, still = np.random.default_rng(5), GroundMotion(), seen(ground(), camera(0))
    for index in range(50):
        noisy = cv2.add(still, rng.integers(0, 12, still.shape).astype(np.uint8))
        frame = motion.follow(Frame(index, index / 10, noisy), NO_BOXES)
    assert frame.to_reference == pytest.approx(np.eye(3))
    assert frame.epoch == 1


@pytest.mark.parametrize("step_px", [0.3, 1.0, 3.0, 25.0])
def test_a_camera_that_stood_and_moves_off_is_followed(step_px: float) -> None:
    """However slowly it begins: what stands on the ground stays, and the motion is told."""
    large, motion = ground(), GroundMotion()
    place, settled = np.array([820.0, 470.0]), []
    for index in range(24):
        to_picture = camera(0)
        to_picture[0, 2] -= step_px * max(0, index - 12)
        box = around(place, to_picture)[None]
        frame = motion.follow(Frame(index, index / 10, seen(large, to_picture)), box)
        settled.append(frame.settled(box)[0, :2])
        assert index > 12 or frame.to_reference == pytest.approx(np.eye(3))
    assert np.linalg.norm(np.ptp(settled, axis=0)) < 2.0
    assert frame.to_reference[0, 2] == pytest.approx(step_px * 11, abs=1.0)


def test_traffic_does_not_drag_the_ground_along() -> None:
    """Two thirds of the picture drive in one direction; their boxes are left out."""
    large, traffic, motion = ground(), ground(9), GroundMotion()
    to_picture = camera(0)
    boxes = np.array([[0.0, 60.0, 640.0, 300.0]])
    for index in range(30):
        picture = seen(large, to_picture)
        picture[60:300] = traffic[60:300, 6 * index : 6 * index + 640]
        frame = motion.follow(Frame(index, index / 10, picture), boxes)
    assert frame.to_reference == pytest.approx(np.eye(3))


def test_a_cut_is_the_end_of_what_can_be_compared() -> None:
    """As is a picture without texture, and being told to forget."""
    motion = GroundMotion()
    pictures = [seen(ground(), camera(0)), seen(ground(8), camera(0))]
    epochs = [
        motion.follow(Frame(index, index / 10, picture), NO_BOXES).epoch
        for index, picture in enumerate([*pictures, np.zeros_like(pictures[0]), pictures[0]])
    ]
    assert len(set(epochs)) == 4
    motion.forget()
    assert motion.follow(Frame(5, 0.5, pictures[0]), NO_BOXES).epoch == epochs[-1] + 1


def test_a_camera_that_stood_sees_nothing_any_more() -> None:
    """A lens that is covered tells nothing, and begins anew when it sees again."""
    motion, still = GroundMotion(), seen(ground(), camera(0))
    dark = np.zeros_like(still)
    pictures = [still, still, still, dark, dark, still, still]
    epochs = [
        motion.follow(Frame(index, index / 10, picture), NO_BOXES).epoch
        for index, picture in enumerate(pictures)
    ]
    assert epochs[:3] == [1, 1, 1]
    assert epochs[2] < epochs[3] < epochs[5]
    assert epochs[5] == epochs[6]


def test_pictures_larger_than_those_followed_tell_in_their_own_pixels() -> None:
    """The motion is measured on a small picture and told in those of the frame."""
    motion, large = GroundMotion(), ground()
    wide = cv2.resize(large, (3200, 1800))
    first = motion.follow(Frame(0, 0.0, wide[200:920, 200:1480].copy()), NO_BOXES)
    second = motion.follow(Frame(1, 0.1, wide[200:920, 224:1504].copy()), NO_BOXES)
    box = np.array([[600.0, 300.0, 640.0, 340.0]])
    assert first.epoch == second.epoch
    moved = second.settled(box - [24.0, 0.0, 24.0, 0.0])[0] - first.settled(box)[0]
    assert moved == pytest.approx([0.0, 0.0, 0.0], abs=0.5)


def test_no_boxes_settle_to_none() -> None:
    """A picture without detections is followed all the same."""
    frame = GroundMotion().follow(Frame(0, 0.0, seen(ground(), camera(0))), NO_BOXES)
    assert frame.settled(NO_BOXES).shape == (0, 3)


def test_how_well_the_ground_is_followed_is_told() -> None:
    """A camera that stands knows it exactly; one that moves within a pixel or two."""
    large, standing, moving = ground(), GroundMotion(), GroundMotion()
    for index in range(20):
        still = standing.follow(Frame(index, index / 10, seen(large, camera(0))), NO_BOXES)
        drifting = moving.follow(Frame(index, index / 10, seen(large, camera(index))), NO_BOXES)
    assert still.sigma_px == 0.0
    assert 0.0 < drifting.sigma_px < 2.0


def test_over_a_ridge_that_slides_otherwise_nobody_vouches_for_the_ground() -> None:
    """What is parked there slides over the ground below, and nothing drives."""
    below, ridge, motion = ground(), ground(9), GroundMotion()
    boxes = np.array([[100.0, 40.0, 130.0, 60.0], [100.0, 290.0, 130.0, 310.0]])
    for index in range(8):
        picture = seen(below, camera(index))
        picture[240:] = ridge[240:360, 12 * index : 12 * index + 640]
        frame = motion.follow(Frame(index, index / 10, picture), NO_BOXES)
    assert frame.vouched(boxes).tolist() == [True, False]
    assert frame.vouched(NO_BOXES).tolist() == []


def test_ground_that_agrees_all_over_the_picture_is_wide() -> None:
    """And not where its points are in a part of it, as those of one lorry are."""
    motion, bare = GroundMotion(), np.full((360, 640, 3), 120, np.uint8)
    whole = motion.follow(Frame(0, 0.0, seen(ground(), camera(0))), NO_BOXES)
    part = bare.copy()
    part[:120, :200] = ground()[:120, :200]
    assert whole.is_wide(SIZE)
    assert not motion.follow(Frame(1, 0.1, part), NO_BOXES).is_wide(SIZE)
    assert not motion.follow(Frame(2, 0.2, bare), NO_BOXES).is_wide(SIZE)


@pytest.mark.parametrize(
    ("agree", "stray", "vouched"), [(4, 2, True), (4, 3, False), (2, 0, False)]
)
def test_most_points_beside_a_box_vouch_for_its_ground(
    agree: int, stray: int, vouched: bool
) -> None:
    """Three of them at least; those further away say nothing of it."""
    beside = np.column_stack([np.linspace(60.0, 140.0, 6), np.full(6, 90.0)])
    far = np.full((50, 2), 400.0)
    moved = np.array([[1.0, 0.0, -5.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    points = np.concatenate([beside[:agree], far]), np.concatenate([beside[:stray], far])
    frame = GroundFrame(1, moved, 0.5, *points)
    assert frame.vouched(np.array([[90.0, 90.0, 110.0, 110.0]])).tolist() == [vouched]
