"""What is over goes, also from a full disk; the chain says what had been altered by then."""

import errno
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import Any

from vision.chain import EvidenceFolder, Piece, due
from vision.chain_check import verify
from vision.chain_pruning import ALTERED, UNREADABLE, spoilt

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)
PIECES = [Piece("detail", "jpg", b"a"), Piece("original", "jpg", b"b", is_sealed=True)]
SHOWN, SEALED = (each.name for each in PIECES)


def kept(folder: Path) -> EvidenceFolder:
    """A folder of two files of one sighting."""
    chain = EvidenceFolder(folder)
    chain.keep(PIECES, ["s1"], NOON)
    return chain


def test_what_was_altered_goes_and_the_chain_says_so(tmp_path: Path) -> None:
    """It is told before and while it goes, and by whoever verifies ever after; no more a fault."""
    chain = kept(tmp_path)
    (tmp_path / SHOWN).write_bytes(b"forged")
    assert spoilt(tmp_path, due(tmp_path, NOON + DAY)) == {SHOWN: ALTERED}
    pruned = chain.prune(NOON + DAY, NOON + DAY)
    assert (pruned.files, pruned.spoilt) == (2, ((SHOWN, ALTERED),))
    found = verify(tmp_path)
    assert (found.pruned, found.spoilt, found.faults) == (2, ((SHOWN, ALTERED),), ())


def test_what_went_as_it_was_kept_is_not_said_to_be_altered(tmp_path: Path) -> None:
    """Nor what is kept again after it went altered: the same bytes are there now."""
    chain = kept(tmp_path)
    pruned = chain.prune(NOON + DAY, NOON + DAY)
    assert (pruned.files, pruned.spoilt, verify(tmp_path).spoilt) == (2, (), ())
    chain.keep(PIECES, ["s1"], NOON + DAY)
    (tmp_path / SEALED).write_bytes(b"forged")
    chain.prune(NOON + 2 * DAY, NOON + 2 * DAY)
    assert verify(tmp_path).spoilt == ((SEALED, ALTERED),)
    chain.keep(PIECES, ["s1"], NOON + 2 * DAY)
    assert (verify(tmp_path).files, verify(tmp_path).spoilt) == (2, ())


def test_what_was_put_back_whole_does_not_wash_off_that_it_was_altered(tmp_path: Path) -> None:
    """The chain has said so once, and nobody kept the file again."""
    chain = kept(tmp_path)
    (tmp_path / SHOWN).write_bytes(b"forged")
    chain.prune(NOON + DAY, NOON + DAY)
    (tmp_path / SHOWN).write_bytes(b"a")
    assert chain.prune(NOON + DAY, NOON + DAY).spoilt == ()
    assert verify(tmp_path).spoilt == ((SHOWN, ALTERED),)


def test_what_cannot_be_read_goes_and_is_not_said_to_be_altered(tmp_path: Path) -> None:
    """A rotten disk must not keep faces beyond their time, and is no forger."""
    chain = kept(tmp_path)
    (tmp_path / SEALED).unlink()
    # Its first bytes give an I/O error to whoever reads them.
    (tmp_path / SEALED).symlink_to("/proc/self/mem")
    assert chain.prune(NOON + DAY, NOON + DAY).spoilt == ((SEALED, UNREADABLE),)
    assert not (tmp_path / SEALED).is_symlink()
    found = verify(tmp_path)
    assert (found.pruned, found.spoilt, found.faults) == (2, ((SEALED, UNREADABLE),), ())


class FullDisk(EvidenceFolder):
    """On a disk that has no room for a line before some file went."""

    def _append(self, manifest: FileIO, *entry: Any) -> None:
        if len(list((self._folder / "sealed").iterdir())) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        super()._append(manifest, *entry)


def test_a_full_disk_can_be_pruned(tmp_path: Path) -> None:
    """That is when it is asked for; the largest file goes first, and the chain says so."""
    chain = kept(tmp_path)
    for text in (b"a film", b"a long film"):
        chain.keep([Piece("clip", "mp4", text, is_sealed=True)], ["s1"], NOON)
    assert FullDisk(tmp_path).prune(NOON + DAY, NOON + DAY).files == 4
    found = verify(tmp_path)
    assert (found.files, found.pruned, found.faults) == (0, 4, ())
