"""Pictures and clips on disk, each in a file named by the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, cast

from events_api.errors import (
    EvidenceLostError,
    EvidenceStoreError,
    TooLargeError,
    UnprocessableError,
    UnsupportedMediaError,
)

MEDIA_TYPES = {
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/png": (0, b"\x89PNG\r\n\x1a\n"),
    "video/mp4": (4, b"ftyp"),
}
"""What is taken, and the offset and bytes that its files begin with."""

PIECE_BYTES = 1024 * 1024
HASH_FORM = re.compile(r"[0-9a-f]{64}")


def check_media_type(media_type: str) -> None:
    """Refuse what is neither a picture nor a clip.

    Raises:
        UnsupportedMediaError: The type is not one of `MEDIA_TYPES`.
    """
    if media_type not in MEDIA_TYPES:
        kinds = ", ".join(MEDIA_TYPES)
        raise UnsupportedMediaError(f"Evidence of type {media_type!r} is not taken; send {kinds}.")


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of a stored file without reading it.

    Attributes:
        size_bytes: How long it is.
        stamp: Another one as soon as somebody has written to it.
    """

    size_bytes: int
    stamp: str


class EvidenceStore(Protocol):
    """Where pictures and clips lie, each under the SHA-256 of its bytes."""

    def receive(
        self, sha256: str, media_type: str, limit_bytes: int
    ) -> AbstractContextManager[Arrival]:
        """Take a file in pieces; unless `keep` is called, nothing of it stays."""

    def find(self, sha256: str) -> Stored | None:
        """Return what is stored under a hash, unread; none when there is nothing."""

    def local_file(self, sha256: str) -> Path | None:
        """Return where the file of this hash lies on this disk; none where it does not."""

    def read(self, sha256: str, start: int = 0, length: int = 0) -> Iterator[bytes]:
        """Give the bytes of a file, piece by piece; of `length` bytes from `start`, or all."""

    def remove(self, sha256: str) -> None:
        """Take a file away; again does no harm."""

    def hashes(self) -> Iterator[str]:
        """Give the hash of everything that is stored."""

    def check_writable(self) -> None:
        """Make sure that more can be stored."""


class EvidenceFolder:
    """A folder of content-addressed files, sharded by the first two digits of the hash.

    Args:
        folder: Made when missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arriving = folder / "arriving"
        self._arriving.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Return where the file of this hash lies, or would."""
        return self._folder / sha256[:2] / sha256

    def receive(
        self, sha256: str, media_type: str, limit_bytes: int
    ) -> AbstractContextManager[Arrival]:
        """Take a file in pieces; unless `keep` is called, nothing of it stays."""

        def place(file: Path) -> None:
            # A rename within one file system is atomic: nobody ever opens half a file.
            target = self.path(sha256)
            target.parent.mkdir(exist_ok=True)
            file.replace(target)
            _sync_folder(target.parent)

        return arriving_in(self._arriving, sha256, media_type, limit_bytes, place)

    def find(self, sha256: str) -> Stored | None:
        """Return what is stored under a hash, unread; none when there is nothing."""
        try:
            found = self.path(sha256).stat()
        except FileNotFoundError:
            return None
        # Whoever writes may set the time of writing back, and cannot that of the change (ctime).
        touched = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        return Stored(found.st_size, " ".join(map(str, touched)))

    def local_file(self, sha256: str) -> Path | None:
        """Return where the file of this hash lies on this disk, or would."""
        return self.path(sha256)

    def read(self, sha256: str, start: int = 0, length: int = 0) -> Iterator[bytes]:
        """Give the bytes of a file, piece by piece.

        Args:
            sha256: Which.
            start: How many bytes to leave out at its beginning.
            length: How many to give; all to its end where it is 0.

        Raises:
            EvidenceLostError: It is not there, or cannot be read.
        """
        try:
            with self.path(sha256).open("rb") as file:
                file.seek(start)
                left = length or self.path(sha256).stat().st_size
                while left > 0 and (piece := file.read(min(PIECE_BYTES, left))):
                    left -= len(piece)
                    yield piece
        except OSError as error:
            raise EvidenceLostError(
                f"The evidence {sha256} cannot be read: {error.strerror}. Restore it from a backup."
            ) from error

    def remove(self, sha256: str) -> None:
        """Take a file away; again does no harm.

        Raises:
            EvidenceStoreError: It cannot be taken away.
        """
        try:
            self.path(sha256).unlink(missing_ok=True)
        except OSError as error:
            raise EvidenceStoreError(
                f"The evidence {sha256} cannot be removed: {error.strerror}. Give the server the "
                "right to write there."
            ) from error

    def hashes(self) -> Iterator[str]:
        """Give the hash of everything that is stored."""
        for shard in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(shard.iterdir()):
                if HASH_FORM.fullmatch(path.name):
                    yield path.name

    def check_writable(self) -> None:
        """Make sure that more can be stored.

        Raises:
            EvidenceStoreError: It cannot.
        """
        try:
            with tempfile.TemporaryFile(dir=self._arriving):
                pass
        except OSError as error:
            raise EvidenceStoreError(
                f"No evidence can be stored in {self._folder}: {error.strerror}. Make room there, "
                "and let the server write."
            ) from error


class Arrival:
    """A file while it arrives.

    Args:
        file: Where the pieces go.
        sha256: The expected hash.
        media_type: What it is said to be.
        limit_bytes: Largest size taken.
        place: Puts the file where it belongs, once it is whole.
    """

    def __init__(
        self,
        file: IO[bytes],
        sha256: str,
        media_type: str,
        limit_bytes: int,
        place: Callable[[Path], None],
    ) -> None:
        self._file = file
        self._place = place
        self.sha256 = sha256
        self._media_type = media_type
        self._limit_bytes = limit_bytes
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def write(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            TooLargeError: The file has become larger than the limit.
        """
        self.size_bytes += len(piece)
        if self.size_bytes > self._limit_bytes:
            raise TooLargeError(f"Evidence may have up to {self._limit_bytes} bytes; send less.")
        self._hash.update(piece)
        self._file.write(piece)

    def keep(self) -> None:
        """Check the whole and put it in its place, where it is safe before this returns.

        Raises:
            EvidenceStoreError: It cannot be put there now.
            UnprocessableError: The bytes are not those of the hash, or not of the stated type.
        """
        found = self._hash.hexdigest()
        if found != self.sha256:
            raise UnprocessableError(
                f"The bytes have the SHA-256 {found} and not {self.sha256}; send them again."
            )
        self._check_beginning()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._place(Path(self._file.name))

    def _check_beginning(self) -> None:
        offset, magic = MEDIA_TYPES[self._media_type]
        with Path(self._file.name).open("rb") as file:
            self._file.flush()
            file.seek(offset)
            if file.read(len(magic)) != magic:
                raise UnprocessableError(f"The bytes are not {self._media_type}.")


@contextmanager
def arriving_in(
    folder: Path, sha256: str, media_type: str, limit_bytes: int, place: Callable[[Path], None]
) -> Iterator[Arrival]:
    """Take a file in pieces into a folder; whatever of it is still there in the end goes."""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        arriving = Path(file.name)
        try:
            yield Arrival(cast("IO[bytes]", file), sha256, media_type, limit_bytes, place)
        finally:
            arriving.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    # The name is on disk only when its folder is.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
