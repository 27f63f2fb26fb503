"""The truth as JSON lines that another process may follow."""

import json
from pathlib import Path

import pytest

from flight.simulator.errors import SimulatorError
from flight.simulator.truth_log import TruthLog
from flight.simulator.vehicle import STEP_S, Truth

KEYS = {
    "time_boot_s",
    "lon_deg",
    "lat_deg",
    "height_ground_m",
    "heading_deg",
    "pitch_deg",
    "roll_deg",
    "gimbal_pitch_deg",
    "gimbal_heading_deg",
}


def truth(time_boot_s: float) -> Truth:
    """Return some pose at a time."""
    return Truth(time_boot_s, 115.123456789, 33.1, 40.0, 90.0, -3.0, 1.0, -60.0, 90.0)


def test_lines_are_whole_after_each_flush(tmp_path: Path) -> None:
    """A follower sees nothing before the flush, and only complete lines after it."""
    path = tmp_path / "drone.truth.jsonl"
    log = TruthLog(path)
    log.write(truth(1.0))
    before = path.read_text()
    log.flush()
    assert before == ""
    assert set(json.loads(path.read_text())) == KEYS
    assert path.read_text().endswith("\n")
    log.close()


def test_last_line_says_the_end(tmp_path: Path) -> None:
    """And closing twice adds nothing."""
    path = tmp_path / "drone.truth.jsonl"
    log = TruthLog(path)
    log.write(truth(1.0))
    log.close()
    log.close()
    assert ["end" in json.loads(line) for line in path.read_text().splitlines()] == [False, True]


def test_at_least_twenty_lines_a_second(tmp_path: Path) -> None:
    """In steps of 20 ms every other one is written."""
    log = TruthLog(tmp_path / "drone.truth.jsonl")
    written = 0
    for index in range(500):
        if log.is_due(index * STEP_S):
            log.write(truth(round(index * STEP_S, 6)))
            written += 1
    log.close()
    assert written == 250


def test_reboot_goes_on_being_logged(tmp_path: Path) -> None:
    """A clock that jumps back makes the next line due at once."""
    log = TruthLog(tmp_path / "drone.truth.jsonl")
    log.write(truth(100.0))
    assert log.is_due(0.02)
    log.close()


def test_place_is_kept_to_a_tenth_of_a_millimetre(tmp_path: Path) -> None:
    """Nine digits of a degree."""
    path = tmp_path / "drone.truth.jsonl"
    log = TruthLog(path)
    log.write(truth(1.0))
    log.close()
    assert json.loads(path.read_text().splitlines()[0])["lon_deg"] == 115.123456789


def test_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "folder").write_text("")
    with pytest.raises(SimulatorError, match="cannot be written"):
        TruthLog(tmp_path / "folder" / "drone.truth.jsonl")
