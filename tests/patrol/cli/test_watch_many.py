"""`patrol watch sources.yaml`: shown, reported, and ended cleanly by signals."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from events_api.client import EventApiClient
from events_api.outbox import Outbox
from events_api.roles import Role
from tests.patrol.builders import car_detector
from tests.patrol.conftest import LiveApi, Terminal
from tests.vision.builders import write_clip

PATIENCE_S = 90.0


def sources_file(folder: Path, *, frames: int = 20) -> Path:
    """Write a file of two sources in each of which one car is seen."""
    car_detector(folder / "car")
    entries = []
    for name in ("gate", "yard"):
        write_clip(folder / f"{name}.mp4", frames)
        zone = "zones: [{kind: watch, box: [0, 0, 1, 1]}]"
        entries.append(f"  - {{name: {name}, file: {name}.mp4, {zone}}}\n")
    path = folder / "sources.yaml"
    path.write_text("version: 1\nmodel: car\nfps: 0\nsources:\n" + "".join(entries))
    return path


@contextmanager
def command(path: Path, home: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run the command in a session of its own, as from another terminal."""
    running = subprocess.Popen(
        [sys.executable, "-m", "patrol.cli.main", "watch", str(path), "--json", "--publish"],
        env={
            **os.environ,
            "GRIDPATROL_HOME": str(home),
            "GRIDPATROL_API_URL": "http://127.0.0.1:9",
        },
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield running
    finally:
        for process_id in of_session(running.pid):
            os.kill(process_id, signal.SIGKILL)
        running.communicate()


def of_session(session: int) -> list[int]:
    """Ids of the living processes of a session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[3]) == session and after_name[0] != "Z":
            found.append(int(folder.name))
    return found


def until_seen(running: "subprocess.Popen[str]") -> list[dict[str, object]]:
    """Read until both sources have told what they saw."""
    rows: list[dict[str, object]] = []
    assert running.stdout is not None
    while sum("sighting" in row for row in rows) < 2:
        line = running.stdout.readline()
        assert line, rows
        rows.append(json.loads(line))
    return rows


def wait_for_nobody(session: int) -> None:
    """Wait until a session has no process."""
    deadline_s, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while of_session(session):
        assert time.monotonic() < deadline_s, of_session(session)
        pause.wait(0.05)


def test_sightings_of_all_sources_become_events(terminal: Terminal, live_api: LiveApi) -> None:
    """Shown, summed up, and reported with their pictures."""
    terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    said = terminal("watch", sources_file(terminal.folder), "--publish", "--json")
    end = said.lines[-1]
    assert said.code == 0
    assert (end["sources"], end["frames"], end["delivered"], end["waiting"]) == (2, 40, 2, 0)
    states = {str(row["source"]): row["state"] for row in said.lines if "state" in row}
    assert states == {"gate": "finished", "yard": "finished"}
    with EventApiClient(live_api.url, live_api.tokens[Role.ACCEPTOR]) as client:
        assert sum(event.observation_count for event in client.events()) == 2


def test_a_table_tells_how_each_source_went(terminal: Terminal) -> None:
    """With its counts, and its findings above."""
    said = terminal("watch", sources_file(terminal.folder))
    assert said.code == 0
    for word in ("gate", "yard", "finished", "dropped", "restarts", "2 sources, 40 frames"):
        assert word in said.out
    assert said.out.count("● ") == 2


def test_what_is_of_one_source_is_said_in_the_file(terminal: Terminal) -> None:
    """An option would be of all of them or of none."""
    said = terminal("watch", sources_file(terminal.folder), "--cell", "341299001001001")
    assert said.code == 1
    assert "--cell is of one source" in said.err


def test_faults_are_told_with_line_and_key(terminal: Terminal) -> None:
    """All of them, and nothing is watched."""
    path = terminal.folder / "sources.yaml"
    path.write_text("version: 1\nsources:\n  - name: a\n    file: x.mp4\n    fsp: 5\n")
    said = terminal("watch", path)
    assert said.code == 1
    assert "line 5: source a, fsp: there is no such key; did you mean fps?" in said.err


def test_a_source_that_failed_is_told_at_the_end(terminal: Terminal) -> None:
    """The others were watched; a script sees that something is amiss."""
    path = sources_file(terminal.folder)
    (terminal.folder / "gate.mp4").write_bytes(b"no film")
    said = terminal("watch", path)
    assert said.code == 1
    assert "1 of 2 sources failed; the first, gate:" in said.err
    assert "finished" in said.out


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 1), (signal.SIGINT, 130), (signal.SIGKILL, -9)]
)
def test_signals_end_everything_and_lose_nothing(tmp_path: Path, number: int, code: int) -> None:
    """No process is left, whatever ended the command, and what was told is in the outbox."""
    path, home = sources_file(tmp_path, frames=4000), tmp_path / "home"
    with command(path, home) as running:
        until_seen(running)
        os.kill(running.pid, number)
        assert running.wait(PATIENCE_S) == code
        wait_for_nobody(running.pid)
    with Outbox(home / "outbox") as outbox:
        assert outbox.pending() == 2


def test_what_failed_is_told_before_what_waits(terminal: Terminal) -> None:
    """An API that is away must not hide a source that nobody watched."""
    path = sources_file(terminal.folder)
    (terminal.folder / "yard.mp4").write_bytes(b"no film")
    said = terminal("watch", path, "--publish", "--patience", "0")
    assert said.code == 1
    failed, waits = said.err.index("1 of 2 sources failed"), said.err.index("1 reports wait safely")
    assert failed < waits
    assert "yard.mp4: cannot be opened as video" in said.err
