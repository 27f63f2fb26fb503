"""A detector in another process: the same answers, in order, through its deaths."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.vision.builders import NAMES, BlankSource, write_model
from vision.engine.messages import ModelWish
from vision.engine.model_detector import ModelDetector
from vision.engine.remote import Desk, RemoteDetector, StoppedError
from vision.engine.server import DetectorServer
from vision.engine.settings import EngineSettings
from vision.errors import ModelError, SourceError
from vision.frames import Frame
from vision.models.registry import ModelFiles, load_model

KEY = b"known to few"
ROWS = np.array([[10, 20, 60, 80, 0.9, 1], [100, 20, 150, 90, 0.5, 0]], np.float32)


@pytest.fixture
def files(tmp_path: Path) -> ModelFiles:
    """A model that always sees the same two things."""
    return load_model(write_model(tmp_path / "m", ROWS))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A detector at work."""
    desk = Desk(str(tmp_path / "detector"), KEY)
    server = DetectorServer(desk.address, KEY)
    yield desk
    server.close()


def remote(
    desk: Desk, files: ModelFiles, tile_px: int = 0, *, renews: bool = False
) -> RemoteDetector:
    """A detector that is asked for this model."""
    wish = ModelWish(files, EngineSettings(tile_px=tile_px))
    return RemoteDetector(desk, wish, threading.Event(), renews=renews)


def test_it_tells_what_the_model_would_tell_here(desk: Desk, files: ModelFiles) -> None:
    """Classes, thresholds and boxes are those of the same model in this process."""
    far, near = remote(desk, files), ModelDetector(files)
    assert (far.class_names, far.thresholds) == (NAMES, near.thresholds)
    source = BlankSource(3, size_wh_px=(320, 192))
    seen, expected = list(far.detect(source)), list(near.detect(source))
    assert far.scale_of((320, 192)) == near.scale_of((320, 192))
    assert [frame.index for frame, _ in seen] == [0, 1, 2]
    for (_, found), (_, wanted) in zip(seen, expected, strict=True):
        np.testing.assert_array_equal(found.xyxy_px, wanted.xyxy_px)
        np.testing.assert_array_equal(found.class_id, wanted.class_id)
    far.close()


def test_tiles_and_other_sizes_are_looked_at_too(desk: Desk, files: ModelFiles) -> None:
    """A frame in more tiles than there are slots comes out whole; so does one of another size."""

    def changing() -> Iterator[Frame]:
        yield from BlankSource(2, size_wh_px=(700, 400))
        yield from BlankSource(2, size_wh_px=(400, 700))

    far = remote(desk, files, tile_px=160)
    near = ModelDetector(files, EngineSettings(tile_px=160))
    counts = [len(found) for _, found in far.detect(changing())]
    assert counts == [len(found) for _, found in near.detect(changing())]
    assert counts[0] > 20
    assert far.scale_of((400, 700)) == near.scale_of((400, 700))
    far.close()


def test_which_model_looks_is_known(desk: Desk, files: ModelFiles, tmp_path: Path) -> None:
    """After another took over too, and of one that is refused the one in use goes on."""
    other = load_model(write_model(tmp_path / "other", ROWS))
    broken = load_model(write_model(tmp_path / "broken", ROWS))
    broken.path.write_text("<net>broken")
    far = remote(desk, files)
    known = [far.model]
    for wanted in (other, broken):
        far.swap(ModelWish(wanted, EngineSettings()))
        assert len(list(far.detect(BlankSource(2, size_wh_px=(160, 96))))) == 2
        known.append(far.model)
    assert known == ["m", "other", "other"]
    assert "cannot be read as a model" in far.refusal
    far.close()


def test_a_frame_is_told_before_the_next_one_comes(desk: Desk, files: ModelFiles) -> None:
    """A live camera of five frames a second must not be told frames late."""
    may_come = threading.Semaphore(1)

    def slow() -> Iterator[Frame]:
        for frame in BlankSource(4, size_wh_px=(160, 96)):
            assert may_come.acquire(timeout=20.0)
            yield frame

    far = remote(desk, files)
    for _ in far.detect(slow()):
        may_come.release()
    far.close()


def test_a_frame_is_taken_when_there_is_room_for_it(desk: Desk, files: ModelFiles) -> None:
    """One that is held in hand meanwhile would grow old, and a camera has newer ones."""
    taken: list[int] = []

    def noted() -> Iterator[Frame]:
        for frame in BlankSource(30, size_wh_px=(160, 96)):
            taken.append(frame.index)
            yield frame

    wish = ModelWish(files, EngineSettings())
    far = RemoteDetector(desk, wish, threading.Event(), slots=1)
    for frame, _ in far.detect(noted()):
        # This one, and the next one that is looked at meanwhile.
        assert len(taken) <= frame.index + 2
    assert taken == list(range(30))
    far.close()


def test_a_frame_that_waits_gives_way_to_a_newer_one(desk: Desk) -> None:
    """In its turn a camera is shown as it is now; what was not looked at is counted."""
    far = remote(desk, load_model("patrol9"), renews=True)
    seen = [frame.index for frame, _ in far.detect(BlankSource(60, size_wh_px=(320, 192)))]
    assert seen == sorted(set(seen))
    assert seen[-1] == 59
    assert far.passed_over > 0
    assert len(seen) + far.passed_over == 60
    far.close()


def test_tiles_do_not_give_way(desk: Desk, files: ModelFiles) -> None:
    """A frame of which a part was not looked at would not be whole."""
    far = remote(desk, files, tile_px=160, renews=True)
    assert len(list(far.detect(BlankSource(5, size_wh_px=(700, 400))))) == 5
    assert far.passed_over == 0
    far.close()


def test_a_detector_that_dies_leaves_no_frame_without_an_answer(
    desk: Desk, files: ModelFiles, tmp_path: Path
) -> None:
    """Of those that may give way each is looked at or counted, whoever dies."""
    proxy = Desk(str(tmp_path / "proxy"), KEY)
    first = DetectorServer(proxy.address, KEY)
    far = remote(proxy, files, renews=True)
    given: list[bool] = []

    def past_a_death() -> Iterator[Frame]:
        # So many may give way to one that the death of the detector would come after the last.
        for frame in BlankSource(10**5, size_wh_px=(160, 96)):
            given.append(far.lost_detectors > 0)
            yield frame
            if sum(given[-20:]) == 20:
                return

    seen = 0
    for _ in far.detect(past_a_death()):
        seen += 1
        if far.lost_detectors == 0 and seen == 3:
            first.close()
            assert far._connection is not None
            far._connection.close()
            DetectorServer(proxy.address, KEY)
    assert far.lost_detectors == 1
    assert seen + far.passed_over == len(given)
    far.close()


def test_a_detector_that_dies_loses_no_frame(desk: Desk, files: ModelFiles, tmp_path: Path) -> None:
    """What lay in the slots is shown to the next one."""
    proxy = Desk(str(tmp_path / "proxy"), KEY)
    first = DetectorServer(proxy.address, KEY)
    far = remote(proxy, files)
    indices = []
    for frame, _ in far.detect(BlankSource(30, size_wh_px=(160, 96))):
        indices.append(frame.index)
        if frame.index == 10:
            first.close()
            assert far._connection is not None
            far._connection.close()
            DetectorServer(proxy.address, KEY)
    assert indices == list(range(30))
    assert far.lost_detectors == 1
    far.close()


def test_what_the_detector_refuses_is_told(desk: Desk, files: ModelFiles) -> None:
    """A model that cannot be read, or that the device cannot take."""
    files.path.write_text("<net>broken")
    with pytest.raises(ModelError, match="cannot be read as a model"):
        remote(desk, files)


def test_a_failing_source_ends_the_wait(desk: Desk, files: ModelFiles) -> None:
    """What the source raises is raised to the consumer, after what came before it."""

    def broken() -> Iterator[Frame]:
        yield from BlankSource(8, size_wh_px=(160, 96))
        raise SourceError("the camera is gone")

    far = remote(desk, files)
    seen: list[int] = []
    with pytest.raises(SourceError, match="camera is gone"):
        seen.extend(frame.index for frame, _ in far.detect(broken()))
    assert seen == list(range(8))
    far.close()


def test_stopping_ends_every_wait(files: ModelFiles, tmp_path: Path) -> None:
    """Where no detector is, nobody waits longer than he is asked to."""
    stopping = threading.Event()
    threading.Timer(0.2, stopping.set).start()
    with pytest.raises(StoppedError):
        RemoteDetector(
            Desk(str(tmp_path / "none"), KEY), ModelWish(files, EngineSettings()), stopping
        )


def test_who_does_not_know_the_key_is_kept_out(desk: Desk, files: ModelFiles) -> None:
    """And the others are served on."""
    stranger = Desk(desk.address, b"guessed")
    with pytest.raises(Exception, match="digest"):
        remote(stranger, files)
    assert remote(desk, files).class_names == NAMES
