"""Whether a folder of evidence is as its manifest says."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vision.chain import UNFINISHED
from vision.chain_entries import BEGINNING, Entry, checked, without_clip
from vision.chain_files import (
    MANIFEST,
    PARTS,
    file_names,
    is_being_written,
    is_whole,
    lines_and_files,
)
from vision.chain_pruning import spoilt_when_pruned
from vision.errors import EvidenceError

_NOTHING_THERE = (
    ": all that was kept was taken away, or the pass was ended before it could be begun"
)


@dataclass(frozen=True)
class Verification:
    """What checking a folder found.

    Attributes:
        entries: lines of its manifest.
        files: files that are there and as they were.
        pruned: files that were removed when their time was over.
        end_sha256: hash of the last entry: whoever notes it elsewhere can tell a shortened chain.
        faults: everything that is not as it was written.
        awaited: sightings whose clip is not there, and nothing says why: it is being made, or who
            made it was ended and nobody took the pass up.
        missing: sightings whose clip is said to be missing.
        unfinished: files that a process left which died before it could say what they are of.
        begun_as: the folder's name when the pass was begun; empty where the chain does not say.
        spoilt: names of pruned files that were no longer as they were kept when they went, each
            with `altered` or `unreadable`.
    """

    entries: int
    files: int
    pruned: int
    end_sha256: str
    faults: tuple[str, ...]
    awaited: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unfinished: int = 0
    begun_as: str = ""
    spoilt: tuple[tuple[str, str], ...] = ()


def verify(folder: Path, anchor: str = "") -> Verification:
    """Check a folder: the chain, every file that it names, and files that it does not name.

    Args:
        folder: of one pass; evidence may be kept and pruned there meanwhile.
        anchor: a hash of an entry noted earlier, which must still be in the chain.

    Raises:
        EvidenceError: there is neither a manifest nor anything that it should name, or something
            cannot be read.
    """
    faults: list[str] = []
    lines, there = _lines_and_files(folder, faults)
    if not lines and not faults:
        faults.append(
            f"{MANIFEST} is empty: it was emptied, or its writer was ended or refused by the disk "
            "before the first entry; an end that was noted tells which"
        )
    entries = list(checked(lines, faults))
    roles = {name: role for entry in entries if entry.kind == "kept" for name, role in entry.files}
    pruned = _pruned(entries)
    whole = _whole(folder, sorted(roles.keys() & set(there) - pruned), faults)
    faults += [f"{name} is missing" for name in sorted(roles.keys() - set(there) - pruned)]
    faults += [
        f"{name} was removed by pruning and is there: it was put back, or pruning was ended "
        "meanwhile; prune again"
        for name in sorted(pruned & set(there))
    ]
    faults += [
        f"{name} is in no entry: it was put there, or its writer was ended meanwhile"
        for name in there
        if name not in roles and not is_being_written(folder / name)
    ]
    if anchor and anchor not in {BEGINNING, *(entry.sha256 for entry in entries)}:
        faults.append("the noted hash is not in the chain: entries were cut off or rewritten")
    begun_as = _begun_as(entries, folder.absolute().name, faults)
    awaited, missing = without_clip(entries)
    return Verification(
        len(lines),
        whole,
        pruned=len(pruned - set(there)),
        end_sha256=entries[-1].sha256 if entries else BEGINNING,
        faults=tuple(faults),
        awaited=awaited,
        missing=missing,
        unfinished=sum(role == UNFINISHED for role in roles.values()),
        begun_as=begun_as,
        spoilt=spoilt_when_pruned(entries),
    )


def _lines_and_files(folder: Path, faults: list[str]) -> tuple[list[str], tuple[str, ...]]:
    path = folder / MANIFEST
    try:
        return lines_and_files(folder)
    except FileNotFoundError as error:
        there = file_names(folder)
        if not all((folder / part).is_dir() for part in PARTS) and not there:
            raise EvidenceError(f"{path}: cannot be read as a manifest; check the path.") from error
        faults.append(f"{MANIFEST} is missing" + (_NOTHING_THERE if not there else ""))
    except UnicodeDecodeError:
        there = file_names(folder)
        faults.append(f"{MANIFEST} is no manifest: it was replaced")
    except OSError as error:
        raise EvidenceError(
            f"{error.filename or path}: cannot be read as a manifest ({error.strerror}); check "
            "the path, and verify as who watched."
        ) from error
    return [], there


def _begun_as(entries: Sequence[Entry], here: str, faults: list[str]) -> str:
    """The name of the folder as the chain says; another than it has here is a fault."""
    named = next((name for each in entries if each.kind == "begun" for name in each.about), "")
    if named not in {"", here}:
        faults.append(
            f"it was begun as {named} and not as {here}: its folder was renamed, or put in the "
            "place of another; name it back"
        )
    return named


def _pruned(entries: Sequence[Entry]) -> set[str]:
    """Names of files that were removed and not kept again."""
    pruned = set[str]()
    for entry in entries:
        names = {name for name, _ in entry.files}
        if entry.kind == "pruned":
            pruned |= names
        elif entry.kind == "kept":
            pruned -= names
    return pruned


def _whole(folder: Path, names: Sequence[str], faults: list[str]) -> int:
    """How many files are as they were; the others become faults."""
    whole, vanished = 0, []
    for name in names:
        try:
            if is_whole(folder / name):
                whole += 1
            else:
                faults.append(f"{name} was changed")
        except FileNotFoundError:
            vanished.append(name)
        except OSError as error:
            raise EvidenceError(
                f"{folder / name}: cannot be read ({error.strerror}); verify as who watched."
            ) from error
    if vanished:
        # Reading takes its time, and retention may have come by meanwhile.
        pruned = _pruned(list(checked(_lines_and_files(folder, [])[0], [])))
        faults += [f"{name} is missing" for name in vanished if name not in pruned]
    return whole
