"""Tests of `vision.telemetry.dji_srt`: one sample of each family of firmware."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.errors import PoseError
from vision.telemetry.dji_srt import decode, dji_srt_track, is_dji_srt
from vision.telemetry.track import HeightAbove

MODERN = (
    '<font size="28">FrameCnt: {n}, DiffTime: 33ms\n2026-05-01 12:27:52.373\n[iso: 100] '
    "[shutter: 1/640.0] [fnum: 1.7] [ev: 0] [focal_len: 24.00] [latitude: 33.160001] [longitude: "
    "115.62000{n}] [rel_alt: 40.100 abs_alt: 72.300] [ct: 5500] </font>"
)
GIMBAL = (
    "[focal_len: 480.00] [dzoom_ratio: 1.18], [latitude: 33.16] [longitude: 115.62] [rel_alt: 61.7 "
    "abs_alt: 90.5] [gb_yaw: -130.5 gb_pitch: -26.5 gb_roll: 0.1]"
)
ENTERPRISE = (
    "[fov_h:48.10,fov_v:38.40,focal_len:9.10]\n[latitude: 33.16] [longitude: 115.62]\n"
    "[altitude: 80.5] [abs_alt: 130.5]\n[gb_yaw: 45.0,gb_pitch: -90.0,gb_roll: 0.0]\n"
    "[home_latitude: 33.15] [home_longitude: 115.61]"
)
MISSPELT = "[iso : 100] [latitude : 33.16] [longtitude : 115.62] [altitude: 213.98]"
LEGACY = (
    "HOME(115.6100,33.1500) 2017.08.05 14:11:5{n}\n"
    "GPS(115.6200,33.1600,16) BAROMETER:1.9\nISO:100 Shutter:60"
)
MAVIC_MINI = (
    "F/2.8, SS 320.00, ISO 100, EV 0, GPS (115.6200, 33.1600, 20), D 2.42m, H 85.80m, "
    "H.S 0.10m/s, V.S 0.00m/s"
)
MATRICE = "GPS(33.1600,115.6200,0.0M) BAROMETER:43.6M"


def srt(block: str, count: int = 3, step_ms: int = 33) -> str:
    """A file of the same block again and again, {n} being its number."""
    cues = []
    for n in range(count):
        start, end = (
            f"00:00:{ms // 1000:02d},{ms % 1000:03d}" for ms in (n * step_ms, (n + 1) * step_ms)
        )
        cues.append(f"{n + 1}\n{start} --> {end}\n{block.format(n=n)}\n")
    return "\n".join(cues)


@pytest.mark.parametrize(
    ("block", "above", "height_m"),
    [
        (MODERN, HeightAbove.TAKE_OFF, 40.1),
        (GIMBAL, HeightAbove.TAKE_OFF, 61.7),
        (ENTERPRISE, HeightAbove.TAKE_OFF, 80.5),
        (MISSPELT, HeightAbove.UNSTATED, 213.98),
        (LEGACY, HeightAbove.TAKE_OFF, 1.9),
        (MAVIC_MINI, HeightAbove.TAKE_OFF, 85.8),
        (MATRICE, HeightAbove.TAKE_OFF, 43.6),
    ],
)
def test_every_family_tells_its_place_and_height(
    block: str, above: HeightAbove, height_m: float
) -> None:
    """Longitude and latitude are not exchanged; a height says what it is measured from."""
    track = dji_srt_track("DJI_0001.SRT", srt(block))
    assert track.lon_deg[0] == pytest.approx(115.62)
    assert track.lat_deg[0] == pytest.approx(33.16, abs=2e-6)
    assert track.heights[above].values_m[0] == pytest.approx(height_m)


@pytest.mark.parametrize(
    ("said", "zoom"),
    [
        ("[dzoom_ratio: 1.00]", 1.0),
        ("[dzoom_ratio: 10000, delta:0]", 1.0),
        ("[dzoom_ratio: 2.00]", 2.0),
        ("[dzoom_ratio: 20000, delta:0]", 2.0),
        ("[dzoom_ratio: 0]", 1.0),
    ],
)
def test_a_digital_zoom_narrows_the_view(said: str, zoom: float) -> None:
    """The focal length is the lens's alone, so what is zoomed twice is half as far aside."""
    hfov_deg = dji_srt_track("DJI_0001.SRT", srt(f"{said} {MODERN}")).hfov_deg
    plain = dji_srt_track("DJI_0001.SRT", srt(MODERN)).hfov_deg
    assert hfov_deg is not None
    assert plain is not None
    ratio = math.tan(math.radians(plain[0] / 2)) / math.tan(math.radians(hfov_deg[0] / 2))
    assert ratio == pytest.approx(zoom)


def test_gimbal_angles_are_the_cameras() -> None:
    """Where they are told."""
    track = dji_srt_track("DJI_0001.SRT", srt(GIMBAL))
    assert track.heading_deg is not None
    assert track.pitch_deg is not None
    assert track.heading_of == "camera"
    assert (track.heading_deg[0], track.pitch_deg[0]) == (-130.5, -26.5)
    assert dji_srt_track("DJI_0001.SRT", srt(MODERN)).heading_deg is None


def test_absolute_heights_are_hardly_trusted() -> None:
    """A barometer set at power-up may be tens of metres off; the height over home is not."""
    heights = dji_srt_track("DJI_0001.SRT", srt(MODERN)).heights
    assert heights[HeightAbove.SEA_LEVEL].values_m[0] == 72.3
    assert heights[HeightAbove.SEA_LEVEL].sigma_m > 5 * heights[HeightAbove.TAKE_OFF].sigma_m


def test_fields_of_view_follow_from_what_is_told() -> None:
    """An angle as it is; else the focal length as of full-frame film, tenfold in older files."""
    told = dji_srt_track("a.SRT", srt(ENTERPRISE)).hfov_deg
    plain = dji_srt_track("a.SRT", srt(MODERN)).hfov_deg
    tenfold = dji_srt_track("a.SRT", srt(MODERN.replace("24.00", "240"))).hfov_deg
    assert told is not None
    assert plain is not None
    assert told[0] == 48.1
    assert plain[0] == pytest.approx(76.3, abs=0.1)
    assert tenfold == pytest.approx(plain)


def test_home_is_known_where_it_is_told() -> None:
    """By either family."""
    for block in (LEGACY, ENTERPRISE):
        home = dji_srt_track("a.SRT", srt(block)).home
        assert home is not None
        assert (home.lon_deg, home.lat_deg) == (115.61, 33.15)


def test_coarse_positions_say_how_coarse() -> None:
    """Four decimals are steps of 11 m, once a second."""
    legacy = dji_srt_track("a.SRT", srt(LEGACY, step_ms=1000)).errors
    modern = dji_srt_track("a.SRT", srt(MODERN)).errors
    assert legacy.horizontal_m == pytest.approx(math.hypot(2.0, 11.132 / math.sqrt(12)), abs=1e-3)
    assert modern.horizontal_m == pytest.approx(2.0, abs=1e-3)
    assert (legacy.clock_s, modern.clock_s) == (0.5, 0.05)


def test_without_timing_lines_the_aircrafts_clock_tells_the_time() -> None:
    """Early firmware writes none."""
    blocks = [f"{n}\n2017.08.05 14:11:5{n},393,525\n{MISSPELT}" for n in range(3)]
    assert dji_srt_track("a.SRT", "\n\n".join(blocks)).time_s == pytest.approx([0, 1, 2])


def test_commas_for_points_and_many_digits_are_whole_numbers() -> None:
    """A number that was cut at its comma would place all of it tens of kilometres away."""
    said = (
        "[focal_len: 24,00] [latitude: 33,160001] [longitude: 115.620000000000004] "
        "[rel_alt: 40,125 abs_alt: 72,300]"
    )
    track = dji_srt_track("a.SRT", srt(said))
    assert (track.lat_deg[0], track.lon_deg[0]) == (33.160001, pytest.approx(115.62))
    assert track.heights[HeightAbove.TAKE_OFF].values_m[0] == 40.125
    height = dji_srt_track("a.SRT", srt(MAVIC_MINI.replace("85.80m", "85,80m"))).heights
    assert height[HeightAbove.TAKE_OFF].values_m[0] == 85.8


def test_no_fix_yet_is_no_place() -> None:
    """Zero and zero lies in the sea off Africa."""
    text = (
        srt(MODERN)
        + "\n9\n00:00:09,000 --> 00:00:10,000\n[latitude: 0.0] [longitude: 0.0] [rel_alt: 1.0]"
    )
    assert len(dji_srt_track("a.SRT", text).time_s) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_and_line_ends_do_not_matter(encoding: str) -> None:
    """Files pass through editors of every kind."""
    data = srt(MODERN).replace("\n", "\r\n").encode(encoding)
    assert len(dji_srt_track("a.SRT", decode(data)).time_s) == 3


def test_what_people_say_in_a_film_is_no_telemetry() -> None:
    """Ordinary subtitles are left alone."""
    words = "1\n00:00:01,000 --> 00:00:02,000\nWhere are we?\n"
    assert not is_dji_srt(words)
    assert is_dji_srt(srt(LEGACY))
    with pytest.raises(PoseError, match="tells no positions"):
        dji_srt_track("a.SRT", words)


@given(st.text(max_size=300))
def test_garbage_gives_typed_errors_only(text: str) -> None:
    """Whatever stands in a block."""
    try:
        dji_srt_track("a.SRT", srt("{n}" + text.replace("{", "").replace("}", "")))
        dji_srt_track("a.SRT", text)
    except PoseError:
        pass


@given(st.binary(max_size=300), st.integers(0, 600))
def test_damaged_files_give_typed_errors_only(data: bytes, at: int) -> None:
    """Bytes in the middle of a good file."""
    whole = srt(GIMBAL).encode()
    with contextlib.suppress(PoseError):
        dji_srt_track("a.SRT", decode(whole[:at] + data + whole[at:]))


@given(
    st.floats(-179, 179).filter(lambda lon: abs(lon) > 0.01), st.floats(-89, 89),
    st.floats(-50, 500), st.floats(-180, 180), st.floats(-90, 30),
)  # fmt: skip
def test_what_is_written_is_read(
    lon: float, lat: float, height: float, yaw: float, pitch: float
) -> None:
    """To the digits that the file has."""
    block = (
        f"[latitude: {lat:.6f}] [longitude: {lon:.6f}] [rel_alt: {height:.3f} abs_alt: 9.000] "
        f"[gb_yaw: {yaw:.1f} gb_pitch: {pitch:.1f} gb_roll: 0.0]"
    )
    track = dji_srt_track("a.SRT", srt(block, count=2))
    assert track.heading_deg is not None
    assert track.pitch_deg is not None
    told = (track.lon_deg[1], track.lat_deg[1], track.heights[HeightAbove.TAKE_OFF].values_m[1])
    assert told == pytest.approx((lon, lat, height), abs=1e-3)
    assert (track.heading_deg[1], track.pitch_deg[1]) == pytest.approx((yaw, pitch), abs=0.051)
