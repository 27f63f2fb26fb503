"""Processes that are kept alive."""

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from vision.engine.keeping import Died, Heard, Job, Started
from vision.engine.local import Processes
from vision.engine.restarts import RestartPolicy

PATIENCE_S = 60.0


def echo(control: Connection, word: str) -> None:
    """Say a word, and then whatever is heard, until the other end is gone."""
    control.send(word)
    try:
        while True:
            control.send(control.recv())
    except EOFError:
        return


def silent(_control: Connection) -> None:
    """Say nothing, for ever, whatever is said."""
    signal.pause()


def clinging(control: Connection, place: str) -> None:
    """Take a place that only one can have, and keep it, whatever is said."""
    with Path(place).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        control.send("it is mine")
        signal.pause()


def forkserver_id() -> int:
    """Process id of the server that all are forked from."""
    server = vars(forkserver)["_forkserver"]
    return int(server._forkserver_pid)


@pytest.fixture
def processes() -> Iterator[Processes]:
    """An empty keeper."""
    kept = Processes(policy=RestartPolicy(first_wait_s=0.05))
    yield kept
    kept.end_all(5.0)


def events_until(
    processes: Processes, enough: Callable[[list[object]], bool]
) -> list[Heard | Died | Started]:
    """Gather news until there is enough."""
    found: list[Heard | Died | Started] = []
    deadline_s = time.monotonic() + PATIENCE_S
    while not enough(list(found)):
        assert time.monotonic() < deadline_s, found
        found += processes.events(0.1)
    return found


def test_a_process_is_started_heard_and_spoken_to(processes: Processes) -> None:
    """By its name."""
    processes.keep("a", Job(echo, ("hello",)))
    started, heard = events_until(processes, lambda found: len(found) == 2)
    assert isinstance(started, Started)
    assert (started.name, started.restarts) == ("a", 0)
    assert heard == Heard("a", "hello")
    assert processes.send("a", 5)
    assert events_until(processes, bool) == [Heard("a", 5)]
    assert not processes.send("b", 5)


def test_who_is_killed_is_started_again_and_the_others_go_on(processes: Processes) -> None:
    """His death is told with the signal, and what he had said before."""
    processes.keep("a", Job(echo, ("hello",)))
    processes.keep("b", Job(echo, ("there",)))
    events_until(processes, lambda found: len(found) == 4)
    before = dict(processes.ids)
    os.kill(before["a"], signal.SIGKILL)
    died, started, heard = events_until(processes, lambda found: len(found) == 3)
    assert died == Died("a", "died (-9)", silent=False, in_a_row=1)
    assert isinstance(started, Started)
    assert started.restarts == 1
    assert heard == Heard("a", "hello")
    assert processes.ids["b"] == before["b"]


def test_who_gives_no_sign_of_life_is_killed_and_started_again() -> None:
    """A process that hangs is as good as dead."""
    now_s = [0.0]
    kept = Processes(silence_s=30.0, clock_s=lambda: now_s[0])
    kept.keep("a", Job(silent))
    (started,) = events_until(kept, bool)
    assert isinstance(started, Started)
    now_s[0] = 31.0
    died = events_until(kept, lambda found: any(isinstance(each, Died) for each in found))[0]
    assert isinstance(died, Died)
    assert died.silent
    kept.end_all(0.0)


def test_who_lives_on_when_the_server_of_processes_dies_makes_room(
    processes: Processes, tmp_path: Path
) -> None:
    """Nobody could tell of his death any more: he is killed before another takes his place."""
    processes.keep("a", Job(clinging, (str(tmp_path / "place"),)))
    events_until(processes, lambda found: len(found) == 2)
    os.kill(forkserver_id(), signal.SIGKILL)
    died, *_, started, heard = events_until(
        processes, lambda found: len(found) > 2 and isinstance(found[-1], Heard)
    )
    assert isinstance(died, Died)
    assert isinstance(started, Started)
    assert heard == Heard("a", "it is mine")


def test_who_cannot_be_started_is_tried_again(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server of processes is gone, and nobody has heard of its death yet."""
    server = vars(forkserver)["_forkserver"]
    processes.keep("a", Job(echo, ("hello",)))
    with monkeypatch.context() as gone:
        server.ensure_running()
        gone.setattr(server, "_forkserver_address", "/nowhere")
        (died,) = events_until(processes, bool)
    assert isinstance(died, Died)
    assert died.why.startswith("could not be started (")
    assert not processes.ids
    started, heard = events_until(processes, lambda found: len(found) == 2)
    assert isinstance(started, Started)
    assert heard == Heard("a", "hello")


def test_ending_leaves_nobody(processes: Processes) -> None:
    """Who does not end by himself is killed."""
    processes.keep("a", Job(echo, ("hello",)))
    processes.keep("b", Job(silent))
    events_until(processes, lambda found: len(found) == 3)
    ids = list(processes.ids.values())
    processes.end_all(0.1)
    assert not processes.ids
    for process_id in ids:
        with pytest.raises(ProcessLookupError):
            os.kill(process_id, 0)


def test_who_was_told_to_end_is_not_mourned(processes: Processes) -> None:
    """His end is no death, and he is not started again."""
    processes.keep("a", Job(echo, ("hello",)))
    events_until(processes, lambda found: len(found) == 2)
    processes.forget("a")
    os.kill(processes.ids["a"], signal.SIGTERM)
    deadline_s = time.monotonic() + PATIENCE_S
    while processes.ids:
        assert time.monotonic() < deadline_s
        assert list(processes.events(0.1)) == []
