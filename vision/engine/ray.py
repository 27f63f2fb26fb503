"""Processes on the machines of a Ray cluster, kept alive as those of one machine are.

This module needs the extra `cluster`; load it only where a cluster is asked for. Ray starts what
runs on its nodes and says when it is gone; what is started again, when and where is decided here
and above, so that what a pass remembered goes with it. Everything ends with the supervisor.
"""

import pickle
import platform
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from vision.engine.keeping import Died, Heard, Job, News, Quiet, Remark, Seat, Started
from vision.engine.placement import CPU, Machine, device_kind
from vision.engine.ray_host import Answer, Ask, Begun, Ended, Host
from vision.engine.ray_machines import RayMachines, last_line
from vision.engine.restarts import RestartPolicy, Restarts

SILENCE_S = 60.0
# Its last word is told as old then.
QUIET_S = 10.0
# Until its first word a process may wait for Ray to find it a place and for Python to load.
STARTING_S = 180.0
_ANSWERERS = 8
_ASK_AGAIN_S = 1.0


@dataclass(frozen=True)
class _Said:
    """What came of asking a process what it has to say."""

    name: str
    life: int
    outcome: Future[bytes]


@dataclass(eq=False)
class _Kept:
    job: Job
    seat: Seat
    restarts: Restarts
    actor: Any = None
    life: int = 0
    process_id: int = 0
    heard: int = 0
    told: int = 0
    due_s: float = 0.0
    heard_s: float = 0.0
    is_ending: bool = False
    is_silent: bool = False
    is_quiet: bool = False
    is_ousted: bool = False
    # When to ask again whose connection broke; None while an answer is waited for.
    ask_s: float | None = None
    telling: threading.Lock = field(default_factory=threading.Lock)
    # What is not known to have been taken in, by its number.
    untold: dict[int, bytes] = field(default_factory=dict)


class RayProcesses:
    """Keeps named processes alive on the nodes of the cluster that Ray is connected to.

    Args:
        answers: answers what processes ask, in threads; what it raises is raised where it was
            asked.
        policy: how soon the dead are started again.
        silence_s: a process that gives no sign of life for so long is killed.
        clock_s: monotonic seconds.
        same: machines where it does not give what it gives here are not used.
    """

    def __init__(
        self,
        answers: Callable[[object], object],
        policy: RestartPolicy | None = None,
        silence_s: float = SILENCE_S,
        clock_s: Callable[[], float] = time.monotonic,
        same: Callable[[], str] = platform.python_version,
    ) -> None:
        self._answers = answers
        self._policy = policy
        self._silence_s = silence_s
        self._clock_s = clock_s
        self._kept: dict[str, _Kept] = {}
        self._news: SimpleQueue[_Said] = SimpleQueue()
        self._machines = RayMachines(same)
        self._answerers = ThreadPoolExecutor(_ANSWERERS, thread_name_prefix="answer")
        # It is never Ray who starts them again.
        groups = {"hear": 1, "tell": 1}
        self._hosts = ray.remote(max_restarts=0, concurrency_groups=groups)(Host)
        self.heard_bytes = 0

    @property
    def ids(self) -> Mapping[str, int]:
        """Process ids by name, each on its own machine, of those that have begun."""
        return {name: kept.process_id for name, kept in self._kept.items() if kept.process_id}

    def machines(self) -> tuple[Machine, ...]:
        """The nodes that are alive, lend processors, and can run what runs here.

        Raises:
            ClusterError: the head of the cluster is gone.
        """
        self._machines.check_head()
        return self._machines.usable()

    def keep(self, name: str, job: Job, seat: Seat = Seat()) -> None:  # noqa: B008 - frozen
        """Have a process run from now on; it starts with the next `events`."""
        self._kept[name] = _Kept(job, seat, Restarts(self._policy), due_s=self._clock_s())

    def reseat(self, name: str, seat: Seat) -> None:
        """Start a process otherwise when it is started again."""
        if name in self._kept:
            self._kept[name].seat = seat

    def send(self, name: str, message: object) -> bool:
        """Tell a process something; false where it does not live to hear it."""
        kept = self._kept.get(name)
        if kept is None or kept.actor is None:
            return False
        _tell(kept, kept.actor, message)
        return True

    def events(self, timeout_s: float) -> Iterator[News]:
        """Wait a while for news, tell them, and start what is due."""
        yield from map(Remark, self._machines.remarks())
        if not self._machines.is_head_quiet:
            yield from self._start_due()
        self._ask_again()
        with suppress(Empty):
            said = self._news.get(timeout=min(timeout_s, self._next_due_s()))
            while True:
                yield from self._take(said)
                said = self._news.get_nowait()
        yield from self._kill_silent()

    def forget(self, name: str) -> None:
        """Start a process no more; it was told to end and does so in its own time."""
        kept = self._kept.get(name)
        if kept is not None:
            kept.is_ending = True
            if kept.actor is None:
                del self._kept[name]

    def end_all(self, patience_s: float) -> None:
        """End everything; who does not end by himself is killed."""
        for name, kept in list(self._kept.items()):
            if kept.actor is not None:
                kept.actor.close.remote()
            self.forget(name)
        deadline_s = self._clock_s() + patience_s
        while self._kept and self._clock_s() < deadline_s:
            for _ in self.events(0.1):
                """What is said at the end is of no use to anybody any more."""
        for kept in self._kept.values():
            ray.kill(kept.actor)
        self._kept.clear()
        self._machines.close()
        self._answerers.shutdown(wait=True, cancel_futures=True)

    def _start_due(self) -> Iterator[Started]:
        now_s = self._clock_s()
        for name, kept in list(self._kept.items()):
            if kept.actor is None and kept.due_s <= now_s and not kept.is_ending:
                kept.life, kept.told, kept.heard = kept.life + 1, 0, 0
                kept.untold, kept.ask_s, kept.is_quiet = {}, None, False
                kept.actor = self._hosts.options(**_options(kept.seat)).remote(kept.job)
                kept.heard_s = now_s
                self._listen(name, kept)
                kept.restarts.began(now_s)
                yield Started(name, kept.restarts.count)

    def _listen(self, name: str, kept: _Kept) -> None:
        life = kept.life
        asked = kept.actor.hear.options(concurrency_group="hear").remote(kept.heard)
        asked.future().add_done_callback(lambda done: self._news.put(_Said(name, life, done)))

    def _ask_again(self) -> None:
        """Ask those whose connection broke, and tell them again what may not have come."""
        now_s = self._clock_s()
        for name, kept in self._kept.items():
            if kept.actor is not None and kept.ask_s is not None and kept.ask_s <= now_s:
                kept.ask_s = None
                for number, data in sorted(kept.untold.items()):
                    _bring(kept, kept.actor, number, data)
                self._listen(name, kept)

    def _next_due_s(self) -> float:
        now_s = self._clock_s()
        waits = [kept.due_s - now_s for kept in self._kept.values() if kept.actor is None]
        return max(0.0, min(waits, default=float("inf")))

    def _take(self, news: _Said) -> Iterator[Heard | Died]:
        kept = self._kept.get(news.name)
        if kept is None or kept.life != news.life or kept.actor is None:
            return
        try:
            said = news.outcome.result()
        except ray.exceptions.ActorUnavailableError:
            # A connection that broke says nothing of the process: when it is dead, Ray will know.
            kept.ask_s = self._clock_s() + _ASK_AGAIN_S
            return
        except ray.exceptions.RayError as error:
            yield from self._bury(news.name, kept, f"died ({_short(error)})")
            return
        self.heard_bytes += len(said)
        messages = pickle.loads(said)  # noqa: S301 - from a process of our own
        kept.heard += len(messages)
        if messages:
            # That Ray's process answers says nothing of the job in it: what the job says does.
            kept.heard_s, kept.is_quiet = self._clock_s(), False
        for message in messages:
            if isinstance(message, Begun):
                kept.process_id = message.process_id
            elif isinstance(message, Ask):
                self._answerers.submit(self._answer, kept, kept.actor, message)
            elif isinstance(message, Ended):
                ray.kill(kept.actor)
                why = f"ended ({message.failure or 'by itself'})"
                yield from self._bury(news.name, kept, why)
                return
            else:
                yield Heard(news.name, message)
        self._listen(news.name, kept)

    def _answer(self, kept: _Kept, actor: Any, ask: Ask) -> None:  # noqa: ANN401 - an actor
        try:
            answer = Answer(ask.number, self._answers(ask.question))
        except Exception as error:  # noqa: BLE001 - raised again where it was asked
            answer = Answer(ask.number, error=error)
        if kept.actor is actor:
            _tell(kept, actor, answer)

    def _bury(self, name: str, kept: _Kept, why: str) -> Iterator[Died]:
        silent, has_begun, kept.actor, kept.process_id = kept.is_silent, kept.process_id, None, 0
        kept.is_silent = False
        if kept.is_ending:
            del self._kept[name]
            return
        if not has_begun:
            # Where nothing can begin, it may be the machine that is to blame.
            self._machines.doubt(kept.seat.machine)
        self._machines.refresh()
        if kept.seat.machine not in self._machines.ids(refused=False):
            del self._kept[name]
            lost = "went with its machine" if has_begun else f"could not begin: {why}"
            yield Died(name, lost, silent, 0, machine_lost=True)
        else:
            kept.due_s = kept.restarts.died(self._clock_s())
            if silent:
                why = "gave no sign of life and was killed"
            yield Died(name, why, silent, kept.restarts.in_a_row)

    def _kill_silent(self) -> Iterator[Quiet]:
        now_s, refused = self._clock_s(), self._machines.ids(refused=True)
        for name, kept in list(self._kept.items()):
            if kept.actor is None:
                continue
            if kept.seat.machine in refused and not kept.is_ousted:
                # What dies there cannot be started again, and nothing works without its neighbours.
                kept.is_ousted = True
                ray.kill(kept.actor)
            silence_s = now_s - kept.heard_s
            if kept.process_id and silence_s > QUIET_S and not kept.is_quiet:
                kept.is_quiet = True
                yield Quiet(name)
            patience_s = self._silence_s if kept.process_id else max(self._silence_s, STARTING_S)
            if silence_s > patience_s and not self._machines.is_head_quiet:
                kept.heard_s, kept.is_silent = now_s, True
                ray.kill(kept.actor)


def _tell(kept: _Kept, actor: Any, message: object) -> None:  # noqa: ANN401 - an actor
    with kept.telling:
        number, kept.told = kept.told, kept.told + 1
        kept.untold[number] = data = pickle.dumps([message], 5)
    _bring(kept, actor, number, data)


def _bring(kept: _Kept, actor: Any, number: int, data: bytes) -> None:  # noqa: ANN401 - likewise
    asked = actor.tell.options(concurrency_group="tell").remote(number, data)
    asked.future().add_done_callback(partial(_brought, kept.untold, number))


def _brought(untold: dict[int, bytes], number: int, done: Future[None]) -> None:
    """Forget what was taken in; what a broken connection may have lost is told again."""
    if not isinstance(done.exception(), ray.exceptions.ActorUnavailableError):
        untold.pop(number, None)


def _options(seat: Seat) -> dict[str, Any]:
    """How Ray makes a process that sits there."""
    options: dict[str, Any] = {
        "num_cpus": seat.cpus,
        "scheduling_strategy": NodeAffinitySchedulingStrategy(seat.machine, soft=False),
    }
    kind = device_kind(seat.device)
    if kind == "GPU":
        options["num_gpus"] = 1
    elif kind not in {"", CPU}:
        options["resources"] = {kind: 1}
    return options


def _short(error: BaseException) -> str:
    """Ray's reasons fill pages: the line of them that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines or "creation task" in lines[0]:
        # Who could not even be made is followed by a trace, which ends with why.
        return last_line(error)
    return lines[0].rstrip(".")
