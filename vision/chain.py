"""A manifest of evidence whose entries seal each other, and the folder that it speaks of.

A folder holds `manifest.jsonl`, `shown/` and `sealed/`. Files are named by their SHA-256. Each
entry holds the hash of the one before it, so that none can be changed, taken out or put between
without breaking all that follow; what was cut off at the end shows only to who noted the last hash.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from vision.errors import EvidenceError

MANIFEST = "manifest.jsonl"
BEGINNING = "0" * 64
_NAME = re.compile(r"^(shown|sealed)/([0-9a-f]{64})\.(jpg|mp4|json)$")


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
class Entry:
    """One line of a manifest.

    Attributes:
        number: from 1.
        at: when it was written, UTC.
        kind: `kept` or `pruned`.
        about: ids of the sightings that the files are of.
        files: names of the files with their roles.
        previous: hash of the entry before.
        sha256: hash of this entry, over all the others and `previous`.
    """

    number: int
    at: datetime
    kind: str
    about: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    previous: str
    sha256: str


@dataclass(frozen=True)
class Verification:
    """What checking a folder found.

    Attributes:
        entries: lines of its manifest.
        files: files that are there and as they were.
        pruned: files that were removed when their time was over.
        end_sha256: hash of the last entry: whoever notes it elsewhere can tell a shortened chain.
        faults: everything that is not as it was written.
    """

    entries: int
    files: int
    pruned: int
    end_sha256: str
    faults: tuple[str, ...]


class EvidenceFolder:
    """The evidence of one pass, written as it comes."""

    def __init__(self, folder: Path) -> None:
        """Open a folder, new or begun.

        Raises:
            EvidenceError: it cannot be made, or its manifest was changed.
        """
        self._folder = folder
        try:
            (folder / "shown").mkdir(parents=True, exist_ok=True)
            (folder / "sealed").mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise EvidenceError(
                f"{folder}: cannot be made ({error.strerror}); name another folder."
            ) from error
        _drop_torn_end(folder / MANIFEST)
        self._last = _sound_end(folder)

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
        number, previous = (self._last.number, self._last.sha256) if self._last else (0, BEGINNING)
        entry = Entry(number + 1, at.astimezone(UTC), kind, about, files, previous, "")
        line = _line(replace(entry, sha256=_seal(_row(entry))))
        try:
            with (self._folder / MANIFEST).open("a", encoding="utf-8") as manifest:
                manifest.write(line + "\n")
                manifest.flush()
                os.fsync(manifest.fileno())
        except OSError as error:
            raise EvidenceError(
                f"{self._folder / MANIFEST}: cannot be written ({error.strerror}); make room."
            ) from error
        self._last = _parsed(line, number + 1)


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
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceError(f"{path}: cannot be read as a manifest; check the path.") from error
    faults: list[str] = []
    entries = list(_checked(lines, faults))
    kept = {name for entry in entries if entry.kind == "kept" for name, _ in entry.files}
    pruned = {name for entry in entries if entry.kind == "pruned" for name, _ in entry.files}
    whole = 0
    for name in sorted(kept):
        there = folder / name
        if not there.is_file():
            if name not in pruned:
                faults.append(f"{name} is missing")
        elif hashlib.sha256(there.read_bytes()).hexdigest() != there.stem:
            faults.append(f"{name} was changed")
        else:
            whole += 1
    found = {
        f"{part}/{each.name}" for part in ("shown", "sealed") for each in _files(folder / part)
    }
    faults += [f"{name} is in no entry" for name in sorted(found - kept)]
    if anchor and anchor not in {BEGINNING, *(entry.sha256 for entry in entries)}:
        faults.append("the noted hash is not in the chain: entries were cut off or rewritten")
    end = entries[-1].sha256 if entries else BEGINNING
    gone = sum(not (folder / name).is_file() for name in pruned & kept)
    return Verification(len(lines), whole, gone, end, tuple(faults))


def _files(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.is_file()] if folder.is_dir() else []


def _checked(lines: Sequence[str], faults: list[str]) -> Iterator[Entry]:
    previous = BEGINNING
    for number, line in enumerate(lines, start=1):
        try:
            entry = _parsed(line, number)
        except EvidenceError as error:
            faults.append(str(error))
            continue
        if entry.previous != previous:
            faults.append(f"entry {number} does not follow the one before it")
        previous = entry.sha256
        yield entry


def _parsed(line: str, number: int) -> Entry:
    """Read a line, whose own hash must be right.

    Raises:
        EvidenceError: it is no entry, or was changed.
    """
    try:
        row = json.loads(line)
        entry = Entry(
            int(row["number"]),
            datetime.fromisoformat(row["at"]),
            str(row["kind"]),
            tuple(str(each) for each in row["about"]),
            tuple((str(each["name"]), str(each["role"])) for each in row["files"]),
            str(row["previous"]),
            str(row["sha256"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"entry {number} cannot be read") from error
    if entry.number != number or _line(entry) != line or _seal(_row(entry)) != entry.sha256:
        raise EvidenceError(f"entry {number} was changed")
    # Names come from a file that anybody may have written: none may lead out of the folder.
    if entry.at.tzinfo is None or not all(_NAME.match(name) for name, _ in entry.files):
        raise EvidenceError(f"entry {number} names what is no evidence")
    return entry


def _row(entry: Entry) -> dict[str, object]:
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "about": list(entry.about),
        "files": [{"name": name, "role": role} for name, role in entry.files],
        "previous": entry.previous,
    }


def _line(entry: Entry) -> str:
    """The one way in which an entry is written."""
    row = _row(entry) | {"sha256": entry.sha256}
    return json.dumps(row, ensure_ascii=False, sort_keys=True)


def _seal(row: dict[str, object]) -> str:
    text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _entries(folder: Path) -> list[Entry]:
    path = folder / MANIFEST
    if not path.exists():
        return []
    faults: list[str] = []
    entries = list(_checked(path.read_text(encoding="utf-8").splitlines(), faults))
    if faults:
        raise EvidenceError(
            f"{path}: {faults[0]}; nothing is added to it. `patrol evidence verify` tells more."
        )
    return entries


def _sound_end(folder: Path) -> Entry | None:
    entries = _entries(folder)
    return entries[-1] if entries else None


def _drop_torn_end(path: Path) -> None:
    """A crash while a line was written leaves half of it: it was never an entry."""
    if not path.exists():
        return
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        _write_whole(path, data[: data.rfind(b"\n") + 1], sealed=False)


def _write_whole(path: Path, data: bytes, *, sealed: bool) -> None:
    half = path.with_name(f".{path.name}.half")
    with half.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if sealed:
        half.chmod(0o600)
    half.replace(path)
