"""The file of sources: every slip is told with its line, its source and its key."""

from pathlib import Path

import pytest
import yaml

from geofences.geodesy import LonLat
from patrol.errors import UsageError
from patrol.sources.file import read_sources, request_of, source_faults

WHOLE = """\
version: 1
fps: 4
rules: ours.yaml
evidence: kept
sources:
  - name: gate-1
    url: rtsp://user:secret@10.0.0.7/stream
    drop: never
    at: [115.62, 33.16]
    zones:
      - {kind: no_parking, box: [0.1, 0.2, 0.5, 0.6]}
      - {kind: watch, points: [[0, 0], [1, 0], [0.5, 1]]}
  - name: heron
    file: films/one.mp4
    fps: 0
    every_m: 4
    poses: {gimbal_pitch_deg: -60, heading_from: course, home: [115.6, 33.1], distortion: [-0.1, 0]}
"""


def faults(text: str) -> tuple[str, ...]:
    """What is wrong with a file of this text."""
    return source_faults(yaml.safe_load(text), text)


def test_what_the_file_says_is_what_the_command_would_be_told(tmp_path: Path) -> None:
    """Names, paths from the file's folder, zones, poses; what is said of all holds for each."""
    path = tmp_path / "sources.yaml"
    path.write_text(WHOLE)
    file = read_sources(path)
    gate, heron = (
        request_of(entry, file, address, tmp_path)
        for entry, address in zip(file.sources, ("rtsp://x", "films/one.mp4"), strict=True)
    )
    assert (gate.source, gate.analysed_fps, gate.never_drops) == ("gate-1", 4.0, True)
    assert gate.rules == tmp_path / "ours.yaml"
    assert gate.at == LonLat(115.62, 33.16)
    assert [zone.zone_id for zone in gate.zones] == ["no_parking-1", "watch-2"]
    assert gate.zones[0].points_frac == ((0.1, 0.2), (0.5, 0.2), (0.5, 0.6), (0.1, 0.6))
    assert (heron.analysed_fps, heron.never_drops) == (0.0, False)
    assert (gate.every_m, heron.every_m) == (0.0, 4.0)
    assert heron.poses.gimbal_pitch_deg == -60
    assert heron.poses.distortion == (-0.1, 0.0, 0.0, 0.0, 0.0)
    assert heron.poses.home == LonLat(115.6, 33.1)


def test_a_calibration_is_named_from_the_files_folder(tmp_path: Path) -> None:
    """As every path in it."""
    path = tmp_path / "sources.yaml"
    path.write_text(
        "version: 1\nsources:\n  - {name: a, file: x.mp4, poses: "
        "{distortion: cameras/a.yml, focal_error_share: 0.005}}\n"
    )
    file = read_sources(path)
    request = request_of(file.sources[0], file, "x.mp4", tmp_path)
    assert request.poses.distortion == tmp_path / "cameras" / "a.yml"
    assert request.poses.focal_error_share == 0.005


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "  - {name: a, file: x.mp4, fsp: 3}",
            "line 3: source a, fsp: there is no such key; did you mean fps?",
        ),
        ("  - {name: a}", "line 3: source a: give exactly one of url, file, directory, glob"),
        ("  - {name: a, file: x, url: 'rtsp://y'}", "line 3: source a: give exactly one"),
        ("  - {name: a, url: 'ftp://y'}", "line 3: source a, url: begins with none of rtsp://"),
        ("  - {name: a, file: x, drop: oldest}", "line 3: source a: drop goes with url"),
        ("  - {name: a, file: x, follow: true}", "line 3: source a: follow goes with directory"),
        (
            "  - {name: a, file: x, tile_px: 5}",
            "line 3: source a, tile_px: Tiles of 5 px are too small",
        ),
        ("  - {name: a, file: x, fps: -1}", "line 3: source a, fps: -1 is less than 0"),
        ("  - {name: a/b, file: x}", "line 3: source a/b, name: 'a/b' has a slash"),
        (
            "  - {name: a, file: x, poses: {distortion: [1, 2, 3]}}",
            "line 3: source a, poses.distortion: '1,2,3' is no distortion",
        ),
        (
            "  - {name: a, file: x, zones: [{kind: pond, box: [0, 0, 1, 1]}]}",
            "line 3: source a, zones.0.kind: 'pond' is not 'keep_in'",
        ),
        (
            "  - {name: a, file: x, hue: 3}",
            "line 3: source a, hue: there is no such key; there are",
        ),
        ("  - {name: a, file: x, cell: 34}", "line 3: source a, cell: put 34 into quotation marks"),
        (
            "  - {name: a, file: x, device: cuda0}",
            "line 3: source a, device: 'cuda0' is no device; say CPU, GPU or NPU",
        ),
        ("  - {name: [a], file: x}", "line 3: source ['a'], name: write a text in place of ['a']"),
        ("  - {name: a, file: x, fps: fast}", "line 3: source a, fps: 'fast' is no number"),
        ("  - {name: a, file: x, zones: 3}", "line 3: source a, zones: write a list in place of 3"),
        ("  - rtsp://10.1.4.20/stream1", "line 3: source 1: write keys with values here"),
        ("  - {file: x}", "line 3: source 1, name: is missing"),
        (
            "  - {name: a, file: x, zones: [{knd: watch, box: [0, 0, 1, 1], kind: watch}]}",
            "line 3: source a, zones.0.knd: there is no such key; did you mean kind?",
        ),
        (
            "  - {name: a, file: x, zones: [{kind: watch}]}",
            "line 3: source a, zones.0: give box: [left, top, right, bottom], or points",
        ),
        (
            "  - {name: a, file: x, zones: [{kind: watch, points: [[0, 0], [1, 1]]}]}",
            "line 3: source a, zones.0: The picture zone 'watch-0' is not a polygon",
        ),
        (
            "  - {name: a, file: x, poses: {heading_from: 400}}",
            "line 3: source a, poses.heading_from: ",
        ),
        (
            "  - {name: a, file: x, poses: {height_above: moon}}",
            "line 3: source a, poses.height_above: 'moon' is nothing to measure heights from",
        ),
    ],
)
def test_a_slip_is_told_where_it_is(line: str, told: str) -> None:
    """So that it is found among hundreds of sources."""
    (fault,) = faults(f"version: 1\nsources:\n{line}\n")
    assert fault.startswith(told)


def test_all_faults_are_told_at_once() -> None:
    """In the order of their lines; names and keys that stand twice among them."""
    text = "version: 1\nfps: 3\nfps: 4\nsources:\n  - {name: a, file: x}\n  - {name: a, file: y}\n"
    assert faults(text) == (
        "line 3: the key 'fps' is given twice",
        "line 6: the name 'a' is used twice; rename one of them",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sources: [", "is not YAML"),
        ("version: 2\n", "line 1: version: 2 is not 1"),
        ("- a\n", "line 1: the file: names no sources; write `version: 1`"),
        ("", "line 1: the file: names no sources; write `version: 1`"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """With its name."""
    path = tmp_path / "sources.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_sources(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert told in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(UsageError, match="cannot be read"):
        read_sources(tmp_path / "no.yaml")
