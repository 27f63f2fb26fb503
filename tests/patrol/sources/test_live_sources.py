"""Live sources among many: what a camera, a process or a person does, the stream goes on."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.live_cameras import Camera, Manners
from patrol.sources.status import SourceState
from tests.patrol.builders import CAR_ROW, car_detector
from tests.patrol.sources.builders import watched
from tests.vision.builders import write_clip, write_model

ZONE = "zones: [{kind: watch, box: [0, 0, 1, 1]}]"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A film of eight seconds."""
    return write_clip(tmp_path / "yard.mp4", 80)


@pytest.fixture
def camera(film: Path) -> Iterator[Camera]:
    """A camera that sends it again and again."""
    with Camera(film) as sending:
        yield sending


def write_sources(folder: Path, address: str, *, model: str = "car", fps: float = 5) -> Path:
    """Write a file with one live source."""
    if not (folder / "car").exists():
        car_detector(folder / "car")
    path = folder / "sources.yaml"
    path.write_text(
        f"version: 1\nmodel: {model}\nfps: {fps}\n"
        f'sources:\n  - {{name: yard, url: "{address}", {ZONE}}}\n'
    )
    return path


def test_a_thing_that_stands_is_told_once_whoever_dies(tmp_path: Path, camera: Camera) -> None:
    """What was told before a death is known after it, and the pass goes on."""
    with watched(write_sources(tmp_path, camera.address), tmp_path / "home") as found:
        found.until(lambda: len(found.heard.ids) == 1)
        found.kill(found.many.workers_of()["yard"])
        found.until(lambda: found.heard.newest["yard"].restarts == 1)
        before = found.heard.frames("yard")
        found.until(lambda: found.heard.frames("yard") > before + 10)
        found.kill("detector CPU")
        found.until(lambda: found.heard.frames("yard") > before + 20)
    assert len(found.heard.ids) == 1


def test_a_frame_is_looked_at_or_counted_as_dropped(tmp_path: Path) -> None:
    """However many more come than the detector can look at."""
    film = write_clip(tmp_path / "yard.mp4", 800, fps=100)
    with Camera(film) as camera:
        path = write_sources(tmp_path, camera.address, model="patrol9", fps=100)
        with watched(path, tmp_path / "home") as found:
            found.until(lambda: found.heard.frames("yard") > 10)
            first = found.heard.newest["yard"].status
            found.until(lambda: found.heard.newest["yard"].status.time_s > first.time_s + 4.0)
            last = found.heard.newest["yard"].status
    due = 100 * (last.time_s - first.time_s)
    looked, dropped = last.frames - first.frames, last.dropped - first.dropped
    assert dropped > 0
    # What is on its way is in neither count yet.
    assert looked + dropped == pytest.approx(due, abs=10)


def test_a_camera_that_hangs_up_and_lies_about_time_is_watched_on(
    tmp_path: Path, film: Path
) -> None:
    """It is connected anew; times that go back or leap do not end the pass."""
    with Camera(film, Manners(fps=40, hangs_up_s=4.0, lies_s=-5.0)) as camera:
        path = write_sources(tmp_path, camera.address)
        with watched(path, tmp_path / "home") as found:
            found.until(lambda: camera.connections >= 4)
            before = found.heard.frames("yard")
            found.until(lambda: found.heard.frames("yard") > before + 5)
            assert found.heard.newest["yard"].status.reconnects >= 1
    assert found.heard.newest["yard"].restarts == 0
    assert found.heard.newest["yard"].status.run == 1


@pytest.mark.parametrize("lies_s", [-3600.0, 3600.0])
def test_a_thing_that_stands_is_told_once_however_the_clock_leaps(
    tmp_path: Path, lies_s: float
) -> None:
    """A camera that sets its clock, back or on, has not looked away meanwhile."""
    film = write_clip(tmp_path / "yard.mp4", 20)
    with Camera(film, Manners(lies_s=lies_s)) as camera:
        path = write_sources(tmp_path, camera.address)
        with watched(path, tmp_path / "home") as found:
            found.until(lambda: len(found.heard.ids) == 1)
            before = found.heard.frames("yard")
            found.until(lambda: found.heard.frames("yard") > before + 30)
            assert found.heard.newest["yard"].status.time_s < 1000.0
        assert camera.connections == 1
    assert len(found.heard.ids) == 1


def test_a_camera_that_is_not_there_is_asked_again_and_again(tmp_path: Path, film: Path) -> None:
    """With a sentence that says so; it is watched as soon as it is there."""
    with Camera(film) as gone:
        address = gone.address
    path = write_sources(tmp_path, address)
    with watched(path, tmp_path / "home") as found:
        found.until(lambda: found.heard.state("yard") is SourceState.RETRYING)
        assert "cannot be opened as video" in found.heard.newest["yard"].status.told
        with Camera(film) as back:
            write_sources(tmp_path, back.address)
            found.many.reload()
            found.until(lambda: found.heard.frames("yard") > 3)


def test_a_camera_that_falls_silent_is_not_said_to_be_watched(tmp_path: Path, film: Path) -> None:
    """From the moment that its stream breaks off, and not only when it is given up."""
    camera = Camera(film)
    with watched(write_sources(tmp_path, camera.address), tmp_path / "home") as found:
        with camera:
            found.until(lambda: found.heard.frames("yard") > 3)
            found.until(lambda: found.heard.state("yard") is SourceState.WATCHING)
        found.until(lambda: found.heard.state("yard") is SourceState.RETRYING)
        assert "no picture comes" in found.heard.newest["yard"].status.told


@pytest.mark.parametrize(("names", "ids"), [(("person", "car", "fire"), 1), (("man", "car"), 2)])
def test_another_model_takes_over_without_letting_go_of_the_stream(
    tmp_path: Path, camera: Camera, names: tuple[str, ...], ids: int
) -> None:
    """With the same classes the pass goes on; with others a new one begins."""
    rows = np.array([CAR_ROW], np.float32)
    write_model(tmp_path / "other", rows, names=names, extra="output: end2end\n")
    with watched(write_sources(tmp_path, camera.address), tmp_path / "home") as found:
        found.until(lambda: len(found.heard.ids) == 1)
        connections = camera.connections
        write_sources(tmp_path, camera.address, model="other")
        found.many.reload()
        before = found.heard.frames("yard")
        found.until(lambda: found.heard.frames("yard") > before + 20)
        found.until(lambda: len(found.heard.ids) == ids)
        assert camera.connections == connections
    assert len(found.heard.ids) == ids


def test_a_model_that_cannot_be_used_changes_nothing(tmp_path: Path, camera: Camera) -> None:
    """It is told, and the one in use goes on."""
    model = write_model(tmp_path / "broken", np.array([CAR_ROW], np.float32))
    (model / "model.xml").write_text("<net>")
    with watched(write_sources(tmp_path, camera.address), tmp_path / "home") as found:
        found.until(lambda: found.heard.frames("yard") > 3)
        write_sources(tmp_path, camera.address, model="broken")
        found.many.reload()
        found.until(lambda: bool(found.heard.notices))
        before = found.heard.frames("yard")
        found.until(lambda: found.heard.frames("yard") > before + 5)
    assert "cannot be read as a model" in found.heard.notices[0]


def test_a_model_that_was_written_anew_is_taken_when_asked(tmp_path: Path, camera: Camera) -> None:
    """Under the same name, as `patrol model add` does it; SIGHUP asks."""
    with watched(write_sources(tmp_path, camera.address), tmp_path / "home") as found:
        found.until(lambda: len(found.heard.ids) == 1)
        rows = np.array([CAR_ROW], np.float32)
        write_model(tmp_path / "car", rows, names=("man", "car"), extra="output: end2end\n")
        found.many.reload()
        found.until(lambda: len(found.heard.ids) == 2)
        assert camera.connections == 1
