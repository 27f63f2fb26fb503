"""Files written whole or not at all, and on the disk before anybody is told that they are."""

import os
from pathlib import Path

from flight.errors import PlanFileError


def write_text(text: str, path: Path) -> None:
    """Write a text file whole or not at all.

    Args:
        text: What to write, as UTF-8.
        path: Where.

    Raises:
        PlanFileError: If the file cannot be written; what stood there stays.
    """
    write_bytes(text.encode(), path)


def write_bytes(content: bytes, path: Path) -> None:
    """Write a file whole or not at all.

    Args:
        content: What to write.
        path: Where.

    Raises:
        PlanFileError: If the file cannot be written; what stood there stays.
    """
    # In the same folder, since a file is replaced in one step only within one file system.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            # Without this a power cut after the rename can leave the new name with no content.
            os.fsync(file.fileno())
        temporary.replace(path)
        _keep_name(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise PlanFileError(
            f"{path} cannot be written: {error.strerror}. Choose another place."
        ) from error


def _keep_name(folder: Path) -> None:
    """Bring the folder's entry of a renamed file to disk, where folders can be opened for it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
