from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.vision.builders import NAMES, BlankSource, write_clip, write_model
from vision.engine.model_detector import ModelDetector
from vision.engine.settings import EngineSettings
from vision.errors import ModelError, SourceError
from vision.frames import Frame
from vision.models.registry import ModelFiles, load_model
from vision.opening import open_source

END2END = np.array(
    [[10, 20, 60, 80, 0.9, 1], [100, 20, 150, 90, 0.16, 0], [5, 5, 9, 9, 0.05, 0]], np.float32
)


def raw_rows() -> np.ndarray:
    """Two anchors on one car and one on a person, as columns of cx cy w h and three scores."""
    return np.array(
        [
            [35, 50, 50, 60, 0.0, 0.9, 0.0],
            [36, 50, 50, 60, 0.0, 0.8, 0.0],
            [125, 55, 50, 70, 0.7, 0.1, 0.0],
        ],
        np.float32,
    ).T


def detector(folder: Path, rows: np.ndarray, tile_px: int = 0) -> ModelDetector:
    """A detector of a model that always answers with these rows."""
    return ModelDetector(load_model(write_model(folder, rows)), EngineSettings(tile_px=tile_px))


def test_rows_of_an_end_to_end_model_become_boxes_of_the_frame(tmp_path: Path) -> None:
    """Boxes are scaled to the frame; what is too weak even to continue a track is left out."""
    source = BlankSource(1, size_wh_px=(320, 192))
    ((_, seen),) = detector(tmp_path / "m", END2END).detect(source)
    assert seen.class_id.tolist() == [1, 0]
    assert seen.xyxy_px[0].tolist() == [20, 40, 120, 160]


def test_columns_of_a_raw_model_are_suppressed_to_one_box_each(tmp_path: Path) -> None:
    """The layout is told by the shape; doubles of a class are dropped."""
    source = BlankSource(1, size_wh_px=(160, 96))
    ((_, seen),) = detector(tmp_path / "m", raw_rows()).detect(source)
    assert sorted(seen.class_id.tolist()) == [0, 1]
    car = seen[seen.class_id == 1]
    assert car.score.tolist() == pytest.approx([0.9], abs=1e-3)
    assert car.xyxy_px[0].tolist() == [10, 20, 60, 80]


def test_frames_keep_their_order_beyond_what_is_in_flight(tmp_path: Path) -> None:
    """A clip longer than all requests comes out whole and in order."""
    clip = write_clip(tmp_path / "clip.mp4", 60)
    seen = list(detector(tmp_path / "m", END2END).detect(open_source(str(clip))))
    assert [frame.index for frame, _ in seen] == list(range(60))
    assert all(len(found) == 2 for _, found in seen)


def test_a_failing_source_ends_the_consumers_wait(tmp_path: Path) -> None:
    """What the source raises is raised to the consumer, after what came before it."""

    def broken() -> Iterator[Frame]:
        yield from BlankSource(40, size_wh_px=(160, 96))
        raise SourceError("the camera is gone")

    seen: list[int] = []
    found = detector(tmp_path / "m", END2END).detect(broken())
    with pytest.raises(SourceError, match="camera is gone"):
        seen.extend(frame.index for frame, _ in found)
    assert seen == list(range(len(seen)))
    assert len(seen) >= 30


def test_a_source_may_change_its_size(tmp_path: Path) -> None:
    """A stream that comes back with other pictures is seen on."""

    def changing() -> Iterator[Frame]:
        yield from BlankSource(5, size_wh_px=(160, 96))
        yield from BlankSource(5, size_wh_px=(96, 160))

    assert len(list(detector(tmp_path / "m", END2END).detect(changing()))) == 10


def test_no_frames_give_no_detections(tmp_path: Path) -> None:
    """An empty source ends at once."""
    assert list(detector(tmp_path / "m", END2END).detect([])) == []


def test_tiles_see_the_same_thing_once(tmp_path: Path) -> None:
    """Each tile answers for its region, and the overlap's doubles are dropped."""
    source = BlankSource(3, size_wh_px=(170, 96))
    seen = list(detector(tmp_path / "m", END2END, tile_px=160).detect(source))
    assert [frame.index for frame, _ in seen] == [0, 1, 2]
    assert sorted(seen[0][1].class_id.tolist()) == [0, 1]


def test_tiles_find_what_lies_in_each_of_them(tmp_path: Path) -> None:
    """Boxes of a tile come out in pixels of the whole frame."""
    source = BlankSource(1, size_wh_px=(300, 96))
    ((_, seen),) = detector(tmp_path / "m", END2END, tile_px=160).detect(source)
    assert sorted(seen.xyxy_px[seen.class_id == 1][:, 0].tolist()) == [10, 80, 150]


def test_large_frames_are_shown_small_unless_they_are_cut_into_tiles(tmp_path: Path) -> None:
    """What was made smaller shows less; what is blown up shows no more."""
    assert detector(tmp_path / "m", END2END).scale_of((1280, 720)) == 0.125
    assert detector(tmp_path / "m", END2END, tile_px=160).scale_of((1280, 720)) == 1.0
    assert detector(tmp_path / "m", END2END).scale_of((80, 48)) == 1.0


def test_thresholds_come_from_the_metadata(tmp_path: Path) -> None:
    """A class with a high threshold needs a high score."""
    folder = write_model(tmp_path / "m", END2END, extra="thresholds: {car: 0.95, person: 0.1}\n")
    found = ModelDetector(load_model(folder), EngineSettings(continue_share=1.0))
    assert found.thresholds == (0.1, 0.95, 0.25)
    ((_, seen),) = found.detect(BlankSource(1, size_wh_px=(160, 96)))
    assert seen.class_id.tolist() == [0]


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    """The error names the file."""
    folder = write_model(tmp_path / "m", END2END)
    (folder / "model.xml").write_text("<net>broken")
    with pytest.raises(ModelError, match=r"model\.xml: cannot be read as a model"):
        ModelDetector(load_model(folder))


def test_class_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """A raw output with three classes under five names is told, not guessed."""
    folder = write_model(tmp_path / "m", raw_rows(), names=("a", "b", "c", "d", "e"))
    with pytest.raises(ModelError, match="does not fit its 5 classes"):
        ModelDetector(load_model(folder))


def test_a_model_without_names_is_refused(tmp_path: Path) -> None:
    """Without class names a number means nothing."""
    folder = write_model(tmp_path / "m", END2END)
    with pytest.raises(ModelError, match="names no classes"):
        ModelDetector(ModelFiles("m", folder / "model.xml"))


def test_an_unknown_device_is_refused(tmp_path: Path) -> None:
    """The error says on what it was tried."""
    files = load_model(write_model(tmp_path / "m", END2END))
    engine = ModelDetector(files, EngineSettings(device="ABACUS"))
    with pytest.raises(ModelError, match="cannot be compiled for 160 x 96 on ABACUS"):
        list(engine.detect(BlankSource(1, size_wh_px=(160, 96))))


def test_names_are_those_of_the_metadata(tmp_path: Path) -> None:
    """Class names come with the model."""
    assert detector(tmp_path / "m", END2END).class_names == NAMES
