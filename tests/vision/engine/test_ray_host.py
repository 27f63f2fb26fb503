"""A job's connection on another machine: messages in order, answers to who asked, an end."""

import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest

from vision.engine.keeping import Job
from vision.engine.ray_host import Answer, Ask, Begun, Ended, Host, Mailbox

WAIT_S = 30.0


def echo(control: Mailbox) -> None:
    """Say what is heard until the end."""
    try:
        while True:
            control.send(control.recv())
    except EOFError:
        return


def curious(control: Mailbox) -> None:
    """Ask twice, and say what came of it."""
    control.send(control.ask("how much?"))
    try:
        control.ask("why?")
    except ValueError as error:
        control.send(str(error))


def faulty(_control: Mailbox) -> None:
    """Break."""
    raise ValueError("no reason")


class Supervisor:
    """Asks a host what its job says."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.heard = 0

    def hear(self) -> list[Any]:
        """What the host gives, which may not arrive."""
        found: list[Any] = pickle.loads(self.host.hear(self.heard))  # noqa: S301 - our own
        return found

    def until(self, enough: Callable[[list[Any]], bool]) -> list[Any]:
        """Gather what is said."""
        found: list[Any] = []
        while not enough(found):
            said = self.hear()
            assert said, found
            self.heard += len(said)
            found += said
        return found


def test_messages_are_heard_in_the_order_in_which_they_were_said() -> None:
    """Even if the calls that bring them overtake one another."""
    host = Host(Job(echo))
    supervisor = Supervisor(host)
    host.tell(1, pickle.dumps(["b", "c"]))
    host.tell(0, pickle.dumps(["a"]))
    begun, *said = supervisor.until(lambda found: len(found) == 4)
    assert isinstance(begun, Begun)
    assert said == ["a", "b", "c"]
    host.close()
    assert supervisor.until(bool) == [Ended()]


def test_who_asks_gets_the_answer_or_the_error() -> None:
    """Whatever else is said meanwhile."""
    host = Host(Job(curious))
    supervisor = Supervisor(host)
    _, first = supervisor.until(lambda found: len(found) == 2)
    assert first == Ask(1, "how much?")
    host.tell(0, pickle.dumps(["something else", Answer(1, 5)]))
    assert supervisor.until(lambda found: len(found) == 2) == [5, Ask(2, "why?")]
    host.tell(1, pickle.dumps([Answer(2, error=ValueError("because"))]))
    assert supervisor.until(lambda found: len(found) == 2) == ["because", Ended()]


def test_what_a_broken_connection_lost_is_given_again() -> None:
    """To the supervisor and to the job, each message once."""
    host = Host(Job(echo))
    supervisor = Supervisor(host)
    for _ in range(2):
        host.tell(0, pickle.dumps(["a"]))
    supervisor.until(lambda found: len(found) == 2)
    host.tell(1, pickle.dumps(["b"]))
    assert supervisor.hear() == ["b"]
    host.tell(1, pickle.dumps(["b"]))
    host.tell(2, pickle.dumps(["c"]))
    assert supervisor.until(lambda found: len(found) == 2) == ["b", "c"]
    host.close()
    assert supervisor.until(bool) == [Ended()]


def test_a_job_that_breaks_says_why() -> None:
    """As the last thing."""
    host = Host(Job(faulty))
    supervisor = Supervisor(host)
    assert supervisor.until(lambda found: len(found) == 2)[-1] == Ended("ValueError: no reason")


def test_nobody_waits_for_an_answer_after_the_end() -> None:
    """Threads of a job that outlive it are let go of."""
    mailbox = Mailbox()
    ended: list[BaseException] = []

    def ask() -> None:
        try:
            mailbox.ask("anybody?")
        except EOFError as error:
            ended.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert isinstance(mailbox.said.get(timeout=WAIT_S), Ask)
    mailbox.abandon()
    asking.join(WAIT_S)
    assert len(ended) == 1
    with pytest.raises(EOFError):
        mailbox.ask("still nobody?")


def test_the_end_stays_the_end() -> None:
    """However often it is looked for."""
    mailbox = Mailbox()
    assert not mailbox.poll(0.0)
    mailbox.close()
    for _ in range(2):
        assert mailbox.poll(0.0)
        with pytest.raises(EOFError):
            mailbox.recv()
