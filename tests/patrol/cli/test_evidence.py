"""`patrol evidence`: what `patrol watch --evidence` kept is checked and pruned."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.patrol.builders import WATCH_ALL, car_detector
from tests.patrol.conftest import Terminal
from tests.vision.builders import write_clip
from vision.chain import EvidenceFolder, Piece


def kept(terminal: Terminal) -> Path:
    """The folder of a pass in which one car was told."""
    clip = write_clip(terminal.folder / "gate.mp4", 20)
    model = car_detector(terminal.folder / "car")
    named = ("--source", "gate", "--pass-id", "p")
    watched = ("watch", clip, "--model", model, "--zone", WATCH_ALL, "--evidence", "kept", *named)
    assert terminal(*watched).code == 0
    return terminal.folder / "kept" / "gate-p"


def test_a_pass_keeps_pictures_and_a_clip_of_each_sighting(terminal: Terminal) -> None:
    """Blurred in one folder, originals in another, all in a chain."""
    folder = kept(terminal)
    suffixes = {part: sorted(p.suffix for p in (folder / part).iterdir()) for part in PARTS}
    assert suffixes == {"shown": [".jpg", ".jpg", ".json", ".mp4"], "sealed": [".jpg", ".mp4"]}
    said = terminal("evidence", "verify", "kept")
    assert said.code == 0
    assert said.out.startswith("gate-p: 3 entries, 6 files as they were, end ")


PARTS = ("shown", "sealed")


def test_a_model_that_knows_no_persons_is_told_where_pictures_are_kept(
    terminal: Terminal,
) -> None:
    """Nobody would be blurred in them."""
    clip = write_clip(terminal.folder / "gate.mp4", 20)
    stall = terminal.folder / "stall"
    stall.mkdir()
    for each in car_detector(terminal.folder / "car").iterdir():
        (stall / each.name).write_bytes(each.read_bytes().replace(b"person", b"litter"))
    watched = ("watch", clip, "--zone", WATCH_ALL)
    said = "tells of no persons, so nobody is blurred"
    assert said in terminal(*watched, "--model", stall, "--evidence", "kept").err
    assert said not in terminal(*watched, "--model", stall).err
    assert said not in terminal(*watched, "--model", "car", "--evidence", "kept").err


def test_a_changed_picture_is_found(terminal: Terminal) -> None:
    """By name; a machine gets the same."""
    folder = kept(terminal)
    end = json.loads(terminal("evidence", "verify", folder, "--json").out)[0]["end"]
    picture = next((folder / "shown").glob("*.jpg"))
    picture.write_bytes(b"forged")
    said = terminal("evidence", "verify", folder)
    assert said.code == 1
    assert f"shown/{picture.name} was changed" in said.out
    noted = ("--anchor", end.upper())
    (row,) = json.loads(terminal("evidence", "verify", folder, "--json", *noted).out)
    assert row["faults"] == [f"shown/{picture.name} was changed"]


def test_a_lost_clip_is_told_and_is_no_fault(terminal: Terminal) -> None:
    """By the sighting that it would have been of."""
    folder = kept(terminal)
    chain = EvidenceFolder(folder)
    chain.keep([Piece("detail", "jpg", b"a")], ["s7"], datetime.now(UTC))
    assert ", clip not there yet: s7, end " in terminal("evidence", "verify", folder).out
    chain.name_missing(datetime.now(UTC))
    said = terminal("evidence", "verify", folder)
    assert (said.code, ", without clip (its recording was cut off): s7," in said.out) == (0, True)
    (row,) = json.loads(terminal("evidence", "verify", folder, "--json").out)
    assert (row["clips_missing"], row["clips_awaited"]) == (["s7"], [])


def test_files_of_a_killed_process_are_told(terminal: Terminal) -> None:
    """Before somebody took them up as a fault with what may have been, and afterwards by number."""
    folder = kept(terminal)
    left = Piece("clip", "mp4", b"left")
    (folder / left.name).write_bytes(left.data)
    said = terminal("evidence", "verify", folder)
    assert (said.code, "its writer was ended meanwhile" in said.out) == (1, True)
    EvidenceFolder(folder).take_up(datetime.now(UTC))
    assert ", 1 left by a process that died, end " in terminal("evidence", "verify", folder).out


def test_evidence_goes_when_its_time_is_over(terminal: Terminal) -> None:
    """And the chain still holds."""
    folder = kept(terminal)
    assert terminal("evidence", "prune", "kept", "--days", 1).out.startswith("0 files of 1")
    (row,) = json.loads(terminal("evidence", "prune", "kept", "--days", 0, "--json").out)
    assert row == {"pass": "gate-p", "files": 6, "spoilt": []}
    assert list((folder / "sealed").iterdir()) == []
    said = terminal("evidence", "verify", "kept")
    assert (said.code, "0 files as they were, 6 pruned" in said.out) == (0, True)


def test_what_goes_is_told_by_the_moment_that_the_clock_makes_of_the_days(
    terminal: Terminal,
) -> None:
    """Whoever counts first sees there that a clock is wrong."""
    kept(terminal)
    before = datetime.now(UTC) - timedelta(days=30, minutes=1)
    said = terminal("evidence", "prune", "kept", "--days", 30, "--dry-run").out
    told, _, moment = said.removesuffix(" UTC.\n").partition(", kept before ")
    assert told == "0 files of 1 passes would be removed"
    limit = datetime.strptime(moment, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    assert before < limit <= datetime.now(UTC) - timedelta(days=30)


def test_a_pass_whose_chain_is_gone_or_changed_keeps_no_other_from_its_due(
    terminal: Terminal,
) -> None:
    """It is told, keeps what it has, and the rest is checked and pruned."""
    folder = kept(terminal)
    for name in ("changed", "gone"):
        other = terminal.folder / "kept" / name
        EvidenceFolder(other).keep([Piece("detail", "jpg", b"a")], ["s7"], datetime.now(UTC))
    (terminal.folder / "kept" / "gone" / "manifest.jsonl").unlink()
    changed = terminal.folder / "kept" / "changed" / "manifest.jsonl"
    changed.write_text(changed.read_text().replace("s7", "s8"))
    said = terminal("evidence", "verify", "kept")
    assert (said.code, "manifest.jsonl is missing" in said.out) == (1, True)
    assert "gate-p: 3 entries, 6 files as they were, end " in said.out
    for dry_run in (("--dry-run",), ()):
        pruned = terminal("evidence", "prune", "kept", "--days", 0, *dry_run)
        assert (pruned.code, pruned.out.startswith("6 files of 1 passes w")) == (1, True)
        assert "changed: nothing of it is removed. " in pruned.err
        assert "gone: nothing of it is removed. " in pruned.err
        assert sum(1 for each in (folder / "shown").iterdir()) == (4 if dry_run else 0)


def test_files_that_pruning_has_to_leave_are_told(terminal: Terminal) -> None:
    """No entry says how old they are."""
    folder = kept(terminal)
    (folder / "sealed" / "planted.jpg").write_bytes(b"whose")
    said = terminal("evidence", "prune", "kept", "--days", 0)
    assert (said.code, said.out.startswith("6 files of 1 passes were removed, ")) == (1, True)
    assert "1 files are in no entry of its chain and stay, sealed/planted.jpg the first" in said.err


def test_what_cannot_be_is_told(terminal: Terminal) -> None:
    """A folder without evidence, an anchor for several passes, more days than there are."""
    assert "no evidence was kept there" in terminal("evidence", "verify", terminal.folder).err
    folder = kept(terminal)
    assert "longer than there is time" in terminal("evidence", "prune", folder, "--days", 1e9).err
    (terminal.folder / "kept" / "other").mkdir()
    (terminal.folder / "kept" / "other" / "manifest.jsonl").touch()
    asked = ("evidence", "verify", "kept", "--anchor")
    assert "belongs to one pass" in terminal(*asked, "0" * 64).err
    half = terminal(*asked, "0" * 32)
    assert (half.code, "is no SHA-256: give the 64 digits" in half.err) == (1, True)


def test_altered_files_are_told_before_they_go_as_they_go_and_afterwards(
    terminal: Terminal,
) -> None:
    """Which, to a person and to a machine; once they are gone nobody can look at them."""
    folder = kept(terminal)
    picture = next((folder / "shown").glob("*.jpg"))
    picture.write_bytes(b"forged")
    name = f"shown/{picture.name}"
    pruning = ("evidence", "prune", "kept", "--days", 0)
    said = terminal(*pruning, "--dry-run")
    assert (said.code, picture.exists()) == (1, True)
    assert f"1 of 6 files are not as they were kept:\n  {name} was altered" in said.err
    said = terminal(*pruning, "--json")
    (row,) = json.loads(said.out)
    assert row == {"pass": "gate-p", "files": 6, "spoilt": [{"name": name, "how": "altered"}]}
    assert (said.code, picture.exists()) == (1, False)
    assert "and are removed, which its chain says" in said.err
    assert terminal(*pruning).code == 0
    said = terminal("evidence", "verify", "kept")
    assert (said.code, "6 pruned (1 no longer as they were kept), end " in said.out) == (0, True)
    assert f"  {name} was altered when its time was over" in said.out
    (row,) = json.loads(terminal("evidence", "verify", "kept", "--json").out)
    assert row["pruned_spoilt"] == [{"name": name, "how": "altered"}]


def test_a_pass_that_found_nothing_is_told_from_one_that_was_emptied(terminal: Terminal) -> None:
    """The one has a chain that was begun; the other has lost it."""
    clip = write_clip(terminal.folder / "quiet.mp4", 4)
    model = car_detector(terminal.folder / "car")
    named = ("--source", "gate", "--pass-id", "q")
    assert terminal("watch", clip, "--model", model, "--evidence", "kept", *named).code == 0
    said = terminal("evidence", "verify", "kept")
    assert (said.code, said.out.startswith("gate-q: 1 entries, 0 files as they were, end ")) == (
        0,
        True,
    )
    manifest = terminal.folder / "kept" / "gate-q" / "manifest.jsonl"
    manifest.write_bytes(b"")
    said = terminal("evidence", "verify", "kept")
    assert (said.code, "manifest.jsonl is empty: it was emptied, or" in said.out) == (1, True)
    manifest.unlink()
    said = terminal("evidence", "verify", "kept")
    assert (said.code, "all that was kept was taken away, or" in said.out) == (1, True)
    # Nothing stays there, so that pruning has nothing to say of it.
    assert terminal("evidence", "prune", "kept", "--days", 0).out.startswith("0 files of 0 ")


def test_a_pass_in_the_folder_of_another_is_told(terminal: Terminal) -> None:
    """Its files are as they were, and of something else; it is pruned as any other."""
    folder = kept(terminal)
    other = folder.rename(folder.with_name("yard-p"))
    said = terminal("evidence", "verify", other)
    assert (said.code, "it was begun as gate-p and not as yard-p" in said.out) == (1, True)
    (row,) = json.loads(terminal("evidence", "verify", other, "--json").out)
    assert (row["pass"], row["begun_as"], row["files"]) == ("yard-p", "gate-p", 6)
    pruned = terminal("evidence", "prune", "kept", "--days", 0)
    assert (pruned.code, pruned.out.startswith("6 files of 1 passes were removed")) == (0, True)


def test_a_pass_is_named_from_within_its_folder(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the folder's name, not by a dot."""
    folder = kept(terminal)
    monkeypatch.chdir(folder)
    assert terminal("evidence", "verify", ".").out.startswith("gate-p: 3 entries, ")
    monkeypatch.chdir(folder / "shown")
    assert terminal("evidence", "verify", "..").out.startswith("gate-p: 3 entries, ")


def test_passes_of_one_name_are_counted_each(terminal: Terminal) -> None:
    """Evidence of two years lies in two folders."""
    folder = kept(terminal)
    shutil.copytree(folder, terminal.folder / "kept" / "older" / "gate-p")
    said = terminal("evidence", "prune", "kept", "--days", 0, "--dry-run")
    assert said.out.startswith("12 files of 2 passes ")
