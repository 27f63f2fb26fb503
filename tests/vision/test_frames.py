import socket
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.builders import picture, serve, turn_clip, write_clip
from vision.decoding import shown_size_px
from vision.errors import SourceError
from vision.frames import Frame, Sampler, VideoFile
from vision.live_video import LivePolicy, LiveVideo
from vision.opening import open_source


def test_every_frame_of_a_file_comes_in_order_of_time(tmp_path: Path) -> None:
    """A file loses nothing: all frames, numbered, at the pace of the file."""
    source = open_source(str(write_clip(tmp_path / "clip.mp4", 30, fps=10)))
    frames = list(source)
    assert [frame.index for frame in frames] == list(range(30))
    assert [frame.time_s for frame in frames] == pytest.approx([i / 10 for i in range(30)])
    assert source.report.read == 30
    assert source.report.warning == ""


def test_pictures_are_blue_green_red_and_can_be_had_small(tmp_path: Path) -> None:
    """A frame gives its whole picture and, converted straight from the decoder, a small one."""
    frame = list(open_source(str(write_clip(tmp_path / "clip.mp4", 12))))[11]
    assert frame.image.shape == (96, 160, 3)
    assert frame.image.dtype == np.uint8
    small = frame.resized((80, 48))
    assert small.shape == (48, 80, 3)
    assert float(small.mean()) == pytest.approx(float(frame.image.mean()), abs=3)
    assert float(frame.image.mean()) == pytest.approx(29.5 + 44, abs=6)


def test_how_bright_a_picture_is_needs_no_colours(tmp_path: Path) -> None:
    """Straight from the decoder, or from an array, as bright as the coloured picture."""
    decoded = list(open_source(str(write_clip(tmp_path / "clip.mp4", 12))))[11]
    for frame in (decoded, Frame(0, 0.0, decoded.image)):
        grey, coloured = frame.grey((80, 48)), frame.resized((80, 48))
        assert grey.shape == (48, 80)
        assert grey.dtype == np.uint8
        expected = cv2.cvtColor(coloured, cv2.COLOR_BGR2GRAY)
        assert float(grey.mean()) == pytest.approx(float(expected.mean()), abs=2)


@pytest.mark.parametrize("clockwise_deg", [90, 180, 270])
def test_a_film_is_seen_as_it_is_to_be_shown(tmp_path: Path, clockwise_deg: int) -> None:
    """A telephone's film stands upright: whole, small and in grey, and its source says so."""
    lying = next(iter(open_source(str(write_clip(tmp_path / "lying.mp4", 2)))))
    turned = turn_clip(write_clip(tmp_path / "turned.mp4", 2), clockwise_deg)
    source = open_source(str(turned))
    frame = next(iter(source))
    quarters = -clockwise_deg // 90
    np.testing.assert_array_equal(frame.image, np.rot90(lying.image, quarters))
    expected_px = (160, 96) if clockwise_deg == 180 else (96, 160)
    assert source.size_wh_px == frame.size_wh_px == shown_size_px(turned) == expected_px
    small_px = (80, 48) if clockwise_deg == 180 else (48, 80)
    small = np.rot90(lying.resized((80, 48)), quarters)
    np.testing.assert_array_equal(frame.resized(small_px), small)
    grey = np.rot90(lying.grey((80, 48)), quarters)
    np.testing.assert_array_equal(frame.grey(small_px), grey)


def test_sampling_goes_by_stream_time(tmp_path: Path) -> None:
    """Four frames a second of a clip of ten are the ones first due."""
    source = open_source(str(write_clip(tmp_path / "clip.mp4", 20, fps=10)), every_s=0.25)
    assert [frame.index for frame in source] == [0, 3, 5, 8, 10, 13, 15, 18]
    assert source.fps == pytest.approx(4)


@given(
    st.lists(st.floats(0.001, 1.0), min_size=1, max_size=60),
    st.floats(0.01, 3.0),
)
def test_sampled_frames_keep_their_average_distance(steps: list[float], every_s: float) -> None:
    """However frames come, no more are taken than the rate allows, and the first always is."""
    sampler, now_s, taken = Sampler(every_s), 0.0, []
    for step in [0.0, *steps]:
        now_s += step
        if sampler.wants(now_s):
            taken.append(now_s)
    assert taken[0] == 0.0
    assert len(taken) <= (taken[-1] - taken[0]) / every_s + 1 + 0.01 * len(taken)


def test_garbage_at_the_end_is_stepped_over_and_named(tmp_path: Path) -> None:
    """Frames up to the damage are delivered, and the report says where it broke."""
    path = write_clip(tmp_path / "clip.mkv", 60, fps=10)
    data = bytearray(path.read_bytes())
    rubbish = np.random.default_rng(3).integers(0, 256, len(data) // 2).astype(np.uint8)
    data[len(data) - len(rubbish) :] = rubbish.tobytes()
    path.write_bytes(data)
    source = open_source(str(path))
    frames = list(source)
    assert 10 <= len(frames) < 60
    assert "clip.mkv" in source.report.warning
    assert source.report.read == len(frames)


def test_a_file_cut_short_says_so(tmp_path: Path) -> None:
    """What is left is delivered; the missing end is told with its times."""
    path = write_clip(tmp_path / "clip.mkv", 60, fps=10)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    source = open_source(str(path))
    frames = list(source)
    assert 10 <= len(frames) < 45
    assert source.report.warning.startswith("clip.mkv ")
    assert "s" in source.report.warning


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("text.mp4", b"this is no video " * 500, "cannot be opened as video"),
        ("empty.mp4", b"", "cannot be opened as video"),
    ],
)
def test_what_is_no_video_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    """The error names the file and what to check."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=f"{name}: {message}"):
        open_source(str(tmp_path / name))


@pytest.mark.parametrize(
    ("pause_ms", "gap_s", "is_told"), [(3_600_000, 3600.1, False), (10**13, 0.1, True)]
)
def test_a_clock_that_leaps_for_days_is_put_right(
    tmp_path: Path, pause_ms: int, gap_s: float, is_told: bool
) -> None:
    """Recorders pause for an hour; a thousand years is a damaged time stamp."""
    path = tmp_path / "leap.mkv"
    write_at(path, [100 * i + (pause_ms if i >= 5 else 0) for i in range(10)])
    source = VideoFile(path)
    times_s = [frame.time_s for frame in source]
    assert np.diff(times_s) == pytest.approx([0.1] * 4 + [gap_s] + [0.1] * 4, abs=1e-4)
    assert ("or begins anew after 0.4 s" in source.report.warning) == is_told


def write_at(path: Path, times_ms: list[int]) -> None:
    """A film of grey pictures at some times."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for time_ms in times_ms:
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), "bgr24")
            frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_a_missing_file_is_named() -> None:
    """A wrong path is an error before any work."""
    with pytest.raises(SourceError, match=r"nowhere\.mp4: there is no such file"):
        open_source("/nowhere.mp4")
    with pytest.raises(SourceError, match="check the path"):
        VideoFile(Path("/nowhere.mp4"))


def test_a_folder_of_pictures_is_a_source_in_order_of_names(tmp_path: Path) -> None:
    """Pictures come by name, at the stated pace; other files are passed over."""
    for name, level in (("b.png", 200), ("a.png", 100)):
        cv2.imwrite(str(tmp_path / name), np.full((40, 60, 3), level, np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "more.png").mkdir()
    frames = list(open_source(str(tmp_path), fps=2.0))
    assert [int(frame.image.mean()) for frame in frames] == [100, 200]
    assert [frame.time_s for frame in frames] == [0.0, 0.5]
    assert len(list(open_source(str(tmp_path / "*.png")))) == 2


def test_an_unreadable_picture_is_counted_and_named(tmp_path: Path) -> None:
    """One bad picture does not end the folder."""
    cv2.imwrite(str(tmp_path / "a.png"), picture(60, 40))
    (tmp_path / "b.png").write_bytes(b"rubbish")
    source = open_source(str(tmp_path))
    assert len(list(source)) == 1
    assert source.report.damaged == 1
    assert "b.png" in source.report.warning


def test_how_many_pictures_could_not_be_read_is_told(tmp_path: Path) -> None:
    """Not the last alone: a card that lost half of its pictures should be noticed."""
    for index in range(4):
        path = tmp_path / f"{index}.png"
        cv2.imwrite(str(path), np.zeros((32, 32, 3), np.uint8))
        if index:
            path.write_bytes(b"")
    source = open_source(str(tmp_path))
    assert len(list(source)) == 1
    assert source.report.warning.endswith(
        "3.png: cannot be read as a picture, as 2 before it, and was skipped."
    )


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    """The error says what is looked for."""
    with pytest.raises(SourceError, match="holds no pictures"):
        open_source(str(tmp_path))


def test_frames_from_arrays_are_resized_too() -> None:
    """A rendered frame behaves like a decoded one."""
    frame = Frame(0, 0.0, picture(64, 48))
    assert frame.size_wh_px == (64, 48)
    assert frame.resized((32, 24)).shape == (24, 32, 3)
    assert frame.resized((64, 48)) is frame.image


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _transport_stream(tmp_path: Path, count: int = 20, fps: int = 10) -> Path:
    clip, stream = write_clip(tmp_path / "clip.mp4", count, fps=fps), tmp_path / "clip.ts"
    with av.open(str(clip)) as source, av.open(str(stream), "w", format="mpegts") as target:
        track = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = track
                target.mux(packet)
    return stream


def test_films_that_were_joined_end_to_end_keep_their_pace(tmp_path: Path) -> None:
    """The clock of the second begins anew; its pictures are not told as if they came in a hurry."""
    first = _transport_stream(tmp_path, 60, fps=20).read_bytes()
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first + _transport_stream(tmp_path, 20, fps=5).read_bytes())
    source = open_source(str(joined))
    times_s = [frame.time_s for frame in source]
    assert len(times_s) == 80
    assert times_s == sorted(times_s)
    assert times_s[-1] - times_s[59] == pytest.approx(4.0, abs=0.7)
    assert "begins anew after 3.0 s" in source.report.warning


def test_a_live_stream_is_reconnected_and_its_time_goes_on(tmp_path: Path) -> None:
    """When the sender hangs up the stream is opened anew; times never go back."""
    server, address = serve(_transport_stream(tmp_path).read_bytes(), times=2)
    policy = LivePolicy(stall_s=5, give_up_s=0.2, first_wait_s=0.05, longest_wait_s=0.3, waits=True)
    source = LiveVideo(address, policy=policy)
    frames: list[Frame] = []
    with pytest.raises(SourceError, match="cannot be reached again"):
        frames.extend(source)
    assert source.report.is_away
    server.join(5)
    source.close()
    times_s = [frame.time_s for frame in frames]
    assert times_s == sorted(times_s)
    assert len(frames) > 20
    assert source.report.reconnects >= 2
    assert source.report.read == len(frames)


def test_an_unreachable_stream_is_refused_without_its_password() -> None:
    """The error names the address and hides who logs in."""
    address = f"rtsp://guard:secret@127.0.0.1:{_free_port()}/yard"
    with pytest.raises(SourceError, match="rtsp://127") as caught:
        open_source(address)
    assert "secret" not in str(caught.value)
    assert str(caught.value).endswith("check the address, the camera and the network.")
