"""`patrol rules`: a rule file is checked and tried before it is used."""

import json
from pathlib import Path

from tests.patrol.builders import WATCH_ALL, car_detector
from tests.patrol.conftest import Terminal
from tests.vision.builders import write_clip
from vision.rules.schema import DEFAULT_RULES

RULES = """\
version: 1
rules:
  - id: parked
    kind: stationary
    matter: {standard_ref: S, code: "1"}
    classes: [car]
    zones: [no_parking]
    min_seconds: 5
  - id: stall-at-night
    kind: presence
    matter: {standard_ref: S, code: "2"}
    classes: [stall]
    hours: ["22:00-06:00"]
"""
LOOKS = """\
zones: ["no_parking=0,0,1,1"]
things:
  - {class: car, to_s: 9, box: [0.1, 0.1, 0.3, 0.3]}
  - {class: stall, to_s: 9, box: [0.6, 0.6, 0.8, 0.8]}
"""


def written(terminal: Terminal, name: str, text: str) -> Path:
    """Write a file into the terminal's folder."""
    path = terminal.folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sound_file_is_listed(terminal: Terminal) -> None:
    """Without a file, the one that comes with the program."""
    said = terminal("rules", "test", written(terminal, "r.yaml", RULES))
    assert said.code == 0
    assert "r.yaml: 2 rules are sound" in said.out
    assert f"{DEFAULT_RULES.name}: 12 rules are sound" in terminal("rules", "test").out


def test_every_fault_is_told_with_its_line(terminal: Terminal) -> None:
    """And the command fails; for a machine too."""
    text = RULES.replace("min_seconds: 5", "min_secs: 5").replace("22:00-06:00", "night")
    path = written(terminal, "r.yaml", text)
    said = terminal("rules", "test", path)
    assert said.code == 1
    assert "r.yaml: line 8: rule parked, min_secs: there is no such key;" in said.out
    assert "r.yaml: line 13: rule stall-at-night, hours.0: 'night' is no span of hours;" in said.out
    told = json.loads(terminal("rules", "test", path, "--json").out)
    assert len(told["faults"]) == len(said.out.splitlines()) == 3
    broken = terminal("rules", "test", written(terminal, "b.yaml", "rules: ["))
    assert (broken.code, "is not YAML" in broken.err) == (1, True)


def test_rules_are_tried_on_made_up_looks(terminal: Terminal) -> None:
    """What each tells and when; hours are those of the stated start."""
    rules, looks = written(terminal, "r.yaml", RULES), written(terminal, "l.yaml", LOOKS)
    said = terminal("rules", "test", rules, "--looks", looks)
    assert said.code == 0
    first, why, second = said.out.splitlines()
    assert first == "● parked: told 1 times"
    assert "5.0 s  car stands in no_parking zone no_parking-1" in why
    assert second == "○ stall-at-night: silent"
    night = ("--starts", "2026-07-01T15:00:00", "--json")
    told = json.loads(terminal("rules", "test", rules, "--looks", looks, *night).out)["rules"]
    assert [len(row["told"]) for row in told] == [1, 1]


def test_rules_are_tried_on_footage(terminal: Terminal) -> None:
    """A rule that cannot tell anything there says why."""
    clip, model = write_clip(terminal.folder / "gate.mp4", 20), car_detector(terminal.folder / "m")
    tried = ("rules", "test", DEFAULT_RULES, "--on", clip, "--model", model, "--zone", WATCH_ALL)
    said = terminal(*tried)
    assert "● vehicle-enters: told 1 times" in said.out
    assert "○ parked-no-parking: silent, there is no zone no_parking; draw one" in said.out
    assert "○ smoke: silent, nothing here is ever called smoke" in said.out
    both = terminal(*tried, "--looks", written(terminal, "l.yaml", LOOKS))
    assert (both.code, "one thing to try the rules on" in both.err) == (1, True)


def test_the_schema_is_json_schema(terminal: Terminal) -> None:
    """With every kind of rule in it."""
    told = json.loads(terminal("rules", "schema").out)
    assert {"PresenceRule", "StationaryRule", "CollisionRule"} <= set(told["$defs"])
    assert told["required"] == ["version", "rules"]
