"""What runs on a node of a Ray cluster: one job in a thread, and its connection to the supervisor.

Ray's processes can be called and can call nobody by themselves. So the supervisor's question
`hear` waits here until there is something to say. Messages cross as bytes that are counted, in the
order in which they were said, and once each even where a connection breaks and a call is made
again; pictures are never among them.
"""

import os
import pickle
import threading
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import cv2

from vision.engine.keeping import Job

HEAR_S = 10.0
_END = object()


@dataclass(frozen=True)
class Begun:
    """The job runs, in this process."""

    process_id: int


@dataclass(frozen=True)
class Ended:
    """The job came to its end; why, where that was not its own."""

    failure: str = ""


@dataclass(frozen=True)
class Ask:
    """Something that only the supervisor's side can do or knows."""

    number: int
    question: object


@dataclass(frozen=True)
class Answer:
    """What came of it: a value, or the error that is raised where it was asked."""

    number: int
    value: object = None
    error: Exception | None = None


class Mailbox:
    """A job's end of its connection, as `multiprocessing` would give it one."""

    def __init__(self) -> None:
        self.said: SimpleQueue[object] = SimpleQueue()
        self._heard: SimpleQueue[object] = SimpleQueue()
        self._next: object | None = None
        self._asking = threading.Lock()
        self._asked: dict[int, SimpleQueue[Answer]] = {}
        self._number = 0
        self._is_over = False

    def poll(self, timeout: float) -> bool:
        """Wait for a message or the end; whether there is one."""
        if self._next is None:
            try:
                self._next = self._heard.get(timeout=timeout)
            except Empty:
                return False
        return True

    def recv(self) -> Any:  # noqa: ANN401 - whatever was sent
        """The next message.

        Raises:
            EOFError: the supervisor wants the job to end.
        """
        if self._next is None:
            self._next = self._heard.get()
        if self._next is _END:
            raise EOFError
        message, self._next = self._next, None
        return message

    def send(self, obj: Any, /) -> None:  # noqa: ANN401 - as `multiprocessing` has it
        """Tell the supervisor something."""
        self.said.put(obj)

    def ask(self, question: object) -> Any:  # noqa: ANN401 - whatever it answers
        """Ask the supervisor's side, and wait for the answer; several threads may.

        Raises:
            Exception: what the supervisor's side raised.
            EOFError: there is nobody to answer any more.
        """
        waiting: SimpleQueue[Answer] = SimpleQueue()
        with self._asking:
            if self._is_over:
                raise EOFError
            self._number += 1
            number = self._number
            self._asked[number] = waiting
        self.said.put(Ask(number, question))
        answer = waiting.get()
        if answer.error is not None:
            raise answer.error
        return answer.value

    def take(self, message: object) -> None:
        """Take in a message from the supervisor; answers go to who asked."""
        if not isinstance(message, Answer):
            self._heard.put(message)
            return
        with self._asking:
            waiting = self._asked.pop(message.number, None)
        if waiting is not None:
            waiting.put(message)

    def close(self) -> None:
        """Let the job know that it is to end; what it asks until then is still answered."""
        self._heard.put(_END)

    def abandon(self) -> None:
        """End every wait for an answer."""
        with self._asking:
            self._is_over = True
            for number, waiting in self._asked.items():
                waiting.put(Answer(number, error=EOFError()))
            self._asked.clear()


class Host:
    """An actor that runs one job; made by the supervisor, and gone with it."""

    def __init__(self, job: Job) -> None:
        cv2.setNumThreads(1)
        self._mailbox = Mailbox()
        self._taking = threading.Lock()
        self._early: dict[int, bytes] = {}
        self._taken = self._heard = 0
        self._unheard: list[object] = []
        self._mailbox.send(Begun(os.getpid()))
        threading.Thread(target=self._run, args=(job,), name="job", daemon=True).start()

    def tell(self, number: int, messages: bytes) -> None:
        """Take in messages; calls may overtake one another or come twice, the messages do not.

        Args:
            number: of this call, from 0.
            messages: pickled, a list.
        """
        with self._taking:
            if number >= self._taken:
                self._early[number] = messages
            while self._taken in self._early:
                for message in pickle.loads(self._early.pop(self._taken)):  # noqa: S301 - our own
                    self._mailbox.take(message)
                self._taken += 1

    def close(self) -> None:
        """Let the job end."""
        self._mailbox.close()

    def hear(self, heard: int = 0) -> bytes:
        """What was said and was not heard yet, pickled, a list; waits a while for something.

        Everything is kept until it is known to be heard: an answer that was lost with its
        connection is given again.

        Args:
            heard: messages that the supervisor has had, of all.
        """
        del self._unheard[: heard - self._heard]
        self._heard = heard
        with suppress(Empty):
            if not self._unheard:
                self._unheard.append(self._mailbox.said.get(timeout=HEAR_S))
            while True:
                self._unheard.append(self._mailbox.said.get_nowait())
        return pickle.dumps(self._unheard, protocol=5)

    def _run(self, job: Job) -> None:
        failure = ""
        try:
            job.target(self._mailbox, *job.arguments)
        except Exception as error:  # noqa: BLE001 - a process's edge; the supervisor is told
            failure = f"{type(error).__name__}: {error}"
        self._mailbox.abandon()
        self._mailbox.send(Ended(failure))
