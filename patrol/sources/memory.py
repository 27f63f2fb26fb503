"""Where what a source remembers and tells is kept: in the home folder, from near or from afar.

A process on another machine asks the supervisor's side to keep it. Each question says of which
watching of the source it is: when a source was given to another process, what the former one
still says is refused, so that nothing is told twice and nothing older is written over the newer.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from events_api.outbox import Blob, Outbox
from events_api.schemas import Report
from patrol.errors import PatrolError
from patrol.passing import write_pass
from patrol.settings import Settings
from vision.engine.remembering import keep_bytes, kept_bytes
from vision.passes import PassRecord

STATES = "sources"
HOME_EVERY_S = 2.0
# One supervisor keeps for thousands of sources.
FAR_EVERY_S = 5.0


class SourceMemory(Protocol):
    """What one source has to be kept by."""

    @property
    def reports(self) -> bool:
        """Whether sightings are reported."""

    @property
    def every_s(self) -> float:
        """How often to keep what a pass remembers while nothing is found."""

    def keep(self, file: str, data: bytes) -> None:
        """Keep what a pass remembers, whole or not at all; safe when it returns."""

    def recall(self, file: str) -> bytes | None:
        """What was kept last, None if nothing."""

    def drop(self, file: str) -> None:
        """Forget it."""

    def put(self, report: Report, evidence: Sequence[Blob]) -> None:
        """Promise a report to the API; safe when it returns."""

    def looked(self, record: PassRecord, path: Path) -> None:
        """Write down what a pass looked at."""


class HomeMemory:
    """Keeps in the home folder of this machine.

    Args:
        settings: where that is.
        outbox: where reports wait, None where nothing is reported.
    """

    every_s = HOME_EVERY_S

    def __init__(self, settings: Settings, outbox: Outbox | None) -> None:
        self._states = settings.home / STATES
        self._outbox = outbox

    @property
    def reports(self) -> bool:
        """Whether sightings are reported."""
        return self._outbox is not None

    def keep(self, file: str, data: bytes) -> None:
        """Keep what a pass remembers."""
        keep_bytes(self._states / file, data)

    def recall(self, file: str) -> bytes | None:
        """What was kept last."""
        return kept_bytes(self._states / file)

    def drop(self, file: str) -> None:
        """Forget it."""
        (self._states / file).unlink(missing_ok=True)

    def put(self, report: Report, evidence: Sequence[Blob]) -> None:
        """Put a report into the outbox."""
        if self._outbox is not None:
            self._outbox.put(report, evidence)

    def looked(self, record: PassRecord, path: Path) -> None:
        """Write down what a pass looked at."""
        write_pass(record, path)


@dataclass(frozen=True)
class Keep:
    """A question to the supervisor's side: one of the methods of a memory, with its arguments."""

    source: str
    run: int
    method: str
    arguments: tuple[Any, ...] = ()


class SupersededError(PatrolError):
    """A source was given to another process meanwhile."""


class FarMemory:
    """Keeps on the supervisor's side, by asking.

    Args:
        ask: brings a question there and the answer back.
        source: name of the source.
        run: number of this watching of it.
        reports: whether sightings are reported.
    """

    every_s = FAR_EVERY_S

    def __init__(
        self, ask: Callable[[object], Any], source: str, run: int, *, reports: bool
    ) -> None:
        self._ask = ask
        self._source = source
        self._run = run
        self.reports = reports

    def keep(self, file: str, data: bytes) -> None:
        """Keep what a pass remembers."""
        self._asked("keep", file, data)

    def recall(self, file: str) -> bytes | None:
        """What was kept last."""
        data: bytes | None = self._asked("recall", file)
        return data

    def drop(self, file: str) -> None:
        """Forget it."""
        self._asked("drop", file)

    def put(self, report: Report, evidence: Sequence[Blob]) -> None:
        """Put a report into the supervisor's outbox."""
        self._asked("put", report, tuple(evidence))

    def looked(self, record: PassRecord, path: Path) -> None:
        """Write down what a pass looked at."""
        self._asked("looked", record, path)

    def _asked(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - the method's
        try:
            return self._ask(Keep(self._source, self._run, method, arguments))
        except EOFError as error:
            raise SupersededError(f"{self._source}: the supervisor is gone.") from error


METHODS = frozenset({"keep", "recall", "drop", "put", "looked"})


class Keeper:
    """The supervisor's side: answers for the watching that holds a source, and for no other.

    Args:
        memory: that is asked.
    """

    def __init__(self, memory: SourceMemory) -> None:
        self._memory = memory
        self._changing = threading.Lock()
        self._runs: dict[str, int] = {}
        self._locks: dict[str, threading.Lock] = {}

    def grant(self, source: str, run: int) -> None:
        """From now on this watching holds the source; waits for what is being written."""
        with self._lock(source):
            self._runs[source] = run

    def __call__(self, question: object) -> object:
        """Answer a question.

        Raises:
            SupersededError: the source was given to another process.
        """
        if not isinstance(question, Keep) or question.method not in METHODS:
            raise TypeError(f"{question!r} is nothing that sources ask")
        with self._lock(question.source):
            if self._runs.get(question.source) != question.run:
                raise SupersededError(f"{question.source} is watched by another process now.")
            answer: object = getattr(self._memory, question.method)(*question.arguments)
            return answer

    def _lock(self, source: str) -> threading.Lock:
        with self._changing:
            return self._locks.setdefault(source, threading.Lock())
