"""The sample footage: two flights over the demo village, with telemetry and expected findings.

    python -m vision.simulator.sample_clips OUT

writes, for each clip, `<clip>.mp4`, `<clip>.telemetry.jsonl` (a header, then the measured pose of
each frame) and `<clip>.expected.json` (the objects of the scene that are really to be seen).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from geofences.county import County
from geofences.formats.county_files import read_county
from geofences.sample_county.location import sample_county_path
from geofences.view import Camera, CameraPose, PoseErrors
from vision.simulator.camera import VirtualCamera
from vision.simulator.demo_scene import demo_scene
from vision.simulator.flight_path import Flight, measured, poses_along
from vision.simulator.scene import Scene, SceneObject

FPS = 10
DEMO_CAMERA = Camera("demo-1280", 1280, 720, 70.0)
TELEMETRY_ERRORS = PoseErrors(0.8, 0.5, 1.0, 0.5)
LEAST_LOOKS = 8
"""An object counts as visible when so many frames show most of it."""
_MOSTLY = 0.7
_TEXEL_M = 0.05
_START_UTC = datetime(2026, 5, 18, 1, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Clip:
    """One clip: its name, flight and the seed of its errors."""

    name: str
    flight: Flight
    seed: int


CLIPS = (
    Clip(
        "market_patrol",
        Flight(((-62.0, -138.0), (-46.0, -12.0), (-26.0, 4.0), (-4.0, -8.0), (-12.0, -92.0)),
               speed_mps=9.0),
        41,
    ),
    Clip("road_patrol", Flight(((-140.0, 8.0), (12.0, -4.0), (118.0, -20.0)), speed_mps=9.5), 43),
)  # fmt: skip


def write_clips(folder: Path, county: County, clips: Sequence[Clip] = CLIPS) -> None:
    """Render the clips into a folder.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scene = demo_scene(county)
    virtual = VirtualCamera(scene, DEMO_CAMERA, _TEXEL_M)
    for index, clip in enumerate(clips):
        poses = poses_along(clip.flight, scene.frame, FPS, clip.seed)
        told = measured(poses, TELEMETRY_ERRORS, scene.frame, clip.seed + 1)
        start = _START_UTC + timedelta(minutes=10 * index)
        write_video(folder / f"{clip.name}.mp4", virtual, poses)
        _replace_text(folder / f"{clip.name}.telemetry.jsonl", telemetry_text(clip, told, start))
        expected = expected_objects(virtual, poses)
        text = json.dumps(expected, ensure_ascii=False, indent=1) + "\n"
        _replace_text(folder / f"{clip.name}.expected.json", text)


def write_video(path: Path, virtual: VirtualCamera, poses: Sequence[CameraPose]) -> None:
    """Encode what the camera sees from the poses as H.264.

    Raises:
        OSError: The file cannot be written.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        unfinished = Path(folder) / path.name
        with av.open(str(unfinished), "w") as container:
            # One thread, and no macroblock tree, whose sums depend on where memory happens to lie:
            # so the same pictures give the same bytes.
            options = {"crf": "25", "preset": "slow", "threads": "1", "x264-params": "mbtree=0"}
            stream = container.add_stream("libx264", rate=FPS, options=options)
            stream.width, stream.height = virtual.camera.width_px, virtual.camera.height_px
            stream.pix_fmt = "yuv420p"
            stream.time_base = Fraction(1, FPS)
            for index, pose in enumerate(poses):
                frame = av.VideoFrame.from_ndarray(virtual.render(pose), format="bgr24")
                frame.pts, frame.time_base = index, Fraction(1, FPS)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        unfinished.replace(path)


def telemetry_text(clip: Clip, poses: Sequence[CameraPose], start_utc: datetime) -> str:
    """Return the lines of a telemetry file: a header, then one measured pose a frame."""
    camera = DEMO_CAMERA
    header = {
        "camera": {
            "name": camera.name,
            "width_px": camera.width_px,
            "height_px": camera.height_px,
            "hfov_deg": camera.hfov_deg,
            "k1": camera.k1,
            "k2": camera.k2,
        },
        "errors": asdict(TELEMETRY_ERRORS),
        "start_utc": start_utc.isoformat(),
        "source": clip.name,
        "pass_id": f"{clip.name}-{start_utc:%Y%m%d}",
    }
    return "".join(json.dumps(line) + "\n" for line in [header, *map(_row, poses)])


def _row(pose: CameraPose) -> dict[str, float]:
    return {
        "time_s": round(pose.time_s, 3),
        "lon_deg": round(pose.position.lon_deg, 8),
        "lat_deg": round(pose.position.lat_deg, 8),
        "height_ground_m": round(pose.height_ground_m, 3),
        "heading_deg": round(pose.heading_deg, 3),
        "pitch_deg": round(pose.pitch_deg, 3),
        "roll_deg": round(pose.roll_deg, 3),
    }


def expected_objects(virtual: VirtualCamera, poses: Sequence[CameraPose]) -> list[dict[str, Any]]:
    """Return the scene's objects that enough frames show, with what should be found of them."""
    looks: dict[str, int] = {}
    for pose in poses:
        for box in virtual.boxes(pose):
            if box.visible_fraction >= _MOSTLY:
                looks[box.object_id] = looks.get(box.object_id, 0) + 1
    scene: Scene = virtual.scene
    return [
        _expected(item, looks[item.object_id])
        for item in scene.objects
        if looks.get(item.object_id, 0) >= LEAST_LOOKS
    ]


def _expected(item: SceneObject, looks: int) -> dict[str, Any]:
    finding = item.expected
    return {
        "object_id": item.object_id,
        "class_name": item.class_name,
        "position": {
            "lon_deg": round(item.position.lon_deg, 7),
            "lat_deg": round(item.position.lat_deg, 7),
        },
        "frames_visible": looks,
        "finding": None
        if finding is None
        else {
            "standard_ref": finding.standard_ref,
            "code": finding.matter_code,
            "zone_kind": finding.zone_kind,
            "cell_code": finding.cell_code,
        },
    }


def _replace_text(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def main() -> None:
    """Render the clips into the folder named on the command line."""
    parser = argparse.ArgumentParser(description="Render the sample footage.")
    parser.add_argument("out", type=Path, help="folder to write the clips to")
    write_clips(parser.parse_args().out, read_county(sample_county_path()))


if __name__ == "__main__":
    main()
