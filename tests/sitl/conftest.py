"""Which autopilot the contract is tried on: our simulator's two faces, or a real one."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from patrol.demo.ports import free_port

SIMULATED_SPEEDUP = 20.0
#: As unlike as two aircraft can be, for nothing may rest on how one of them was set up.
FACES = {
    "ardupilot": ["--home", "115.618,33.162", "--parameter", "FS_GCS_ENABLE=1"],
    "px4": [
        *("--home=-70.664,-33.457", "--altitude", "520", "--first-system", "9", "--px4"),
        *("--no-camera", "--parameter", "NAV_DLL_ACT=2", "--parameter", "GF_ACTION=2"),
    ],
}


@dataclass(frozen=True)
class Bench:
    """An autopilot to try the contract on.

    Attributes:
        address: Where it is reached.
        speedup: Its seconds in one of ours.
    """

    address: str
    speedup: float


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try both faces of the simulator, or the one autopilot that was named."""
    if "bench" in metafunc.fixturenames:
        real = metafunc.config.getoption("--vehicle")
        metafunc.parametrize("bench", [real] if real else list(FACES), indirect=True)


@pytest.fixture(scope="session")
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Return the autopilot; a simulated one is started cold, as a real one is."""
    if request.config.getoption("--vehicle"):
        yield Bench(request.param, request.config.getoption("--speedup"))
        return
    port = free_port(socket.SOCK_STREAM, count=2, step=1)
    arguments = ["simulate", *FACES[request.param], "--tcp-port", str(port), "--json"]
    arguments += ["--speedup", f"{SIMULATED_SPEEDUP:g}", "--port", str(port + 1)]
    process = subprocess.Popen(
        [sys.executable, "-m", "patrol.cli.main", *arguments], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        process.stdout.readline()
        _wait_for(port)
        yield Bench(f"tcp:127.0.0.1:{port}", SIMULATED_SPEEDUP)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _wait_for(port: int) -> None:
    """Wait until a port answers; whoever calls next is served when it has seen that we left."""
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            break
