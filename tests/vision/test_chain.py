"""Kept evidence cannot be changed unnoticed, and goes when its time is over."""

import hashlib
import json
import resource
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.chain import EvidenceFolder, Piece, due
from vision.chain_check import verify
from vision.chain_files import MANIFEST
from vision.errors import EvidenceError

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def piece(text: str, *, is_sealed: bool = False) -> Piece:
    """A file with some content."""
    return Piece("detail", "jpg", text.encode(), is_sealed=is_sealed)


def filled(folder: Path, entries: int = 3) -> Path:
    """A folder with a shown and a sealed file in each entry, a day apart."""
    chain = EvidenceFolder(folder)
    for number in range(entries):
        pieces = [piece(f"shown {number}"), piece(f"sealed {number}", is_sealed=True)]
        chain.keep(pieces, [f"s{number}"], NOON + number * DAY)
    return folder


def test_what_was_kept_is_as_it_was(tmp_path: Path) -> None:
    """A chain goes on when the folder is opened again; the end is a hash to note."""
    filled(tmp_path, 2)
    before = verify(tmp_path)
    EvidenceFolder(tmp_path).keep([piece("more")], ["s9"], NOON)
    after = verify(tmp_path, anchor=before.end_sha256)
    assert (before.entries, before.files, before.faults) == (2, 4, ())
    assert (after.entries, after.files, after.faults) == (3, 5, ())
    assert after.end_sha256 != before.end_sha256


def test_originals_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Whoever else has an account on the machine sees what is blurred."""
    filled(tmp_path, 1)
    assert (tmp_path / "sealed").stat().st_mode & 0o077 == 0
    (sealed,) = (tmp_path / "sealed").iterdir()
    assert sealed.stat().st_mode & 0o077 == 0


def _changed(folder: Path) -> None:
    next((folder / "shown").iterdir()).write_bytes(b"forged")


def _missing(folder: Path) -> None:
    next((folder / "sealed").iterdir()).unlink()


def _added(folder: Path) -> None:
    (folder / "shown" / "extra.jpg").write_bytes(b"planted")


def _line_taken_out(folder: Path) -> None:
    lines = (folder / MANIFEST).read_text().splitlines(keepends=True)
    (folder / MANIFEST).write_text("".join([lines[0], *lines[2:]]))


def _line_rewritten(folder: Path) -> None:
    text = (folder / MANIFEST).read_text()
    (folder / MANIFEST).write_text(text.replace('"s1"', '"s7"'))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_changed, "was changed"),
        (_missing, "is missing"),
        (_added, "is in no entry"),
        (_line_taken_out, "entry 2 was changed"),
        (_line_rewritten, "entry 2 was changed"),
    ],
)
def test_what_was_tampered_with_is_told(
    tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    """Files and entries, changed, taken out or added."""
    spoil(filled(tmp_path))
    assert any(says in fault for fault in verify(tmp_path).faults)


def test_an_entry_that_was_rewritten_and_sealed_anew_breaks_the_next(tmp_path: Path) -> None:
    """Whoever forges one has to forge all that follow, and the end that was noted."""
    end = verify(filled(tmp_path)).end_sha256
    lines = (tmp_path / MANIFEST).read_text().splitlines(keepends=True)
    lines[1] = resealed(lines[1].replace('"s1"', '"s7"'))
    (tmp_path / MANIFEST).write_text("".join(lines))
    assert verify(tmp_path).faults == ("entry 3 does not follow the one before it",)
    assert len(verify(tmp_path, anchor=end).faults) == 1


def resealed(line: str) -> str:
    """The line with a hash that fits what it says now."""
    row = json.loads(line)
    row.pop("sha256")
    text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    row["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return json.dumps(row, sort_keys=True) + "\n"


def test_a_shortened_chain_shows_to_who_noted_its_end(tmp_path: Path) -> None:
    """Nobody else could tell, if the files go too."""
    end = verify(filled(tmp_path)).end_sha256
    lines = (tmp_path / MANIFEST).read_text().splitlines(keepends=True)
    gone = [each["name"] for each in json.loads(lines[-1])["files"]]
    (tmp_path / MANIFEST).write_text("".join(lines[:-1]))
    for name in gone:
        (tmp_path / name).unlink()
    assert verify(tmp_path).faults == ()
    assert "cut off" in verify(tmp_path, anchor=end).faults[0]


@given(st.data())
def test_no_byte_of_a_manifest_can_be_changed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """But for white space, every change of a byte breaks the chain."""
    folder = filled(tmp_path_factory.mktemp("chain"), 2)
    raw = bytearray((folder / MANIFEST).read_bytes())
    at = data.draw(st.sampled_from([i for i, byte in enumerate(raw) if byte not in b" \n"]))
    raw[at] = data.draw(st.sampled_from([b for b in b"0123456789abcxyz" if b != raw[at]]))
    (folder / MANIFEST).write_bytes(bytes(raw))
    assert verify(folder).faults


def test_pruned_files_go_and_the_chain_says_so(tmp_path: Path) -> None:
    """Those of younger entries stay, as do files that a younger entry cites too."""
    chain = EvidenceFolder(filled(tmp_path))
    chain.keep([piece("shown 0")], ["again"], NOON + 3 * DAY)
    assert chain.prune(NOON + 2 * DAY, NOON + 9 * DAY).files == 3
    found = verify(tmp_path)
    assert (found.files, found.pruned, found.faults) == (3, 3, ())
    assert chain.prune(NOON + 2 * DAY, NOON + 9 * DAY).files == 0
    assert verify(tmp_path).entries == 5


def test_nothing_is_added_to_a_broken_chain(tmp_path: Path) -> None:
    """Nor pruned: what happened to it is for a person to find out."""
    _line_rewritten(filled(tmp_path))
    with pytest.raises(EvidenceError, match="entry 2 was changed"):
        EvidenceFolder(tmp_path)


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    """Even in a manifest whose hashes are right."""
    outside = tmp_path / "precious.jpg"
    outside.write_bytes(b"mine")
    folder = filled(tmp_path / "pass", 1)
    name = json.loads((folder / MANIFEST).read_text())["files"][0]["name"]
    text = (folder / MANIFEST).read_text().replace(name, "../precious.jpg")
    (folder / MANIFEST).write_text(resealed(text))
    with pytest.raises(EvidenceError, match="names what is no evidence"):
        EvidenceFolder(folder).prune(NOON + 9 * DAY, NOON + 9 * DAY)
    assert outside.exists()


def test_half_a_line_of_a_crash_is_no_entry(tmp_path: Path) -> None:
    """The chain goes on from the last whole one."""
    filled(tmp_path, 2)
    with (tmp_path / MANIFEST).open("a") as manifest:
        manifest.write('{"about": ["s')
    EvidenceFolder(tmp_path).keep([piece("later")], [], NOON)
    assert verify(tmp_path).faults == ()
    assert verify(tmp_path).entries == 3


def test_a_place_that_is_no_folder_of_evidence_is_told(tmp_path: Path) -> None:
    """As is one where none can be made."""
    with pytest.raises(EvidenceError, match="check the path"):
        verify(tmp_path)
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(EvidenceError, match="name another folder"):
        EvidenceFolder(blocked / "pass")


def clip(text: str) -> Piece:
    """A clip with some content."""
    return Piece("clip", "mp4", text.encode())


def test_a_sighting_without_its_clip_is_named(tmp_path: Path) -> None:
    """Before the chain says so it may still come; afterwards it is known to be lost."""
    chain = EvidenceFolder(tmp_path)
    chain.keep([piece("a")], ["s1"], NOON)
    chain.keep([piece("b")], ["s2"], NOON)
    chain.keep([clip("c")], ["s1"], NOON)
    before = verify(tmp_path)
    assert (before.awaited, before.missing, before.faults) == (("s2",), (), ())
    assert chain.name_missing(NOON) == ("s2",)
    assert chain.name_missing(NOON) == ()
    after = verify(tmp_path)
    assert (after.awaited, after.missing, after.faults) == ((), ("s2",), ())
    assert after.entries == 4


def test_a_clip_may_come_before_the_pictures(tmp_path: Path) -> None:
    """A place may take longer than a clip; what was named too early and came is there."""
    chain = EvidenceFolder(tmp_path)
    chain.keep([clip("c")], ["s1"], NOON)
    chain.keep([piece("a")], ["s1"], NOON)
    assert chain.name_missing(NOON) == ()
    chain.keep([piece("b")], ["s2"], NOON)
    chain.name_missing(NOON)
    chain.keep([clip("d")], ["s2"], NOON)
    assert (verify(tmp_path).awaited, verify(tmp_path).missing) == ((), ())


def test_what_a_killed_process_left_is_taken_up(tmp_path: Path) -> None:
    """Whole files get an entry though nobody knows of what they are; the lost clip is named."""
    filled(tmp_path, 1)
    whole, forged = clip("whole"), clip("forged")
    (tmp_path / whole.name).write_bytes(whole.data)
    (tmp_path / forged.name).write_bytes(b"something else")
    half = tmp_path / "sealed" / ".abc.mp4.half"
    half.write_bytes(b"half")
    assert len(verify(tmp_path).faults) == 3
    EvidenceFolder(tmp_path).take_up(NOON)
    found = verify(tmp_path)
    assert not half.exists()
    assert (found.unfinished, found.missing) == (1, ("s0",))
    assert [fault.split(" is")[0] for fault in found.faults] == [forged.name]


def test_a_folder_that_was_left_in_order_gets_no_entry(tmp_path: Path) -> None:
    """Nor does one that is new get a manifest."""
    EvidenceFolder(tmp_path / "new").take_up(NOON)
    assert not (tmp_path / "new" / MANIFEST).exists()
    chain = EvidenceFolder(tmp_path / "old")
    chain.keep([piece("a"), clip("b")], ["s1"], NOON)
    EvidenceFolder(tmp_path / "old").take_up(NOON)
    assert verify(tmp_path / "old").entries == 1


def test_retention_may_prune_while_evidence_is_kept(tmp_path: Path) -> None:
    """Each goes on from what the other wrote: a camera is watched for weeks."""
    watching = EvidenceFolder(filled(tmp_path, 2))
    assert EvidenceFolder(tmp_path).prune(NOON + DAY, NOON + DAY).files == 2
    watching.keep([piece("later")], ["s9"], NOON + DAY)
    found = verify(tmp_path)
    assert (found.entries, found.files, found.faults) == (4, 3, ())


def test_entries_of_several_threads_follow_one_another(tmp_path: Path) -> None:
    """Pictures are kept where frames are judged, clips where they are encoded."""
    chain = EvidenceFolder(tmp_path)

    def keep(writer: int) -> None:
        for number in range(10):
            chain.keep([piece(f"{writer}/{number}")], [f"{writer}/{number}"], NOON)

    threads = [threading.Thread(target=keep, args=(writer,)) for writer in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    found = verify(tmp_path)
    assert (found.entries, found.files, found.faults) == (40, 40, ())


def test_a_line_that_was_half_written_while_the_folder_was_open_is_no_entry(tmp_path: Path) -> None:
    """As when the disk was full for a while."""
    chain = EvidenceFolder(filled(tmp_path, 2))
    with (tmp_path / MANIFEST).open("a") as manifest:
        manifest.write('{"about": ["s')
    chain.keep([piece("later")], [], NOON)
    assert (verify(tmp_path).entries, verify(tmp_path).faults) == (3, ())


def _manifest_gone(folder: Path) -> None:
    (folder / MANIFEST).unlink()


def _manifest_emptied(folder: Path) -> None:
    (folder / MANIFEST).write_bytes(b"")


def _manifest_of_noise(folder: Path) -> None:
    (folder / MANIFEST).write_bytes(b"\xff\xfe noise without an end of line")


@pytest.mark.parametrize("spoil", [_manifest_gone, _manifest_emptied, _manifest_of_noise])
def test_files_without_their_manifest_are_told_and_stay(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    """Each of them, and nothing of what was done to the manifest is wiped out by looking."""
    spoil(filled(tmp_path))
    found = (tmp_path / MANIFEST).read_bytes() if (tmp_path / MANIFEST).exists() else None
    assert sum("is in no entry" in fault for fault in verify(tmp_path).faults) == 6
    if found:
        with pytest.raises(EvidenceError, match="nothing is added to it"):
            EvidenceFolder(tmp_path)
        assert (tmp_path / MANIFEST).read_bytes() == found
    else:
        assert EvidenceFolder(tmp_path).prune(NOON + 9 * DAY, NOON + 9 * DAY).files == 0
        assert len(EvidenceFolder(tmp_path).strangers()) == 6


def test_an_entry_that_lacks_its_line_end_alone_is_one(tmp_path: Path) -> None:
    """Its files are there, and were written before it."""
    filled(tmp_path, 2)
    whole = (tmp_path / MANIFEST).read_bytes()
    (tmp_path / MANIFEST).write_bytes(whole.rstrip(b"\n"))
    EvidenceFolder(tmp_path)
    assert (tmp_path / MANIFEST).read_bytes() == whole


def test_a_pruned_file_that_is_there_is_told_until_it_goes(tmp_path: Path) -> None:
    """Whoever put it back, or ended pruning before it was done."""
    chain = EvidenceFolder(filled(tmp_path, 1))
    assert chain.prune(NOON + DAY, NOON + DAY).files == 2
    back = piece("sealed 0", is_sealed=True)
    (tmp_path / back.name).write_bytes(back.data)
    (fault,) = verify(tmp_path).faults
    assert "was removed by pruning and is there" in fault
    assert len(due(tmp_path, NOON + DAY)) == 1
    assert chain.prune(NOON + DAY, NOON + DAY).files == 1
    assert verify(tmp_path).faults == ()


def test_what_was_kept_again_after_pruning_must_be_there(tmp_path: Path) -> None:
    """The same film watched again gives the same files: that they once went excuses nothing."""
    chain = EvidenceFolder(filled(tmp_path, 1))
    chain.prune(NOON + DAY, NOON + DAY)
    chain.keep([piece("shown 0")], ["s0"], NOON + 2 * DAY)
    assert (verify(tmp_path).files, verify(tmp_path).pruned) == (1, 1)
    (tmp_path / piece("shown 0").name).unlink()
    assert verify(tmp_path).faults == (f"{piece('shown 0').name} is missing",)


def test_what_pruning_would_remove_is_counted_and_stays(tmp_path: Path) -> None:
    """Before anybody does it."""
    filled(tmp_path)
    before = (tmp_path / MANIFEST).read_bytes()
    assert len(due(tmp_path, NOON + 2 * DAY)) == 4
    assert (tmp_path / MANIFEST).read_bytes() == before
    assert verify(tmp_path).files == 6
    assert EvidenceFolder(tmp_path).prune(NOON + 2 * DAY, NOON + 9 * DAY).files == 4
    with pytest.raises(EvidenceError, match="cannot be read"):
        due(tmp_path / "nowhere", NOON)


def test_half_a_file_goes_with_the_failure_that_left_it(tmp_path: Path) -> None:
    """It would take the room that is lacking, and be in no entry."""
    chain = EvidenceFolder(filled(tmp_path, 1))
    blocked = piece("later")
    (tmp_path / blocked.name).mkdir()
    with pytest.raises(EvidenceError, match="evidence cannot be written"):
        chain.keep([blocked], ["s9"], NOON)
    assert verify(tmp_path).faults == ()


def test_a_line_that_the_disk_refuses_leaves_no_half(tmp_path: Path) -> None:
    """Whoever verifies meanwhile is told of no fault."""
    chain = EvidenceFolder(filled(tmp_path, 2))
    before = (tmp_path / MANIFEST).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, limits[1]))
    try:
        with pytest.raises(EvidenceError, match="cannot be written"):
            chain.prune(NOON + DAY, NOON + DAY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / MANIFEST).read_bytes() == before
    assert verify(tmp_path).files == 4
