"""The sample footage: clips, telemetry and expectations belong together."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geofences.formats.county_files import read_county
from geofences.sample_county.location import sample_county_path
from geofences.view import Camera, CameraPose
from tests.vision.simulator.builders import pose, scene, thing
from vision.opening import open_source
from vision.poses import read_telemetry
from vision.simulator.camera import VirtualCamera
from vision.simulator.sample_clips import (
    CLIPS,
    DEMO_CAMERA,
    FPS,
    LEAST_LOOKS,
    TELEMETRY_ERRORS,
    expected_objects,
    telemetry_text,
    write_video,
)
from vision.simulator.scene import ExpectedFinding

SHIPPED = Path(__file__).parents[3] / "sample_footage"
TINY = Camera("tiny", 160, 96, 70.0)


def northbound(count: int) -> list[CameraPose]:
    """Return poses along a short flight."""
    return [pose(0.0, 0.5 * i, time_s=i / FPS) for i in range(count)]


@pytest.fixture(scope="module")
def virtual() -> VirtualCamera:
    """A tiny camera over a car that should be found and a person who should not."""
    finding = ExpectedFinding("GB/T 47678.5-2026", "09009", "no_parking", "341299001001003")
    car = replace(thing("car", "sedan", 0, 17, object_id="car"), expected=finding)
    far = thing("person", "adult", 20, -20, object_id="far")
    return VirtualCamera(scene(car, far), TINY, 0.25)


def test_a_clip_has_a_frame_for_each_pose(virtual: VirtualCamera, tmp_path: Path) -> None:
    """The video plays at the stated pace and holds every frame."""
    clip = tmp_path / "clip.mp4"
    write_video(clip, virtual, northbound(12))
    source = open_source(str(clip))
    times = [frame.time_s for frame in source]
    assert times == pytest.approx([i / FPS for i in range(12)])
    assert source.size_wh_px == (160, 96)
    assert list(tmp_path.iterdir()) == [clip]


def test_a_clip_is_the_same_every_time(virtual: VirtualCamera, tmp_path: Path) -> None:
    """Two runs write the same bytes."""
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, virtual, northbound(6))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_telemetry_can_be_read_back(tmp_path: Path) -> None:
    """What the generator writes is what `vision.poses` reads."""
    path = tmp_path / "clip.telemetry.jsonl"
    poses = northbound(12)
    start = read_telemetry_start()
    path.write_text(telemetry_text(CLIPS[0], poses, start))
    telemetry = read_telemetry(path)
    assert telemetry.camera == DEMO_CAMERA
    assert telemetry.errors == TELEMETRY_ERRORS
    assert telemetry.start_utc == start
    there = telemetry.pose_at(0.5)
    assert there.position.lat_deg == pytest.approx(poses[5].position.lat_deg, abs=1e-7)
    assert there.pitch_deg == pytest.approx(-60.0)


def read_telemetry_start() -> datetime:
    """Return some aware time."""
    return datetime(2026, 5, 18, 1, 30, tzinfo=UTC)


def test_only_what_is_really_seen_is_expected(virtual: VirtualCamera) -> None:
    """The car in view is listed with its finding, the person behind is not."""
    listed = expected_objects(virtual, northbound(LEAST_LOOKS + 2))
    assert [entry["object_id"] for entry in listed] == ["car"]
    assert listed[0]["finding"] == {
        "standard_ref": "GB/T 47678.5-2026",
        "code": "09009",
        "zone_kind": "no_parking",
        "cell_code": "341299001001003",
    }
    assert listed[0]["frames_visible"] == LEAST_LOOKS + 2


def test_a_glimpse_is_not_expected_to_be_found(virtual: VirtualCamera) -> None:
    """Too few frames, and nobody can be blamed for missing it."""
    assert expected_objects(virtual, northbound(LEAST_LOOKS - 1)) == []


@pytest.mark.parametrize("name", [clip.name for clip in CLIPS])
def test_shipped_clips_are_whole(name: str) -> None:
    """Each shipped clip has a pose for every frame and truth that fits the county."""
    telemetry = read_telemetry(SHIPPED / f"{name}.telemetry.jsonl")
    source = open_source(str(SHIPPED / f"{name}.mp4"))
    assert source.size_wh_px == (DEMO_CAMERA.width_px, DEMO_CAMERA.height_px)
    assert 20.0 <= len(telemetry.rows) / FPS <= 30.0
    last = telemetry.pose_at((len(telemetry.rows) - 1) / FPS)
    assert last.height_ground_m == pytest.approx(40.0, abs=4.0)
    county = read_county(sample_county_path())
    listed = json.loads((SHIPPED / f"{name}.expected.json").read_text(encoding="utf-8"))
    codes = {entry["finding"]["code"] for entry in listed if entry["finding"]}
    assert {"09009", "09012", "09001", "06010", "06013"} <= codes
    for entry in listed:
        if entry["finding"]:
            county.grid.by_code(entry["finding"]["cell_code"])


@pytest.mark.parametrize("name", [clip.name for clip in CLIPS])
def test_shipped_clips_are_small(name: str) -> None:
    """Together they stay far below 15 MB."""
    assert (SHIPPED / f"{name}.mp4").stat().st_size < 7_000_000
