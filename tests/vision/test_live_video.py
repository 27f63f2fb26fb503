"""Live streams from real servers: RTSP by GStreamer, RTMP by nginx."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import av
import numpy as np
import pytest

from benchmarks.live_cameras import Camera
from tests.vision.builders import serve
from tests.vision.telemetry.builders import write_film
from tests.vision.telemetry.test_misb_track import packet
from vision.errors import SourceError
from vision.live_video import LivePolicy, LiveVideo
from vision.opening import open_source

FRAMES = 80
FPS = 20
SYSTEM_PYTHON = "/usr/bin/python3"
RTMP_MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
NGINX_CONF = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
load_module {module};
events {{}}
rtmp {{ server {{ listen 127.0.0.1:{port}; application live {{ live on; }} }} }}
"""


def can_serve_rtsp() -> bool:
    """Whether the system's Python has GStreamer's RTSP server."""
    script = "import gi; gi.require_version('GstRtspServer', '1.0')"
    command = [SYSTEM_PYTHON, "-c", script]
    return Path(SYSTEM_PYTHON).exists() and not subprocess.run(command, check=False).returncode


needs_rtsp = pytest.mark.skipif(
    not can_serve_rtsp(), reason="needs Debian's gir1.2-gst-rtsp-server-1.0 and python3-gi"
)
needs_rtmp = pytest.mark.skipif(
    not (shutil.which("nginx") and RTMP_MODULE.exists()), reason="needs Debian's libnginx-mod-rtmp"
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film of four seconds whose brightness rises from frame to frame."""
    path = tmp_path_factory.mktemp("live") / "clip.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.options = {"g": "10", "tune": "zerolatency"}
        for number in range(FRAMES):
            picture = np.full((240, 320, 3), 2 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path


def free_port() -> int:
    """Return a TCP port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def rtsp_address(clip: Path) -> Iterator[str]:
    """Serve the clip over RTSP."""
    port = free_port()
    script = Path(__file__).with_name("live_server.py")
    command = [SYSTEM_PYTHON, str(script), str(port), str(clip)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield f"rtsp://127.0.0.1:{port}/yard"
        server.kill()


@pytest.fixture
def rtmp_address(tmp_path: Path) -> Iterator[str]:
    """Run an RTMP server that waits for someone to publish."""
    port = free_port()
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        NGINX_CONF.format(folder=tmp_path, module=RTMP_MODULE, port=port), encoding="utf-8"
    )
    command = ["nginx", "-c", str(configuration), "-p", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        wait_for_port(port)
        yield f"rtmp://127.0.0.1:{port}/live/yard"
        server.kill()


def wait_for_port(port: int) -> None:
    """Wait until somebody listens."""
    pause = threading.Event()
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        pause.wait(0.05)
    raise AssertionError(f"nobody listens on {port}")


class Publisher:
    """Publishes a clip to an RTMP server again and again, in its own time, until stopped."""

    def __init__(self, clip: Path, address: str) -> None:
        self._clip = clip
        self._address = address
        self._stop = threading.Event()
        self.first_sent = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.first_sent.wait(20.0)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with av.open(self._address, "w", format="flv") as sent:
            with av.open(str(self._clip)) as read:
                stream = sent.add_stream_from_template(read.streams.video[0])
                packets = [packet for packet in read.demux(video=0) if packet.dts is not None]
            length = len(packets)
            step = round(1.0 / FPS / packets[0].time_base)
            for number in range(100 * length):
                if self._stop.wait(1.0 / FPS):
                    return
                packet = packets[number % length]
                packet.dts = packet.pts = number * step
                packet.stream = stream
                sent.mux(packet)
                self.first_sent.set()


@needs_rtsp
def test_an_rtsp_camera_gives_frames_in_order_of_time(rtsp_address: str) -> None:
    """Times rise, pictures are those that were sent, and closing ends the iteration."""
    source = open_source(rtsp_address)
    frames = []
    for frame in source:
        frames.append((frame.time_s, float(frame.image.mean())))
        if len(frames) == 20:
            source.close()
    times_s, brightness = zip(*frames, strict=True)
    assert source.size_wh_px == (320, 240)
    assert list(times_s) == sorted(set(times_s))
    assert list(brightness) == sorted(brightness)


@needs_rtsp
def test_a_stream_that_ends_is_connected_anew(rtsp_address: str) -> None:
    """A camera that restarts is found again, and its time goes on."""
    source = LiveVideo(rtsp_address, policy=LivePolicy(first_wait_s=0.1))
    last_s, count = -1.0, 0
    for frame in source:
        assert frame.time_s > last_s
        last_s, count = frame.time_s, count + 1
        if source.report.reconnects and count > FRAMES:
            source.close()
    assert source.report.reconnects >= 1


def test_time_goes_on_by_what_passed_however_often_a_camera_was_asked(clip: Path) -> None:
    """Its frames say that it broke off; a wait that was counted twice would date it too late."""
    asked_often = LivePolicy(first_wait_s=0.02, longest_wait_s=0.02)
    port = free_port()
    with Camera(clip, port=port) as camera:
        source = LiveVideo(camera.address, policy=asked_often)
        frames = iter(source)
        before = [next(frames) for _ in range(3)][-1]
    while source.report.reconnects < 40:
        threading.Event().wait(0.01)
    with Camera(clip, port=port):
        # What was decoded before it broke off may be given still.
        after = next(frame for frame in frames if frame.breaks)
        source.close()
    assert before.breaks == 0
    # Counted with each asking, it would be twenty times as much.
    assert after.time_s - before.time_s < 4.0 * (after.made_s - before.made_s) + 2.0


@needs_rtmp
def test_an_rtmp_stream_is_watched_while_it_is_published(rtmp_address: str, clip: Path) -> None:
    """A drone pushes, we pull: frames arrive with rising times, and soon.

    FFmpeg would look for sound in five seconds of the stream, of which nothing were seen then.
    """
    with Publisher(clip, rtmp_address):
        source = open_source(rtmp_address)
        times_s = []
        for frame in source:
            times_s.append(frame.time_s)
            if len(times_s) == 20:
                source.close()
    assert times_s == sorted(set(times_s))
    assert times_s[0] < 4.5


def test_each_frame_comes_with_the_pose_of_its_moment(tmp_path: Path) -> None:
    """Telemetry that a stream brings is heard over a break, after which the film begins again."""
    told = [
        (number / 5, packet(number / 5, t13=33.16 + number * 1e-4).data) for number in range(15)
    ]
    film = write_film(tmp_path / "uav.ts", told, "klv").read_bytes()
    _, address = serve(film, times=2)
    policy = LivePolicy(first_wait_s=0.05, give_up_s=0.2, waits=True)
    source = LiveVideo(address, policy=policy)
    assert source.bears_misb
    telemetry = source.hear()
    seen = []
    with suppress(SourceError):
        for frame in source:
            place = telemetry.track(frame.time_s).at(frame.time_s).position
            seen.append((frame.breaks, place.lat_deg))
    source.close()
    moments = [min(number / 2, 14.0) for number in range(30)]
    breaks, lat_deg = zip(*seen, strict=True)
    assert list(breaks) == [0] * 30 + [1] * 30
    assert lat_deg == pytest.approx([33.16 + moment * 1e-4 for moment in moments * 2], abs=2e-6)


def test_a_clock_that_goes_back_a_little_takes_poses_with_it(tmp_path: Path) -> None:
    """By less than what counts as a leap: pictures' times go on, those of the stream lie behind."""
    films = []
    for lat_deg in (33.16, 33.26):
        told = [
            (number / 5, packet(lat_deg + number / 5, t13=lat_deg + number * 1e-4).data)
            for number in range(8)
        ]
        films.append(write_film(tmp_path / "uav.ts", told, "klv", frames=15).read_bytes())
    _, address = serve(b"".join(films), times=1)
    source = LiveVideo(address, policy=LivePolicy(first_wait_s=0.05, give_up_s=0.2, waits=True))
    telemetry = source.hear()
    seen = []
    with suppress(SourceError):
        for frame in source:
            place = telemetry.track(frame.time_s).at(frame.time_s).position
            seen.append(place.lat_deg)
    source.close()
    # Within a tenth of a second.
    after = [33.26 + number / 2 * 1e-4 for number in range(15)]
    assert seen[15:] == pytest.approx(after, abs=5e-5)


def test_a_stream_that_is_heard_and_never_watched_is_let_go_of(tmp_path: Path) -> None:
    """Its reader ends with it."""
    film = write_film(tmp_path / "uav.ts", [(0.0, packet(0.0).data)], "klv").read_bytes()
    _, address = serve(film, times=1, on=True)
    source = LiveVideo(address)
    source.hear()
    source.close()
    assert not any(thread.name == "packet-reader" for thread in threading.enumerate())
