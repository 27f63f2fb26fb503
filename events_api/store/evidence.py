"""Pictures and clips on disk, each in a file named by the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from events_api.errors import TooLargeError, UnprocessableError, UnsupportedMediaError

MEDIA_TYPES = {
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/png": (0, b"\x89PNG\r\n\x1a\n"),
    "video/mp4": (4, b"ftyp"),
}
"""What is taken, and the offset and bytes that its files begin with."""


def check_media_type(media_type: str) -> None:
    """Refuse what is neither a picture nor a clip.

    Raises:
        UnsupportedMediaError: The type is not one of `MEDIA_TYPES`.
    """
    if media_type not in MEDIA_TYPES:
        kinds = ", ".join(MEDIA_TYPES)
        raise UnsupportedMediaError(f"Evidence of type {media_type!r} is not taken; send {kinds}.")


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

    @contextmanager
    def receive(self, sha256: str, media_type: str, limit_bytes: int) -> Iterator[Arrival]:
        """Take a file in pieces; unless `keep` is called, nothing of it stays."""
        with tempfile.NamedTemporaryFile(dir=self._arriving, delete=False) as file:
            arriving = Path(file.name)
            try:
                yield Arrival(cast("IO[bytes]", file), self.path(sha256), media_type, limit_bytes)
            finally:
                arriving.unlink(missing_ok=True)


class Arrival:
    """A file while it arrives.

    Args:
        file: Where the pieces go.
        target: Where the file will lie; its name is the expected hash.
        media_type: What it is said to be.
        limit_bytes: Largest size taken.
    """

    def __init__(self, file: IO[bytes], target: Path, media_type: str, limit_bytes: int) -> None:
        self._file = file
        self._target = target
        self._media_type = media_type
        self._limit_bytes = limit_bytes
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        """The hash that was announced for the whole."""
        return self._target.name

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
        """Check the whole and put it in its place, on disk before this returns.

        Raises:
            UnprocessableError: The bytes are not those of the hash, or not of the stated type.
        """
        found = self._hash.hexdigest()
        if found != self._target.name:
            raise UnprocessableError(
                f"The bytes have the SHA-256 {found} and not {self._target.name}; send them again."
            )
        self._check_beginning()
        self._file.flush()
        os.fsync(self._file.fileno())
        # A rename within one file system is atomic: nobody ever opens half a file.
        self._target.parent.mkdir(exist_ok=True)
        Path(self._file.name).replace(self._target)
        _sync_folder(self._target.parent)

    def _check_beginning(self) -> None:
        offset, magic = MEDIA_TYPES[self._media_type]
        with Path(self._file.name).open("rb") as file:
            self._file.flush()
            file.seek(offset)
            if file.read(len(magic)) != magic:
                raise UnprocessableError(f"The bytes are not {self._media_type}.")


def _sync_folder(folder: Path) -> None:
    # The name is on disk only when its folder is.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
