"""Pictures in slots: each in its turn, and until then it may be renewed."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.builders import write_model
from vision.detections import Detections
from vision.engine.slot_detector import SlotDetector, SlotPicture, Turn
from vision.errors import ModelError
from vision.models.registry import load_model

SIZE_WH_PX = (160, 96)
ROWS = np.array([[10, 20, 60, 80, 0.9, 1]], np.float32)
PATIENCE_S = 20.0


@pytest.fixture
def detector(tmp_path: Path) -> Iterator[SlotDetector]:
    """A detector that is ready for one size."""
    found = SlotDetector(load_model(write_model(tmp_path / "m", ROWS)))
    found.begin(SIZE_WH_PX)
    yield found
    found.close()


def pixels(size_wh_px: tuple[int, int] = SIZE_WH_PX) -> NDArray[np.uint8]:
    """A grey picture as it lies in a slot."""
    return np.full((1, size_wh_px[1], size_wh_px[0], 3), 90, np.uint8)


def last_in_a_row(detector: SlotDetector, picture: SlotPicture, free: threading.Event) -> Turn:
    """Keep the detector busy until `free`, and the turn of a picture that waits meanwhile."""
    while True:
        begun = threading.Event()

        def busy(_: object, begun: threading.Event = begun) -> None:
            begun.set()
            free.wait(PATIENCE_S)

        turn = detector.look(SlotPicture(pixels(), busy))
        if not begun.wait(0.5):
            assert turn.renew(picture)
            return turn


def noting(notes: list[str], name: str, seen: threading.Event) -> Callable[[object], None]:
    """Takes an answer, and notes whose it was."""

    def done(answer: Detections | ModelError | object) -> None:
        assert isinstance(answer, Detections)
        notes.append(name)
        seen.set()

    return done


def test_until_its_turn_a_picture_may_be_renewed(detector: SlotDetector) -> None:
    """The newest is looked at in the first one's place; the others are not."""
    notes: list[str] = []
    seen, free = threading.Event(), threading.Event()
    turn = last_in_a_row(detector, SlotPicture(pixels(), noting(notes, "first", seen)), free)
    behind = threading.Event()
    detector.look(SlotPicture(pixels(), noting(notes, "behind", behind)))
    assert turn.renew(SlotPicture(pixels(), noting(notes, "second", seen)))
    assert turn.renew(SlotPicture(pixels(), noting(notes, "third", seen)))
    free.set()
    assert seen.wait(PATIENCE_S)
    assert behind.wait(PATIENCE_S)
    assert sorted(notes) == ["behind", "third"]


def test_once_called_a_turn_is_over(detector: SlotDetector) -> None:
    """What comes later wants a turn of its own."""
    notes: list[str] = []
    seen = threading.Event()
    turn = detector.look(SlotPicture(pixels(), noting(notes, "first", seen)))
    assert seen.wait(PATIENCE_S)
    assert not turn.renew(SlotPicture(pixels(), noting(notes, "late", seen)))


def test_a_picture_of_another_size_has_no_part_in_a_turn(detector: SlotDetector) -> None:
    """Whoever has the turn is ready for one size only."""
    free = threading.Event()
    seen = threading.Event()
    turn = last_in_a_row(detector, SlotPicture(pixels(), noting([], "first", seen)), free)
    assert not turn.renew(SlotPicture(pixels((320, 192)), noting([], "larger", seen)))
    free.set()
    assert seen.wait(PATIENCE_S)
