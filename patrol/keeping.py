"""Evidence of a pass as it is kept on this machine: a folder for each pass, chained."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from patrol.errors import UsageError
from vision.aside import Aside
from vision.chain import EvidenceFolder, Piece
from vision.chain_files import MANIFEST, PARTS, file_names
from vision.clips import ClipRecorder, ClipSettings
from vision.evidence import knows_persons
from vision.pipeline import JudgedFrame
from vision.sightings import Sighting

_SUFFIXES = {"image/jpeg": "jpg", "video/mp4": "mp4"}


class EvidenceKeeper:
    """A context that keeps the pictures and the clips of one pass.

    Pictures are safe when `sighting` returns. Clips are made aside, while the next frames are
    judged; when the context is left, each is in the chain, or the chain names it as missing. The
    chain is begun with the context: a pass without findings is told from one that was emptied.

    Args:
        root: folder of all passes.
        source: name of the source.
        pass_id: name of the pass.
        clock: the time of day, UTC, by which retention counts.
        clips: how clips are cut.
        on_wait: is told how many seconds a frame waited, where clips take longer than there is.
    """

    def __init__(
        self,
        root: Path,
        source: str,
        pass_id: str,
        clock: Callable[[], datetime],
        clips: ClipSettings | None = None,
        on_wait: Callable[[float], None] | None = None,
    ) -> None:
        self.folder = root / folder_name(source, pass_id)
        self._clock = clock
        self._chain = EvidenceFolder(self.folder)
        self._aside = Aside(on_wait=on_wait)
        self._recorder = ClipRecorder(source, pass_id, self._clip, clips, self._aside.do)

    def __enter__(self) -> Self:
        self._chain.take_up(self._clock())
        self._chain.begin(self._clock())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._recorder.close()
        finally:
            self._end()

    def _end(self) -> None:
        try:
            self._aside.close()
        finally:
            self._chain.name_missing(self._clock())

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


def said_of_blurring(model: str, class_names: Sequence[str]) -> str:
    """What a person should know of pictures that are kept or sent; empty where all is well.

    Args:
        model: as it was named.
        class_names: of its detections.
    """
    if knows_persons(class_names):
        return ""
    return (
        f"{model} tells of no persons, so nobody is blurred in what is kept and sent: show it to "
        "nobody who may not see who was there, or take a model that knows persons."
    )


def folder_name(source: str, pass_id: str) -> str:
    """A name for the folder of a pass; what cannot stand in a name becomes a dash."""
    return re.sub(r"[^\w.-]+", "-", f"{source}-{pass_id}").strip(".-") or "pass"


def pass_folders(folder: Path) -> tuple[Path, ...]:
    """The folders of passes at or under a folder.

    Raises:
        UsageError: there are none.
    """
    if folder.name in {"", ".."}:
        # A pass is told by the name of its folder.
        folder = folder.resolve()
    found = {each.parent for each in folder.rglob(MANIFEST)}
    # Whoever takes a manifest away does not make the pass unseen, not even with all it named.
    holding = [{each.parent for each in folder.rglob(part) if each.is_dir()} for part in PARTS]
    found |= set.intersection(*holding)
    found |= {each for each in set.union(*holding) if file_names(each)}
    if not found:
        raise UsageError(
            f"{folder}: holds no {MANIFEST}, so no evidence was kept there; name the folder that "
            "`patrol watch --evidence` was given."
        )
    return tuple(sorted(found))
