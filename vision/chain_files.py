"""The files that a manifest of evidence speaks of, and its lines, as they lie in a folder."""

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MANIFEST = "manifest.jsonl"
PARTS = ("shown", "sealed")
HALF = ".half"


def file_names(folder: Path) -> tuple[str, ...]:
    """What lies in the parts of a folder, as a manifest would name it, sorted."""
    parts = [folder / part for part in PARTS if (folder / part).is_dir()]
    found = [f"{part.name}/{each.name}" for part in parts for each in part.iterdir()]
    return tuple(sorted(name for name in found if (folder / name).is_file()))


def is_whole(path: Path) -> bool:
    """Whether a file holds what its name says."""
    return hashlib.sha256(path.read_bytes()).hexdigest() == path.stem


@contextmanager
def written_beside(path: Path, data: bytes, *, is_sealed: bool) -> Iterator[Path]:
    """Write a file beside its place, and give where it is: whoever moves it there has it whole.

    It is locked, so that others know that it is being written, and goes if it is not moved.

    Args:
        path: its place.
        data: all of it.
        is_sealed: whether it is for its owner alone.

    Raises:
        OSError: the disk refuses.
    """
    # Several threads and processes may keep the same bytes at once.
    half = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}{HALF}")
    try:
        with half.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_sealed:
                half.chmod(0o600)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            yield half
    finally:
        # What is half there would take the room that is lacking.
        half.unlink(missing_ok=True)


def is_being_written(path: Path) -> bool:
    """Whether somebody writes a file beside its place just now, or has moved it there meanwhile."""
    if not path.name.endswith(HALF):
        return False
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):
        return True
    except OSError:
        # Nobody can tell: it counts as what it looks like, the remains of a writer that was ended.
        return False
    return False


def lines_and_files(folder: Path) -> tuple[list[str], tuple[str, ...]]:
    """The lines of a manifest and the names of the files there, of one moment.

    Raises:
        OSError: there is none, or it cannot be read.
        UnicodeDecodeError: it is something else.
    """
    with (folder / MANIFEST).open(encoding="utf-8") as manifest:
        fcntl.flock(manifest, fcntl.LOCK_SH)
        return manifest.read().splitlines(), file_names(folder)
