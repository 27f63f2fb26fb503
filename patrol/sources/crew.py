"""The processes that watch sources and the detectors beside them: which there are, and where.

Sources that share a process are on one machine with it, and with a detector that their pictures
reach through memory: no picture ever leaves its machine.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from patrol.sources.staff import Staff
from patrol.sources.status import SourceState, SourceStatus
from patrol.sources.watched import WatchedSource
from patrol.sources.worker import StopAll, StopThis, TakeModel, WatchThis
from vision.engine.keeping import Job, Seat
from vision.engine.placement import Machine, moves, placed
from vision.engine.remote import Desk
from vision.engine.server import serve_detector

# Each move costs a camera some seconds: not all at once.
MOST_MOVES = 4


@dataclass(eq=False)
class _Worker:
    machine: str
    cpus: float
    sources: list[WatchedSource] = field(default_factory=list)

    @property
    def active(self) -> list[WatchedSource]:
        return [each for each in self.sources if not each.is_over]

    def fits(self, source: WatchedSource, room: int) -> bool:
        """Whether a source may share this process."""
        active = self.active
        if source.is_alone or any(each.is_alone for each in active) or len(active) >= room:
            return False
        return sum(each.task.cpus for each in active) + source.task.cpus <= self.cpus + 1e-6


class Crew:
    """Gives every source a process, on a machine that has room for it.

    Args:
        staff: of the engine.
    """

    def __init__(self, staff: Staff) -> None:
        self._staff = staff
        self._engine = staff.engine
        self._workers: dict[str, _Worker] = {}
        self._desks: dict[tuple[str, str], tuple[str, Desk]] = {}
        self._machines: tuple[Machine, ...] = ()
        self._hired = self._runs = 0

    @property
    def workers(self) -> set[str]:
        """Names of the processes that watch."""
        return set(self._workers)

    def machine_of(self, source: WatchedSource) -> str:
        """Name of the machine on which a source is watched; empty while it waits."""
        worker = self._workers.get(source.worker)
        found = [each.name for each in self._machines if worker and each.id == worker.machine]
        return found[0] if found else ""

    def settle(self, sources: Sequence[WatchedSource], room: int) -> None:
        """Give who waits a process, end who has nothing to do, and move what is badly spread.

        Args:
            sources: all.
            room: sources that may share a process.
        """
        self._machines = self._engine.machines()
        for name in [name for name, worker in self._workers.items() if not worker.active]:
            self._dismiss(name)
        waiting = [each for each in sources if each.is_waiting]
        if waiting:
            self._join(waiting, room)
            self._place([each for each in waiting if each.is_waiting], room)
        moving = any(each.bound_for and not each.is_over for each in sources)
        if len(self._machines) > 1 and not moving:
            self._move({each.task.name: each for each in sources})

    def begin(self, worker: str) -> None:
        """A process has started: tell it what to watch."""
        known = self._workers.get(worker)
        for source in known.active if known else ():
            self._tell(source)

    def drop(self, source: WatchedSource) -> None:
        """Watch a source no more."""
        worker = self._workers.get(source.worker)
        if worker is not None:
            worker.sources.remove(source)
            self._engine.send(source.worker, StopThis(source.task.name))

    def let_go(self, source: WatchedSource) -> None:
        """A source that moves was let go of; one that came to its end meanwhile stays."""
        if source.status.state in {SourceState.FINISHED, SourceState.FAILED}:
            return
        self._workers[source.worker].sources.remove(source)
        source.unseat(SourceStatus(source.task.name, SourceState.WAITING, told="moves"))

    def take_model(self, source: WatchedSource) -> None:
        """Have a source look with the model that its task names now."""
        self._engine.send(source.worker, TakeModel(source.task))

    def lose(self, name: str) -> None:
        """A process went with its machine."""
        self._workers.pop(name, None)
        self._desks = {key: value for key, value in self._desks.items() if value[0] != name}

    def part(self, name: str) -> None:
        """Let the sources of a process that keeps dying be alone: the first stays."""
        worker = self._workers.get(name)
        if worker is None or not worker.active:
            return
        first, *others = worker.active
        for source in worker.active:
            source.is_alone = True
        for source in others:
            worker.sources.remove(source)
            source.worker = ""
        worker.cpus = min(worker.cpus, first.task.cpus)
        self._engine.reseat(name, Seat(worker.machine, worker.cpus))

    def dismiss_all(self) -> set[str]:
        """Tell every watching process to end in its own time; returns their names."""
        names = set(self._workers)
        for name in names:
            self._dismiss(name)
        return names

    def _dismiss(self, name: str) -> None:
        del self._workers[name]
        self._engine.send(name, StopAll())
        self._engine.forget(name)

    def _join(self, waiting: Sequence[WatchedSource], room: int) -> None:
        """Let those who wait share processes that have room."""
        in_vain: set[object] = set()
        for source in waiting:
            if _size(source) in in_vain:
                continue
            able = {each.id for each in self._machines_for(source)}
            found = (
                name
                for name, worker in self._workers.items()
                if worker.machine in able and worker.fits(source, room)
            )
            if (name := next(found, None)) is not None:
                self._seat(source, name)
            else:
                in_vain.add(_size(source))

    def _place(self, waiting: Sequence[WatchedSource], room: int) -> None:
        """Found new processes for those who share none."""
        used: dict[str, float] = {}
        for worker in self._workers.values():
            used[worker.machine] = used.get(worker.machine, 0.0) + worker.cpus
        crews: dict[str, list[WatchedSource]] = {}
        in_vain: set[object] = set()
        for source in waiting:
            found: dict[str, str] = {}
            if _size(source) not in in_vain:
                found = placed([source.load], self._machines_for(source), used)
            if found:
                machine = found[source.task.name]
                used[machine] = used.get(machine, 0.0) + source.task.cpus
                crews.setdefault(machine, []).append(source)
            else:
                in_vain.add(_size(source))
                told = f"waits for {source.task.cpus:g} free processors"
                if not self._machines:
                    told = "waits for a machine that can be used"
                source.status = SourceStatus(source.task.name, SourceState.WAITING, told=told)
        for machine, mine in crews.items():
            for group in _groups(mine, room):
                self._hire(machine, group)

    def _machines_for(self, source: WatchedSource) -> tuple[Machine, ...]:
        """Where it can be: where it is bound for, as long as that is there."""
        able = tuple(each for each in self._machines if each.has(source.task.device))
        bound = tuple(each for each in able if source.bound_for and each.id == source.bound_for)
        return bound or able

    def _hire(self, machine: str, group: Sequence[WatchedSource]) -> None:
        counted = next(each for each in self._machines if each.id == machine).cpus < float("inf")
        self._hired += 1
        name = f"worker-{self._hired}"
        cpus = sum(each.task.cpus for each in group) if counted else float("inf")
        self._workers[name] = _Worker(machine, cpus)
        job = Job(self._staff.worker, (self._staff.setting,))
        self._engine.keep(name, job, Seat(machine, cpus if counted else 0.0))
        for source in group:
            self._seat(source, name)

    def _seat(self, source: WatchedSource, worker: str) -> None:
        self._runs += 1
        source.worker, source.run, source.bound_for = worker, self._runs, ""
        source.status = SourceStatus(source.task.name, SourceState.WAITING)
        self._workers[worker].sources.append(source)
        self._staff.grant(source.task.name, source.run)
        self._tell(source)

    def _tell(self, source: WatchedSource) -> None:
        machine = self._workers[source.worker].machine
        desk = self._desk(machine, source.task.device)
        self._engine.send(source.worker, WatchThis(source.task, source.run, desk))

    def _desk(self, machine: str, device: str) -> Desk:
        """Have a detector for a device of a machine."""
        if (machine, device) not in self._desks:
            number = len(self._desks) + 1
            desk = Desk(self._staff.desk_address(number), secrets.token_bytes(32))
            where = next((each.name for each in self._machines if each.id == machine), "")
            name = f"detector {device} {where}".strip()
            self._desks[machine, device] = (name, desk)
            seat = Seat(machine, device=device)
            self._engine.keep(name, Job(serve_detector, (desk.address, desk.key)), seat)
        return self._desks[machine, device][1]

    def _move(self, sources: Mapping[str, WatchedSource]) -> None:
        carried: dict[str, list[WatchedSource]] = {}
        for worker in self._workers.values():
            carried.setdefault(worker.machine, []).extend(worker.active)
        loads = {machine: [each.load for each in mine] for machine, mine in carried.items()}
        for name, machine in moves(loads, self._machines, MOST_MOVES).items():
            sources[name].bound_for = machine
            self._engine.send(sources[name].worker, StopThis(name))


def _size(source: WatchedSource) -> object:
    """What decides where it fits: who is of the same size fits where another fits."""
    return source.task.cpus, source.task.device, source.bound_for, source.is_alone


def _groups(sources: Sequence[WatchedSource], room: int) -> list[list[WatchedSource]]:
    """As many together as may be, in their order; who must be alone is."""
    found: list[list[WatchedSource]] = []
    for source in sources:
        last = found[-1] if found else []
        if source.is_alone or not last or len(last) >= room or last[0].is_alone:
            found.append([source])
        else:
            last.append(source)
    return found
