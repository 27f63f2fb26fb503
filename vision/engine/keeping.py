"""What a supervisor asks of whatever keeps its processes alive, on one machine or on many."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from vision.engine.placement import Machine


class Control(Protocol):
    """A process's end of its connection to the supervisor, as `multiprocessing` has it."""

    def poll(self, timeout: float) -> bool:
        """Wait for a message or the end; whether there is one."""

    def recv(self) -> Any:  # noqa: ANN401 - whatever was sent
        """The next message; `EOFError` when the supervisor is gone."""

    def send(self, obj: Any, /) -> None:  # noqa: ANN401 - likewise
        """Tell the supervisor something."""


@dataclass(frozen=True)
class Job:
    """What a process runs: `target(control, *arguments)`."""

    target: Callable[..., None]
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Seat:
    """Where a process runs, and what is kept free for it there.

    Attributes:
        machine: id of the machine.
        cpus: processors.
        device: that it has for itself, as `vision.engine.devices` names it; empty for none.
    """

    machine: str = ""
    cpus: float = 0.0
    device: str = ""


@dataclass(frozen=True)
class Heard:
    """A message from a process."""

    name: str
    message: object


@dataclass(frozen=True)
class Died:
    """A process ended though nobody had told it to.

    Attributes:
        name: of the process.
        why: as the end of a sentence that begins with its name.
        silent: whether it was killed for giving no sign of life.
        in_a_row: deaths since it last lived long enough; 0 where its machine went with it.
        machine_lost: whether its machine is gone; it is not started again then.
    """

    name: str
    why: str
    silent: bool
    in_a_row: int
    machine_lost: bool = False


@dataclass(frozen=True)
class Started:
    """A process was started, for the first time or again."""

    name: str
    restarts: int


@dataclass(frozen=True)
class Quiet:
    """A process has said nothing for longer than it should; it may live, and be out of reach."""

    name: str


@dataclass(frozen=True)
class Remark:
    """What a person should know of the machines, in a sentence."""

    text: str


News = Heard | Died | Started | Quiet | Remark


class Engine(Protocol):
    """Keeps named processes alive."""

    @property
    def ids(self) -> Mapping[str, int]:
        """Process ids by name, of those that live."""

    def machines(self) -> tuple[Machine, ...]:
        """Where processes can run just now, always in the same order."""

    def keep(self, name: str, job: Job, seat: Seat = ...) -> None:
        """Have a process run from now on; it starts with the next `events`."""

    def reseat(self, name: str, seat: Seat) -> None:
        """Start a process otherwise when it is started again."""

    def send(self, name: str, message: object) -> bool:
        """Tell a process something; false where it does not live to hear it."""

    def events(self, timeout_s: float) -> Iterator[News]:
        """Wait a while for news, tell them, and start what is due."""

    def forget(self, name: str) -> None:
        """Start a process no more; it was told to end and does so in its own time."""

    def end_all(self, patience_s: float) -> None:
        """End everything; who does not end by himself is killed."""
