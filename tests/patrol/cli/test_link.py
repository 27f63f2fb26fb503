"""`patrol link`: giving an aircraft a signing key, and taking it back."""

import asyncio
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flight.simulator.runner import run_simulator
from flight.simulator.settings import SimulatorSettings, VehicleSettings, World
from patrol.demo.ports import free_port
from tests.patrol.conftest import Said, Terminal


@contextmanager
def aircraft(key: bytes | None = None) -> Iterator[str]:
    """Run one aircraft beside the terminal; yield the address at which it is reached."""
    port, stop = free_port(socket.SOCK_DGRAM), asyncio.Event()
    vehicle = VehicleSettings("heron", 115.6, 33.1, signing_key=key)
    settings = SimulatorSettings((vehicle,), World(boot_age_s=60.0), speedup=5.0, base_port=port)
    loop = asyncio.new_event_loop()

    def fly() -> None:
        loop.run_until_complete(run_simulator(settings, stop))
        loop.close()

    thread = threading.Thread(target=fly)
    thread.start()
    try:
        yield f"udpin:127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def link(terminal: Terminal, order: str, address: str, key: Path) -> Said:
    """Give an order, with little patience."""
    return terminal("link", order, address, "--key", key, "--wait", 1.5)


def test_an_aircraft_is_given_a_key_and_forgets_it(terminal: Terminal) -> None:
    """Made for its owner only; whoever has it is believed, and nobody else until it is taken."""
    key, other = terminal.folder / "heron.key", terminal.folder / "other.key"
    other.write_bytes(bytes(range(32)))
    with aircraft() as address:
        given = link(terminal, "sign", address, key)
        assert (given.code, "aircraft 1 signs" in given.out) == (0, True)
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert link(terminal, "unsign", address, other).code == 1
        assert link(terminal, "sign", address, other).code == 1
        taken = link(terminal, "unsign", address, key)
        assert (taken.code, "signs no more" in taken.out) == (0, True)
        assert "not signed with our key" in link(terminal, "unsign", address, key).err


def test_a_key_is_replaced_by_who_has_it(terminal: Terminal) -> None:
    """The one that the aircraft has now is what it believes the new one by."""
    old, new = terminal.folder / "old.key", terminal.folder / "new.key"
    old.write_bytes(bytes(range(32)))
    with aircraft(bytes(range(32))) as address:
        line = ("link", "sign", address, "--key", new, "--present-key", old, "--wait", 1.5)
        assert terminal(*line).code == 0
        assert link(terminal, "unsign", address, new).code == 0


@pytest.mark.parametrize("order", ["sign", "unsign"])
def test_without_an_aircraft_no_key_is_left_behind(terminal: Terminal, order: str) -> None:
    """Said in a sentence."""
    key = terminal.folder / "heron.key"
    assert link(terminal, order, "carrier-pigeon", key).code == 1
    assert not key.exists()
