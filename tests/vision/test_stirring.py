"""Smoke stirs inside its box; a wall, a change of light and a camera that sways do not."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.builders import boxes
from vision.detections import Detections
from vision.frames import Frame
from vision.stirring import LEAST_STIR, StirWatch

NAMES = ("smoke", "person")
SMOKE, PERSON = range(2)
SIZE = (640, 360)
PLUME_PX = (200, 20, 440, 200)
Picture = NDArray[np.uint8]
Painter = Callable[[int], Picture]


def scene() -> NDArray[np.float32]:
    """A front with texture."""
    noise = np.random.default_rng(4).integers(60, 160, (SIZE[1], SIZE[0], 3))
    return np.asarray(cv2.GaussianBlur(noise.astype(np.float32), (0, 0), 3), np.float32)


def shown(picture: NDArray[np.floating]) -> Picture:
    """A picture as a camera gives it."""
    return np.asarray(picture.clip(0, 255), np.uint8)


def still(number: int) -> Picture:
    """The scene with the noise of a camera."""
    return shown(scene() + np.random.default_rng(number).normal(0, 6, (SIZE[1], SIZE[0], 3)))


def brightening(number: int) -> Picture:
    """The camera adapts to the light."""
    return shown(scene() + 4.0 * number)


def swaying(number: int) -> Picture:
    """The camera on its mast."""
    return shown(np.roll(scene(), number % 2, axis=1))


def smoking(number: int) -> Picture:
    """Smoke drifts through its box."""
    left, top, right, bottom = PLUME_PX
    rng = np.random.default_rng(9)
    puffs = rng.normal(0, 200, (bottom - top, right - left + 400))
    drifting = cv2.GaussianBlur(puffs, (0, 0), 8)[:, 8 * number : 8 * number + right - left]
    picture = scene()
    picture[top:bottom, left:right] += drifting[..., None]
    return shown(picture)


def walked_past(number: int) -> Picture:
    """Somebody dark walks through the box, whom the detector sees."""
    picture = scene()
    left = 200 + 10 * number
    picture[40:200, left : left + 60] = 20
    return shown(picture)


def last_share(paint: Painter, seen: Callable[[int], Detections], pictures: int = 16) -> float:
    """What is measured of the plume in the last of some pictures, ten a second."""
    watch, share = StirWatch(NAMES, {"smoke"}), float("nan")
    for number in range(pictures):
        shares = watch.shares(Frame(number, number / 10, paint(number)), seen(number))
        share = float(shares[0])
    return share


def plume(number: int) -> Detections:
    """The detector sees the same each time."""
    return boxes((PLUME_PX, 0.5, SMOKE))


def plume_and_walker(number: int) -> Detections:
    """And whoever walks past, where he was within the second, too."""
    left = 200 + 10 * number
    return boxes((PLUME_PX, 0.5, SMOKE), ((left - 110, 30, left + 70, 210), 0.8, PERSON))


@pytest.mark.parametrize("paint", [still, brightening, swaying])
def test_a_wall_does_not_stir(paint: Painter) -> None:
    """Neither does it where light or camera changes all of the picture."""
    assert last_share(paint, plume) < LEAST_STIR / 2


def test_smoke_stirs() -> None:
    """In much of its box."""
    assert last_share(smoking, plume) > 2 * LEAST_STIR


def test_who_walks_past_is_no_smoke() -> None:
    """What the detector tells as something else is not counted."""
    assert last_share(walked_past, plume) > LEAST_STIR
    assert last_share(walked_past, plume_and_walker) < LEAST_STIR / 2


def test_nothing_is_known_before_half_a_second() -> None:
    """Nor of what is not asked for."""
    assert np.isnan(last_share(smoking, plume, pictures=5))
    assert np.isfinite(last_share(smoking, plume, pictures=6))
    walker = boxes((PLUME_PX, 0.5, PERSON))
    assert np.isnan(last_share(smoking, lambda _: walker))


def test_after_a_while_without_smoke_it_begins_anew() -> None:
    """Pictures are kept only while they may be needed."""
    watch = StirWatch(NAMES, {"smoke"})
    for number, time_s in enumerate([0.0, 1.0, 9.0]):
        seen = Detections.empty() if time_s == 9.0 else plume(number)
        watch.shares(Frame(number, time_s, smoking(number)), seen)
    assert np.isnan(watch.shares(Frame(3, 9.1, smoking(3)), plume(3))).all()
