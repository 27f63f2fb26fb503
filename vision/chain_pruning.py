"""What of a folder of evidence goes when its time is over, and in what state it goes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vision.chain_entries import Entry
from vision.chain_files import file_names, is_whole

# Roles of files in entries of the kind `pruned`: what went was no longer what had been kept.
ALTERED = "altered"
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Pruned:
    """What pruning removed, or would remove.

    Attributes:
        files: how many, with the next.
        spoilt: names of those that were no longer as they were kept, each with `altered` or
            `unreadable`, sorted.
    """

    files: int = 0
    spoilt: tuple[tuple[str, str], ...] = ()


def over(folder: Path, entries: Sequence[Entry], before: datetime) -> tuple[tuple[str, str], ...]:
    """Names and roles of the files whose time is over and which are there.

    Args:
        folder: of one pass.
        entries: of its manifest.
        before: files that no entry of this moment or later names are over.
    """
    kept = [entry for entry in entries if entry.kind == "kept"]
    young = {name for entry in kept if entry.at >= before for name, _ in entry.files}
    old = {pair for entry in kept if entry.at < before for pair in entry.files}
    found = set(file_names(folder)) - young
    return tuple(sorted((name, role) for name, role in old if name in found))


def spoilt(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Which files are not as they were kept: `altered`, or `unreadable` where nobody can tell.

    Args:
        folder: of one pass.
        names: of files in it; those that are gone are left out.
    """
    states = {name: _state(folder / name) for name in names}
    return {name: state for name, state in states.items() if state}


def _state(path: Path) -> str:
    try:
        return "" if is_whole(path) else ALTERED
    except FileNotFoundError:
        return ""
    except OSError:
        return UNREADABLE


def spoilt_when_pruned(entries: Sequence[Entry]) -> tuple[tuple[str, str], ...]:
    """Names of files that were removed spoilt and not kept again, with what they were, sorted."""
    found = dict[str, str]()
    for entry in entries:
        if entry.kind == "pruned":
            found |= {name: role for name, role in entry.files if role in {ALTERED, UNREADABLE}}
        elif entry.kind == "kept":
            for name, _ in entry.files:
                found.pop(name, None)
    return tuple(sorted(found.items()))
