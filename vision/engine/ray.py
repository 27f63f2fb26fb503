"""Processes on the machines of a Ray cluster, kept alive as those of one machine are.

This module needs the extra `cluster`; load it only where a cluster is asked for. Ray starts what
runs on its nodes and says when it is gone; what is started again, when and where is decided here
and above, so that what a pass remembered goes with it. Everything ends with the supervisor.
"""

import pickle
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from vision.engine.keeping import Died, Heard, Job, Seat, Started
from vision.engine.placement import CPU, Machine, device_kind
from vision.engine.ray_host import Answer, Ask, Begun, Ended, Host
from vision.engine.restarts import RestartPolicy, Restarts
from vision.errors import ClusterError

SILENCE_S = 60.0
# Until its first word a process may wait for Ray to find it a place and for Python to load.
STARTING_S = 180.0
_ANSWERERS = 8
_BEFORE = frozenset({CPU, "memory", "object_store_memory"})


@dataclass(frozen=True)
class _News:
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
    told: int = 0
    due_s: float = 0.0
    heard_s: float = 0.0
    is_ending: bool = False
    is_silent: bool = False
    telling: threading.Lock = field(default_factory=threading.Lock)


class RayProcesses:
    """Keeps named processes alive on the nodes of the cluster that Ray is connected to.

    Args:
        answers: answers what processes ask, in threads; what it raises is raised where it was
            asked.
        policy: how soon the dead are started again.
        silence_s: a process that gives no sign of life for so long is killed.
        clock_s: monotonic seconds.
    """

    def __init__(
        self,
        answers: Callable[[object], object],
        policy: RestartPolicy | None = None,
        silence_s: float = SILENCE_S,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._answers = answers
        self._policy = policy
        self._silence_s = silence_s
        self._clock_s = clock_s
        self._kept: dict[str, _Kept] = {}
        self._news: SimpleQueue[_News] = SimpleQueue()
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
        """The nodes that are alive and lend processors.

        Raises:
            ClusterError: the head of the cluster is gone.
        """
        try:
            nodes = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get(CPU)]
        except ray.exceptions.RayError as error:
            raise ClusterError(
                f"The cluster's head does not answer ({_short(error)}): start it again, and then "
                "this; what was seen is kept."
            ) from error
        return tuple(_machine(node) for node in sorted(nodes, key=lambda node: node["NodeID"]))

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

    def events(self, timeout_s: float) -> Iterator[Heard | Died | Started]:
        """Wait a while for news, tell them, and start what is due."""
        yield from self._start_due()
        with suppress(Empty):
            news = self._news.get(timeout=min(timeout_s, self._next_due_s()))
            while True:
                yield from self._take(news)
                news = self._news.get_nowait()
        self._kill_silent()

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
        self._answerers.shutdown(wait=True, cancel_futures=True)

    def _start_due(self) -> Iterator[Started]:
        now_s = self._clock_s()
        for name, kept in self._kept.items():
            if kept.actor is None and kept.due_s <= now_s and not kept.is_ending:
                kept.life, kept.told = kept.life + 1, 0
                kept.actor = self._hosts.options(**_options(kept.seat)).remote(kept.job)
                kept.heard_s = now_s
                self._listen(name, kept)
                kept.restarts.began(now_s)
                yield Started(name, kept.restarts.count)

    def _listen(self, name: str, kept: _Kept) -> None:
        life, asked = kept.life, kept.actor.hear.options(concurrency_group="hear").remote()
        asked.future().add_done_callback(lambda done: self._news.put(_News(name, life, done)))

    def _next_due_s(self) -> float:
        now_s = self._clock_s()
        waits = [kept.due_s - now_s for kept in self._kept.values() if kept.actor is None]
        return max(0.0, min(waits, default=float("inf")))

    def _take(self, news: _News) -> Iterator[Heard | Died]:
        kept = self._kept.get(news.name)
        if kept is None or kept.life != news.life or kept.actor is None:
            return
        try:
            said = news.outcome.result()
        except ray.exceptions.RayError as error:
            yield from self._bury(news.name, kept, f"died ({_short(error)})")
            return
        self.heard_bytes += len(said)
        messages = pickle.loads(said)  # noqa: S301 - from a process of our own
        if messages:
            # That Ray's process answers says nothing of the job in it: what the job says does.
            kept.heard_s = self._clock_s()
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
        silent, kept.actor, kept.process_id = kept.is_silent, None, 0
        kept.is_silent = False
        if kept.is_ending:
            del self._kept[name]
        elif kept.seat.machine not in {each.id for each in self.machines()}:
            del self._kept[name]
            yield Died(name, "went with its machine", silent, 0, machine_lost=True)
        else:
            kept.due_s = kept.restarts.died(self._clock_s())
            if silent:
                why = "gave no sign of life and was killed"
            yield Died(name, why, silent, kept.restarts.in_a_row)

    def _kill_silent(self) -> None:
        now_s = self._clock_s()
        for kept in self._kept.values():
            patience_s = self._silence_s if kept.process_id else max(self._silence_s, STARTING_S)
            if kept.actor is not None and now_s - kept.heard_s > patience_s:
                kept.heard_s, kept.is_silent = now_s, True
                ray.kill(kept.actor)


def _tell(kept: _Kept, actor: Any, message: object) -> None:  # noqa: ANN401 - an actor
    with kept.telling:
        number, kept.told = kept.told, kept.told + 1
        actor.tell.options(concurrency_group="tell").remote(number, pickle.dumps([message], 5))


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


def _machine(node: Mapping[str, Any]) -> Machine:
    resources: Mapping[str, float] = node["Resources"]
    kinds = {kind for kind in resources if kind not in _BEFORE and not kind.startswith("node:")}
    name = f"{node['NodeManagerHostname']}-{node['NodeID'][:6]}"
    return Machine(node["NodeID"], name, resources[CPU], frozenset(kinds))


def _short(error: BaseException) -> str:
    """Ray's reasons fill pages: the line of them that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    # Who could not even be made is followed by a trace, which ends with why.
    return lines[-1 if "creation task" in lines[0] else 0].rstrip(".")
