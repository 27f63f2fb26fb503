"""`patrol replay`: same input, same output, and an exit code that a build server understands."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.patrol.builders import WATCH_ALL, car_detector
from tests.patrol.conftest import Said, Terminal
from tests.vision.builders import write_clip

PASSES = {"kind": "vehicle_passes", "start_s": 0, "end_s": 2}


def replayed(terminal: Terminal, video: Mapping[str, object], *more: object) -> Said:
    """Replay a clip in which the made-up detector sees a car in a watched zone."""
    expect = terminal.folder / "expect.json"
    expect.write_text(json.dumps({"videos": {"gate.mp4": video}}), encoding="utf-8")
    clip = write_clip(terminal.folder / "gate.mp4", 20)
    model = car_detector(terminal.folder / "car")
    zone = ("--zone", WATCH_ALL)
    return terminal("replay", clip, "--expect", expect, "--model", model, *zone, *more)


def test_a_clip_as_expected_ends_well(terminal: Terminal) -> None:
    """With what was found in numbers."""
    said = replayed(terminal, {"events": [PASSES], "must_not_fire": ["fire"]})
    assert said.code == 0
    assert said.out == "gate.mp4: ok, recall 1.00, precision 1.00\n"


def test_the_same_input_gives_the_same_bytes(terminal: Terminal) -> None:
    """Neither clocks nor file times come in."""
    video = {"events": [PASSES], "must_not_fire": []}
    first, again = (replayed(terminal, video, "--json").out for _ in range(2))
    assert first == again
    clip = json.loads(first)["clips"][0]
    assert clip["told"][0]["rule"] == "vehicle-enters"
    assert clip["told"][0]["time_s"] <= 1.0


@pytest.mark.parametrize(
    ("video", "says"),
    [
        ({"events": [{**PASSES, "kind": "fire"}]}, "missed: fire, 0 to 2 s"),
        ({"events": [], "must_not_fire": ["vehicle_passes"]}, "told though absent: vehicle-enters"),
    ],
)
def test_what_is_not_as_expected_fails(
    terminal: Terminal, video: Mapping[str, object], says: str
) -> None:
    """A clear event that is missed, and an absent kind that is told."""
    said = replayed(terminal, video)
    assert said.code == 1
    assert says in said.out


def test_an_unexplained_sighting_alone_does_not_fail(terminal: Terminal) -> None:
    """It costs precision, and is shown."""
    said = replayed(terminal, {"events": []})
    assert said.code == 0
    assert "precision 0.00" in said.out
    assert "unexplained: vehicle-enters" in said.out


def test_several_clips_are_summed_up(terminal: Terminal) -> None:
    """Each with the expectations beside it."""
    for name in ("a", "b"):
        write_clip(terminal.folder / f"{name}.mp4", 5)
        (terminal.folder / f"{name}.expected.json").write_text("[]")
    model = car_detector(terminal.folder / "car")
    said = terminal("replay", terminal.folder, "--model", model)
    assert said.code == 0
    assert said.out.splitlines()[-1].startswith("2 of 2 clips as expected")
    listed = terminal.folder / "a.expected.json"
    refused = terminal("replay", terminal.folder, "--model", model, "--expect", listed)
    assert refused.code == 1
    assert "lists the things of one clip" in refused.err


def test_a_clip_of_which_nothing_is_expected_is_refused(terminal: Terminal) -> None:
    """Before anything is run."""
    clip = write_clip(terminal.folder / "gate.mp4", 2)
    assert "give --expect, or write" in terminal("replay", clip).err
    expect = Path(terminal.folder / "expect.json")
    expect.write_text('{"videos": {}}')
    assert "does not name gate.mp4" in terminal("replay", clip, "--expect", expect).err


STAYS = """
version: 1
rules:
  - id: blocked
    kind: stationary
    matter: {standard_ref: GB/T 47678.5-2026, code: "09009"}
    classes: [car]
    zones: [no_parking]
    min_seconds: 1
"""


def test_one_clip_of_several_may_have_zones_and_rules_of_its_own(terminal: Terminal) -> None:
    """Said beside its events, with paths from there; the others are watched as ever."""
    for name in ("a", "b"):
        write_clip(terminal.folder / f"{name}.mp4", 20)
    (terminal.folder / "mine.yaml").write_text(STAYS, encoding="utf-8")
    own = {"zones": [{"kind": "no_parking", "box": [0, 0, 1, 1]}], "rules": "mine.yaml"}
    parked = {"events": [{**PASSES, "kind": "illegal_parking"}]}
    videos = {"a.mp4": parked | {"watch": own}, "b.mp4": {"events": []}}
    expect = terminal.folder / "expect.json"
    expect.write_text(json.dumps({"videos": videos}), encoding="utf-8")
    model = car_detector(terminal.folder / "car")
    said = terminal("replay", terminal.folder, "--expect", expect, "--model", model, "--json")
    first, other = json.loads(said.out)["clips"]
    assert said.code == 0
    assert [each["rule"] for each in first["told"]] == ["blocked"]
    assert other["told"] == []


def test_what_lacks_a_zone_says_which(terminal: Terminal) -> None:
    """Nobody can tell parked cars from those parked where they must not be."""
    parked = {"events": [{**PASSES, "kind": "illegal_parking"}]}
    said = replayed(terminal, parked)
    assert said.code == 1
    assert "without a zone, draw fire_lane or no_parking with --zone" in said.out
    drawn = replayed(terminal, parked, "--zone", "no_parking=0,0,1,1")
    assert "without a zone" not in drawn.out


def test_a_kind_that_nothing_can_tell_of_is_said_to_be_one(terminal: Terminal) -> None:
    """An event of it is missed with the reason; to forbid it asks nothing, which is told."""
    said = replayed(terminal, {"events": [{**PASSES, "kind": "elephant"}]})
    assert said.code == 1
    assert "missed: elephant, 0 to 2 s: it is no known kind of event" in said.out
    forbidden = {"events": [PASSES], "must_not_fire": ["somke", "smoke"]}
    said = replayed(terminal, forbidden, "--json")
    assert said.code == 0
    assert "gate.mp4: must_not_fire 'somke' asks nothing: it is no known kind" in said.err
    (clip,) = json.loads(said.out)["clips"]
    assert list(clip["cannot_be_told"]) == ["somke"]


@pytest.mark.parametrize(("more", "code"), [((), 1), (("--moving-camera",), 0)])
def test_a_camera_may_be_said_to_move(terminal: Terminal, more: tuple[str, ...], code: int) -> None:
    """It passes by and cannot watch a parked car for a minute; one that stands can."""
    parked = {"events": [{**PASSES, "kind": "illegal_parking"}]}
    path = terminal.folder / "mine.yaml"
    path.write_text(STAYS.replace("min_seconds: 1", "min_seconds: 60\n    passing_seconds: 1"))
    zone = ("--zone", "no_parking=0,0,1,1")
    assert replayed(terminal, parked, "--rules", path, *zone, *more).code == code
