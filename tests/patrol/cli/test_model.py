"""`patrol model`: which detectors there are, and how one's own comes to be among them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.patrol.conftest import Terminal
from tests.vision.builders import write_clip, write_model
from vision.models.registry import load_model, shipped_models

ROWS = np.array([[10, 20, 60, 80, 0.9, 1], [100, 20, 150, 90, 0.8, 2]], np.float32)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A foreign model that always sees a lorry and a dog."""
    return write_model(tmp_path / "theirs", ROWS, names=("person", "lorry", "dog"))


def test_every_shipped_model_is_listed_with_what_it_sees(terminal: Terminal) -> None:
    """Name, input and classes, and `patrol9` is among them."""
    said = terminal("model", "list")
    assert said.code == 0
    for name in shipped_models():
        assert name in said.out
    assert "patrol9" in said.out
    assert "two_wheeler" in said.out


def test_a_machine_gets_the_hash_too(terminal: Terminal) -> None:
    """The hash is that of the weights, checked while listing."""
    rows = json.loads(terminal("model", "list", "--json").out)
    assert [row["name"] for row in rows] == list(shipped_models())
    files = load_model("patrol9")
    row = next(row for row in rows if row["name"] == "patrol9")
    assert row["origin"] == "shipped"
    assert row["classes"] == list(files.class_names)
    assert row["sha256"] == files.sha256
    assert len(files.sha256) == 64


def test_an_added_model_is_listed_watched_with_and_removed(
    terminal: Terminal, given: Path, tmp_path: Path
) -> None:
    """From the file of a stranger to sightings, and away again."""
    said = terminal("model", "add", str(given), "--name", "mine")
    assert said.code == 0
    assert "lorry" in said.out
    assert "truck_bus" in said.out
    assert "Left out, as no rule asks for them: dog." in said.err
    rows = json.loads(terminal("model", "list", "--json").out)
    assert rows[-1]["name"] == "mine"
    assert rows[-1]["own_classes"] == {"person": "person", "lorry": "truck_bus"}
    clip = write_clip(tmp_path / "clip.mp4", 30)
    watched = terminal(
        "watch", str(clip), "--model", "mine", "--zone", "watch=0,0,1,1", "--no-publish", "--json"
    )
    assert watched.code == 0
    assert {row["class"] for row in watched.lines if "class" in row} == {"truck_bus"}
    assert terminal("model", "remove", "mine").code == 0
    assert len(json.loads(terminal("model", "list", "--json").out)) == len(shipped_models())


def test_a_file_of_classes_is_heeded(terminal: Terminal, given: Path) -> None:
    """What no shipped rule asks for is told of, once."""
    (terminal.folder / "map.yaml").write_text("dog: stray_dog\nlorry: null\n")
    said = terminal("model", "add", str(given), "--classes", "map.yaml", "--json")
    assert said.lines[0]["own_classes"] == {"person": "person", "dog": "stray_dog"}
    assert said.lines[0]["left_out"] == ["lorry"]
    assert said.lines[0]["unasked"] == ["stray_dog"]


def test_a_damaged_model_of_ones_own_is_told_in_the_list(terminal: Terminal, given: Path) -> None:
    """The others are listed all the same."""
    terminal("model", "add", str(given))
    (terminal.home / "models" / "theirs" / "model.bin").write_bytes(b"0")
    said = terminal("model", "list", "--json")
    assert said.code == 0
    rows = {row["name"]: row for row in json.loads(said.out)}
    assert "damaged or was exchanged" in rows["theirs"]["fault"]
    assert "fault" not in rows["patrol9"]
    assert "damaged" in terminal("model", "list").out


def test_weights_that_are_code_are_not_run_unasked(terminal: Terminal) -> None:
    """The sentence says what to do."""
    (terminal.folder / "best.pt").write_bytes(b"anything")
    said = terminal("model", "add", "best.pt")
    assert said.code == 1
    assert "say --allow-code" in said.err
    assert "Traceback" not in said.err


def test_a_model_is_exported_for_elsewhere(terminal: Terminal, given: Path) -> None:
    """The folder's name tells what is in it; what makes no sense is told."""
    terminal("model", "add", str(given), "--name", "mine")
    said = terminal("model", "export", "mine")
    assert said.code == 0
    assert load_model(terminal.folder / "mine_openvino").seen_classes == ("person", "truck_bus")
    refused = terminal("model", "export", "mine", "--format", "onnx").err
    assert "is not written as ONNX" in refused or "needs the extra `models`" in refused
    assert "add --int8" in terminal("model", "export", "mine", "--calibrate", ".").err


def test_a_model_is_scored_on_labelled_pictures(terminal: Terminal, given: Path) -> None:
    """It always sees a lorry, and on one of the two pictures there is one."""
    terminal("model", "add", str(given), "--name", "mine")
    for name, lines in (("a", "0 0.21875 0.520833 0.3125 0.625\n"), ("b", "")):
        for kind in ("images", "labels"):
            (terminal.folder / "set" / kind / "val").mkdir(parents=True, exist_ok=True)
        cv2.imwrite(f"set/images/val/{name}.png", np.full((96, 160, 3), 90, np.uint8))
        (terminal.folder / "set" / "labels" / "val" / f"{name}.txt").write_text(lines)
    (terminal.folder / "set" / "data.yaml").write_text("val: images/val\nnames: [truck, person]\n")
    said = terminal("model", "eval", "mine", "--data", "set", "--input-width", "160", "--json")
    (told,) = said.lines
    rows = {row["class"]: row for row in told["classes"]}  # type: ignore[attr-defined]
    assert rows["truck_bus"]["objects"] == 1
    assert rows["truck_bus"]["recall"] == 1.0
    assert rows["truck_bus"]["precision"] == 0.5
    assert rows["person"]["ap50"] is None
    shown = terminal("model", "eval", "mine", "--data", "set", "--input-width", "160")
    assert "truck_bus" in shown.out
    assert "there is no such folder" in terminal("model", "eval", "mine", "--data", "none").err
    assert "Left out, as" not in shown.err
    terminal("model", "eval", "mine", "--data", "set", "--input-width", "160", "--faults", "seen")
    assert (terminal.folder / "seen" / "truck_bus-false.jpg").is_file()
    assert "by view" not in shown.out  # nothing is known of views here, and room is scarce


def test_what_is_nearly_the_same_as_in_training_can_be_left_out(
    terminal: Terminal, given: Path
) -> None:
    """A figure is of what was never seen then, and says of how much."""
    terminal("model", "add", str(given), "--name", "mine")
    rng = np.random.default_rng(1)
    noise = {name: rng.integers(0, 255, (6, 8, 3), np.uint8) for name in ("film", "other")}
    for split, names in {"train": ("film",), "val": ("film", "other")}.items():
        for kind in ("images", "labels"):
            (terminal.folder / "set" / kind / split).mkdir(parents=True)
        for name in names:
            image = cv2.resize(noise[name], (160, 96))
            cv2.imwrite(f"set/images/{split}/{split}-{name}.png", image)
            (terminal.folder / f"set/labels/{split}/{split}-{name}.txt").write_text(
                "0 0.21875 0.520833 0.3125 0.625\n"
            )
    described = "train: images/train\nval: images/val\nnames: [truck, person]\n"
    (terminal.folder / "set/data.yaml").write_text(described)
    asked = ("model", "eval", "mine", "--data", "set", "--input-width", "160", "--unseen")
    said = terminal(*asked, "--json")
    (told,) = said.lines
    assert told["pictures"] == 1
    assert "Pictures nearly the same as one of training, which are left out: 1." in said.err
    refused = terminal(*asked, "--split", "train")
    assert refused.code == 1
    assert "name another --split" in refused.err


def test_pictures_that_say_nothing_of_the_model_are_told(terminal: Terminal, given: Path) -> None:
    """One is damaged, one has no labels; the figures are of the others, and say so."""
    terminal("model", "add", str(given), "--name", "mine")
    for kind in ("images", "labels"):
        (terminal.folder / "set" / kind).mkdir(parents=True)
    for name in ("a", "b"):
        cv2.imwrite(f"set/images/{name}.png", np.full((96, 160, 3), 90, np.uint8))
    (terminal.folder / "set/images/c.png").write_bytes(b"nothing")
    (terminal.folder / "set/labels/a.txt").write_text("0 0.21875 0.520833 0.3125 0.625\n")
    (terminal.folder / "set/data.yaml").write_text("val: images\nnames: [truck, person]\n")
    asked = ("model", "eval", "mine", "--data", "set/data.yaml", "--input-width", "160")
    (told,) = terminal(*asked, "--json").lines
    assert told["pictures"] == 2
    assert told["unreadable"] == ["set/images/c.png"]
    assert told["unlabelled"] == 1
    said = terminal(*asked).err
    assert "Left out, as they are missing or damaged: set/images/c.png." in said
    assert "taken for showing nothing: 1." in said


def test_tiles_that_nobody_can_wait_for_are_refused(terminal: Terminal, given: Path) -> None:
    """Five pixels were probably meant as five tiles."""
    said = terminal("model", "eval", str(given), "--data", ".", "--tile", "5")
    assert said.code == 1
    assert "Tiles of 5 px are too small: give a side of 64 px or more" in said.err
