"""Processes on a Ray of this machine alone, kept alive as those of `vision.engine.local` are."""

import os
import re
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="needs the extra `cluster`: Ray")

import ray

from vision.engine.keeping import Died, Heard, Job, News, Quiet, Seat, Started
from vision.engine.ray import RayProcesses
from vision.engine.ray_cluster import ClusterAddress, connected
from vision.engine.ray_host import Mailbox
from vision.engine.ray_machines import HEAD_PATIENCE_S, HEAD_QUIET_S, RayMachines
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


def here_alone() -> str:
    """Another in each process."""
    return str(os.getpid())


def breaks_elsewhere() -> str:
    """What cannot be loaded."""
    if ray.get_runtime_context().worker.mode == ray.WORKER_MODE:
        raise ImportError("no module of that name")
    return ""


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
        self.until(lambda _: bool(self.processes.machines()))
        (machine,) = self.processes.machines()
        assert machine.cpus == 1.0
        self.seat = Seat(machine.id, 0.1)

    def until(self, enough: Callable[[list[object]], bool]) -> list[News]:
        """Gather news until there is enough."""
        found: list[News] = []
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
    assert {each for each in first if isinstance(each, Heard)} == {Heard(n, 4) for n in "ab"}
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
    """With a reason; of who hangs it is told before."""
    kept.processes.keep("mute", Job(mute), kept.seat)
    kept.until(lambda found: Heard("mute", "here") in found)
    kept.more_s += 61.0
    found = kept.until(lambda found: Heard("mute", "here") in found)
    died = Died("mute", "gave no sign of life and was killed", silent=True, in_a_row=1)
    assert found[:2] == [Quiet("mute"), died]
    kept.processes.forget("mute")
    kept.processes.keep("faulty", Job(faulty), kept.seat)
    found = kept.until(lambda found: any(isinstance(each, Died) for each in found))
    assert Died("faulty", "ended (ValueError: no reason)", silent=False, in_a_row=1) in found


@pytest.mark.usefixtures("_ray")
@pytest.mark.parametrize(
    ("same", "why"),
    [
        (here_alone, r"it has \d+, this machine {here}; install the same on both"),
        (breaks_elsewhere, r"this program cannot be loaded there \(.*no module of that name\)"),
    ],
)
def test_a_machine_that_has_something_else_is_named_and_not_used(
    same: Callable[[], str], why: str
) -> None:
    """With what it has, or why it cannot say so."""
    machines = RayMachines(same)
    deadline_s = time.monotonic() + PATIENCE_S
    told = ""
    while "is not used" not in told and time.monotonic() < deadline_s:
        told += " ".join(machines.remarks())
        time.sleep(0.05)
    machines.close()
    here = why.replace("{here}", str(os.getpid()))
    assert re.search(f"is not used: {here}", told)
    assert machines.usable() == ()
    assert len(machines.ids(refused=True)) == 1
    assert not machines.ids(refused=False)


@pytest.mark.usefixtures("_ray")
def test_a_cluster_without_machines_is_told_once() -> None:
    """Sources that wait for ever look as those that wait for a moment."""
    machines = RayMachines(here_alone)
    deadline_s = time.monotonic() + PATIENCE_S
    while not machines.ids(refused=False) | machines.ids(refused=True):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
    machines.close(PATIENCE_S)
    assert not any("is gone" in each for each in machines.remarks())
    for _ in range(2):
        machines._take([{"Alive": False, "Resources": {}, "NodeID": "a"}])
    (told,) = (each for each in machines.remarks() if "is gone" in each)
    assert "begin it again. What was seen is kept" in told


@pytest.mark.usefixtures("_ray")
def test_a_head_that_does_not_answer_is_told_and_then_given_up() -> None:
    """Nothing is lost by it: what was seen is kept."""
    more_s = 0.0
    machines = RayMachines(here_alone, lambda: time.monotonic() + more_s)
    machines.close(PATIENCE_S)
    more_s = HEAD_QUIET_S + 1.0
    assert [each for each in machines.remarks() if "has not answered for" in each]
    assert machines.is_head_quiet
    machines.check_head()
    more_s = HEAD_PATIENCE_S + 1.0
    with pytest.raises(ClusterError, match="what was seen is kept"):
        machines.check_head()
