"""Processes of one machine: started, listened to, and started again when they die.

Every process has a connection to its supervisor. Its end is the end of the process: a supervisor
that is killed takes all with it. Processes are forked from a server that has loaded everything
already and runs no threads, so that a new one works within a fraction of a second.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from typing import Any

import cv2

from vision.engine.keeping import Died, Heard, Job, Seat, Started
from vision.engine.placement import Machine
from vision.engine.restarts import RestartPolicy, Restarts


@dataclass(eq=False)
class _Kept:
    job: Job
    restarts: Restarts
    process: ForkServerProcess | None = None
    control: Connection | None = None
    due_s: float = 0.0
    heard_s: float = 0.0
    is_ending: bool = False
    waiting: list[object] = field(default_factory=list)


class Processes:
    """Keeps named processes alive.

    Args:
        preload: modules that the server of processes loads once for all.
        policy: how soon the dead are started again.
        silence_s: a process that gives no sign of life for so long is killed.
        clock_s: monotonic seconds.
    """

    def __init__(
        self,
        preload: Iterable[str] = (),
        policy: RestartPolicy | None = None,
        silence_s: float = 60.0,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["vision.engine.local", *preload])
        self._policy = policy
        self._silence_s = silence_s
        self._clock_s = clock_s
        self._kept: dict[str, _Kept] = {}

    @property
    def ids(self) -> Mapping[str, int]:
        """Process ids by name, of those that live."""
        return {
            name: kept.process.pid
            for name, kept in self._kept.items()
            if kept.process is not None and kept.process.pid is not None
        }

    def machines(self) -> tuple[Machine, ...]:
        """This one, which carries whatever it is asked to."""
        return (Machine("here", ""),)

    def keep(self, name: str, job: Job, seat: Seat = Seat()) -> None:  # noqa: ARG002, B008 - one seat
        """Have a process run from now on; it starts with the next `events`."""
        self._kept[name] = _Kept(job, Restarts(self._policy), due_s=self._clock_s())

    def reseat(self, name: str, seat: Seat) -> None:
        """There is one seat."""

    def send(self, name: str, message: object) -> bool:
        """Tell a process something; false where it does not live to hear it."""
        kept = self._kept.get(name)
        if kept is None or kept.control is None:
            return False
        try:
            kept.control.send(message)
        except OSError:
            return False
        return True

    def events(self, timeout_s: float) -> Iterator[Heard | Died | Started]:
        """Wait a while for news, tell them, and start what is due."""
        yield from self._start_due()
        sentinels = {kept.process.sentinel: n for n, kept in self._kept.items() if kept.process}
        controls = {kept.control: n for n, kept in self._kept.items() if kept.control}
        ready = wait([*sentinels, *controls], min(timeout_s, self._next_due_s()))
        for control in [each for each in ready if isinstance(each, Connection)]:
            yield from self._hear(controls[control], control)
        for sentinel in [each for each in ready if isinstance(each, int)]:
            yield from self._bury(sentinels[sentinel])
        self._kill_silent()

    def end_all(self, patience_s: float) -> None:
        """End everything, in the order in which it was begun, backwards, all at once."""
        going = list(self._kept.values())[::-1]
        for kept in going:
            kept.is_ending = True
            if kept.control is not None:
                kept.control.close()
                kept.control = None
        deadline_s = self._clock_s() + patience_s
        for kept in going:
            if kept.process is not None:
                kept.process.join(max(0.0, deadline_s - self._clock_s()))
                if kept.process.is_alive():
                    kept.process.kill()
                    kept.process.join()
                kept.process.close()
                kept.process = None
        self._kept.clear()

    def forget(self, name: str) -> None:
        """Start a process no more; it was told to end and does so in its own time."""
        kept = self._kept.get(name)
        if kept is not None:
            kept.is_ending = True
            if kept.process is None:
                del self._kept[name]

    def _start_due(self) -> Iterator[Started | Died]:
        now_s = self._clock_s()
        for name, kept in self._kept.items():
            if kept.process is not None or kept.due_s > now_s or kept.is_ending:
                continue
            control, far = self._context.Pipe()
            arguments = (kept.job.target, far, kept.job.arguments)
            process = self._context.Process(target=_run, args=arguments, name=name, daemon=True)
            try:
                process.start()
            except (OSError, EOFError) as error:
                # The server of processes died a moment ago: the next try begins with another.
                control.close()
                kept.due_s = kept.restarts.died(now_s)
                why = f"could not be started ({error or 'no answer'})"
                yield Died(name, why, silent=False, in_a_row=kept.restarts.in_a_row)
                continue
            finally:
                far.close()
            kept.process, kept.control, kept.heard_s = process, control, self._clock_s()
            kept.restarts.began(self._clock_s())
            yield Started(name, kept.restarts.count)

    def _next_due_s(self) -> float:
        now_s = self._clock_s()
        waits = [kept.due_s - now_s for kept in self._kept.values() if kept.process is None]
        return max(0.0, min(waits, default=float("inf")))

    def _hear(self, name: str, control: Connection) -> Iterator[Heard]:
        kept = self._kept[name]
        with suppress(EOFError, OSError):
            while control.poll():
                message = control.recv()
                kept.heard_s = self._clock_s()
                yield Heard(name, message)
            return
        # Its end is told by the process itself; until then this connection is ready for ever.
        control.close()
        kept.control = None

    def _bury(self, name: str) -> Iterator[Heard | Died]:
        kept = self._kept[name]
        process, now_s = kept.process, self._clock_s()
        if process is None:
            return
        if kept.control is not None:
            yield from self._hear(name, kept.control)
        if kept.control is not None and process.pid is not None:
            # Told dead because the server of processes died; it holds its end, so that it lives.
            # Two of one name would take each other's place.
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        process.join()
        exit_code = process.exitcode or 0
        silent = now_s - kept.heard_s > self._silence_s
        process.close()
        if kept.control is not None:
            kept.control.close()
        kept.process = kept.control = None
        if kept.is_ending:
            del self._kept[name]
            return
        kept.due_s = kept.restarts.died(now_s)
        why = "gave no sign of life and was killed" if silent else f"died ({exit_code})"
        yield Died(name, why, silent, kept.restarts.in_a_row)

    def _kill_silent(self) -> None:
        now_s = self._clock_s()
        for kept in self._kept.values():
            if kept.process is not None and now_s - kept.heard_s > self._silence_s:
                kept.process.kill()


def _run(target: Callable[..., None], control: Connection, arguments: tuple[Any, ...]) -> None:
    """Begin a process: a Ctrl-C is for its supervisor, and its end is told through the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    target(control, *arguments)
