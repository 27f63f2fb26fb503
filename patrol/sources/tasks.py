"""From the file of sources to what there is to watch: one task a film, folder or stream."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from patrol.films import films_in
from patrol.settings import Settings
from patrol.sources.file import SourceEntry, SourcesFile, request_of
from patrol.watching import WatchRequest
from vision.models.registry import load_model
from vision.rules.schema import DEFAULT_RULES

# What a camera of 1080p and 25 to 30 frames a second takes, five of them looked at on processors.
DEFAULT_CPUS = 0.3
# Films are large: of each a beginning, a middle and an end are compared.
_PIECE_BYTES = 65_536


@dataclass(frozen=True)
class SourceTask:
    """Something to watch.

    Attributes:
        name: unique; of a film of a directory with the film's name.
        request: what `prepare` is asked.
        evidence: folder for pictures and clips, None to keep none.
        cpus: processors that are kept free for it where machines share the work.
    """

    name: str
    request: WatchRequest
    evidence: Path | None = None
    cpus: float = DEFAULT_CPUS

    @property
    def device(self) -> str:
        """On which its detector runs."""
        return self.request.device

    @property
    def state_name(self) -> str:
        """Name of the file of its memory."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:24] + ".pass"

    def about(self, settings: Settings) -> str:
        """What a pass of it is of: another film, model, rule file or setting is another pass.

        Files count by what is in them: copies on other machines lie elsewhere and are of another
        age, and a source that moves there goes on with its pass.

        Raises:
            VisionError: the model cannot be used.
        """
        rules = self.request.rules or DEFAULT_RULES
        model = load_model(self.request.model, settings.models_folder)
        digest = hashlib.sha256(rules.read_bytes() if rules.is_file() else b"")
        told = replace(model, path=Path(model.path.name))
        digest.update(f"{self.name}\n{self.request}\n{told}".encode())
        for part in () if model.sha256 else (model.path, model.path.with_suffix(".bin")):
            digest.update(part.read_bytes() if part.is_file() else b"")
        film = Path(self.request.address)
        if film.is_file():
            digest.update(_looks_of(film))
        return digest.hexdigest()


def _looks_of(film: Path) -> bytes:
    """What tells films apart: their size, and pieces of what is in them."""
    size = film.stat().st_size
    with film.open("rb") as file:
        pieces = [str(size).encode()]
        for begins in (0, size // 2, max(0, size - _PIECE_BYTES)):
            file.seek(begins)
            pieces.append(file.read(_PIECE_BYTES))
    return b"\n".join(pieces)


def tasks_of(
    file: SourcesFile, folder: Path, is_whole: Callable[[Path], bool] | None = None
) -> dict[str, SourceTask]:
    """Everything that a file of sources asks to watch now, by name.

    Args:
        file: what was read.
        folder: from which its paths count.
        is_whole: whether a film that came into a folder that is followed was written to its end;
            None takes all that are there.
    """
    tasks: dict[str, SourceTask] = {}
    for entry in file.sources:
        evidence = entry.evidence if entry.evidence is not None else file.evidence
        for name, address in _addresses(entry, folder, is_whole or Path.exists):
            request = request_of(entry, file, address, folder)
            kept = folder / evidence if evidence else None
            cpus = entry.cpus or file.cpus or DEFAULT_CPUS
            tasks[name] = SourceTask(name, request, kept, cpus)
    return tasks


def _addresses(
    entry: SourceEntry, folder: Path, is_whole: Callable[[Path], bool]
) -> Iterator[tuple[str, str]]:
    """Names and addresses: the films of a directory or glob one by one, pictures together."""
    if entry.url is not None:
        yield entry.name, entry.url
        return
    if entry.file is not None:
        yield entry.name, str(folder / entry.file)
        return
    where = folder / (entry.directory or entry.glob or "")
    films = films_in(where)
    for film in films:
        if entry.follow and not is_whole(film):
            continue
        yield f"{entry.name}:{film.name}", str(film)
    if not films and not entry.follow:
        yield entry.name, str(where)
