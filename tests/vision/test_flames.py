"""Flames are told by colour and flicker, beside smoke, and nothing else is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.vision.builders import ScriptedDetector, boxes
from vision.detections import Detections
from vision.flames import FlameWatch, flickering
from vision.frames import Frame, SourceReport
from vision.ground_context import GroundContext
from vision.pipeline import WatchSettings, watch
from vision.rules.schema import load_rules

NAMES = ("smoke", "fire", "car")
THRESHOLDS = (0.4, 0.15, 0.3)
SMOKE, FIRE, CAR = range(3)
PLUME = ((250, 40, 390, 150), 0.6, SMOKE)
FLAME_BGR = (70.0, 150.0, 255.0)
Picture = NDArray[np.uint8]
Painter = Callable[[int], Picture]


def house() -> Picture:
    """A front with texture, 640 by 360."""
    noise = np.random.default_rng(4).integers(60, 140, (360, 640, 3))
    return np.asarray(cv2.GaussianBlur(noise.astype(np.float32), (0, 0), 2), np.uint8)


def glowing(
    number: int,
    *,
    flicker: float = 1.0,
    colour: tuple[float, ...] = FLAME_BGR,
    middle_px: tuple[int, int] = (320, 200),
    size_px: int = 24,
) -> Picture:
    """The house with something that glows in it, by the number of the picture."""
    rng = np.random.default_rng(number)
    picture = house().astype(np.float32)
    taller, paler = flicker * rng.uniform(-0.4, 0.4), flicker * rng.uniform(0, 60)
    axes = (size_px, max(1, round(size_px * (1 + taller))))
    glow = np.zeros(picture.shape[:2], np.float32)
    cv2.ellipse(glow, middle_px, axes, 0, 0, 360, (1.0,), -1)
    glow = cv2.GaussianBlur(glow, (0, 0), 2)[..., None]
    lit = np.array(colour) + np.array([paler, paler, 0])
    return np.asarray((picture * (1 - glow) + lit * glow).clip(0, 255), np.uint8)


def told(paint: Painter, *seen: Detections, pictures: int = 20, fps: float = 5.0) -> Detections:
    """What is told of the last of some pictures, in each of which the detector saw the same."""
    flames, detections = FlameWatch(NAMES, THRESHOLDS), (seen or (boxes(PLUME),))
    found = Detections.empty()
    for number in range(pictures):
        frame = Frame(number, number / fps, paint(number))
        found = flames.flames(frame, detections[min(number, len(detections) - 1)])
    return found


@pytest.mark.parametrize("fps", [2.0, 5.0, 25.0])
def test_flames_beside_smoke_are_told_where_they_are(fps: float) -> None:
    """As sure as the smoke, whatever the pace of the pictures."""
    found = told(glowing, pictures=round(max(12, 3 * fps)), fps=fps)
    assert found.class_id.tolist() == [FIRE]
    assert found.score.tolist() == pytest.approx([0.6])
    (box,) = found.xyxy_px.tolist()
    assert box == pytest.approx([294, 172, 346, 228], abs=12)


def swaying(number: int) -> Picture:
    """A sign in the colours of fire before a camera that sways by a pixel at most."""
    right, down = np.random.default_rng(number).uniform(-1, 1, 2)
    still = house()
    for left in range(260, 380, 20):
        still[150:250, left : left + 10] = FLAME_BGR
    moved = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return np.asarray(cv2.warpAffine(still, moved, (640, 360), borderMode=cv2.BORDER_REPLICATE))


def lightning(number: int) -> Picture:
    """The whole picture, and a fire in it, brighter and darker by turns."""
    return np.asarray(glowing(number) * (0.6 if number % 2 else 1.0), np.uint8)


@pytest.mark.parametrize(
    "paint",
    [
        pytest.param(lambda number: glowing(number, flicker=0.0), id="a lamp"),
        pytest.param(lambda number: glowing(number, colour=(255.0, 190.0, 120.0)), id="blue light"),
        pytest.param(lambda number: glowing(number, colour=(190.0, 210.0, 255.0)), id="white wall"),
        pytest.param(lambda number: glowing(number, size_px=5), id="a spark"),
        pytest.param(lambda number: glowing(number, middle_px=(600, 330)), id="far from the smoke"),
        pytest.param(swaying, id="a sign before a camera that sways"),
        pytest.param(lightning, id="the light of everything changes"),
    ],
)
def test_what_is_no_flame_beside_smoke_is_not_told(paint: Painter) -> None:
    """Lamps, lights of another colour, signs, and what is too small or too far to be its fire."""
    assert len(told(paint)) == 0


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(Detections.empty(), id="nothing"),
        pytest.param(boxes(((250, 40, 390, 150), 0.9, CAR)), id="a car"),
        pytest.param(boxes(((250, 40, 390, 150), 0.39, SMOKE)), id="what is hardly smoke"),
    ],
)
def test_without_smoke_no_flame_is_told(seen: Detections) -> None:
    """Clothes, flags and the lamps of cars move in such colours, too."""
    assert len(told(glowing, seen)) == 0


def test_smoke_is_remembered_for_a_moment() -> None:
    """A plume tears and closes again; when it is gone for long, so is what was sought beside it."""
    plume, nothing = boxes(PLUME), Detections.empty()
    assert len(told(glowing, *[plume] * 15, nothing, pictures=25)) == 1
    assert len(told(glowing, *[plume] * 15, nothing, pictures=32)) == 0


def test_the_plume_that_is_surest_says_where_and_how_sure() -> None:
    """A weak one elsewhere changes nothing."""
    other = ((0, 300, 40, 340), 0.45, SMOKE)
    assert told(glowing, boxes(other, PLUME)).score.tolist() == pytest.approx([0.6])


def test_a_fire_that_the_detector_tells_is_told_once() -> None:
    """The detector's box stays; what it is unsure of is told by its flicker."""
    flame = (300, 180, 340, 220)
    assert len(told(glowing, boxes(PLUME, (flame, 0.3, FIRE)))) == 0
    assert len(told(glowing, boxes(PLUME, (flame, 0.1, FIRE)))) == 1


def test_pictures_far_apart_are_not_compared() -> None:
    """In the seconds between them everything may have changed."""
    assert len(told(glowing, fps=0.5)) == 0


def test_a_detector_that_knows_no_smoke_or_fire_is_left_alone() -> None:
    """Users' own models."""
    for names in (("car",), ("smoke", "car"), ("fire", "car")):
        flames = FlameWatch(names, (0.1,) * len(names))
        seen = boxes((PLUME[0], 0.9, 0))
        found = [flames.flames(Frame(n, n / 5, glowing(n)), seen) for n in range(15)]
        assert not any(map(len, found))


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_a_picture_that_does_not_change_flickers_nowhere(blue: int, green: int, red: int) -> None:
    """Whatever its colour."""
    pictures = np.full((8, 12, 16, 3), (blue, green, red), np.float32)
    assert not flickering(pictures).any()


@dataclass
class BurningHouse:
    """Ten seconds of it, five pictures a second."""

    fps: float = 5.0
    size_wh_px: tuple[int, int] = (640, 360)
    name: str = "house"
    report: SourceReport = field(default_factory=SourceReport)

    def close(self) -> None:
        """Nothing is open."""

    def __iter__(self) -> Iterator[Frame]:
        for number in range(50):
            yield Frame(number, number / self.fps, glowing(number))


@pytest.mark.parametrize("camera", ["stands", "moves", "is aloft"])
def test_a_fixed_camera_tells_the_fire_and_says_by_what(camera: str) -> None:
    """The detector itself never sees it; where the camera moves everything flickers."""
    detector = ScriptedDetector({n: boxes(PLUME) for n in range(50)}, NAMES, THRESHOLDS)
    settings = WatchSettings(pass_id="p", start_utc=datetime(2026, 5, 1, tzinfo=UTC))
    settings = replace(settings, moving_camera=camera == "moves", aloft=camera == "is aloft")
    rules = [rule for rule in load_rules() if rule.id == "fire"]
    told = list(watch(BurningHouse(), detector, rules, GroundContext(), settings))
    assert len(told) == (camera == "stands")
    assert all("told by its flicker, as sure as the smoke beside it" in each.why for each in told)
