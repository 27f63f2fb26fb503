"""What the benchmark of the Ray cluster counts, on the local engine and a film of seconds."""

import os
import threading
from pathlib import Path

import pytest

from benchmarks.ray_sources import SOURCES, _Heard, _mean, _Measured, _Spy, _until
from patrol.settings import Settings
from patrol.sources.staff import local_staff
from patrol.sources.status import SourceState, SourceStatus
from patrol.sources.watched import SourceRow


def test_all_sources_must_be_at_work_before_anything_is_measured() -> None:
    """Frames of one that is early do not count for the others."""
    rows = [SourceRow(SourceStatus(f"s{n}", SourceState.WATCHING, 9), 0) for n in range(SOURCES)]
    assert not _Heard(tuple(rows[:-1])).is_watching
    assert _Heard(tuple(rows)).is_watching
    assert _Heard(tuple(rows)).frames == 9 * SOURCES


def test_rounds_are_averaged_and_the_supervisor_counts_too() -> None:
    """Processor time of all that take part."""
    mean = _mean([_Measured(10.0, 0.04, 0.01, 2.0, 50.0), _Measured(20.0, 0.06, 0.03, 4.0, 150.0)])
    assert mean == _Measured(15.0, 0.05, 0.02, 3.0, 100.0)
    assert mean.whole_s == pytest.approx(0.07)


def test_what_is_hired_is_kept_in_sight(tmp_path: Path) -> None:
    """The local engine counts no bytes: they are 0."""
    spy = _Spy(local_staff)
    with spy(Settings(tmp_path), reports=False) as staff:
        assert spy.staff == [staff]
        assert spy.heard_bytes == 0


def test_a_watching_that_ends_early_is_no_measurement() -> None:
    """It is told rather than waited for."""
    ended = threading.Thread(target=os.getpid)
    ended.start()
    ended.join()
    with pytest.raises(TimeoutError, match="were not watched"):
        _until(lambda: False, ended)
