"""Processes on a Ray of this machine alone, kept alive as those of `vision.engine.local` are."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="needs the extra `cluster`: Ray")

from vision.engine.keeping import Died, Heard, Job, Seat, Started
from vision.engine.ray import RayProcesses
from vision.engine.ray_cluster import ClusterAddress, connected
from vision.engine.ray_host import Mailbox
from vision.engine.restarts import RestartPolicy
from vision.errors import ClusterError

PATIENCE_S = 120.0


def asker(control: Mailbox) -> None:
    """Say what twice two is, and then whatever is heard, until the end."""
    control.send(control.ask((2, 2)))
    with suppress(EOFError):
        while True:
            control.send(control.recv())


def mute(control: Mailbox) -> None:
    """Say nothing more than once, until the end."""
    control.send("here")
    with suppress(EOFError):
        control.recv()


def faulty(_control: Mailbox) -> None:
    """Break."""
    raise ValueError("no reason")


def added(question: object) -> object:
    """Answer what is asked."""
    assert isinstance(question, tuple)
    return sum(question)


@pytest.fixture(scope="module")
def _ray() -> Iterator[None]:
    before = set(Path(tempfile.gettempdir()).glob("gp-ray-*"))
    with connected(ClusterAddress(), cpus=1):
        assert set(Path(tempfile.gettempdir()).glob("gp-ray-*")) > before
        yield
    assert set(Path(tempfile.gettempdir()).glob("gp-ray-*")) <= before


class Kept:
    """Processes on the only node, by a clock that a test may move."""

    def __init__(self) -> None:
        self.more_s = 0.0
        self.processes = RayProcesses(
            added,
            RestartPolicy(first_wait_s=0.05),
            silence_s=60.0,
            clock_s=lambda: time.monotonic() + self.more_s,
        )
        (machine,) = self.processes.machines()
        assert machine.cpus == 1.0
        self.seat = Seat(machine.id, 0.1)

    def until(self, enough: Callable[[list[object]], bool]) -> list[Heard | Died | Started]:
        """Gather news until there is enough."""
        found: list[Heard | Died | Started] = []
        deadline_s = time.monotonic() + PATIENCE_S
        while not enough(list(found)):
            assert time.monotonic() < deadline_s, found
            found += self.processes.events(0.1)
        return found


@pytest.fixture
def kept(_ray: None) -> Iterator[Kept]:
    """An empty keeper."""
    found = Kept()
    yield found
    found.processes.end_all(PATIENCE_S)
    assert not found.processes.ids


def test_a_cluster_that_is_not_there_is_told() -> None:
    """With how this machine becomes part of one."""
    with (
        pytest.raises(ClusterError, match=r"cannot be reached.*ray start --head --port=1"),
        connected(ClusterAddress("127.0.0.1", 1)),
    ):
        """Nobody comes here."""


def test_who_is_killed_is_started_again_and_the_others_go_on(
    kept: Kept, capfd: pytest.CaptureFixture[str]
) -> None:
    """What they ask is answered; nothing but what this program says is printed."""
    for name in "ab":
        kept.processes.keep(name, Job(asker), kept.seat)
    first = kept.until(lambda found: len(found) == 4)
    assert [each for each in first if isinstance(each, Started)] == [Started(n, 0) for n in "ab"]
    assert sorted(each.name for each in first if each == Heard(each.name, 4)) == ["a", "b"]
    before = dict(kept.processes.ids)
    os.kill(before["a"], signal.SIGKILL)
    died, started, heard = kept.until(lambda found: len(found) == 3)
    assert isinstance(died, Died)
    assert (died.name, died.in_a_row, died.machine_lost) == ("a", 1, False)
    assert (started, heard) == (Started("a", 1), Heard("a", 4))
    assert kept.processes.ids["b"] == before["b"]
    assert kept.processes.send("b", "x")
    assert kept.until(bool) == [Heard("b", "x")]
    assert capfd.readouterr() == ("", "")


def test_who_hangs_or_breaks_is_started_again(kept: Kept) -> None:
    """With a reason."""
    kept.processes.keep("mute", Job(mute), kept.seat)
    kept.until(lambda found: Heard("mute", "here") in found)
    kept.more_s += 61.0
    found = kept.until(lambda found: Heard("mute", "here") in found)
    assert found[0] == Died("mute", "gave no sign of life and was killed", silent=True, in_a_row=1)
    kept.processes.forget("mute")
    kept.processes.keep("faulty", Job(faulty), kept.seat)
    found = kept.until(lambda found: any(isinstance(each, Died) for each in found))
    assert Died("faulty", "ended (ValueError: no reason)", silent=False, in_a_row=1) in found
