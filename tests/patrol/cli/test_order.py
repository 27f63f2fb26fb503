"""`patrol order`: orders from a second terminal, and a client that is killed and comes back."""

import os
import signal
import subprocess
import sys
import time

from tests.flight.fake_vehicle import small_mission
from tests.patrol.builders import SPEEDUP, simulated_aircraft, written_plan
from tests.patrol.conftest import Said, Terminal

_COMMAND = [sys.executable, "-m", "patrol.cli.main"]


def test_without_a_flight_there_is_nobody_to_order(terminal: Terminal) -> None:
    """The sentence says what to do."""
    said = terminal("order", "pause")
    assert said.code == 1
    assert "No flight is under way" in said.err


def ordered(terminal: Terminal, *words: str) -> Said:
    """Give an order as soon as it can be carried out."""
    for _ in range(200):
        said = terminal("order", *words)
        if said.code == 0:
            return said
        time.sleep(0.1)
    raise AssertionError(said.err)


def test_a_killed_flight_is_taken_up_again_and_ordered_home(terminal: Terminal) -> None:
    """Two real processes: orders, `kill -9`, adoption, and the way home."""
    plan = written_plan(terminal.folder / "plan.json", small_mission(waypoints=24, reach_m=120.0))
    with simulated_aircraft() as address:
        line = ["fly", str(plan), "--vehicle", address, "--speedup", str(SPEEDUP), "--json"]
        first = subprocess.Popen([*_COMMAND, *line], stdout=subprocess.DEVNULL)
        try:
            assert "mode BRAKE" in ordered(terminal, "pause", "heron").out
            again = terminal(*line)
            assert again.code == 1
            assert f"process {first.pid}" in again.err
            assert "not in flight here" in terminal("order", "land", "crane").err
        finally:
            os.kill(first.pid, signal.SIGKILL)
            first.wait()
        assert "No flight is under way" in terminal("order", "resume").err
        out = terminal.folder / "second.jsonl"
        with out.open("w") as told:
            second = subprocess.Popen([*_COMMAND, *line], stdout=told)
            try:
                ordered(terminal, "resume", "--json")
                ordered(terminal, "return")
                assert second.wait(60) == 1
            finally:
                second.kill()
                second.wait()
    story = out.read_text()
    assert "found in the air with this mission on board" in story
    assert "uploading" not in story
    assert '"outcome": "recalled"' in story
