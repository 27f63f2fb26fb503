"""What a person gets wrong, and what the commands make of it: one row for each bad input.

Every row ends with a sentence that names the thing and says what to do, with a code that is not 0,
without a traceback, and with every file as it was.
"""

import hashlib
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from events_api.client import EventApiClient
from events_api.outbox import Outbox
from events_api.roles import Role
from geofences.formats.county_files import write_county
from patrol.demo.ports import free_port
from tests.flight.fake_vehicle import small_mission
from tests.patrol.builders import (
    CODES,
    SPEEDUP,
    WATCH_ALL,
    box,
    car_detector,
    edited,
    simulated_aircraft,
    small_county,
    write_cells,
    written_plan,
)
from tests.patrol.conftest import LiveApi, Said, Terminal
from tests.vision.builders import write_clip
from vision.rules.schema import DEFAULT_RULES

Line = tuple[object, ...]

LEFT = ((0.0, 0.0), (60.0, 0.0), (60.0, 50.0), (0.0, 50.0))
OVER_LEFT = ((50.0, 0.0), (100.0, 0.0), (100.0, 50.0), (50.0, 50.0))
CROSSED = ((0.0, 0.0), (50.0, 50.0), (50.0, 0.0), (0.0, 50.0))
# GDAL leaves its own notes beside what it reads.
NOTES = ".aux.xml"


@dataclass(frozen=True)
class BadInput:
    """One mistake.

    Attributes:
        name: what it is.
        line: makes the bad thing in a folder and gives the command line that meets it.
        says: what the sentence holds: the thing, and what to do.
    """

    name: str
    line: Callable[[Path], Line]
    says: tuple[str, ...]


def text_file(folder: Path, name: str, text: str = "no such thing\n") -> Path:
    """Write a text file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def cut_file(path: Path, share: float) -> Path:
    """Cut a file to a share of its length."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def county_file(folder: Path) -> Path:
    """Write a sound county of the person's own."""
    path = folder / "own.gpkg"
    write_county(small_county(), path)
    return path


def clip(folder: Path) -> Path:
    """Write a sound clip."""
    return write_clip(folder / "gate.mp4", 5)


def plan_out_of_its_fence(folder: Path) -> Path:
    """Move the first waypoint of a plan a kilometre away."""
    away = box(900.0, 900.0, 1000.0, 1000.0).centroid
    there = {"lon_deg": away.x, "lat_deg": away.y}
    return edited(written_plan(folder / "plan.json"), "missions.0.items.3.position", there)


def edited_plan(folder: Path, key: str, value: object) -> Path:
    """Write a plan with one value changed by hand."""
    return edited(written_plan(folder / "plan.json"), key, value)


def edited_rules(folder: Path, word: str, other: str) -> Path:
    """Write the shipped rules with one word changed by hand."""
    shipped = DEFAULT_RULES.read_text(encoding="utf-8")
    return text_file(folder, "rules.yaml", shipped.replace(word, other, 1))


def silent_address() -> str:
    """Return an address at which no autopilot speaks."""
    return f"udpin:127.0.0.1:{free_port(socket.SOCK_DGRAM)}"


BAD_INPUTS = (
    BadInput(
        "a polygon that crosses itself",
        lambda here: ("grid", "import", write_cells(here / "bad.geojson", CROSSED)),
        ("bad.geojson", CODES[0], "not a valid polygon", "redraw it", "nothing was imported"),
    ),
    BadInput(
        "cells that overlap",
        lambda here: ("grid", "import", write_cells(here / "bad.geojson", LEFT, OVER_LEFT)),
        (f"Cells {CODES[0]} and {CODES[1]} overlap by 500.0 m2", "draw their shared edge"),
    ),
    BadInput(
        "a county that is no county",
        lambda here: ("grid", "import", text_file(here, "county.gpkg")),
        ("county.gpkg",),
    ),
    BadInput(
        "a county file that was cut",
        lambda here: ("grid", "import", cut_file(county_file(here), 0.5)),
        ("own.gpkg",),
    ),
    BadInput(
        "a GeoJSON that was cut",
        lambda here: ("grid", "import", cut_file(write_cells(here / "c.geojson", LEFT), 0.6)),
        ("c.geojson",),
    ),
    BadInput(
        "a county that is not there",
        lambda _: ("grid", "import", "nowhere.gpkg"),
        ("nowhere.gpkg", "check the path"),
    ),
    BadInput(
        "a village that is not there",
        lambda _: ("plan", "--village", "341299009999"),
        ("'341299009999'", "first 12 digits"),
    ),
    BadInput(
        "a cell that is not there",
        lambda _: ("plan", "--cell", "341299001001999"),
        ("341299001001999",),
    ),
    BadInput(
        "a dock that is not there",
        lambda _: ("plan", "--cell", CODES[0], "--aircraft", "uav-1@roof"),
        ("'roof'", "Its docks: dock-1, dock-2"),
    ),
    BadInput(
        "a flight above the law",
        lambda _: ("plan", "--cell", CODES[0], "--height", 130),
        ("A height of 130 m is above the ceiling of 120 m", "Plan lower"),
    ),
    BadInput(
        "a plan that leaves its fence, checked",
        lambda here: ("plan", "check", plan_out_of_its_fence(here)),
        ("error fence.left", "The leg to item 3 at ", "leaves the fence", "Move the waypoint"),
    ),
    BadInput(
        "a plan that leaves its fence, flown",
        lambda here: ("fly", plan_out_of_its_fence(here), "--vehicle", silent_address()),
        ("The leg to item 3 at ", "This plan must not fly", "plan it again"),
    ),
    BadInput(
        "a plan that is no plan",
        lambda here: ("fly", text_file(here, "plan.json"), "--vehicle", silent_address()),
        ("plan.json is not valid JSON: line 1", "plan again"),
    ),
    BadInput(
        "a plan with a number that is none",
        lambda here: (
            "fly",
            edited_plan(here, "missions.0.home.lat_deg", "north"),
            "--vehicle",
            silent_address(),
        ),
        ("plan.json", "missions[0].home.lat_deg"),
    ),
    BadInput(
        "a plan with a place that is none",
        lambda here: (
            "fly",
            edited_plan(here, "missions.0.items.4.position.lat_deg", 95.0),
            "--vehicle",
            silent_address(),
        ),
        ("plan.json", "missions[0].items[4].position"),
    ),
    BadInput(
        "an address that is none",
        lambda here: ("fly", written_plan(here / "plan.json"), "--vehicle", "pigeon:nest:7"),
        ("'pigeon:nest:7'", "Write for example udpin:0.0.0.0:14550"),
    ),
    BadInput(
        "a video that is none",
        lambda here: ("watch", text_file(here, "street.mp4"), "--save", here / "seen.mp4"),
        ("street.mp4: cannot be opened as video", "check that it is complete"),
    ),
    BadInput(
        "a video without a picture",
        lambda here: ("watch", cut_file(clip(here), 0.02)),
        ("gate.mp4",),
    ),
    BadInput(
        "a video that is not there",
        lambda _: ("watch", "nowhere.mp4"),
        ("nowhere.mp4: there is no such file", "check it"),
    ),
    BadInput(
        "a folder without pictures",
        lambda here: ("watch", here),
        ("the folder holds no pictures",),
    ),
    BadInput(
        "a stream that nobody sends",
        lambda _: ("watch", f"rtmp://127.0.0.1:{free_port(socket.SOCK_STREAM)}/live"),
        ("rtmp://127.0.0.1:", "cannot be opened"),
    ),
    BadInput(
        "a model that is garbage",
        lambda here: ("watch", clip(here), "--model", text_file(here, "mine.onnx")),
        ("mine.onnx: cannot be read as a model", "Export it again"),
    ),
    BadInput(
        "a model that is code",
        lambda here: ("watch", clip(here), "--model", text_file(here, "mine.pt")),
        ("mine.pt: PyTorch weights", "export them to OpenVINO or ONNX"),
    ),
    BadInput(
        "a model that is not there",
        lambda here: ("watch", clip(here), "--model", "patrol99"),
        ("patrol99: no such model", "patrol9"),
    ),
    BadInput(
        "a model without its weights",
        lambda here: ("watch", clip(here), "--model", text_file(here, "model.xml", "<net/>")),
        ("model.xml: its weights model.bin are missing",),
    ),
    BadInput(
        "rules that are no YAML",
        lambda here: ("watch", clip(here), "--rules", text_file(here, "rules.yaml", "a: [b")),
        ("rules.yaml",),
    ),
    BadInput(
        "rules with a word that no rule knows",
        lambda here: ("watch", clip(here), "--rules", edited_rules(here, "min_seconds", "min_sec")),
        ("rules.yaml", "min_sec"),
    ),
    BadInput(
        "rules that are not there",
        lambda here: ("watch", clip(here), "--rules", "nowhere.yaml"),
        ("nowhere.yaml",),
    ),
    BadInput(
        "a zone that is none",
        lambda here: ("watch", clip(here), "--zone", "everywhere"),
        ("'everywhere' is no zone", "write KIND=X1,Y1,X2,Y2"),
    ),
    BadInput(
        "a zone in pixels",
        lambda here: ("watch", clip(here), "--zone", "watch=10,10,200,150"),
        ("'watch-1' leaves the picture", "shares of width and height from 0 to 1"),
    ),
    BadInput(
        "a camera's cell that is not there",
        lambda here: ("watch", clip(here), "--cell", "341299001001999"),
        ("341299001001999",),
    ),
    BadInput(
        "a flight log that is none",
        lambda here: ("watch", clip(here), "--flight-log", text_file(here, "f.jsonl", "{}\n")),
        ("f.jsonl", "is not a flight log"),
    ),
    BadInput(
        "telemetry beside a clip that is none",
        lambda here: ("watch", text_file(here, "gate.telemetry.jsonl").parent / clip(here).name),
        ("gate.telemetry.jsonl, line 1: is not JSON",),
    ),
    BadInput(
        "an API that is down, for cells",
        lambda here: ("grid", "import", county_file(here), "--publish"),
        ("No event API answers at http://127.0.0.1:9", "Start it with `patrol serve`"),
    ),
    BadInput(
        "a token of nobody, revoked",
        lambda _: ("token", "revoke", "nobody"),
        ("'nobody'", "`patrol token list`"),
    ),
)


def files(folder: Path) -> dict[str, str]:
    """Return every file below a folder with its hash."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(NOTES)
    }


@pytest.mark.parametrize("bad", BAD_INPUTS, ids=lambda bad: bad.name)
def test_a_mistake_is_a_sentence_and_changes_nothing(
    county_terminal: Terminal, bad: BadInput
) -> None:
    """The thing is named, what to do is said, the code is 1, and all files are as before."""
    county_terminal("token", "list")  # makes the database, so that it is there before and after
    line = bad.line(county_terminal.folder)
    before = files(county_terminal.folder)
    said = county_terminal(*line)
    assert said.code == 1
    for words in bad.says:
        assert words in said.err
    assert files(county_terminal.folder) == before


def test_a_county_that_was_damaged_on_disk_is_told(county_terminal: Terminal) -> None:
    """Every command that needs it names the file, instead of planning over half a county."""
    cut_file(county_terminal.home / "county.gpkg", 0.5)
    for line in (("grid", "show"), ("plan", "--cell", CODES[0])):
        said = county_terminal(*line)
        assert said.code == 1
        assert "county.gpkg" in said.err


def test_a_home_that_is_a_file_is_told(terminal: Terminal) -> None:
    """The variable and the path are named."""
    terminal.home.touch()
    said = terminal("grid", "import", county_file(terminal.folder))
    assert said.code == 1
    assert f"GRIDPATROL_HOME is {terminal.home}" in said.err


@pytest.mark.parametrize("line", [("token", "list"), ("serve", "--port", "0"), ("deliver",)])
def test_a_damaged_database_is_told(terminal: Terminal, line: Line) -> None:
    """The file is named and left as it is: it may still be rescued."""
    terminal.home.mkdir()
    (terminal.home / "outbox").mkdir()
    database = text_file(terminal.home, "events.sqlite", "no database " * 500)
    outbox = text_file(terminal.home / "outbox", "outbox.sqlite", "no database " * 500)
    said = terminal(*line)
    assert said.code == 1
    assert str(outbox if line == ("deliver",) else database) in said.err
    assert database.read_text().startswith("no database")


def test_an_address_of_the_api_without_http_is_told(terminal: Terminal) -> None:
    """The variable, its value and one that would do."""
    terminal.speak_to("events.example", "")
    said = terminal("deliver")
    assert said.code == 1
    assert "GRIDPATROL_API_URL is 'events.example'" in said.err


def test_a_port_that_is_taken_is_told(terminal: Terminal) -> None:
    """Another program's port stays its own."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = terminal("serve", "--port", port)
    assert said.code == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in said.err
    assert "choose another with --port" in said.err


def test_an_autopilot_that_does_not_answer_is_told(terminal: Terminal) -> None:
    """Where it was looked for, and what to look at; no flight is pretended."""
    address = silent_address()
    plan = written_plan(terminal.folder / "plan.json")
    said = terminal("fly", plan, "--vehicle", address, "--connect-wait", 0.3)
    assert said.code == 1
    assert "No autopilot" in said.err
    assert address.removeprefix("udpin:") in said.err


def test_an_autopilot_that_refuses_the_mission_is_told(terminal: Terminal) -> None:
    """Its own reason, what is on board now, and what to do; the motors never ran."""
    plan = written_plan(terminal.folder / "plan.json")
    with simulated_aircraft(holds_items=5) as address:
        said = terminal("fly", plan, "--vehicle", address, "--speedup", SPEEDUP)
    assert said.code == 1
    assert "heron: The autopilot refused the whole list of the upload" in said.err
    assert "Only 5 items are supported" in said.err
    assert "It holds no mission now. Change the plan accordingly" in said.err
    log = (terminal.home / "flights" / "heron.flight.jsonl").read_text()
    assert '"armed": true' not in log


def test_one_aircraft_that_fails_does_not_keep_the_other_down(terminal: Terminal) -> None:
    """Each aircraft's end is told by itself, and the code says that not all went well."""
    heron = small_mission()
    kite = replace(heron, vehicle_name="kite", mission_id="m2")
    plan = written_plan(terminal.folder / "plan.json", heron, kite)
    with simulated_aircraft() as address:
        line = ("--vehicle", address, "--vehicle", silent_address(), "--connect-wait", 2)
        said = terminal("fly", plan, *line, "--speedup", SPEEDUP, "--json")
    assert said.code == 1
    ends = {str(row["ended"]): row["outcome"] for row in said.lines if "ended" in row}
    assert ends == {"heron": "completed", "kite": "failed"}


def test_a_video_that_ends_in_garbage_is_watched_up_to_there(terminal: Terminal) -> None:
    """What was seen is told, a remark names the place, and the code is 0: the work is done."""
    path = write_clip(terminal.folder / "gate.mkv", 60)
    data = path.read_bytes()
    keep = int(len(data) * 0.6)
    path.write_bytes(data[:keep] + bytes(range(256)) * ((len(data) - keep) // 256))
    said = _watched(terminal, path)
    assert said.code == 0
    sighting, end = said.lines
    assert sighting["rule"] == "vehicle-enters"
    frames = end["frames"]
    assert isinstance(frames, int)
    assert 20 <= frames < 60
    assert "gate.mkv" in said.err
    assert re.search(r"damaged at \d\.\d s|ends at \d\.\d s", said.err)


def test_what_is_seen_while_the_api_is_down_is_kept_and_delivered_later(
    terminal: Terminal, live_api: LiveApi
) -> None:
    """The sentence says where the reports wait and how to send them; then they arrive, once."""
    said = _watched(terminal, clip(terminal.folder), "--publish", "--patience", 0.2)
    assert said.code == 1
    assert f"1 reports wait safely in {terminal.home / 'outbox'}" in said.err
    assert "Send them later with `patrol deliver`" in said.err
    assert said.lines[-1]["waiting"] == 1
    terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    assert terminal("deliver").out == "1 reports delivered, 0 wait.\n"
    assert terminal("deliver").code == 0
    assert len(_events(live_api)) == 1


@pytest.mark.parametrize("role", [None, Role.MACHINE])
def test_a_token_that_may_not_is_told(
    county_terminal: Terminal, live_api: LiveApi, role: Role | None
) -> None:
    """A wrong token, and one that may report but not administer: no cell has changed."""
    county_terminal.speak_to(live_api.url, live_api.tokens[role] if role else "wrong")
    cells = write_cells(county_terminal.folder / "cells.geojson", LEFT)
    said = county_terminal("grid", "import", cells, "--publish")
    assert said.code == 1
    assert live_api.url in said.err
    assert "GRIDPATROL_TOKEN" in said.err
    assert county_terminal("grid", "show", "--json").lines[0]["cells"] == 4


def test_a_report_with_a_wrong_token_waits(terminal: Terminal, live_api: LiveApi) -> None:
    """Nothing is lost to a slip: with the right token it arrives."""
    terminal.speak_to(live_api.url, "wrong")
    said = _watched(terminal, clip(terminal.folder), "--publish")
    assert said.code == 1
    assert "turns this token away" in said.err
    with Outbox(terminal.home / "outbox") as outbox:
        assert outbox.pending() == 1
    terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    assert terminal("deliver").code == 0
    assert len(_events(live_api)) == 1


def _watched(terminal: Terminal, path: Path, *more: object) -> Said:
    model = car_detector(terminal.folder / "car")
    line = ("--model", model, "--zone", WATCH_ALL, "--json", "--pass-id", "p")
    return terminal("watch", path, *line, *more)


def _events(api: LiveApi) -> list[object]:
    with EventApiClient(api.url, api.tokens[Role.ACCEPTOR]) as client:
        return list(client.events())
