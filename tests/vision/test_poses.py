import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.errors import PoseError
from vision.poses import read_telemetry, telemetry_beside

HEADER = {
    "camera": {"name": "demo-1280", "width_px": 1280, "height_px": 720, "hfov_deg": 70.0},
    "errors": {"horizontal_m": 0.6, "vertical_m": 0.3, "heading_deg": 1.5, "pitch_deg": 0.4},
    "start_utc": "2026-05-01T02:00:00+00:00",
}


def row(time_s: float, **changes: float) -> dict[str, float]:
    """A pose line that flies east by a metre or so a second."""
    made = {
        "time_s": time_s,
        "lon_deg": 115.62 + time_s * 1e-5,
        "lat_deg": 33.16,
        "height_ground_m": 40.0,
        "heading_deg": 350.0,
        "pitch_deg": -60.0,
        "roll_deg": 0.0,
    }
    return {**made, **changes}


def write(folder: Path, *lines: object) -> Path:
    """Write lines as JSON, strings as they are."""
    path = folder / "clip.telemetry.jsonl"
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return path


def test_poses_between_the_records_are_interpolated(tmp_path: Path) -> None:
    """Half-way in time is half-way in place, with the stated errors."""
    telemetry = read_telemetry(write(tmp_path, HEADER, row(0), row(1)))
    pose = telemetry.pose_at(0.5)
    assert pose.position.lon_deg == pytest.approx(115.620005)
    assert pose.pitch_deg == -60
    assert pose.errors.heading_deg == 1.5
    assert telemetry.camera.width_px == 1280
    assert telemetry.start_utc.isoformat() == HEADER["start_utc"]


def test_cameras_and_errors_may_be_told_whole(tmp_path: Path) -> None:
    """An axis beside the middle, and errors that wander."""
    camera = {**HEADER["camera"], "p1": 1e-3, "centre_x_px": 650.0, "focal_error_share": 0.01}  # type: ignore[dict-item]
    errors = {**HEADER["errors"], "bias_share": 0.0, "correlation_s": 10.0}  # type: ignore[dict-item]
    header = {**HEADER, "camera": camera, "errors": errors}
    telemetry = read_telemetry(write(tmp_path, header, row(0), row(1)))
    assert telemetry.camera.centre_px == (650.0, 360.0)
    assert telemetry.pose_at(0.5).errors.correlation_s == 10.0
    header["errors"] = {**errors, "correlation_s": 0}
    with pytest.raises(PoseError, match=r"line 1: .* seconds above zero"):
        read_telemetry(write(tmp_path, header, row(0), row(1)))


def test_headings_turn_the_short_way_round(tmp_path: Path) -> None:
    """From 350 to 10 degrees the middle is north."""
    telemetry = read_telemetry(write(tmp_path, HEADER, row(0), row(1, heading_deg=10.0)))
    assert telemetry.pose_at(0.5).heading_deg % 360 == pytest.approx(0.0, abs=1e-9)


@given(st.floats(0, 359.99), st.floats(0, 359.99), st.floats(0, 1))
def test_no_interpolated_heading_lies_outside_the_short_arc(
    tmp_path_factory: pytest.TempPathFactory, first: float, second: float, share: float
) -> None:
    """The heading between two records is never further from them than they are apart."""
    folder = tmp_path_factory.mktemp("poses")
    lines = (row(0, heading_deg=first), row(1, heading_deg=second))
    heading = read_telemetry(write(folder, HEADER, *lines)).pose_at(share).heading_deg

    def apart(a: float, b: float) -> float:
        return abs((a - b + 180) % 360 - 180)

    assert apart(heading, first) <= apart(first, second) + 1e-6
    assert apart(heading, second) <= apart(first, second) + 1e-6


def test_outside_the_record_there_is_no_pose(tmp_path: Path) -> None:
    """A fifth of a second beyond the ends is tolerated, more is not."""
    telemetry = read_telemetry(write(tmp_path, HEADER, row(0), row(1)))
    assert telemetry.pose_at(1.1).position.lon_deg == pytest.approx(115.62001)
    with pytest.raises(PoseError, match=r"from 0\.0 to 1\.0 s, none at 1\.5 s"):
        telemetry.pose_at(1.5)


def test_a_gap_is_not_guessed_across(tmp_path: Path) -> None:
    """Five seconds without a record are five seconds without a pose."""
    telemetry = read_telemetry(write(tmp_path, HEADER, row(0), row(1), row(6), row(7)))
    with pytest.raises(PoseError, match=r"no poses between 1\.0 and 6\.0 s"):
        telemetry.pose_at(3.0)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([HEADER], "holds no poses"),
        ([{**HEADER, "camera": None}, row(0)], "line 1: the header needs"),
        ([{**HEADER, "start_utc": "2026-05-01T02:00:00"}, row(0)], "must name its time zone"),
        ([HEADER, row(0), "{broken"], "line 3: is not JSON"),
        ([HEADER, "[1, 2]"], "line 2: is not a JSON object"),
        ([HEADER, {"time_s": 0}], "'lon_deg' is missing or wrong"),
        ([HEADER, row(1), row(1)], "does not come after the last"),
        ([HEADER, row(0, pitch_deg=float("nan"))], "not a number"),
    ],
)
def test_broken_files_are_refused_with_the_line(
    tmp_path: Path, lines: list[object], message: str
) -> None:
    """The error names the file and the line."""
    with pytest.raises(PoseError, match=message) as caught:
        read_telemetry(write(tmp_path, *lines))
    assert "clip.telemetry.jsonl" in str(caught.value)


def test_the_telemetry_of_a_clip_lies_beside_it(tmp_path: Path) -> None:
    """It is found by the clip's name, and missing it is no error."""
    assert telemetry_beside(tmp_path / "clip.mp4") is None
    path = write(tmp_path, HEADER, row(0))
    assert telemetry_beside(tmp_path / "clip.mp4") == path


def test_a_missing_file_is_named() -> None:
    """A wrong path is said to be one."""
    with pytest.raises(PoseError, match="cannot be read"):
        read_telemetry(Path("/nowhere.telemetry.jsonl"))


@pytest.mark.parametrize("address", ["", ".", "/"])
def test_beside_what_has_no_name_lies_nothing(address: str) -> None:
    """An empty argument and a root folder are no clips."""
    assert telemetry_beside(Path(address)) is None
