"""`patrol passes`: what a camera with a pose looked at is kept, and compared with the next time."""

import json

from tests.patrol.builders import WATCH_ALL, car_detector
from tests.patrol.conftest import Terminal
from tests.vision.builders import write_clip
from tests.vision.telemetry.test_dji_srt import MODERN, srt

SKY = ("--gimbal-pitch", -60, "--heading-from", 90, "--ground-alt", 30)


def flown(terminal: Terminal, name: str, looks_for: str = "car") -> None:
    """Watch a film of a drone whose detector sees a car in each picture."""
    clip = write_clip(terminal.folder / "gate.mp4", 20, size_wh_px=(1280, 720))
    (terminal.folder / "gate.SRT").write_text(srt(MODERN, count=30, step_ms=100))
    rules = terminal.folder / "rules.yaml"
    rules.write_text(
        "version: 1\nrules:\n  - {id: any-car, kind: presence, "
        f"classes: [{looks_for}], "
        "matter: {standard_ref: GRIDPATROL-EXT, code: EXT-PRESENCE}}\n"
    )
    model = car_detector(terminal.folder / "car")
    named = ("--rules", rules, "--source", "heron", "--pass-id", name)
    assert terminal("watch", clip, "--model", model, *named, *SKY).code == 0


def test_two_passes_are_compared(terminal: Terminal) -> None:
    """The same car is still there; places, cells and counts for a machine."""
    flown(terminal, "1")
    flown(terminal, "2")
    assert [row["name"] for row in json.loads(terminal("passes", "list", "--json").out)] == [
        "heron-1",
        "heron-2",
    ]
    assert "heron-2" in terminal("passes", "list").out
    told = json.loads(terminal("passes", "compare", "heron-1", "heron-2", "--json").out)
    assert told["counts"]["still_there"] == len(told["changes"]) >= 1
    assert told["changes"][0]["apart_m"] == 0.0
    said = terminal("passes", "compare", "heron-1", "heron-2")
    assert "still there" in said.out
    assert "0 gone, 0 not looked at again." in said.out


def test_other_rules_tell_of_nothing_that_it_is_gone(terminal: Terminal) -> None:
    """The car stands there, and nobody looked for cars: both ways, and it is said why."""
    flown(terminal, "1")
    flown(terminal, "2", looks_for="person")
    for order, fate in (
        (("heron-1", "heron-2"), "not_looked_at"),
        (("heron-2", "heron-1"), "first_look"),
    ):
        said = terminal("passes", "compare", *order, "--json")
        told = json.loads(said.out)
        assert {name for name, count in told["counts"].items() if count} == {fate}
        assert "heron-2 did not look for car (EXT-PRESENCE)" in said.err


def test_from_higher_up_nothing_is_told_of_the_small(terminal: Terminal) -> None:
    """The pass shows the ground, and not what lies on it: neither gone nor new, and it is said."""
    flown(terminal, "1")
    flown(terminal, "2")
    path = terminal.home / "passes" / "heron-2.pass.json"
    row = json.loads(path.read_text())
    whole = "POLYGON ((115 33, 116 33, 116 34, 115 34, 115 33))"
    from_high = dict.fromkeys(row["grounds"], "POLYGON EMPTY") | {"4.5": whole}
    path.write_text(json.dumps(row | {"grounds": from_high, "things": []}))
    kept = terminal.home / "passes" / "heron-1.pass.json"
    first = json.loads(kept.read_text())
    first["things"] = [each | {"needs_px_per_m": 9.0} for each in first["things"]]
    kept.write_text(json.dumps(first))
    said = terminal("passes", "compare", "heron-1", "heron-2", "--json")
    counts = json.loads(said.out)["counts"]
    assert {name for name, count in counts.items() if count} == {"not_looked_at"}
    assert "heron-2 was too far away from car (EXT-PRESENCE)" in said.err


def test_another_model_may_miss_what_is_there(terminal: Terminal) -> None:
    """What it does not find is told as gone, and that it may not be."""
    flown(terminal, "1")
    flown(terminal, "2")
    whole = "POLYGON ((115 33, 116 33, 116 34, 115 34, 115 33))"
    path = terminal.home / "passes" / "heron-2.pass.json"
    row = json.loads(path.read_text())
    assert row["models"] == ["car"]
    row |= {"things": [], "grounds": dict.fromkeys(row["grounds"], whole)}
    path.write_text(json.dumps(row))
    said = terminal("passes", "compare", "heron-1", "heron-2", "--json")
    assert json.loads(said.out)["counts"]["gone"] >= 1
    assert "was watched with" not in said.err
    for models, named in ((["old 01"], "old 01"), (["car", "old 01"], "car, then old 01")):
        path.write_text(json.dumps(row | {"models": models}))
        said = terminal("passes", "compare", "heron-1", "heron-2", "--json")
        assert f"watched with car and heron-2 with {named}: one of these" in said.err


def test_passes_the_wrong_way_round_are_told(terminal: Terminal) -> None:
    """What is new would be gone."""
    flown(terminal, "1")
    flown(terminal, "2")
    path = terminal.home / "passes" / "heron-2.pass.json"
    row = json.loads(path.read_text())
    path.write_text(json.dumps(row | {"start": "2035-01-01T00:00:00Z"}))
    assert "began before" not in terminal("passes", "compare", "heron-1", "heron-2").err
    said = terminal("passes", "compare", "heron-2", "heron-1")
    assert "heron-1 began before heron-2" in said.err


def test_too_high_to_find_anything_nothing_was_looked_at(terminal: Terminal) -> None:
    """In a film of 160 pixels a metre is too small from any height: said, not left out."""
    clip, model = write_clip(terminal.folder / "gate.mp4", 20), car_detector(terminal.folder / "m")
    (terminal.folder / "gate.SRT").write_text(srt(MODERN, count=30, step_ms=100))
    assert terminal("watch", clip, "--model", model, "--pass-id", "p", *SKY).code == 0
    (row,) = json.loads(terminal("passes", "list", "--json").out)
    assert row["cells"] == {}


def test_what_is_no_pass_is_told(terminal: Terminal) -> None:
    """With how to find those there are."""
    said = terminal("passes", "compare", "a", "b")
    assert said.code == 1
    assert "a: there is no such pass; `patrol passes list` names those" in said.err


def test_a_damaged_pass_does_not_hide_the_others(terminal: Terminal) -> None:
    """It is told beside them."""
    flown(terminal, "1")
    (terminal.home / "passes" / "old.pass.json").write_text("{")
    said = terminal("passes", "list")
    assert said.code == 0
    assert "heron-1" in said.out
    assert "old.pass.json: is damaged, or is no pass" in said.err
    rows = json.loads(terminal("passes", "list", "--json").out)
    assert [row["name"] for row in rows] == ["heron-1", "old"]
    assert "damaged" in rows[1]["fault"]


def test_a_fixed_camera_makes_no_passes(terminal: Terminal) -> None:
    """It always looks at the same place, and nobody knows which."""
    clip, model = write_clip(terminal.folder / "a.mp4", 5), car_detector(terminal.folder / "car")
    terminal("watch", clip, "--model", model, "--zone", WATCH_ALL)
    assert json.loads(terminal("passes", "list", "--json").out) == []
