"""Tests of `vision.telemetry.pose_table`."""

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.errors import PoseError
from vision.telemetry.pose_table import parse_pose_map, read_pose_table
from vision.telemetry.track import HeightAbove

MAP = "time=t,lat=LAT,lon=LON,height_take_off=H,heading=Y,pitch=P"
TABLE = (
    "t,LAT,LON,H,Y,P\n0,33.16,115.62,40,350,-60\n0.5,33.1601,115.62,41,,-60\n"
    "1,33.1602,115.62,42,10,-60\n"
)


def write(folder: Path, text: str) -> Path:
    """A table with some content."""
    path = folder / "poses.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_mean_what_the_mapping_says(tmp_path: Path) -> None:
    """Heights say by their name what they are measured from; empty cells are not told."""
    track = read_pose_table(write(tmp_path, TABLE), parse_pose_map(MAP))
    assert track.time_s.tolist() == [0.0, 0.5, 1.0]
    assert track.lat_deg[2] == 33.1602
    assert track.heights[HeightAbove.TAKE_OFF].values_m.tolist() == [40.0, 41.0, 42.0]
    assert track.heading_deg is not None
    assert track.heading_deg[1] != track.heading_deg[1]
    assert (track.roll_deg, track.hfov_deg) == (None, None)


def test_factors_turn_units(tmp_path: Path) -> None:
    """Milliseconds, feet, and a tilt that counts the other way."""
    table = "ms,LAT,LON,FT,TILT\n0,33,115,100,60\n500,33,115,200,60\n"
    text = "time=ms*0.001,lat=LAT,lon=LON,alt_sea_level=FT*0.3048,pitch=TILT*-1"
    track = read_pose_table(write(tmp_path, table), parse_pose_map(text))
    assert track.time_s.tolist() == [0.0, 0.5]
    assert track.heights[HeightAbove.SEA_LEVEL].values_m.tolist() == pytest.approx([30.48, 60.96])
    assert track.pitch_deg is not None
    assert track.pitch_deg[0] == -60.0


def test_a_mapping_file_may_say_errors_and_when_the_film_begins(tmp_path: Path) -> None:
    """Moments of the world are laid against that beginning."""
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "columns: {utc: at, lat: LAT, lon: LON, alt_ellipsoid: H}\n"
        "errors: {horizontal_m: 0.05, vertical_m: 0.1}\n"
        "start_utc: 2026-05-01T02:00:00Z\n"
    )
    table = "at,LAT,LON,H\n2026-05-01T02:00:01Z,33,115,60\n2026-05-01T10:00:02+08:00,33,115,60\n"
    track = read_pose_table(write(tmp_path, table), parse_pose_map(str(mapping)))
    assert track.time_s.tolist() == [1.0, 2.0]
    assert track.errors.horizontal_m == 0.05
    assert track.heights[HeightAbove.ELLIPSOID].sigma_m == 0.1
    assert track.start_utc == datetime(2026, 5, 1, 2, tzinfo=UTC)


def test_without_a_stated_beginning_the_first_moment_is_it(tmp_path: Path) -> None:
    """As most loggers start with the film."""
    table = "at,LAT,LON,H\n2026-05-01T02:00:01Z,33,115,60\n2026-05-01T02:00:02Z,33,115,60\n"
    mapping = parse_pose_map("utc=at,lat=LAT,lon=LON,height_ground=H")
    track = read_pose_table(write(tmp_path, table), mapping)
    assert track.time_s.tolist() == [0.0, 1.0]
    assert track.start_utc == datetime(2026, 5, 1, 2, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time=t,lat=LAT,lon=LON", "a height by what it is measured from"),
        ("time=t,lat=LAT,lon=LON,height=H", "names 'height'; it may name"),
        ("time=t,utc=u,lat=LAT,lon=LON,height_ground=H", "one of time, utc"),
        ("time=t,lon=LON,height_ground=H", "must name lat and lon"),
        ("nonsense", "names 'nonsense'"),
        ("nowhere.yaml", "cannot be read as a mapping"),
    ],
)
def test_a_mapping_that_leaves_a_choice_is_refused(text: str, message: str) -> None:
    """Above all one that does not say what a height is measured from."""
    with pytest.raises(PoseError, match=message):
        parse_pose_map(text)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("t,LAT,LON,H,Y\n0,33,115,40,0\n", "no column 'P' for pitch; it has t, LAT, LON, H, Y"),
        (TABLE.replace("33.1601", "north"), "line 3: 'north' is no number"),
        (TABLE.replace("33.1601", "inf"), "line 3: 'inf' is no number"),
        ("t,LAT,LON,H,Y,P\n", "holds no rows"),
        (
            TABLE.replace("\n1,", "\n0.2,"),
            "line 4: its time '0.2' is not .* '0.5' of line 3",
        ),
        (TABLE.replace("\n1,", "\n0.5,"), "line 4: .* line 3; sort the rows by time and keep one"),
        (TABLE.replace("\n0.5,33.1601", "\n\n0.5,north"), "line 4: 'north' is no number"),
        (TABLE.replace("33.16,", "133.16,"), "not on Earth"),
    ],
)
def test_what_is_wrong_in_a_table_is_named(tmp_path: Path, table: str, message: str) -> None:
    """With its line where there is one."""
    with pytest.raises(PoseError, match=message):
        read_pose_table(write(tmp_path, table), parse_pose_map(MAP))


def test_a_moment_without_its_zone_is_none(tmp_path: Path) -> None:
    """Eight hours off is another flight."""
    table = "at,LAT,LON,H\n2026-05-01T02:00:01,33,115,60\n"
    with pytest.raises(PoseError, match="must name its time zone"):
        read_pose_table(
            write(tmp_path, table), parse_pose_map("utc=at,lat=LAT,lon=LON,height_ground=H")
        )


def test_moments_out_of_order_are_named(tmp_path: Path) -> None:
    """Rows without a place are left out, whenever they are."""
    table = "at,LAT,LON,H\n2026-05-01T02:00:02Z,33,115,60\n2026-05-01T02:00:01Z,,115,60\n"
    wrong = f"{table}2026-05-01T10:00:01+08:00,33,115,60\n"
    mapping = parse_pose_map("utc=at,lat=LAT,lon=LON,height_ground=H")
    with pytest.raises(PoseError, match=r"line 4: its time '2026-05-01T10:00:01\+08:00' .*line 2;"):
        read_pose_table(write(tmp_path, wrong), mapping)
    right = f"{table}2026-05-01T02:00:03Z,33,115,60\n"
    assert read_pose_table(write(tmp_path, right), mapping).time_s.tolist() == [0.0, 1.0]


def test_rows_before_the_first_fix_tell_no_place(tmp_path: Path) -> None:
    """Zero and zero lies in the sea off Africa, and nobody flew from there within a second."""
    table = TABLE.replace("0,33.16,115.62,", "0,0.0,0,", 1)
    track = read_pose_table(write(tmp_path, table), parse_pose_map(MAP))
    assert track.time_s.tolist() == [0.5, 1.0]


@pytest.mark.parametrize(("spec", "notes"), [("P", 1), ("P*-1", 0)])
def test_a_camera_that_would_look_up_is_told_of(tmp_path: Path, spec: str, notes: int) -> None:
    """Gimbals that count down as positive locate nothing, and their owner should know why."""
    table = TABLE.replace("-60", "60")
    mapping = parse_pose_map(MAP.replace("pitch=P", f"pitch={spec}"))
    track = read_pose_table(write(tmp_path, table), mapping)
    assert len(track.notes) == notes
    assert all("map it as COLUMN*-1" in note for note in track.notes)


def test_an_angle_that_no_row_tells_is_not_told(tmp_path: Path) -> None:
    """So that it is asked for, where an empty column would leave every moment unknown."""
    table = TABLE.replace(",-60", ",").replace("350", "").replace(",10,", ",,")
    track = read_pose_table(write(tmp_path, table), parse_pose_map(MAP))
    assert (track.heading_deg, track.pitch_deg) == (None, None)


@given(st.binary(max_size=200))
def test_garbage_gives_typed_errors_only(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    """Whatever lies under the line of names."""
    path = tmp_path_factory.mktemp("tables") / "poses.csv"
    path.write_bytes(b"t,LAT,LON,H,Y,P\n" + data)
    with contextlib.suppress(PoseError):
        read_pose_table(path, parse_pose_map(MAP))


@given(st.text(max_size=60))
def test_any_text_as_a_mapping_gives_typed_errors_only(text: str) -> None:
    """People mistype."""
    with contextlib.suppress(PoseError):
        parse_pose_map(text)
