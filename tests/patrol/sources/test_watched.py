"""What is known of a source over all lives of its processes."""

from pathlib import Path

from patrol.sources.file import read_sources
from patrol.sources.status import SourceState, SourceStatus
from patrol.sources.tasks import tasks_of
from patrol.sources.watched import WatchedSource


def test_a_sighting_counts_once_over_all_lives(tmp_path: Path) -> None:
    """A life counts frames; what it tells a second time, or dies before counting, is told once."""
    path = tmp_path / "sources.yaml"
    path.write_text("version: 1\nsources: [{name: gate, file: gate.mp4}]\n")
    (tmp_path / "gate.mp4").write_bytes(b"")
    (task,) = tasks_of(read_sources(path), tmp_path).values()
    source = WatchedSource.of(task)
    source.status = SourceStatus("gate", SourceState.WATCHING, frames=20, sightings=3)
    source.told = 2
    source.unseat(SourceStatus("gate", SourceState.WAITING))
    source.status = SourceStatus("gate", SourceState.FINISHED, frames=15, sightings=2)
    source.told += 1
    assert (source.row.status.frames, source.row.status.sightings) == (35, 3)
