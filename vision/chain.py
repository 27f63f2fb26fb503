"""A manifest of evidence whose entries seal each other, and the folder that it speaks of.

A folder holds `manifest.jsonl`, `shown/` and `sealed/`. Files are named by their SHA-256. Each
entry holds the hash of the one before it, so that none can be changed, taken out or put between
without breaking all that follow; what was cut off at the end shows only to who noted the last hash.
"""

import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import FileIO
from pathlib import Path

from vision.chain_entries import NAME, Entry, checked, following, line_of, without_clip
from vision.chain_files import (
    HALF,
    MANIFEST,
    file_names,
    is_being_written,
    is_whole,
    written_beside,
)
from vision.chain_pruning import Pruned, over, spoilt
from vision.errors import EvidenceError

UNFINISHED = "unfinished"
# How every line begins, since its keys are sorted.
_FIRST_BYTES = b'{"about": ['


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

    def begin(self, at: datetime) -> None:
        """Say in the chain of which pass it is: by the name of its folder, unless it says so.

        A pass that finds nothing has a manifest then, and one that is empty was emptied.

        Raises:
            EvidenceError: the disk refuses.
        """
        with self._manifest() as manifest:
            if not any(entry.kind == "begun" for entry in self._entries(manifest)):
                self._append(manifest, "begun", (self._folder.absolute().name,), (), at)

    def keep(self, pieces: Sequence[Piece], about: Iterable[str], at: datetime) -> None:
        """Write files, and then the entry that names them: a crash leaves no entry without files.

        Whoever looks meanwhile sees both or neither. A slow disk keeps no other writer waiting but
        for the entry: files are written beside their places, and then moved there.

        Raises:
            EvidenceError: the disk refuses.
        """
        files = tuple((piece.name, piece.role) for piece in pieces)
        paths = {self._folder / name: piece for (name, _), piece in zip(files, pieces, strict=True)}
        with ExitStack() as stack:
            with self._writing():
                halves = [
                    stack.enter_context(written_beside(path, each.data, is_sealed=each.is_sealed))
                    for path, each in paths.items()
                ]
            with self._manifest() as manifest:
                with self._writing():
                    for half, path in zip(halves, paths, strict=True):
                        half.replace(path)
                self._append(manifest, "kept", tuple(about), files, at)

    def take_up(self, at: datetime) -> None:
        """Set right what a process left that died while it wrote here; none may be writing now.

        Files that are whole and in no entry get one, which says that they are of nothing known.

        Raises:
            EvidenceError: the disk refuses.
        """
        with self._writing():
            for name in file_names(self._folder):
                if name.endswith(HALF) and not is_being_written(self._folder / name):
                    (self._folder / name).unlink()
        # A manifest that was opened for what was half there alone would look emptied.
        if is_bare(self._folder):
            return
        with self._manifest() as manifest:
            left = [
                (name, UNFINISHED)
                for name in self._strangers(manifest)
                if NAME.match(name) and is_whole(self._folder / name)
            ]
            if left:
                self._append(manifest, "kept", (), tuple(left), at)
        self.name_missing(at)

    def name_missing(self, at: datetime) -> tuple[str, ...]:
        """Say in the chain which sightings have no clip and will have none; return them.

        Raises:
            EvidenceError: the disk refuses.
        """
        if is_bare(self._folder):
            return ()
        with self._manifest() as manifest:
            awaited, _ = without_clip(self._entries(manifest))
            if awaited:
                self._append(manifest, "missing", awaited, (), at)
            return awaited

    def prune(self, before: datetime, at: datetime) -> Pruned:
        """Remove files kept before a moment and cited by nothing younger, and say so in the chain.

        The entry is written first: a file that is still there though pruned can be pruned again.
        It says of each file whether it was still as it was kept, which nobody can tell afterwards.

        Raises:
            EvidenceError: the disk refuses.
        """
        if is_bare(self._folder):
            return Pruned()
        with self._manifest() as manifest:
            names = {name for name, _ in over(self._folder, self._entries(manifest), before)}
        # Reading takes its time, in which who watches goes on writing.
        states = spoilt(self._folder, names)
        with self._manifest() as manifest:
            gone = over(self._folder, self._entries(manifest), before)
            states |= spoilt(self._folder, {name for name, _ in gone} - names)
            gone = tuple(sorted({(name, states.get(name, role)) for name, role in gone}))
            if gone:
                self._remove(manifest, gone, at)
        names = {name for name, _ in gone}
        return Pruned(len(names), tuple(sorted((n, s) for n, s in states.items() if n in names)))

    def _remove(self, manifest: FileIO, gone: tuple[tuple[str, str], ...], at: datetime) -> None:
        paths = {self._folder / name for name, _ in gone}
        try:
            self._append(manifest, "pruned", (), gone, at)
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            # On a full disk the entry has no room before something went.
            max(paths, key=_size_bytes).unlink()
            self._append(manifest, "pruned", (), gone, at)
        for path in paths:
            path.unlink(missing_ok=True)

    def strangers(self) -> tuple[str, ...]:
        """Names of files that no entry names: they stay whatever is pruned.

        Raises:
            EvidenceError: the manifest was changed.
        """
        with self._manifest() as manifest:
            return tuple(self._strangers(manifest))

    def _strangers(self, manifest: FileIO) -> list[str]:
        """Names of files that no entry names, nor will name once they are written."""
        named = {name for entry in self._entries(manifest) for name, _ in entry.files}
        return [
            name
            for name in file_names(self._folder)
            if name not in named and not is_being_written(self._folder / name)
        ]

    def _entries(self, manifest: FileIO) -> list[Entry]:
        manifest.seek(0)
        return _sound(self._folder / MANIFEST, _lines(manifest.read()))

    def _append(
        self,
        manifest: FileIO,
        kind: str,
        about: tuple[str, ...],
        files: tuple[tuple[str, str], ...],
        at: datetime,
    ) -> None:
        entry = following(self._last, Entry(0, at, kind, about, files, "", ""))
        ends_bytes = manifest.seek(0, os.SEEK_END)
        try:
            left = line_of(entry).encode() + b"\n"
            while left:
                left = left[manifest.write(left) :]
            os.fsync(manifest.fileno())
        except OSError:
            # Half a line would be told as a fault, and be in the way of who reads.
            manifest.truncate(ends_bytes)
            raise
        self._last, self._size_bytes = entry, manifest.tell()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EvidenceError(
                f"{self._folder}: evidence cannot be written ({error.strerror}); make room, and "
                "let who watches write there."
            ) from error

    @contextmanager
    def _manifest(self) -> Iterator[FileIO]:
        """The manifest, for nobody else meanwhile, at its end as it is now.

        Others write here too: retention prunes what is kept while it is watched.

        Raises:
            EvidenceError: it was changed, or the disk refuses.
        """
        path = self._folder / MANIFEST
        try:
            with path.open("a+b", buffering=0) as manifest:
                fcntl.flock(manifest, fcntl.LOCK_EX)
                if manifest.seek(0, os.SEEK_END) != self._size_bytes:
                    manifest.seek(0)
                    entries, whole_bytes, ends = _read(path, manifest.read())
                    manifest.truncate(whole_bytes)
                    manifest.write(ends)
                    self._last = entries[-1] if entries else None
                    self._size_bytes = manifest.seek(0, os.SEEK_END)
                yield manifest
        except OSError as error:
            raise EvidenceError(
                f"{path}: cannot be written ({error.strerror}); make room, and let who watches "
                "write there."
            ) from error


def is_bare(folder: Path) -> bool:
    """Whether there is neither a manifest nor anything that one should name."""
    return not (folder / MANIFEST).exists() and not file_names(folder)


def due(folder: Path, before: datetime) -> tuple[str, ...]:
    """Names of the files that pruning would remove; nothing is changed.

    Raises:
        EvidenceError: the manifest was changed, or cannot be read.
    """
    path = folder / MANIFEST
    try:
        entries, _, _ = _read(path, path.read_bytes())
        return tuple(sorted({name for name, _ in over(folder, entries, before)}))
    except OSError as error:
        raise EvidenceError(
            f"{error.filename or path}: cannot be read ({error.strerror}); check the path, and ask "
            "as who watched."
        ) from error


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


def _read(path: Path, data: bytes) -> tuple[list[Entry], int, bytes]:
    """The entries of a manifest, and how what a crash left of its last line is mended.

    Returns:
        The entries, how many bytes stay, and what has to follow them.

    Raises:
        EvidenceError: it was changed; it is left as it is, for a person to look at.
    """
    kept_bytes = data.rfind(b"\n") + 1
    torn = data[kept_bytes:]
    if not torn or _is_json(torn):
        # All of an entry but its line's end was written: only that is lacking.
        return _sound(path, _lines(data)), len(data), b"\n" if torn else b""
    entries = _sound(path, _lines(data[:kept_bytes]))
    if not (torn.startswith(_FIRST_BYTES) or _FIRST_BYTES.startswith(torn)):
        raise EvidenceError(
            f"{path}: its end is no part of an entry; nothing is added to it. "
            "`patrol evidence verify` tells more."
        )
    # Half a line never was an entry.
    return entries, kept_bytes, b""


def _size_bytes(path: Path) -> int:
    return path.stat().st_size


def _lines(data: bytes) -> list[str]:
    return data.decode(errors="replace").splitlines()


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
