from pathlib import Path

import numpy as np
import pytest

from tests.vision.builders import NAMES, BlankSource, ScriptedDetector, boxes
from vision.annotate import AnnotatedVideo, drawn
from vision.detections import Detections
from vision.errors import EvidenceError
from vision.frames import Frame
from vision.ground_context import GroundContext
from vision.opening import open_source
from vision.pipeline import JudgedFrame, Observers, watch
from vision.rules.schema import load_rules
from vision.rules.zones import PictureZone

GREY = np.full((240, 320, 3), 90, np.uint8)
ZONE = PictureZone("yard", "watch", ((0.5, 0.5), (0.9, 0.5), (0.9, 0.9), (0.5, 0.9)))


def judged(detections: Detections) -> JudgedFrame:
    """A grey frame with these detections."""
    return JudgedFrame(Frame(0, 0.0, GREY), detections, NAMES, ())


def test_tracked_boxes_zones_and_banners_are_drawn_into_a_copy() -> None:
    """Each leaves its mark where it belongs, and the frame stays as it was."""
    seen = boxes(((20, 60, 80, 140), 0.9, 0)).with_tracks(np.array([5]))
    picture = drawn(judged(seen), [ZONE], ["person-stays: because"])
    assert (picture[100, 20] != 90).any()
    assert (picture[120, 200] != 90).any()
    assert (picture[5, 300] != 90).any()
    assert (picture[200, 60] == 90).all()
    assert (GREY == 90).all()


def test_boxes_without_a_track_are_left_out() -> None:
    """What is too weak to be followed would only flicker."""
    picture = drawn(judged(boxes(((20, 60, 80, 140), 0.2, 0))), [], [])
    assert (picture == 90).all()


def test_the_written_video_has_every_frame(tmp_path: Path) -> None:
    """As many frames come out as were judged, of the same size."""
    path = tmp_path / "out.mp4"
    detector = ScriptedDetector({i: boxes(((20, 60, 80, 140), 0.9, 0)) for i in range(25)})
    source = BlankSource(25, size_wh_px=(320, 240))
    with AnnotatedVideo(path, [ZONE]) as video:
        observers = Observers(on_frame=video.add)
        list(watch(source, detector, load_rules(), GroundContext(), None, observers))
    written = open_source(str(path))
    assert written.size_wh_px == (320, 240)
    assert len(list(written)) == 25


def test_each_frame_is_shown_at_its_own_time(tmp_path: Path) -> None:
    """Frames chosen by the way over the ground come at no pace; a clock may be set back."""
    path = tmp_path / "uneven.mp4"
    with AnnotatedVideo(path) as video:
        for index, time_s in enumerate((7.0, 7.1, 8.1, 8.35, 5.0, 10.0)):
            frame = Frame(index, time_s, GREY)
            video.add(JudgedFrame(frame, Detections.empty(), NAMES, ()))
    times_s = [frame.time_s for frame in open_source(str(path))]
    assert times_s == pytest.approx([0.0, 0.1, 1.1, 1.35, 1.35, 3.0], abs=0.001)


def test_odd_sizes_lose_their_last_row_and_column(tmp_path: Path) -> None:
    """The encoder wants even sizes."""
    path = tmp_path / "odd.mp4"
    with AnnotatedVideo(path) as video:
        frame = Frame(0, 0.0, np.full((101, 201, 3), 9, np.uint8))
        video.add(JudgedFrame(frame, Detections.empty(), NAMES, ()))
    assert open_source(str(path)).size_wh_px == (200, 100)


def test_a_stream_that_changes_its_size_is_scaled_to_what_it_began_with(tmp_path: Path) -> None:
    """All of it is shown, and not a corner of what became larger."""
    path = tmp_path / "grown.mp4"
    with AnnotatedVideo(path) as video:
        for index, (width_px, height_px) in enumerate(((160, 120), (321, 241))):
            image = np.zeros((height_px, width_px, 3), np.uint8)
            image[:, width_px // 2 :] = 255
            video.add(JudgedFrame(Frame(index, float(index), image), Detections.empty(), NAMES, ()))
    *_, last = open_source(str(path))
    assert last.size_wh_px == (160, 120)
    assert last.image[:, :70].max() < 100 < last.image[:, 90:].min()


def test_a_place_that_cannot_be_written_is_named() -> None:
    """The error says where it was tried."""
    with pytest.raises(EvidenceError, match=r"/nowhere/out\.mp4: cannot be written"):
        AnnotatedVideo(Path("/nowhere/out.mp4"))
