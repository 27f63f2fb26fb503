"""A person's words become everything that a pass needs, or a sentence."""

import dataclasses
import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flight.flight_log import LOG_FORMAT, LOG_VERSION
from geofences.camera import Camera
from geofences.errors import GroundError
from geofences.geodesy import LonLat
from patrol.counties import keep_county
from patrol.errors import NoCountyError, PatrolError, UsageError
from patrol.film_poses import PoseRequest
from patrol.settings import Settings
from patrol.watching import Tools, Watching, WatchRequest, prepare
from tests.patrol.builders import CODES, car_detector, small_county
from tests.vision.builders import ScriptedDetector, serve, write_clip
from tests.vision.telemetry.builders import write_film
from tests.vision.telemetry.test_dji_srt import GIMBAL, srt
from tests.vision.telemetry.test_misb_track import packet
from tests.vision.test_calibration import write_calibration
from vision.decoding import shown_size_px
from vision.engine.settings import EngineSettings
from vision.errors import DeviceError, ModelError, PoseError, RulesError, SourceError, VisionError
from vision.models.registry import ModelFiles

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
CAMERA = {"name": "demo-1280", "width_px": 1280, "height_px": 720, "hfov_deg": 70.0}
ERRORS = {"horizontal_m": 0.6, "vertical_m": 0.3, "heading_deg": 1.5, "pitch_deg": 0.4}
POSE = {"lon_deg": 115.62, "lat_deg": 33.16, "heading_deg": 10.0, "pitch_deg": -60.0}


@dataclasses.dataclass(frozen=True)
class Desk:
    """A machine with a clip and a model."""

    folder: Path
    settings: Settings
    request: WatchRequest

    def watching(self, **changes: object) -> Watching:
        """Prepare the request with some changes, and let go of the source."""
        watching = prepare(dataclasses.replace(self.request, **changes), self.settings, NOW)  # type: ignore[arg-type]
        watching.source.close()
        return watching


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A machine with a clip and a model, and without a county."""
    clip = write_clip(tmp_path / "gate.mp4", 5)
    os.utime(clip, (1_700_000_000, 1_700_000_000))
    request = WatchRequest(str(clip), str(car_detector(tmp_path / "car")))
    return Desk(tmp_path, Settings(tmp_path / "home"), request)


@pytest.fixture
def county_desk(desk: Desk) -> Desk:
    """The same with the county of four cells."""
    keep_county(small_county(), desk.settings)
    return desk


def write_telemetry(clip: Path) -> None:
    """Write two poses beside a clip."""
    header = {"camera": CAMERA, "errors": ERRORS, "start_utc": "2026-05-01T08:00:00+00:00"}
    rows = [{"time_s": t, "height_ground_m": 40.0, "roll_deg": 0.0} | POSE for t in (0.0, 1.0)]
    lines = "\n".join(json.dumps(each) for each in (header, *rows))
    clip.with_suffix(".telemetry.jsonl").write_text(lines + "\n")


def write_flight_log(path: Path, **more: object) -> Path:
    """Write a flight log of one second."""
    header = {
        "format": LOG_FORMAT,
        "version": LOG_VERSION,
        "start_utc": "2026-05-01T08:00:00+00:00",
        "start_time_boot_s": 100.0,
        **more,
    }
    row = {
        **POSE,
        "alt_amsl_m": 70.0,
        "height_home_m": 40.0,
        "roll_deg": 0.0,
    }
    gimbal = {"gimbal_pitch_deg": -55.0, "gimbal_heading_deg": None}
    lines = [header, *({"time_boot_s": t, **row, **gimbal} for t in (100.0, 101.0))]
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return path


def test_a_clip_alone_is_a_fixed_camera_that_is_its_own_place(desk: Desk) -> None:
    """No poses, no cells; the file's name is source and place, its time the time it began."""
    watching = desk.watching()
    assert not watching.has_poses
    assert (watching.place, watching.settings.source_name) == ("gate.mp4", "gate.mp4")
    assert watching.settings.start_utc == datetime.fromtimestamp(1_700_000_000, UTC)
    assert watching.ground.grid is not None
    assert watching.ground.grid.cells == ()
    assert watching.detector.class_names == ("person", "car", "fire")


def test_the_operators_names_are_used(desk: Desk) -> None:
    """Source and pass."""
    watching = desk.watching(source="gate-1", pass_id="morning")
    assert (watching.settings.source_name, watching.place) == ("gate-1", "gate-1")
    assert watching.settings.pass_id == "morning"


def test_the_same_clip_is_the_same_pass(desk: Desk) -> None:
    """Another pace, other rules, another content or another model is another pass."""
    first = desk.watching().settings.pass_id
    assert desk.watching().settings.pass_id == first
    assert desk.watching(analysed_fps=5.0).settings.pass_id != first
    write_clip(desk.folder / "gate.mp4", 6)
    assert desk.watching().settings.pass_id != first


def test_a_camera_is_taken_to_stand_unless_the_person_says_that_it_moves(desk: Desk) -> None:
    """What is followed otherwise is tracked otherwise: another pass."""
    standing, moving = desk.watching(), desk.watching(moving_camera=True)
    assert (standing.settings.moving_camera, moving.settings.moving_camera) == (False, True)
    assert standing.settings.pass_id != moving.settings.pass_id


def test_a_declared_cell_or_place_needs_no_other_place(county_desk: Desk) -> None:
    """The report has a cell or a position then."""
    by_cell, by_place = (
        county_desk.watching(cell=CODES[0]),
        county_desk.watching(at=LonLat(115.62, 33.16)),
    )
    assert (by_cell.place, by_place.place) == ("", "")
    assert by_cell.ground.place.cell_code == CODES[0]
    assert by_place.ground.place.position == LonLat(115.62, 33.16)


def test_a_cell_that_the_county_does_not_have_is_told(county_desk: Desk) -> None:
    """A slip in fifteen digits would send people to the wrong village."""
    with pytest.raises(GroundError, match="341299001001999"):
        county_desk.watching(cell="341299001001999")


def test_telemetry_beside_a_clip_is_used(county_desk: Desk) -> None:
    """Its camera, its poses and its clock."""
    write_telemetry(county_desk.folder / "gate.mp4")
    watching = county_desk.watching()
    assert watching.has_poses
    assert watching.ground.camera is not None
    assert watching.ground.camera.name == "demo-1280"
    assert watching.settings.start_utc == datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert watching.ground.pose_at is not None
    assert watching.ground.pose_at(0.5).height_ground_m == 40.0


def test_a_flight_log_is_used(county_desk: Desk) -> None:
    """The clip's time is the autopilot's; time 0 is when that was switched on."""
    keys = {f"camera_{key}": value for key, value in CAMERA.items() if key != "name"}
    path = write_flight_log(county_desk.folder / "f.jsonl", camera="demo-1280", **keys)
    watching = county_desk.watching(flight_log=path)
    assert watching.has_poses
    assert watching.ground.camera is not None
    assert watching.ground.camera.width_px == 1280
    assert watching.ground.camera.focal_error_share > 0.0
    assert watching.settings.start_utc == datetime(2026, 5, 1, 7, 58, 20, tzinfo=UTC)
    assert watching.settings.pass_id == "20261121T080000Z"


def test_a_film_that_starts_in_flight_is_laid_against_the_log(county_desk: Desk) -> None:
    """The first frame's time on the autopilot's clock moves poses and times alike."""
    keys = {f"camera_{key}": value for key, value in CAMERA.items() if key != "name"}
    path = write_flight_log(county_desk.folder / "f.jsonl", camera="demo-1280", **keys)
    watching = county_desk.watching(flight_log=path, film_starts_s=100.0)
    assert watching.ground.pose_at is not None
    assert watching.ground.pose_at(0.0).time_s == 100.0
    assert watching.settings.start_utc == datetime(2026, 5, 1, 8, tzinfo=UTC)


def test_a_flight_log_may_be_named_as_poses(county_desk: Desk) -> None:
    """The same as --flight-log; what completes other telemetry has no place there."""
    keys = {f"camera_{key}": value for key, value in CAMERA.items() if key != "name"}
    path = write_flight_log(county_desk.folder / "f.flight.jsonl", camera="demo-1280", **keys)
    watching = county_desk.watching(poses=PoseRequest(poses=str(path)), film_starts_s=100.0)
    assert watching.has_poses
    with pytest.raises(UsageError, match="A flight log tells poses whole"):
        county_desk.watching(poses=PoseRequest(poses=str(path), gimbal_pitch_deg=-60.0))


def test_the_beginning_of_a_film_goes_with_a_flight_log(desk: Desk) -> None:
    """Without one there is nothing that it could be laid against."""
    with pytest.raises(UsageError, match="--film-start lays a film against a flight log"):
        desk.watching(film_starts_s=5.0)


@pytest.mark.parametrize(("fps", "is_told"), [(0.2, True), (1.0, False), (0.0, False)])
def test_who_looks_too_seldom_to_follow_anything_is_told(
    desk: Desk, fps: float, is_told: bool
) -> None:
    """Tracks end after two seconds unseen."""
    said = desk.watching(analysed_fps=fps).notice
    assert ("hardly anything is followed" in said) == is_told


def test_frames_by_the_way_over_the_ground_need_poses(desk: Desk) -> None:
    """Who hovers is looked at seldom; without poses nobody knows who does."""
    with pytest.raises(UsageError, match=r"--every-metres, every_m\) need the camera's poses"):
        desk.watching(every_m=4.0)
    clip = write_clip(desk.folder / "gate.mp4", 20)
    write_telemetry(clip)
    watching = prepare(dataclasses.replace(desk.request, every_m=4.0), desk.settings, NOW)
    times_s = [frame.time_s for frame in watching.source]
    assert times_s[:2] == [0.0, 1.0]
    assert watching.settings.pass_id != desk.watching().settings.pass_id


def test_poses_of_a_foreign_film_do_not_borrow_the_sample_county(desk: Desk) -> None:
    """Its places are somewhere else in the world: a place, and no cell."""
    (desk.folder / "gate.srt").write_text(srt(GIMBAL, step_ms=500))
    watching = desk.watching()
    assert watching.has_poses
    assert watching.ground.grid is not None
    assert watching.ground.grid.cells == ()
    assert "Poses from" in watching.notice
    assert "a place and no cell" in watching.notice


def test_poses_completed_otherwise_are_another_pass(desk: Desk) -> None:
    """The same film located otherwise is judged anew."""
    (desk.folder / "gate.srt").write_text(srt(GIMBAL, step_ms=500))
    first, moved = (
        desk.watching(poses=PoseRequest(offset_s=offset)).settings.pass_id for offset in (0.0, 0.5)
    )
    assert first != moved


def test_a_flight_takes_what_is_said_of_its_camera(county_desk: Desk) -> None:
    """A calibration, terms, or a field of view in place of what the log names; for the film."""
    keys = {f"camera_{key}": value for key, value in CAMERA.items() if key != "name"}
    path = write_flight_log(county_desk.folder / "f.jsonl", camera="demo-1280", **keys)

    def camera(**said: Any) -> Camera:
        watching = county_desk.watching(flight_log=path, poses=PoseRequest(**said))
        assert watching.ground.camera is not None
        return watching.ground.camera

    film_px = camera(hfov_deg=60.0).size_wh_px
    assert film_px == shown_size_px(county_desk.folder / "gate.mp4")
    board = write_calibration(
        county_desk.folder / "board.yml",
        image_width=10 * film_px[0],
        image_height=10 * film_px[1],
        camera_matrix=np.array(
            [[1000.0, 0.0, 5.0 * film_px[0]], [0.0, 1000.0, 5.0 * film_px[1]], [0.0, 0.0, 1.0]]
        ),
    )
    calibrated = camera(distortion=board)
    assert (calibrated.size_wh_px, calibrated.k1, calibrated.p2) == (film_px, -0.1, -2e-3)
    assert calibrated.focal_px == pytest.approx(100.0)
    assert camera(distortion=(-0.1, 0.0, 0.0, 0.0, 0.0)).k1 == -0.1
    assert camera(focal_error_share=0.02).focal_error_share == 0.02
    assert camera(hfov_deg=60.0).hfov_deg == 60.0


def test_a_calibration_comes_with_its_flight(county_desk: Desk) -> None:
    """Nothing has to be said again, and how sure it is stays as it was stated."""
    keys = {f"camera_{key}": value for key, value in CAMERA.items() if key != "name"}
    known = {"k1": -0.1, "p1": 1e-3, "k3": 3e-3, "focal_error_share": 0.003}
    path = write_flight_log(
        county_desk.folder / "f.jsonl", camera="heron", **keys, camera_calibration=known
    )
    camera = county_desk.watching(flight_log=path).ground.camera
    assert camera is not None
    assert camera.calibration == known


def test_a_flight_log_without_its_camera_is_told(county_desk: Desk) -> None:
    """Without the lens nothing can be located."""
    path = write_flight_log(county_desk.folder / "f.jsonl")
    with pytest.raises(PoseError, match="does not name the camera"):
        county_desk.watching(flight_log=path)


def test_a_flight_needs_its_county(desk: Desk) -> None:
    """A located sighting belongs to a cell."""
    keys = {f"camera_{key}": value for key, value in CAMERA.items() if key != "name"}
    path = write_flight_log(desk.folder / "f.jsonl", camera="demo-1280", **keys)
    with pytest.raises(NoCountyError, match="give one with `patrol grid import FILE`"):
        desk.watching(flight_log=path)


def test_a_clip_with_telemetry_is_tried_over_the_sample_county(desk: Desk) -> None:
    """The shipped clips work with nothing else, and the person is told whose cells these are."""
    write_telemetry(desk.folder / "gate.mp4")
    watching = desk.watching()
    assert watching.ground.grid is not None
    assert len(watching.ground.grid.cells) == 4747
    assert "those of the sample county" in watching.notice


def test_the_virtual_camera_needs_a_flight(county_desk: Desk) -> None:
    """It films from a simulated flight, over the sample county."""
    with pytest.raises(UsageError, match="--flight-log"):
        county_desk.watching(address="virtual:truth.jsonl")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"address": "nowhere.mp4"}, SourceError),
        ({"model": "nothing"}, ModelError),
        ({"rules": Path("nowhere.yaml")}, RulesError),
    ],
)
def test_what_is_not_there_is_told(
    desk: Desk, changes: dict[str, object], error: type[VisionError | PatrolError]
) -> None:
    """Source, model and rules, each by its own kind of error."""
    with pytest.raises(error):
        desk.watching(**changes)


def test_the_engine_is_set_as_asked(desk: Desk) -> None:
    """Input width and tiles reach the detector."""
    whole = desk.watching(input_width_px=320)
    tiled = desk.watching(tile_px=80)
    size = (160, 96)
    assert whole.detector.letterboxes_for(size)[0].input_wh_px[0] == 320  # type: ignore[attr-defined]
    assert len(tiled.detector.letterboxes_for(size)) > 1  # type: ignore[attr-defined]


def test_a_device_that_takes_minutes_at_first_is_told_of(desk: Desk) -> None:
    """Before the first frame, so that nobody takes it for a fault."""
    asked: list[EngineSettings] = []

    def detector(_: ModelFiles, engine: EngineSettings) -> ScriptedDetector:
        asked.append(engine)
        return ScriptedDetector({})

    notices = [
        prepare(
            dataclasses.replace(desk.request, device=device),
            desk.settings,
            NOW,
            Tools(detector=detector),
        ).notice
        for device in ("tensorrt:0", "cuda:0")
    ]
    assert "tensorrt:0 builds an engine of the model" in notices[0]
    assert "minutes" not in notices[1]
    assert [each.device for each in asked] == ["tensorrt:0", "cuda:0"]


def test_a_device_that_cannot_run_the_model_is_told(desk: Desk) -> None:
    """Before anything is watched."""
    with pytest.raises(DeviceError, match="is kept in OpenVINO's own form"):
        desk.watching(device="cuda:0")


@pytest.mark.parametrize("address", ["", "  "])
def test_a_source_has_a_name(desk: Desk, address: str) -> None:
    """An unset variable in a script is not the folder that it runs in."""
    with pytest.raises(UsageError, match="has no name"):
        desk.watching(address=address)


@pytest.mark.parametrize("pattern", ["", "*.mp4"])
def test_a_folder_of_films_is_told_to_be_many_sources(desk: Desk, pattern: str) -> None:
    """Each film is a pass of its own; the sentence says what to write."""
    kind = "glob" if pattern else "directory"
    with pytest.raises(UsageError, match=rf"1 are there, gate.mp4.*{kind}: "):
        desk.watching(address=str(desk.folder / pattern))


@pytest.fixture
def stream(tmp_path: Path) -> str:
    """The address of a stream that brings telemetry, for two who connect."""
    told = [(second, packet(second).data) for second in (0.0, 1.0, 2.0)]
    film = write_film(tmp_path / "uav.ts", told, "klv").read_bytes()
    return serve(film, times=2)[1]


def test_a_stream_tells_where_its_camera_is(desk: Desk, stream: str) -> None:
    """Over the ground that the operator names, and is told of."""
    poses = PoseRequest(ground_alt_amsl_m=30.0)
    request = dataclasses.replace(desk.request, address=stream, poses=poses, never_drops=True)
    watching = prepare(request, desk.settings, NOW)
    frame = next(iter(watching.source))
    assert watching.ground.pose_at is not None
    assert watching.has_streams_poses
    pose = watching.ground.pose_at(frame.time_s)
    watching.source.close()
    assert (pose.position.lon_deg, pose.position.lat_deg) == pytest.approx((115.62, 33.16))
    assert pose.height_ground_m == pytest.approx(80.0, abs=0.2)
    assert watching.settings.start_utc == NOW
    assert "height above sea level over the terrain" in watching.notice
    assert "sightings have a place and no cell" in watching.notice


def test_telemetry_of_a_stream_that_is_not_enough_is_told_of(desk: Desk, stream: str) -> None:
    """What would help is said; silence would make a camera that stands of one that flies."""
    watching = desk.watching(address=stream)
    standing = desk.watching(address=stream, poses=PoseRequest(poses="none"))
    assert watching.notice.startswith("The stream brings MISB telemetry")
    assert "--ground-alt" in watching.notice
    assert (watching.settings.aloft, watching.has_poses) == (True, False)
    assert (standing.settings.aloft, standing.notice) == (False, "")


def test_what_no_stream_tells_is_not_completed(desk: Desk) -> None:
    """Options that would be passed over are refused; the stream is let go of."""
    _, address = serve(write_film(desk.folder / "plain.ts", []).read_bytes(), times=1)
    with pytest.raises(PoseError, match="no telemetry that is read comes with it"):
        desk.watching(address=address, poses=PoseRequest(hfov_deg=70.0))


def test_a_stream_is_let_go_of_when_its_cell_is_unknown(county_desk: Desk) -> None:
    """Its reader would go on for ever."""
    told = [(second, packet(second).data) for second in (0.0, 1.0, 2.0)]
    film = write_film(county_desk.folder / "uav.ts", told, "klv").read_bytes()
    _, address = serve(film, times=1, on=True)
    with pytest.raises(GroundError):
        county_desk.watching(address=address, cell="nowhere")
    assert not any(thread.name == "packet-reader" for thread in threading.enumerate())
