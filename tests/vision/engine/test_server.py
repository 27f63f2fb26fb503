"""The detector's own process."""

import os
import secrets
import time
from pathlib import Path

from vision.engine.keeping import Heard, Job
from vision.engine.local import Processes
from vision.engine.server import YIELDS, DetectorBeat, serve_detector


def test_it_gives_signs_of_life_and_lets_decoding_go_first(tmp_path: Path) -> None:
    """A picture that is not looked at is dropped; one that is decoded late delays all others."""
    processes = Processes()
    arguments = (str(tmp_path / "desk" / "detector"), secrets.token_bytes(16))
    (tmp_path / "desk").mkdir()
    processes.keep("detector", Job(serve_detector, arguments))
    beats: list[object] = []
    deadline_s = time.monotonic() + 60.0
    while not beats:
        assert time.monotonic() < deadline_s
        beats = [each.message for each in processes.events(0.1) if isinstance(each, Heard)]
    assert beats == [DetectorBeat(looked=0, models=0, sources=0)]
    nice = os.getpriority(os.PRIO_PROCESS, processes.ids["detector"])
    assert nice == min(19, os.getpriority(os.PRIO_PROCESS, 0) + YIELDS)
    processes.end_all(20.0)
    assert not (tmp_path / "desk").exists()
