"""Following a truth log: growing files, half lines, ends, silence and rubbish."""

import json
import threading
from pathlib import Path

import pytest

from vision.errors import SourceError
from vision.simulator.truth_poses import Patience, follow_truth

QUICK = Patience(poll_s=0.002, give_up_s=0.02)
PATIENT = Patience(poll_s=0.002, give_up_s=20.0)
ROW = {
    "time_boot_s": 1.0,
    "lon_deg": 115.6,
    "lat_deg": 33.1,
    "height_ground_m": 40.0,
    "heading_deg": 10.0,
    "pitch_deg": 2.0,
    "roll_deg": 1.0,
    "gimbal_pitch_deg": -60.0,
    "gimbal_heading_deg": 370.0,
}
END = '{"end": true}\n'


def lines(count: int) -> str:
    """Return rows with rising times."""
    return "".join(json.dumps({**ROW, "time_boot_s": float(i)}) + "\n" for i in range(count))


def test_a_finished_log_is_read_to_its_end(tmp_path: Path) -> None:
    """All poses come in order, and reading stops at the end mark."""
    log = tmp_path / "d.truth.jsonl"
    log.write_text(lines(5) + END + lines(3))
    poses = list(follow_truth(log, threading.Event(), QUICK))
    assert [pose.time_s for pose in poses] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_the_pose_is_that_of_the_gimbal(tmp_path: Path) -> None:
    """Heading and pitch are the camera's, not the airframe's; the camera is level."""
    log = tmp_path / "d.truth.jsonl"
    log.write_text(lines(1) + END)
    pose = next(follow_truth(log, threading.Event(), QUICK))
    assert (pose.heading_deg, pose.pitch_deg, pose.roll_deg) == (10.0, -60.0, 0.0)
    assert (pose.position.lon_deg, pose.position.lat_deg) == (115.6, 33.1)
    assert pose.height_ground_m == 40.0


def test_a_log_that_grows_is_followed(tmp_path: Path) -> None:
    """Rows that are written while we read, even in halves, are delivered whole."""
    log = tmp_path / "d.truth.jsonl"
    text = lines(6)
    half = len(text) // 2 + 7
    log.write_text(text[:half])
    stopped = threading.Event()
    poses = follow_truth(log, stopped, PATIENT)
    first = [next(poses).time_s for _ in range(text[:half].count("\n"))]
    with log.open("a") as file:
        file.write(text[half:] + END)
    assert first + [pose.time_s for pose in poses] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_log_that_does_not_exist_yet_is_awaited(tmp_path: Path) -> None:
    """The camera may start before the simulator."""
    log = tmp_path / "late.truth.jsonl"
    found: list[float] = []
    reader = threading.Thread(
        target=lambda: found.extend(p.time_s for p in follow_truth(log, threading.Event(), PATIENT))
    )
    reader.start()
    log.write_text(lines(2) + END)
    reader.join(timeout=10)
    assert found == [0.0, 1.0]


def test_stopping_ends_the_wait(tmp_path: Path) -> None:
    """A set event ends reading without an error."""
    stopped = threading.Event()
    stopped.set()
    assert list(follow_truth(tmp_path / "never.truth.jsonl", stopped, PATIENT)) == []


@pytest.mark.parametrize("content", [None, "", "whole"])
def test_silence_without_an_end_is_an_error(tmp_path: Path, content: str | None) -> None:
    """A writer that died is named after a while."""
    log = tmp_path / "dead.truth.jsonl"
    if content is not None:
        log.write_text(lines(2) if content else "")
    with pytest.raises(SourceError, match=r"dead\.truth\.jsonl.*no end mark"):
        list(follow_truth(log, threading.Event(), QUICK))


@pytest.mark.parametrize(
    "line",
    ["not json\n", "[1, 2]\n", '{"time_boot_s": 1}\n', json.dumps({**ROW, "lat_deg": 95}) + "\n",
     json.dumps({**ROW, "gimbal_pitch_deg": None}) + "\n"],
)  # fmt: skip
def test_rubbish_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    """The message tells file and line."""
    log = tmp_path / "bad.truth.jsonl"
    log.write_text(lines(2) + line)
    with pytest.raises(SourceError, match=r"bad\.truth\.jsonl, line 3"):
        list(follow_truth(log, threading.Event(), QUICK))


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    """What cannot be opened is said to be so."""
    with pytest.raises(SourceError, match="cannot be read"):
        list(follow_truth(tmp_path, threading.Event(), QUICK))


def test_on_the_ground_the_height_stays_above_zero(tmp_path: Path) -> None:
    """A landed vehicle's log is still a log of poses."""
    log = tmp_path / "d.truth.jsonl"
    log.write_text(json.dumps({**ROW, "height_ground_m": -0.02}) + "\n" + END)
    assert next(follow_truth(log, threading.Event(), QUICK)).height_ground_m > 0
