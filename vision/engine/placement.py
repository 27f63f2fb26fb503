"""Which machine carries what: by the processors that each thing takes. Pure.

What is placed stays where it is; what is new goes where the most is free, and only when one
machine carries much more than another is something moved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CPU = "CPU"
# A move costs a camera some seconds: shares that differ by less are left as they are.
MOST_APART = 0.2
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Machine:
    """Something that processes can run on.

    Attributes:
        id: tells it from others.
        name: for people; empty where there is one.
        cpus: processors that it lends.
        devices: kinds of devices for detectors beside processors; None where any may be tried.
    """

    id: str
    name: str
    cpus: float = float("inf")
    devices: frozenset[str] | None = None

    def has(self, device: str) -> bool:
        """Whether a detector can run here on a device, named as `vision.engine.devices` does."""
        kind = device_kind(device)
        return kind == CPU or self.devices is None or kind in self.devices


@dataclass(frozen=True)
class Load:
    """Something to be carried.

    Attributes:
        name: tells it from others.
        cpus: processors that it takes.
        device: that it needs beside it.
        moving_costs: what moving it costs, against others; the cheapest is moved first.
    """

    name: str
    cpus: float
    device: str = CPU
    moving_costs: float = 0.0


def device_kind(device: str) -> str:
    """`GPU` for `GPU.0` and for a card of NVIDIA: devices of a kind are counted together."""
    kind = device.partition(".")[0].partition(":")[0]
    return {"cuda": "GPU", "tensorrt": "GPU", "onnx": CPU}.get(kind, kind)


def placed(
    waiting: Sequence[Load], machines: Sequence[Machine], used: Mapping[str, float]
) -> dict[str, str]:
    """Machines for what waits, by name; what fits nowhere is left out.

    Args:
        waiting: in the order in which it came; who came first is placed first.
        machines: that there are.
        used: processors taken on each, by its id.
    """
    taken = {each.id: used.get(each.id, 0.0) for each in machines}
    found: dict[str, str] = {}
    for load in waiting:
        fitting = [
            each
            for each in machines
            if each.has(load.device) and taken[each.id] + load.cpus <= each.cpus + _ROUNDING
        ]
        if fitting:
            # The freest by share, so that all are equally far from their limits.
            best = min(fitting, key=lambda each: (taken[each.id] + load.cpus) / each.cpus)
            taken[best.id] += load.cpus
            found[load.name] = best.id
    return found


def moves(
    carried: Mapping[str, Sequence[Load]], machines: Sequence[Machine], most: int
) -> dict[str, str]:
    """What is to move to which machine so that all carry about the same share.

    Args:
        carried: by the machine's id.
        machines: that there are.
        most: moves at once.
    """
    loads = {
        each.id: sorted(carried.get(each.id, ()), key=lambda load: load.moving_costs)
        for each in machines
    }
    taken = {key: sum(load.cpus for load in values) for key, values in loads.items()}
    found: dict[str, str] = {}
    while len(found) < most:
        move = _best_move(loads, machines, taken)
        if move is None:
            break
        load, before, after = move
        loads[before].remove(load)
        taken[before] -= load.cpus
        taken[after] += load.cpus
        found[load.name] = after
    return found


def _best_move(
    loads: Mapping[str, Sequence[Load]], machines: Sequence[Machine], taken: Mapping[str, float]
) -> tuple[Load, str, str] | None:
    def share(machine: Machine, more: float = 0.0) -> float:
        return (taken[machine.id] + more) / machine.cpus

    for full in sorted(machines, key=share, reverse=True):
        cheapest: dict[str, Load] = {}
        for load in loads[full.id]:
            cheapest.setdefault(load.device, load)
        for load in cheapest.values():
            others = [each for each in machines if each is not full and each.has(load.device)]
            if not others:
                continue
            free = min(others, key=share)
            after = share(free, load.cpus)
            # Afterwards the two are nearer than what starts a move, so nothing goes to and fro.
            if (
                share(full) - share(free) > MOST_APART
                and after <= share(full, -load.cpus) + MOST_APART / 2
                and after <= 1.0 + _ROUNDING
            ):
                return load, full.id, free.id
    return None
