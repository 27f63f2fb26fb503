"""Opens whatever frames are read from: a film, pictures or a live stream, by its address."""

import glob
from pathlib import Path

from vision.decoding import shown_address
from vision.errors import SourceError
from vision.frames import PICTURE_SUFFIXES, FrameSource, PictureFolder, VideoFile
from vision.live_video import LIVE_SCHEMES, LiveVideo


def open_source(address: str, *, every_s: float = 0.0, fps: float = 0.0) -> FrameSource:
    """Open a video file, a folder or glob of pictures, or a live stream.

    Args:
        address: path, glob pattern, or an address of one of LIVE_SCHEMES.
        every_s: least time between delivered frames in stream time; 0 delivers all.
        fps: pace of a folder of pictures; 0 means one a second.

    Raises:
        SourceError: nothing readable is there.
    """
    scheme, separator, _ = address.partition("://")
    if separator and scheme.lower() in LIVE_SCHEMES:
        return LiveVideo(address, every_s=every_s)
    if separator:
        raise SourceError(
            f"{shown_address(address)}: streams by {scheme}:// are not read; what is, begins with "
            f"{', '.join(each + '://' for each in LIVE_SCHEMES)}."
        )
    path = Path(address)
    if path.is_file() and path.suffix.lower() not in PICTURE_SUFFIXES:
        return VideoFile(path, every_s=every_s)
    return PictureFolder(_pictures(address), name=path.name, every_s=every_s, fps=fps or 1.0)


def _pictures(address: str) -> tuple[Path, ...]:
    path = Path(address)
    found = sorted(path.iterdir()) if path.is_dir() else [path] if path.exists() else []
    if not found:
        found = sorted(Path(name) for name in glob.glob(address))  # noqa: PTH207 - absolute globs
    pictures = tuple(p for p in found if p.suffix.lower() in PICTURE_SUFFIXES and p.is_file())
    if pictures:
        return pictures
    if path.is_dir():
        raise SourceError(f"{address}: the folder holds no pictures (jpg, png, webp, bmp, tif).")
    raise SourceError(f"{address}: there is no such file, folder or matching picture; check it.")
