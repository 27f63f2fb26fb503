"""A detector for one camera: the same answers, before the next frame comes."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.vision.builders import BlankSource, write_model
from vision.engine.model_detector import ModelDetector
from vision.engine.prompt import PromptDetector
from vision.engine.settings import EngineSettings
from vision.errors import SourceError
from vision.frames import Frame
from vision.models.registry import ModelFiles, load_model

ROWS = np.array([[10, 20, 60, 80, 0.9, 1], [100, 20, 150, 90, 0.5, 0]], np.float32)


@pytest.fixture
def files(tmp_path: Path) -> ModelFiles:
    """A model that always sees the same two things."""
    return load_model(write_model(tmp_path / "m", ROWS))


def test_a_frame_is_told_before_the_next_one_comes(files: ModelFiles) -> None:
    """A camera that waits for its frame to be told sends them all."""
    may_come = threading.Semaphore(1)

    def slow() -> Iterator[Frame]:
        for frame in BlankSource(6, size_wh_px=(160, 96)):
            assert may_come.acquire(timeout=20.0)
            yield frame

    told = []
    for frame, _ in PromptDetector(files).detect(slow()):
        told.append(frame.index)
        may_come.release()
    assert told == list(range(6))


@pytest.mark.parametrize("tile_px", [0, 160])
def test_it_tells_what_is_told_of_films(files: ModelFiles, tile_px: int) -> None:
    """Frame for frame, in tiles too, and when the size changes on the way."""

    def changing() -> Iterator[Frame]:
        yield from BlankSource(5, size_wh_px=(700, 400))
        yield from BlankSource(5, size_wh_px=(400, 700))

    settings = EngineSettings(tile_px=tile_px)
    prompt, usual = PromptDetector(files, settings), ModelDetector(files, settings)
    found, expected = list(prompt.detect(changing())), list(usual.detect(changing()))
    assert [frame.index for frame, _ in found] == [frame.index for frame, _ in expected]
    for (_, seen), (_, wanted) in zip(found, expected, strict=True):
        np.testing.assert_array_equal(seen.xyxy_px, wanted.xyxy_px)


def test_a_failing_camera_is_told_after_what_came_before(files: ModelFiles) -> None:
    """And not in the thread that waits for it."""

    def broken() -> Iterator[Frame]:
        yield from BlankSource(4, size_wh_px=(160, 96))
        raise SourceError("the camera is gone")

    seen: list[int] = []
    with pytest.raises(SourceError, match="camera is gone"):
        seen.extend(frame.index for frame, _ in PromptDetector(files).detect(broken()))
    assert seen == list(range(4))


def test_who_stops_listening_ends_the_feeding(files: ModelFiles) -> None:
    """No frame is taken any more once the thread has noticed."""
    before = set(threading.enumerate())
    told = PromptDetector(files).detect(BlankSource(10**6, size_wh_px=(160, 96)))
    next(told)
    (feeder,) = (each for each in set(threading.enumerate()) - before if each.name == "feeder")
    told.close()  # type: ignore[attr-defined]
    feeder.join(20.0)
    assert not feeder.is_alive()
