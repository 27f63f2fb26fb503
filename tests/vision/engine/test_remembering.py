"""A pass's memory on disk: whole or none, and nothing else is made from the file."""

import hashlib
import pickle
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from tests.vision.builders import boxes, picture
from vision.engine import remembering
from vision.engine.remembering import Remembered, recall, remember
from vision.errors import SourceError
from vision.frames import Frame
from vision.ground_tracking import GroundTracker
from vision.objects import ObjectBook
from vision.pass_state import PassState
from vision.pending import Pending
from vision.tracking import PictureTracker

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
THRESHOLDS = (0.3, 0.3, 0.3)


def remembered(about: str = "gate") -> Remembered:
    """A pass that has followed one car for two frames."""
    state = PassState(
        ("person", "car", "fire"),
        ObjectBook(),
        Pending(3.0),
        PictureTracker(THRESHOLDS),
        GroundTracker(THRESHOLDS),
    )
    for index in range(2):
        car = boxes(((10, 10, 60, 50), 0.9, 1))
        state.picture_tracker.update(car, index * 0.2)
        state.frame_index, state.time_s = index, index * 0.2
    return Remembered(about, "p", NOW, NOW, state, frozenset({"told-1"}))


def test_a_pass_goes_on_with_the_tracks_that_it_had(tmp_path: Path) -> None:
    """The same car keeps its id."""
    path = tmp_path / "states" / "gate.pass"
    remember(path, remembered())
    found = recall(path, "gate")
    assert found is not None
    assert (found.pass_id, found.start_utc, found.told) == ("p", NOW, frozenset({"told-1"}))
    assert found.state.frame_index == 1
    seen = found.state.picture_tracker.update(boxes(((11, 10, 61, 50), 0.9, 1)), 0.4)
    assert seen.track_id.tolist() == [1]


def test_a_pass_of_something_else_is_none(tmp_path: Path) -> None:
    """Another film or model under the same name."""
    path = tmp_path / "gate.pass"
    remember(path, remembered())
    assert recall(path, "another") is None
    assert recall(tmp_path / "no.pass", "gate") is None


def test_pictures_are_kept_without_loss(tmp_path: Path) -> None:
    """Evidence made after a death is the same to the last bit."""
    path, image = tmp_path / "gate.pass", picture(64, 48)
    before = remembered()
    before.state.pending._held.append(Frame(3, 0.6, image))  # type: ignore[arg-type]
    remember(path, before)
    found = recall(path, "gate")
    assert found is not None
    (frame,) = found.state.pending._held
    assert isinstance(frame, Frame)
    np.testing.assert_array_equal(frame.image, image)
    assert (frame.index, frame.time_s) == (3, 0.6)


@pytest.mark.parametrize("at", [0, 30, 60, 400, -1])
def test_a_damaged_file_counts_as_none(tmp_path: Path, at: int) -> None:
    """One wrong byte anywhere, or an end that is missing."""
    path = tmp_path / "gate.pass"
    remember(path, remembered())
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(bytes(data))
    assert recall(path, "gate") is None
    path.write_bytes(bytes(data[: len(data) // 2]))
    assert recall(path, "gate") is None


def test_nothing_but_values_of_this_program_is_made(tmp_path: Path) -> None:
    """A file that somebody made up calls nothing."""
    module = remembering

    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "trapped",))

    body = pickle.dumps(Trap())
    path = tmp_path / "gate.pass"
    path.write_bytes(module._FORMAT + hashlib.sha256(body).digest() + body)
    assert recall(path, "gate") is None
    assert not (tmp_path / "trapped").exists()


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    """With the path."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="cannot be kept"):
        remember(tmp_path / "file" / "gate.pass", remembered())
