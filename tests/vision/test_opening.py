"""Tests of `vision.opening`; pictures and films are opened in `tests/vision/test_frames.py`."""

from pathlib import Path

import cv2
import pytest

from benchmarks.live_cameras import Camera
from tests.vision.builders import picture, write_clip
from vision.errors import SourceError
from vision.opening import open_source


def test_who_names_a_stream_that_is_not_read_is_told_which_are() -> None:
    """It is no file that is missing."""
    with pytest.raises(SourceError, match=r"rtp:// are not read.*rtsp://, rtsps://"):
        open_source("rtp://user:secret@10.1.4.20:5004")


def test_a_scheme_may_be_written_in_capitals(tmp_path: Path) -> None:
    """As in addresses that are copied from a camera's label."""
    with Camera(write_clip(tmp_path / "yard.mp4")) as camera:
        source = open_source(camera.address.replace("tcp", "TCP"))
        assert next(iter(source)).size_wh_px == source.size_wh_px
        source.close()


def test_a_folder_whose_first_picture_is_broken_is_read_all_the_same(tmp_path: Path) -> None:
    """As one is whose last is broken; where none can be read, that is told."""
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(b"no picture")
    with pytest.raises(SourceError, match=r"1\.png: .*picture, nor can the 1 others"):
        open_source(str(tmp_path))
    cv2.imwrite(str(tmp_path / "3.png"), picture(90))
    source = open_source(str(tmp_path))
    assert [frame.index for frame in source] == [2]
    assert source.report.damaged == 2
