"""The virtual camera as a source: which poses it films, and how it ends."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from geofences.view import CameraPose
from tests.vision.simulator.builders import ORIGIN, SMALL_CAMERA, pose, scene, thing
from vision.frames import FrameSource
from vision.simulator.camera import VirtualCamera
from vision.simulator.source import Sampling, VirtualCameraSource, truth_log_source
from vision.simulator.truth_poses import Patience


@pytest.fixture(scope="module")
def virtual() -> VirtualCamera:
    """A camera over one car."""
    return VirtualCamera(scene(thing("car", "sedan", 0, 17)), SMALL_CAMERA, 0.25)


def flight(count: int, step_m: float, step_s: float = 0.1) -> list[CameraPose]:
    """Return poses along a northbound flight."""
    return [pose(0, i * step_m, time_s=round(i * step_s, 6)) for i in range(count)]


def times(
    virtual: VirtualCamera, poses: list[CameraPose], sampling: Sampling | None = None
) -> list[float]:
    """Return the times of the frames filmed."""
    return [f.time_s for f in VirtualCameraSource(virtual, poses, name="d", sampling=sampling)]


def test_a_frame_every_so_many_metres(virtual: VirtualCamera) -> None:
    """At half a metre a step and two metres a frame, every fourth pose is filmed."""
    found = times(virtual, flight(17, 0.5), Sampling(every_m=1.99, every_s=100.0))
    assert found == [0.0, 0.4, 0.8, 1.2, 1.6]


def test_hovering_is_filmed_by_time(virtual: VirtualCamera) -> None:
    """A camera that stands still gives a frame every so many seconds."""
    assert times(virtual, flight(21, 0.0), Sampling(every_m=5.0, every_s=0.5)) == [
        0.0, 0.5, 1.0, 1.5, 2.0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "look", [pose(height_m=12.0), pose(pitch_deg=-10.0)], ids=["low", "looking ahead"]
)
def test_on_the_way_up_nothing_is_filmed(virtual: VirtualCamera, look: CameraPose) -> None:
    """Below 20 m, or with the camera level, there are no frames."""
    assert times(virtual, [look, look]) == []


def test_a_restarted_clock_is_filmed_again(virtual: VirtualCamera) -> None:
    """After a reboot of the aircraft the time starts anew, and so do frames."""
    poses = [pose(time_s=50.0), pose(time_s=1.0), pose(time_s=1.1)]
    assert times(virtual, poses, Sampling(every_m=9.0, every_s=5.0)) == [50.0, 1.0]


def test_frames_are_what_the_camera_renders(virtual: VirtualCamera) -> None:
    """A frame holds its number, its time and the picture from its pose."""
    poses = flight(2, 4.0, 1.0)
    frames = list(VirtualCameraSource(virtual, poses, name="d"))
    assert [frame.index for frame in frames] == [0, 1]
    np.testing.assert_array_equal(frames[1].image, virtual.render(poses[1]))


def test_it_is_a_frame_source(virtual: VirtualCamera) -> None:
    """Name, size, pace and counts are those every source has."""
    source: FrameSource = VirtualCameraSource(virtual, flight(3, 5.0), name="drone-1")
    assert (source.name, source.size_wh_px, source.fps) == ("drone-1", (320, 180), 0.0)
    assert len(list(source)) == 3
    assert source.report.read == 3
    assert source.report.dropped == 0


def test_closing_ends_it(virtual: VirtualCamera) -> None:
    """After close no frame comes, although poses would."""

    def endless() -> Iterator[CameraPose]:
        index = 0
        while True:
            yield pose(0, index * 5.0, time_s=float(index))
            index += 1

    source = VirtualCameraSource(virtual, endless(), name="d")
    frames = iter(source)
    next(frames)
    source.close()
    assert list(frames) == []


def test_a_truth_log_is_filmed_to_its_end(virtual: VirtualCamera, tmp_path: Path) -> None:
    """The source is named after the vehicle and ends with the log."""
    log = tmp_path / "drone-7.truth.jsonl"
    rows = [
        {
            "time_boot_s": float(i),
            "lon_deg": ORIGIN.lon_deg,
            "lat_deg": ORIGIN.lat_deg + i * 1e-4,
            "height_ground_m": 5.0 if i == 0 else 40.0,
            "gimbal_pitch_deg": -60.0,
            "gimbal_heading_deg": 0.0,
        }
        for i in range(4)
    ]
    log.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"end": True}]))
    source = truth_log_source(virtual, log, patience=Patience(0.002, 0.1))
    assert source.name == "drone-7"
    assert [frame.time_s for frame in source] == [1.0, 2.0, 3.0]


def test_closing_a_truth_log_source_ends_its_wait(virtual: VirtualCamera, tmp_path: Path) -> None:
    """A source that waits for a log that never comes can be closed."""
    source = truth_log_source(virtual, tmp_path / "x.truth.jsonl", patience=Patience(0.002, 99.0))
    source.close()
    assert list(source) == []
