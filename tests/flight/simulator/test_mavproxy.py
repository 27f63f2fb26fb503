"""A ground station that we did not write flies the simulated aircraft: MAVProxy."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flight.simulator.runner import VehicleHost
from flight.simulator.settings import SimulatorSettings, World
from flight.simulator.vehicle import STEP_S
from tests.flight.mavlink.flying import free_port
from tests.flight.simulator.station import settings

pytest.importorskip("MAVProxy", reason="MAVProxy is not installed")

PATIENCE_S = 30.0
SPEEDUP = 20
PATIENT = (("DISARM_DELAY", 120.0),)  # by its own fast clock a person types slowly
PLAN = """QGC WPL 110
0\t1\t0\t16\t0\t0\t0\t0\t33.162\t115.618\t0\t1
1\t0\t3\t22\t0\t0\t0\t0\t33.162\t115.618\t12\t1
2\t0\t3\t16\t0\t0\t0\t0\t33.1622\t115.618\t12\t1
3\t0\t0\t20\t0\t0\t0\t0\t0\t0\t0\t1
"""


class MavProxy:
    """A running MAVProxy that is typed to.

    Args:
        folder: Where it may write.
        port: The UDP port that the aircraft calls.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self._said = folder / "said.txt"
        master, log = f"--master=udpin:127.0.0.1:{port}", f"--logfile={folder / 'mav.tlog'}"
        modules = "--default-modules=wp,cmdlong,mode,arm"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-u", "-m", "MAVProxy.mavproxy", master, log, modules],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**os.environ, "HOME": str(folder)},
            )

    def type(self, line: str) -> None:
        """Type one command."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    async def says(self, words: str) -> None:
        """Wait until it has printed something.

        Raises:
            TimeoutError: It did not.
        """
        end_s = time.monotonic() + PATIENCE_S
        while words not in self._said.read_text(errors="replace"):
            if time.monotonic() > end_s:
                raise TimeoutError(f"no {words!r} in:\n{self._said.read_text(errors='replace')}")
            await asyncio.sleep(0.05)

    def close(self) -> None:
        """End it at once; asked politely it may wait for a key."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()


@contextlib.asynccontextmanager
async def aircraft(port: int) -> AsyncIterator[VehicleHost]:
    """Run one armable aircraft that calls a port."""
    simulation = SimulatorSettings(
        (settings(parameters=PATIENT),), World(boot_age_s=60.0), base_port=port
    )
    host = VehicleHost(simulation.vehicles[0], simulation)
    await host.open(0)

    async def keep_time() -> None:
        while True:
            host.advance(round(0.02 * SPEEDUP / STEP_S))
            await asyncio.sleep(0.02)

    running = asyncio.create_task(keep_time())
    try:
        yield host
    finally:
        running.cancel()
        host.close()


def test_mavproxy_uploads_reads_back_and_flies(tmp_path: Path) -> None:
    """Its own upload, its own download, arming, and a mission to its end."""
    (tmp_path / "plan.txt").write_text(PLAN)

    async def day() -> None:
        port = free_port()
        async with aircraft(port) as host:
            proxy = MavProxy(tmp_path, port)
            try:
                await proxy.says("online system")
                proxy.type(f"wp load {tmp_path / 'plan.txt'}")
                await proxy.says("MISSION_ACK: TYPE_MISSION: ACCEPTED")
                proxy.type(f"wp save {tmp_path / 'board.txt'}")
                await proxy.says("Saved 4 waypoints")
                proxy.type("mode GUIDED")
                await proxy.says("Mode GUIDED")
                proxy.type("arm throttle")
                await proxy.says("ARMED")
                proxy.type("long MISSION_START 0 0")
                await proxy.says("Mode AUTO")
                await proxy.says("DISARMED")
                assert not host.vehicle.armed
                assert host.vehicle.battery_fraction < 0.999
            finally:
                proxy.close()

    asyncio.run(day())
    board = (tmp_path / "board.txt").read_text().splitlines()
    assert [line.split("\t")[3] for line in board[1:]] == ["16", "22", "16", "20"]
