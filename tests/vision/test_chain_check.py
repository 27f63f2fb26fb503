"""A chain that was begun says of which pass it is, and is never empty."""

from datetime import UTC, datetime
from pathlib import Path

from vision.chain import EvidenceFolder, Piece
from vision.chain_check import verify
from vision.chain_files import HALF, MANIFEST

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
PICTURE = Piece("detail", "jpg", b"a")


def begun(folder: Path) -> EvidenceFolder:
    """The folder of a pass that found nothing so far."""
    chain = EvidenceFolder(folder)
    chain.begin(NOON)
    return chain


def test_a_pass_that_found_nothing_is_in_order(tmp_path: Path) -> None:
    """It has an end to note; being begun again it gets no second beginning."""
    folder = tmp_path / "gate-p"
    begun(folder)
    begun(folder)
    found = verify(folder)
    assert (found.entries, found.files, found.faults) == (1, 0, ())
    assert found.begun_as == "gate-p"


def test_an_emptied_manifest_is_told(tmp_path: Path) -> None:
    """Though all that it named is gone too."""
    folder = tmp_path / "gate-p"
    begun(folder).keep([PICTURE], ["s1"], NOON)
    (folder / PICTURE.name).unlink()
    (folder / MANIFEST).write_bytes(b"")
    (fault,) = verify(folder).faults
    assert fault.startswith("manifest.jsonl is empty: it was emptied, or ")


def test_a_manifest_that_went_with_all_that_it_named_is_told(tmp_path: Path) -> None:
    """The parts of the folder say that a pass was begun there."""
    folder = tmp_path / "gate-p"
    begun(folder)
    (folder / MANIFEST).unlink()
    (fault,) = verify(folder).faults
    assert fault.startswith("manifest.jsonl is missing: all that was kept was taken away, or ")


def test_a_folder_that_was_renamed_is_told(tmp_path: Path) -> None:
    """By the name that it was begun under; so is one that was put in the place of another."""
    begun(tmp_path / "gate-p").keep([PICTURE], ["s1"], NOON)
    (tmp_path / "gate-p").rename(tmp_path / "yard-p")
    found = verify(tmp_path / "yard-p")
    assert (found.files, found.begun_as) == (1, "gate-p")
    (fault,) = found.faults
    assert fault.startswith("it was begun as gate-p and not as yard-p: ")


def test_a_chain_without_a_beginning_gets_one_when_its_pass_goes_on(tmp_path: Path) -> None:
    """Until then nobody can tell whether it was renamed."""
    folder = tmp_path / "gate-p"
    EvidenceFolder(folder).keep([PICTURE], ["s1"], NOON)
    assert (verify(folder).begun_as, verify(folder).faults) == ("", ())
    begun(folder)
    assert (verify(folder).begun_as, verify(folder).entries) == ("gate-p", 2)


def test_a_pass_that_was_killed_while_it_wrote_its_first_clip_is_in_order(tmp_path: Path) -> None:
    """What is half there goes, and no manifest is left that would look emptied."""
    folder = tmp_path / "gate-p"
    chain = EvidenceFolder(folder)
    (folder / "shown" / f".clip{HALF}").write_bytes(b"half")
    chain.take_up(NOON)
    assert not (folder / MANIFEST).exists()
    chain.begin(NOON)
    assert verify(folder).faults == ()
