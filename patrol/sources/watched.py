"""A source that is being watched: where, how it goes, and how it went in its former processes."""

from dataclasses import dataclass, replace

from patrol.sources.status import SourceState, SourceStatus
from patrol.sources.tasks import SourceTask
from vision.engine.placement import Load


@dataclass(frozen=True)
class SourceRow:
    """A source as it is shown: how it goes over all lives of its process.

    Attributes:
        status: of the present life, with counts over all lives.
        restarts: times that its process died.
    """

    status: SourceStatus
    restarts: int


@dataclass(eq=False)
class WatchedSource:
    """A source and where it is watched.

    Attributes:
        task: what to watch.
        status: of its present life.
        before: counts of its former lives.
        run: number of the present watching.
        worker: name of its process; empty while it waits for one.
        restarts: times that its process died.
        is_alone: whether it shares its process with nobody, because it may be what kills it.
        bound_for: machine that it is moving to; empty while it stays.
        told: sightings told over all lives, each once: a life that ends may have told more than it
            could count, and the next one counts again what it cannot know to have been told.
    """

    task: SourceTask
    status: SourceStatus
    before: SourceStatus
    run: int = 0
    worker: str = ""
    restarts: int = 0
    is_alone: bool = False
    bound_for: str = ""
    told: int = 0

    @classmethod
    def of(cls, task: SourceTask) -> "WatchedSource":
        """A source that waits to be watched."""
        waiting = SourceStatus(task.name, SourceState.WAITING)
        return cls(task, waiting, waiting)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status.state.is_over

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for a process."""
        return not self.worker and not self.is_over

    @property
    def row(self) -> SourceRow:
        """How it goes over all lives."""
        now, before = self.status, self.before
        whole = replace(
            now,
            frames=now.frames + before.frames,
            dropped=now.dropped + before.dropped,
            damaged=now.damaged + before.damaged,
            reconnects=now.reconnects + before.reconnects,
            sightings=self.told,
            clips_s=now.clips_s + before.clips_s,
        )
        return SourceRow(whole, self.restarts)

    @property
    def load(self) -> Load:
        """What a machine carries by it; a film that is moved is decoded anew up to its place."""
        request = self.task.request
        costs = 0.0 if request.is_live else 1.0 + self.status.time_s
        return Load(self.task.name, self.task.cpus, self.task.device, costs)

    def unseat(self, status: SourceStatus) -> None:
        """Have no process any more; what it counted so far is kept."""
        self.end_life(status)
        self.worker = ""

    def end_life(self, status: SourceStatus) -> None:
        """Begin a life with a status; what was counted so far is kept."""
        self.before = self.row.status
        self.status = status
