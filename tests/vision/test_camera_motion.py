import cv2
import numpy as np
import pytest

from vision.camera_motion import CameraMotion
from vision.frames import Frame


def scene() -> np.ndarray:
    """A large picture with texture of many sizes."""
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 255, (900, 1600, 3)).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 4))


@pytest.mark.parametrize(("right", "down"), [(0, 0), (12, 0), (-20, 8), (0, -16)])
def test_a_shifted_picture_tells_its_shift(right: int, down: int) -> None:
    """The content's motion is measured in pixels of the full frame."""
    large = scene()
    motion = CameraMotion()
    motion.shift_px(Frame(0, 0.0, large[100:460, 100:740].copy()))
    moved = large[100 - down : 460 - down, 100 - right : 740 - right].copy()
    assert motion.shift_px(Frame(1, 0.1, moved)) == pytest.approx((right, down), abs=1.0)


def test_the_first_frame_and_a_cut_do_not_move() -> None:
    """Without a frame to compare with, or with another scene, there is no motion to tell."""
    motion = CameraMotion()
    assert motion.shift_px(Frame(0, 0.0, scene()[:360, :640].copy())) == (0.0, 0.0)
    other = cv2.flip(scene(), -1)[:360, :640].copy()
    assert motion.shift_px(Frame(1, 0.1, other)) == (0.0, 0.0)


def test_a_stream_that_changes_its_size_begins_anew() -> None:
    """Pictures of different sizes are not compared."""
    motion = CameraMotion()
    motion.shift_px(Frame(0, 0.0, scene()[:360, :640].copy()))
    assert motion.shift_px(Frame(1, 0.1, scene()[:480, :640].copy())) == (0.0, 0.0)
