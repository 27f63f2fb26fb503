"""The files that a manifest of evidence speaks of, and its lines, as they lie in a folder."""

import fcntl
import hashlib
import os
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


def write_whole(path: Path, data: bytes, *, is_sealed: bool) -> None:
    """Write a file, whole or not at all.

    Args:
        path: of the file.
        data: all of it.
        is_sealed: whether it is for its owner alone.

    Raises:
        OSError: the disk refuses.
    """
    half = path.with_name(f".{path.name}{HALF}")
    try:
        with half.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if is_sealed:
            half.chmod(0o600)
        half.replace(path)
    except OSError:
        # What is half there would take the room that is lacking.
        half.unlink(missing_ok=True)
        raise


def lines_and_files(folder: Path) -> tuple[list[str], tuple[str, ...]]:
    """The lines of a manifest and the names of the files there, of one moment.

    Raises:
        OSError: there is none, or it cannot be read.
        UnicodeDecodeError: it is something else.
    """
    with (folder / MANIFEST).open(encoding="utf-8") as manifest:
        fcntl.flock(manifest, fcntl.LOCK_SH)
        return manifest.read().splitlines(), file_names(folder)
