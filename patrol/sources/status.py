"""What is told of each source while many are watched."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vision.rules.schema import Rule
from vision.sightings import Sighting


class SourceState(StrEnum):
    """What a source is doing."""

    WAITING = "waiting"
    OPENING = "opening"
    WATCHING = "watching"
    RETRYING = "retrying"
    RESTARTING = "restarting"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self in {SourceState.FINISHED, SourceState.FAILED, SourceState.STOPPED}


@dataclass(frozen=True)
class SourceStatus:
    """How a source goes; counts are of the present life of its process.

    Attributes:
        name: of the source.
        state: what it is doing.
        frames: frames analysed.
        time_s: stream time of the latest.
        fps: frames analysed a second, of late.
        lag_s: from a frame's coming to having judged it, of late.
        dropped: frames of a live stream that were dropped because judging was slower.
        damaged: pieces that could not be decoded.
        reconnects: times a live stream was opened again.
        sightings: sightings told; counted by the supervisor.
        clips_s: seconds that frames waited because clips of evidence took longer than there is.
        told: a remark, or why it failed.
        start_utc: what time the stream's time 0 is, None before it is known.
        run: tells this watching of the source from earlier ones.
    """

    name: str
    state: SourceState
    frames: int = 0
    time_s: float = 0.0
    fps: float = 0.0
    lag_s: float = 0.0
    dropped: int = 0
    damaged: int = 0
    reconnects: int = 0
    sightings: int = 0
    clips_s: float = 0.0
    told: str = ""
    start_utc: datetime | None = None
    run: int = 0


@dataclass(frozen=True)
class ToldSighting:
    """A sighting that is safe in the outbox, if one is used; without its pictures.

    Attributes:
        source: name of the source.
        sighting: what was seen.
        rule: that found it.
    """

    source: str
    sighting: Sighting
    rule: Rule


@dataclass(frozen=True)
class Notice:
    """What a person should know of a source."""

    source: str
    text: str
