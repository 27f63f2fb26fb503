"""`patrol fly`: a plan is checked, flown on real MAVLink, recorded and told."""

import json
import os
import signal
import socket
import threading
from functools import partial
from pathlib import Path

import httpx
import pytest

from events_api.roles import Role
from flight.formats.plan_file import write_plan
from flight.missions import Action
from flight.recorder import read_flight_log
from flight.states import PatrolState
from patrol.cli.fly import unless_unheard
from patrol.demo.ports import free_port
from tests.patrol.builders import (
    SPEEDUP,
    box,
    edited,
    simulated_aircraft,
    small_plan,
    written_plan,
)
from tests.patrol.conftest import LiveApi, Said, Terminal


def nobody() -> str:
    """Return an address at which no autopilot speaks."""
    return f"udpin:127.0.0.1:{free_port(socket.SOCK_DGRAM)}"


def flown(terminal: Terminal, *more: object) -> Said:
    """Fly the short ring on a simulated aircraft."""
    plan = written_plan(terminal.folder / "plan.json")
    with simulated_aircraft() as address:
        return terminal("fly", plan, "--vehicle", address, "--speedup", SPEEDUP, *more)


def test_a_plan_is_flown_recorded_and_shown_on_the_map(
    terminal: Terminal, live_api: LiveApi
) -> None:
    """JSON lines from the ground to the ground, a log of the flight, and a place on the map."""
    terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    said = flown(terminal, "--json", "--publish", "--log", "flights")
    assert said.code == 0
    *news, end = said.lines
    states = list(dict.fromkeys(str(line["state"]) for line in news))
    assert states[0] == PatrolState.PREFLIGHT.value
    assert PatrolState.ON_PATROL.value in states
    assert {line["vehicle"] for line in news} == {"heron"}
    assert (end["ended"], end["outcome"], end["cells"]) == (
        "heron",
        "completed",
        ["C0", "C1", "C2"],
    )
    log = read_flight_log(terminal.folder / "flights/heron.flight.jsonl")
    assert (log.about["camera"], log.about["gimbal_pitch_deg"]) == ("demo-1280", -60.0)
    headers = {"Authorization": f"Bearer {live_api.tokens[Role.ACCEPTOR]}"}
    (seen,) = httpx.get(f"{live_api.url}/vehicles", headers=headers).json()
    assert seen["name"] == "heron"


def test_ctrl_c_brings_the_aircraft_home(terminal: Terminal) -> None:
    """The command waits for the landing, and says that the patrol was recalled."""
    log = terminal.home / "flights" / "heron.flight.jsonl"

    def press_when_airborne() -> None:
        pause = threading.Event()
        for _ in range(600):
            if log.exists() and any(_height_m(row) > 10.0 for row in log.read_text().split("\n")):
                os.kill(os.getpid(), signal.SIGINT)
                return
            pause.wait(0.1)

    presser = threading.Thread(target=press_when_airborne)
    presser.start()
    said = flown(terminal)
    presser.join()
    assert said.code == 1
    assert "recalled" in said.out.lower() or "home" in said.out.lower()
    last = read_flight_log(log).samples[-1]
    assert last.height_home_m < 2.0


def _height_m(line: str) -> float:
    try:
        return float(json.loads(line).get("height_home_m") or 0.0)
    except ValueError:
        return 0.0  # a line that is being written


def test_an_aircraft_that_does_not_answer_is_waited_for_as_long_as_asked(
    terminal: Terminal,
) -> None:
    """The sentence names the aircraft's address; the other one's fate is told by itself."""
    plan = written_plan(terminal.folder / "plan.json")
    address = nobody()
    said = terminal("fly", plan, "--vehicle", address, "--connect-wait", 0.3, "--json")
    assert said.code == 1
    assert address.removeprefix("udpin:") in said.err
    assert said.lines[-1]["outcome"] == "failed"


def test_a_list_that_the_autopilot_does_not_hold_is_refused(terminal: Terminal) -> None:
    """The autopilot's own reason is told; nothing is armed."""
    plan = written_plan(terminal.folder / "plan.json")
    with simulated_aircraft(holds_items=5) as address:
        line = ("fly", plan, "--vehicle", address, "--speedup", SPEEDUP, "--json")
        said = terminal(*line)
    assert said.code == 1
    assert "refused the whole list" in said.err
    assert "Only 5 items are supported" in said.err
    assert PatrolState.TAKING_OFF.value not in {news.get("state") for news in said.lines}


@pytest.mark.parametrize(
    ("vehicles", "says"),
    [
        (["a=udpin:0.0.0.0:1"], "no aircraft a; it is for heron"),
        (["udpin:0.0.0.0:1", "udpin:0.0.0.0:2"], "2 addresses were given"),
        (["pigeon:nest:7"], "no transport"),
        (["heron=udpin:0.0.0.0:99999"], "99999"),
    ],
)
def test_addresses_are_checked_before_anything_flies(
    terminal: Terminal, vehicles: list[str], says: str
) -> None:
    """A slip in one address keeps all aircraft on the ground, and no record is begun."""
    plan = written_plan(terminal.folder / "plan.json")
    said = terminal("fly", plan, *(word for each in vehicles for word in ("--vehicle", each)))
    assert said.code == 1
    assert says in said.err
    assert not (terminal.home / "flights").exists()


def test_a_plan_through_a_no_fly_zone_is_refused(county_terminal: Terminal) -> None:
    """Zones may have changed since the plan was made: it is checked again before flying."""
    plan = written_plan(county_terminal.folder / "plan.json")
    middle = box(200.0, 200.0, 260.0, 260.0).centroid
    index = next(
        i for i, item in enumerate(small_plan().missions[0].items) if item.action is Action.WAYPOINT
    )
    there = {"lon_deg": middle.x, "lat_deg": middle.y}
    edited(plan, f"missions.0.items.{index}.position", there)
    said = county_terminal("fly", plan, "--vehicle", nobody())
    assert said.code == 1
    assert "Substation (nf-1)" in said.err
    assert "This plan must not fly" in said.err


def test_without_a_county_the_zones_are_said_to_be_unknown(terminal: Terminal) -> None:
    """The plan still flies: a tester has no county."""
    plan = written_plan(terminal.folder / "plan.json")
    said = terminal("fly", plan, "--vehicle", nobody(), "--connect-wait", 0.1)
    assert "checked without its no-fly zones" in said.err


def test_a_plan_for_nobody_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    """A plan that was emptied by hand has nothing to fly."""
    path = tmp_path / "plan.json"
    write_plan(small_plan(), path)
    edited(path, "missions", [])
    said = terminal("fly", path, "--vehicle", nobody())
    assert said.code == 1
    assert "has no missions" in said.err


def test_words_that_nobody_hears_end_nothing() -> None:
    """A closed terminal, or `| head` in front of it; other faults are not hidden."""

    def say(error: Exception) -> None:
        raise error

    for nobody_there in (BrokenPipeError(), OSError(5, "I/O error"), ValueError("closed file")):
        unless_unheard(partial(say, nobody_there))
    with pytest.raises(ZeroDivisionError):
        unless_unheard(partial(say, ZeroDivisionError()))
