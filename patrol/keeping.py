"""Evidence of a pass as it is kept on this machine: a folder for each pass, chained."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from patrol.errors import UsageError
from vision.chain import MANIFEST, EvidenceFolder, Piece
from vision.clips import ClipRecorder, ClipSettings
from vision.pipeline import JudgedFrame
from vision.sightings import Sighting

_SUFFIXES = {"image/jpeg": "jpg", "video/mp4": "mp4"}


class EvidenceKeeper:
    """A context that keeps the pictures and the clips of one pass.

    Args:
        root: folder of all passes.
        source: name of the source.
        pass_id: name of the pass.
        clock: the time of day, UTC, by which retention counts.
        clips: how clips are cut.
    """

    def __init__(
        self,
        root: Path,
        source: str,
        pass_id: str,
        clock: Callable[[], datetime],
        clips: ClipSettings | None = None,
    ) -> None:
        self.folder = root / folder_name(source, pass_id)
        self._clock = clock
        self._chain = EvidenceFolder(self.folder)
        self._recorder = ClipRecorder(source, pass_id, self._clip, clips)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._recorder.close()

    def frame(self, judged: JudgedFrame) -> None:
        """Take a frame in, for the clips."""
        self._recorder.add(judged)

    def sighting(self, sighting: Sighting) -> None:
        """Keep the pictures of a sighting."""
        pieces = [
            Piece(each.role, _SUFFIXES[each.media_type], each.data) for each in sighting.evidence
        ]
        self._chain.keep(pieces, [sighting.sighting_id], self._clock())

    def _clip(self, pieces: list[Piece], about: list[str]) -> None:
        self._chain.keep(pieces, about, self._clock())


def folder_name(source: str, pass_id: str) -> str:
    """A name for the folder of a pass; what cannot stand in a name becomes a dash."""
    return re.sub(r"[^\w.-]+", "-", f"{source}-{pass_id}").strip(".-") or "pass"


def pass_folders(folder: Path) -> tuple[Path, ...]:
    """The folders of passes at or under a folder.

    Raises:
        UsageError: there are none.
    """
    found = tuple(sorted(each.parent for each in folder.rglob(MANIFEST)))
    if not found:
        raise UsageError(
            f"{folder}: holds no {MANIFEST}, so no evidence was kept there; name the folder that "
            "`patrol watch --evidence` was given."
        )
    return found
