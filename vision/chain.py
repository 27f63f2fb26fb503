"""A manifest of evidence whose entries seal each other, and the folder that it speaks of.

A folder holds `manifest.jsonl`, `shown/` and `sealed/`. Files are named by their SHA-256. Each
entry holds the hash of the one before it, so that none can be changed, taken out or put between
without breaking all that follow; what was cut off at the end shows only to who noted the last hash.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from vision.chain_entries import (
    BEGINNING,
    NAME,
    Entry,
    checked,
    following,
    line_of,
    without_clip,
)
from vision.errors import EvidenceError

MANIFEST = "manifest.jsonl"
PARTS = ("shown", "sealed")
UNFINISHED = "unfinished"
_HALF = ".half"


@dataclass(frozen=True)
class Piece:
    """One file to be kept.

    Attributes:
        role: what it is: detail, overview, clip, boxes, original.
        suffix: jpg, mp4 or json.
        data: its bytes.
        is_sealed: whether it shows who, and is kept apart.
    """

    role: str
    suffix: str
    data: bytes
    is_sealed: bool = False

    @property
    def name(self) -> str:
        """Where in the folder it lies."""
        part = "sealed" if self.is_sealed else "shown"
        return f"{part}/{hashlib.sha256(self.data).hexdigest()}.{self.suffix}"


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
    """

    entries: int
    files: int
    pruned: int
    end_sha256: str
    faults: tuple[str, ...]
    awaited: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unfinished: int = 0


class EvidenceFolder:
    """The evidence of one pass, written as it comes, from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        """Open a folder, new or begun.

        Raises:
            EvidenceError: it cannot be made, or its manifest was changed.
        """
        self._folder = folder
        self._last: Entry | None = None
        self._size_bytes = 0
        try:
            (folder / "shown").mkdir(parents=True, exist_ok=True)
            (folder / "sealed").mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise EvidenceError(
                f"{folder}: cannot be made ({error.strerror}); name another folder."
            ) from error
        if (folder / MANIFEST).exists():
            with self._manifest():
                """Nothing is added: it is checked."""

    def keep(self, pieces: Sequence[Piece], about: Iterable[str], at: datetime) -> None:
        """Write files, and then the entry that names them: a crash leaves no entry without files.

        Raises:
            EvidenceError: the disk refuses.
        """
        try:
            for piece in pieces:
                _write_whole(self._folder / piece.name, piece.data, sealed=piece.is_sealed)
        except OSError as error:
            raise EvidenceError(
                f"{self._folder}: evidence cannot be written ({error.strerror}); make room."
            ) from error
        files = tuple((piece.name, piece.role) for piece in pieces)
        self._append("kept", tuple(about), files, at)

    def take_up(self, at: datetime) -> None:
        """Set right what a process left that died while it wrote here; none may be writing now.

        Files that are whole and in no entry get one, which says that they are of nothing known.

        Raises:
            EvidenceError: the disk refuses.
        """
        named = {name for entry in _entries(self._folder) for name, _ in entry.files}
        left = []
        for part in PARTS:
            for each in _files(self._folder / part):
                name = f"{part}/{each.name}"
                if each.name.endswith(_HALF):
                    each.unlink()
                elif name not in named and NAME.match(name) and _is_whole(each):
                    left.append((name, UNFINISHED))
        if left:
            self._append("kept", (), tuple(sorted(left)), at)
        self.name_missing(at)

    def name_missing(self, at: datetime) -> tuple[str, ...]:
        """Say in the chain which sightings have no clip and will have none; return them.

        Raises:
            EvidenceError: the disk refuses.
        """
        awaited, _ = without_clip(_entries(self._folder))
        if awaited:
            self._append("missing", awaited, (), at)
        return awaited

    def prune(self, before: datetime, at: datetime) -> int:
        """Remove files kept before a moment and cited by nothing younger, and say so in the chain.

        The entry is written first: a file that is still there though pruned can be pruned again.

        Raises:
            EvidenceError: the disk refuses.
        """
        kept = [entry for entry in _entries(self._folder) if entry.kind == "kept"]
        young = {name for entry in kept if entry.at >= before for name, _ in entry.files}
        old = {pair for entry in kept if entry.at < before for pair in entry.files}
        gone = tuple(
            sorted(
                (name, role)
                for name, role in old
                if name not in young and (self._folder / name).is_file()
            )
        )
        if not gone:
            return 0
        self._append("pruned", (), gone, at)
        names = {name for name, _ in gone}
        for name in names:
            (self._folder / name).unlink(missing_ok=True)
        return len(names)

    def _append(
        self, kind: str, about: tuple[str, ...], files: tuple[tuple[str, str], ...], at: datetime
    ) -> None:
        with self._manifest() as manifest:
            entry = following(self._last, Entry(0, at, kind, about, files, "", ""))
            manifest.write(line_of(entry).encode() + b"\n")
            manifest.flush()
            os.fsync(manifest.fileno())
            self._last, self._size_bytes = entry, manifest.tell()

    @contextmanager
    def _manifest(self) -> Iterator[BinaryIO]:
        """The manifest, for nobody else meanwhile, at its end as it is now.

        Others write here too: retention prunes what is kept while it is watched.

        Raises:
            EvidenceError: it was changed, or the disk refuses.
        """
        path = self._folder / MANIFEST
        try:
            with path.open("a+b") as manifest:
                fcntl.flock(manifest, fcntl.LOCK_EX)
                if manifest.seek(0, os.SEEK_END) != self._size_bytes:
                    _drop_torn_end(manifest)
                    manifest.seek(0)
                    lines = manifest.read().decode(errors="replace").splitlines()
                    entries = _sound(path, lines)
                    self._last = entries[-1] if entries else None
                    self._size_bytes = manifest.seek(0, os.SEEK_END)
                yield manifest
        except OSError as error:
            raise EvidenceError(
                f"{path}: cannot be written ({error.strerror}); make room."
            ) from error


def verify(folder: Path, anchor: str = "") -> Verification:
    """Check a folder: the chain, every file that it names, and files that it does not name.

    Args:
        folder: of one pass.
        anchor: a hash of an entry noted earlier, which must still be in the chain.

    Raises:
        EvidenceError: there is no manifest.
    """
    path = folder / MANIFEST
    try:
        lines = _lines(path)
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceError(f"{path}: cannot be read as a manifest; check the path.") from error
    faults: list[str] = []
    entries = list(checked(lines, faults))
    roles = {name: role for entry in entries if entry.kind == "kept" for name, role in entry.files}
    pruned = {name for entry in entries if entry.kind == "pruned" for name, _ in entry.files}
    whole = 0
    for name in sorted(roles):
        there = folder / name
        if not there.is_file():
            if name not in pruned:
                faults.append(f"{name} is missing")
        elif not _is_whole(there):
            faults.append(f"{name} was changed")
        else:
            whole += 1
    found = {f"{part}/{each.name}" for part in PARTS for each in _files(folder / part)}
    faults += [
        f"{name} is in no entry: it was put there, or its writer was ended meanwhile"
        for name in sorted(found - roles.keys())
    ]
    if anchor and anchor not in {BEGINNING, *(entry.sha256 for entry in entries)}:
        faults.append("the noted hash is not in the chain: entries were cut off or rewritten")
    awaited, missing = without_clip(entries)
    return Verification(
        len(lines),
        whole,
        pruned=sum(not (folder / name).is_file() for name in pruned & roles.keys()),
        end_sha256=entries[-1].sha256 if entries else BEGINNING,
        faults=tuple(faults),
        awaited=awaited,
        missing=missing,
        unfinished=sum(role == UNFINISHED for role in roles.values()),
    )


def _files(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.is_file()] if folder.is_dir() else []


def _is_whole(path: Path) -> bool:
    """Whether a file holds what its name says."""
    return hashlib.sha256(path.read_bytes()).hexdigest() == path.stem


def _lines(path: Path) -> list[str]:
    """The lines of a manifest, when nobody writes."""
    with path.open(encoding="utf-8") as manifest:
        fcntl.flock(manifest, fcntl.LOCK_SH)
        return manifest.read().splitlines()


def _entries(folder: Path) -> list[Entry]:
    path = folder / MANIFEST
    return _sound(path, _lines(path)) if path.exists() else []


def _sound(path: Path, lines: Sequence[str]) -> list[Entry]:
    """The entries of a manifest.

    Raises:
        EvidenceError: it was changed.
    """
    faults: list[str] = []
    entries = list(checked(lines, faults))
    if faults:
        raise EvidenceError(
            f"{path}: {faults[0]}; nothing is added to it. `patrol evidence verify` tells more."
        )
    return entries


def _drop_torn_end(manifest: BinaryIO) -> None:
    """A crash while a line was written leaves half of it: it was never an entry."""
    manifest.seek(0)
    data = manifest.read()
    if not data.endswith(b"\n"):
        manifest.truncate(data.rfind(b"\n") + 1)


def _write_whole(path: Path, data: bytes, *, sealed: bool) -> None:
    half = path.with_name(f".{path.name}{_HALF}")
    with half.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if sealed:
        half.chmod(0o600)
    half.replace(path)
