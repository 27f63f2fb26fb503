"""Evidence is written beside its place, so that a slow disk holds up nobody else."""

import fcntl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vision.chain import EvidenceFolder, Piece
from vision.chain_check import verify
from vision.chain_files import HALF, MANIFEST, file_names, is_being_written
from vision.errors import EvidenceError

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
CLIP = Piece("clip", "mp4", b"a long clip" * 1000)
SEALED = Piece("original", "jpg", b"who it was", is_sealed=True)


def until(happens: Callable[[], bool]) -> None:
    """Wait for another thread.

    Raises:
        AssertionError: it does not come in ten seconds.
    """
    for _ in range(1000):
        if happens():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")


def halves(folder: Path) -> list[Path]:
    """The files that are written beside their places."""
    return [folder / name for name in file_names(folder) if name.endswith(HALF)]


def are_written(folder: Path) -> bool:
    """Whether clip and original lie whole beside their places."""
    sizes = sorted(each.stat().st_size for each in halves(folder))
    return sizes == [len(SEALED.data), len(CLIP.data)]


def test_files_are_written_while_somebody_else_holds_the_manifest(tmp_path: Path) -> None:
    """Only their entry waits; who looks meanwhile is told of no stranger."""
    chain = EvidenceFolder(tmp_path)
    chain.keep([Piece("detail", "jpg", b"a")], ["s1"], NOON)
    keeping = threading.Thread(target=chain.keep, args=([CLIP, SEALED], ["s1"], NOON))
    with (tmp_path / MANIFEST).open("rb") as manifest:
        fcntl.flock(manifest, fcntl.LOCK_SH)
        keeping.start()
        until(lambda: are_written(tmp_path))
        found = verify(tmp_path)
        assert (found.entries, found.files, found.faults) == (1, 1, ())
    keeping.join()
    found = verify(tmp_path)
    assert (found.entries, found.files, found.faults, halves(tmp_path)) == (2, 3, (), [])


def test_who_takes_a_pass_up_leaves_what_is_being_written(tmp_path: Path) -> None:
    """What nobody writes any more goes."""
    chain = EvidenceFolder(tmp_path)
    chain.keep([CLIP], ["s1"], NOON)
    written, left = (tmp_path / "shown" / f".{name}{HALF}" for name in ("written", "left"))
    left.touch()
    with written.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert chain.strangers() == (f"shown/{left.name}",)
        chain.take_up(NOON)
        assert (written.exists(), left.exists()) == (True, False)


def test_what_vanished_was_being_written_and_other_files_never_are(tmp_path: Path) -> None:
    """It was moved to its place between the listing and the look."""
    assert is_being_written(tmp_path / f"moved{HALF}")
    assert not is_being_written(tmp_path / "picture.jpg")


def test_pieces_of_the_same_bytes_are_one_file(tmp_path: Path) -> None:
    """As detail and overview of a small frame; each keeps its role."""
    pieces = [Piece(role, "jpg", b"tiny") for role in ("detail", "overview")]
    EvidenceFolder(tmp_path).keep(pieces, ["s1"], NOON)
    assert (verify(tmp_path).files, verify(tmp_path).faults) == (1, ())


def test_nothing_of_an_entry_that_cannot_be_written_stays(tmp_path: Path) -> None:
    """The halves of all its files go, also of those that could be written."""
    chain = EvidenceFolder(tmp_path)
    chain.keep([Piece("detail", "jpg", b"a")], ["s1"], NOON)
    (tmp_path / SEALED.name).mkdir()
    with pytest.raises(EvidenceError, match="evidence cannot be written"):
        chain.keep([SEALED, CLIP], ["s2"], NOON)
    assert (halves(tmp_path), verify(tmp_path).faults) == ([], ())
