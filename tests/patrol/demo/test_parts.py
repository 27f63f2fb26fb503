"""Parts are our own commands as processes; their lines are heard, their failures told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from geofences.formats.county_files import write_county
from patrol.demo.parts import Line, Part, Parts
from patrol.errors import DemoError
from tests.patrol.builders import small_county


def ended(code: int, log: Path, remarks: str = "") -> Part:
    """Return a part that has ended with a code."""
    log.write_text(remarks)
    process = subprocess.Popen([sys.executable, "-Sc", f"raise SystemExit({code})"], text=True)
    process.wait()
    return Part("watch", process, log)


def test_lines_come_as_they_are_printed_and_the_end_is_told(tmp_path: Path) -> None:
    """JSON objects are lines; then a line without a value; a part should not end by itself."""
    file = tmp_path / "own.gpkg"
    write_county(small_county(), file)
    with Parts(tmp_path, os.environ) as parts:
        part = parts.start("check", ["grid", "check", str(file), "--json"])
        heard = parts.lines(60.0)
        first, last = next(heard), next(heard)
        assert first.value is not None
        assert (first.part, first.value["county"]) == ("check", "Four Cells")
        assert last == Line("check", None)
        part.check()
        with pytest.raises(DemoError, match="`check` ended at once"):
            parts.wait_a_little()
    assert part.process.returncode == 0
    assert (tmp_path / "check.log").read_text() == ""


def test_a_part_that_succeeded_passes_the_check(tmp_path: Path) -> None:
    """Code 0 says nothing."""
    ended(0, tmp_path / "log").check()


def test_a_failure_is_told_with_its_last_remarks(tmp_path: Path) -> None:
    """Three lines at most, and where all of them are."""
    part = ended(3, tmp_path / "watch.log", "one\ntwo\nthree\nfour\n")
    with pytest.raises(DemoError, match=r"`watch` ended with code 3: two three four \(all of it"):
        part.check()


def test_a_silent_failure_is_told_too(tmp_path: Path) -> None:
    """Bytes that are no text do not spoil the sentence."""
    part = ended(3, tmp_path / "watch.log")
    with pytest.raises(DemoError, match="it said nothing"):
        part.check()
    (tmp_path / "watch.log").write_bytes(b"\xff\xfe broken")
    with pytest.raises(DemoError, match="broken"):
        part.check()


def test_silence_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """The sentence names how long, and where the remarks are."""
    with (
        Parts(tmp_path, {}) as parts,
        pytest.raises(DemoError, match="No part of the demo has said anything for 0 s"),
    ):
        next(parts.lines(0.01))


def test_a_part_is_stopped_and_may_be_stopped_again(tmp_path: Path) -> None:
    """It is asked to end; what has ended is left alone."""
    process = subprocess.Popen(
        [sys.executable, "-Sc", "import time; time.sleep(60)"], text=True, stdout=subprocess.DEVNULL
    )
    part = Part("serve", process, tmp_path / "log")
    part.stop()
    assert process.returncode is not None
    part.stop()
