"""Who flies which aircraft from this machine: one lock each, and where its orders go.

A lock is held by the operating system (`flock`), so one whose owner was killed is free at once. Its
file stays and says who holds it.
"""

import contextlib
import fcntl
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from flight.errors import AircraftBusyError
from flight.mavlink.addresses import parse_address


@dataclass(frozen=True, slots=True)
class FlightUnderWay:
    """A flight that some `patrol fly` on this machine has in its hands.

    Attributes:
        vehicle: The aircraft's name.
        address: Where it is reached.
        pid: The process that flies it.
        plan: What it flies.
        since: When that began, as text.
        orders: The socket that takes orders for it.
    """

    vehicle: str
    address: str
    pid: int
    plan: str
    since: str
    orders: str


@contextlib.contextmanager
def aircraft_locked(folder: Path, flight: FlightUnderWay) -> Iterator[None]:
    """Hold the lock of an aircraft's address.

    Args:
        folder: Where locks lie; made if missing.
        flight: What others are told meanwhile.

    Raises:
        AircraftBusyError: Another process holds it; the message says which.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_key(flight.address)}.lock"
    with path.open("a+b") as file:
        if not _lock(file):
            raise AircraftBusyError(_busy(flight, _read(path)))
        _sign(file, path, flight)
        yield


@contextlib.contextmanager
def hardware_locked(folder: Path, flight: FlightUnderWay, hardware_id: str) -> Iterator[None]:
    """Hold the lock of an aircraft itself, by whatever address it is reached.

    Args:
        folder: Where locks lie; made if missing.
        flight: What others are told meanwhile.
        hardware_id: What tells its autopilot from all others.

    Raises:
        AircraftBusyError: A flight holds the same aircraft; the message says which.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_file_name(hardware_id)}.board"
    with path.open("a+b") as file:
        if not _lock(file):
            raise AircraftBusyError(_twice(flight, _read(path)))
        _sign(file, path, flight)
        yield


def flights_under_way(folder: Path) -> tuple[FlightUnderWay, ...]:
    """Return the flights whose locks are held, by their aircraft's names."""
    found = []
    for path in folder.glob("*.lock"):
        with contextlib.suppress(OSError), path.open("rb") as file:
            if _lock(file):
                continue  # nobody holds it: its owner has ended, or was killed
            flight = _read(path)
            if flight is not None:
                found.append(flight)
    return tuple(sorted(found, key=lambda flight: flight.vehicle))


def _key(address: str) -> str:
    """The same for all spellings of one address, and a good file name."""
    return _file_name(str(parse_address(address)))


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "_", text).strip("_")


def _sign(file: BinaryIO, path: Path, flight: FlightUnderWay) -> None:
    """Say who holds a lock; only its owner may give orders."""
    path.chmod(0o600)
    file.truncate(0)
    row = {name: getattr(flight, name) for name in FlightUnderWay.__dataclass_fields__}
    file.write(json.dumps(row).encode())
    file.flush()


def _lock(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path) -> FlightUnderWay | None:
    try:
        row: Mapping[str, object] = json.loads(path.read_bytes())
        return FlightUnderWay(
            vehicle=str(row["vehicle"]),
            address=str(row["address"]),
            pid=int(str(row["pid"])),
            plan=str(row["plan"]),
            since=str(row["since"]),
            orders=str(row["orders"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it is just being written


def _twice(wanted: FlightUnderWay, holder: FlightUnderWay | None) -> str:
    if holder is None:
        who = "another process flies"
    else:
        who = f"process {holder.pid} flies as {holder.vehicle} on {holder.address}"
    return (
        f"{wanted.vehicle} on {wanted.address} is the aircraft that {who}, by another address. "
        "Nothing was changed. If they are two, give each autopilot a system id of its own."
    )


def _busy(wanted: FlightUnderWay, holder: FlightUnderWay | None) -> str:
    if holder is None:
        who = "another process"
    else:
        who = f"process {holder.pid}, which flies plan {holder.plan} since {holder.since}"
    return (
        f"{wanted.vehicle} on {wanted.address} is in the hands of {who}. Give orders to that "
        "flight with `patrol order`, or end it first."
    )
