"""Which files of a folder or of a pattern are films, by what their names end in."""

from glob import glob
from pathlib import Path

FILM_SUFFIXES = frozenset(
    {
        ".264", ".265", ".3gp", ".asf", ".avi", ".dav", ".flv", ".h264", ".h265", ".hevc", ".m2ts",
        ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".vob",
        ".webm", ".wmv",
    }
)  # fmt: skip
"""What aircraft, cameras and recorders write; FFmpeg reads others too, named one by one."""


def films_in(where: Path) -> list[Path]:
    """The films right in a folder, or that match a pattern, in order of their names.

    Args:
        where: a folder, or a pattern as of `glob`.
    """
    # A folder may hold brackets in its name: it is never taken for a pattern.
    found = where.iterdir() if where.is_dir() else map(Path, glob(str(where)))  # noqa: PTH207 - absolute globs
    return sorted(each for each in found if each.suffix.lower() in FILM_SUFFIXES and each.is_file())
