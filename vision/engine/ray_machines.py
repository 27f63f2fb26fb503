"""Which machines of a Ray cluster can be used, and whether its head answers.

This module needs the extra `cluster`; load it only where a cluster is asked for. The head is asked
in a thread, as an answer may take a minute or never come. A machine that belongs to the cluster is
used when it has shown that what it would run can be loaded there and is what runs here.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from queue import Empty, SimpleQueue
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from vision.engine.placement import CPU, Machine
from vision.errors import ClusterError

LOOK_EVERY_S = 0.5
FRESH_S = 2.0
HEAD_QUIET_S = 10.0
# Machines whose Ray cannot reach the head for 60 s end by themselves: nothing comes after that.
HEAD_PATIENCE_S = 75.0
ANSWER_S = 60.0
ASK_AGAIN_S = 60.0
_BEFORE = frozenset({CPU, "memory", "object_store_memory"})

_LAST_GONE = (
    "The last machine of the cluster is gone; sources wait until another one joins it. None ever "
    "joins a Ray of this machine alone: end the watching there, and begin it again. What was seen "
    "is kept."
)


class _Stand(Enum):
    ASKED = auto()
    USABLE = auto()
    REFUSED = auto()


@dataclass(eq=False)
class _Node:
    machine: Machine
    answer: "Future[str]"
    asked_s: float
    stand: _Stand = _Stand.ASKED
    is_told: bool = False


class RayMachines:
    """Looks at the nodes of the cluster that Ray is connected to, in a thread.

    Args:
        same: must give the same on every machine as here; it runs there, found by its name.
        clock_s: monotonic seconds.
    """

    def __init__(
        self, same: Callable[[], str], clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._same = same
        self._here = same()
        self._clock_s = clock_s
        # A process that has loaded another version must not answer for what is installed later.
        self._asking = ray.remote(num_cpus=0, max_retries=0, max_calls=1)(same)
        self._nodes: dict[str, _Node] = {}
        self._remarks: SimpleQueue[str] = SimpleQueue()
        self._answered_s = clock_s()
        self._is_quiet = False
        self._changing = threading.Lock()
        self._closing, self._wanted, self._looked = (threading.Event() for _ in range(3))
        self._thread = threading.Thread(target=self._run, name="machines", daemon=True)
        self._thread.start()

    def usable(self) -> tuple[Machine, ...]:
        """The machines that can be used, as far as is known, in the order of their ids."""
        with self._changing:
            able = [each.machine for each in self._nodes.values() if each.stand is _Stand.USABLE]
        return tuple(sorted(able, key=lambda machine: machine.id))

    def ids(self, *, refused: bool) -> frozenset[str]:
        """Ids of the machines that belong to the cluster: those that are refused, or the others."""
        with self._changing:
            return frozenset(
                key for key, e in self._nodes.items() if (e.stand is _Stand.REFUSED) == refused
            )

    def check_head(self) -> None:
        """Find out whether the head has answered of late.

        Raises:
            ClusterError: it has not, for so long that there is no more use in waiting.
        """
        silence_s = self._clock_s() - self._answered_s
        if silence_s > HEAD_PATIENCE_S:
            raise ClusterError(
                f"The cluster's head has not answered for {silence_s:.0f} s: start it again if it "
                "died, then the machines that left it, and then this; what was seen is kept."
            )

    def remarks(self) -> Iterator[str]:
        """What a person should know since the last time."""
        silence_s = self._clock_s() - self._answered_s
        if self._is_quiet != (silence_s > HEAD_QUIET_S):
            self._is_quiet = not self._is_quiet
            if self._is_quiet:
                yield (
                    f"The cluster's head has not answered for {silence_s:.0f} s. Sources are "
                    "watched on and no process is started until it answers; if it does not, the "
                    "watching ends soon, with everything kept."
                )
            else:
                yield "The cluster's head answers again."
        with suppress(Empty):
            while True:
                yield self._remarks.get_nowait()

    @property
    def is_head_quiet(self) -> bool:
        """Whether the head has not answered for a while: nothing should be asked of it."""
        return self._clock_s() - self._answered_s > HEAD_QUIET_S

    def refresh(self) -> None:
        """Look now, as a process died: its machine may be gone. Waits, but not for a quiet head."""
        if self._clock_s() - self._answered_s < FRESH_S:
            self._looked.clear()
            self._wanted.set()
            self._looked.wait(FRESH_S)

    def doubt(self, machine_id: str) -> None:
        """Place nothing on a machine until it has answered again."""
        with self._changing:
            node = self._nodes.get(machine_id)
            if node is not None and node.stand is _Stand.USABLE:
                self._nodes[machine_id] = self._asked(node.machine)

    def close(self, patience_s: float = FRESH_S) -> None:
        """Look no more; a question on its way is waited for, as Ray would begin anew for it."""
        self._closing.set()
        self._wanted.set()
        self._thread.join(patience_s)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wanted.clear()
            try:
                nodes = ray.nodes()
            except Exception:  # noqa: BLE001 - whatever Ray raises, it is no answer
                self._wanted.wait(LOOK_EVERY_S)
                continue
            self._answered_s = self._clock_s()
            self._take(nodes)
            self._looked.set()
            self._wanted.wait(LOOK_EVERY_S)

    def _take(self, nodes: list[dict[str, Any]]) -> None:
        found = [_machine(node) for node in nodes if node["Alive"] and node["Resources"].get(CPU)]
        alive = {machine.id for machine in found}
        with self._changing:
            if self._nodes and not alive:
                self._remarks.put(_LAST_GONE)
            for gone in self._nodes.keys() - alive:
                del self._nodes[gone]
            for machine in found:
                node = self._nodes.get(machine.id)
                if node is None or (node.stand is _Stand.REFUSED and self._is_due(node)):
                    self._nodes[machine.id] = self._asked(machine, node)
                elif node.stand is _Stand.ASKED:
                    self._judge(node)

    def _is_due(self, node: _Node) -> bool:
        return self._clock_s() - node.asked_s > ASK_AGAIN_S

    def _asked(self, machine: Machine, before: _Node | None = None) -> _Node:
        there = NodeAffinitySchedulingStrategy(machine.id, soft=False)
        answer = self._asking.options(scheduling_strategy=there).remote().future()
        return _Node(machine, answer, self._clock_s(), is_told=before is not None)

    def _judge(self, node: _Node) -> None:
        name = node.machine.name
        if not node.answer.done():
            if self._clock_s() - node.asked_s > ANSWER_S and not node.is_told:
                node.is_told = True
                self._remarks.put(
                    f"{name} belongs to the cluster and does not answer this machine: is there a "
                    "firewall between them? docs/cluster.md names the ports. It is used as soon as "
                    "it answers."
                )
            return
        why = self._why_not(node.answer)
        node.stand = _Stand.REFUSED if why else _Stand.USABLE
        if why and not node.is_told:
            node.is_told = True
            self._remarks.put(f"{name} is not used: {why} It is asked again every minute.")
        elif not why and node.is_told:
            self._remarks.put(f"{name} can be used now.")

    def _why_not(self, answer: "Future[str]") -> str:
        try:
            there = answer.result()
        except Exception as error:  # noqa: BLE001 - whatever prevents it there
            return f"this program cannot be loaded there ({last_line(error)})."
        if there == self._here:
            return ""
        return f"it has {there}, this machine {self._here}; install the same on both."


def last_line(error: BaseException) -> str:
    """The end of what Ray says of an error elsewhere, which is why."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__


def _machine(node: Mapping[str, Any]) -> Machine:
    resources: Mapping[str, float] = node["Resources"]
    kinds = {kind for kind in resources if kind not in _BEFORE and not kind.startswith("node:")}
    name = f"{node['NodeManagerHostname']}-{node['NodeID'][:6]}"
    return Machine(node["NodeID"], name, resources[CPU], frozenset(kinds))
