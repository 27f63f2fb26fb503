"""Tests of `vision.decoding`; films of every kind are read in `tests/vision/test_frames.py`."""

import socket

import pytest

from vision.decoding import open_container, shown_address
from vision.errors import SourceError


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://admin:se@c/ret@10.1.4.20/stream1", "rtsp://10.1.4.20/stream1"),
        (
            "rtsp://10.1.4.20:554/user=admin&password=secret&channel=1&stream=0.sdp",
            "rtsp://10.1.4.20:554/user=admin&password=***&channel=1&stream=0.sdp",
        ),
        ("rtmp://h/live/yard?txSecret=a1&txTime=5", "rtmp://h/live/yard?txSecret=***&txTime=5"),
        ("rtmp://h/live/yard?auth_key=17-0-ab", "rtmp://h/live/yard?auth_key=***"),
        ("srt://h:9?passphrase=secret", "srt://h:9?passphrase=***"),
        ("http://h/x.m3u8?Token=a.b-c#1", "http://h/x.m3u8?Token=***#1"),
        ("films/key=1.mp4", "films/key=1.mp4"),
    ],
)
def test_what_is_secret_in_an_address_is_not_shown(address: str, shown: str) -> None:
    """Names of sources and messages go to people and into the events."""
    assert shown_address(address) == shown


def test_a_camera_that_does_not_answer_is_told_of_in_words() -> None:
    """FFmpeg says that it was asked to exit."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(SourceError, match=r"no video came within 0\.1 s"):
            open_container(address, timeout_s=0.1)
