"""The simulator on real sockets of the loopback: with our own codec, and with the real MAVSDK."""

import asyncio
import contextlib
import itertools
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from mavsdk import ComponentType, Configuration
from mavsdk.asyncio.mavsdk import Mavsdk
from mavsdk.asyncio.plugins.mission_raw import MissionRawAsync
from mavsdk.plugins.mission_raw import MissionItem

from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.protocol.messages import Identity, Message
from flight.simulator.errors import SimulatorError
from flight.simulator.mavlink_ids import Command
from flight.simulator.runner import run_simulator
from flight.simulator.settings import LinkFaults, SimulatorSettings
from tests.flight.simulator.station import GUIDED, READY, SQUARE, Item, settings

PATIENCE_S = 15


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    """Return a port that nobody uses now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def simulation(**changes: Any) -> AsyncIterator[None]:
    """Run a simulator until the block ends; its failure is the test's."""
    stop = asyncio.Event()
    wanted: dict[str, Any] = {"vehicles": (settings(),), "world": READY, "base_port": None}
    running = asyncio.create_task(run_simulator(SimulatorSettings(**wanted | changes), stop))
    try:
        await asyncio.sleep(0)
        yield
    finally:
        stop.set()
        await running


class UdpStation(asyncio.DatagramProtocol):
    """A station on a UDP port that reads everything and answers whoever spoke last."""

    def __init__(self) -> None:
        self._codec = MavlinkCodec(Identity())
        self._transport: Any = None
        self._vehicle: Any = None
        self.heard: asyncio.Queue[Message] = asyncio.Queue()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Queue what the datagram holds."""
        self._vehicle = addr
        for message in self._codec.feed(data):
            self.heard.put_nowait(message)

    def send(self, name: str, **fields: Any) -> None:
        """Send one message to the vehicle."""
        target = {"target_system": 1, "target_component": 1}
        self._transport.sendto(self._codec.encode(Message(name, target | fields)), self._vehicle)

    def command(self, command: int, *params: float) -> None:
        """Send COMMAND_LONG."""
        padded = [*params, *[0.0] * (7 - len(params))]
        fields = {f"param{index}": float(value) for index, value in enumerate(padded, start=1)}
        self.send("COMMAND_LONG", command=int(command), confirmation=0, **fields)

    async def hear(self, name: str) -> Message:
        """Wait for a message by name, passing over all others."""
        while True:
            message = await asyncio.wait_for(self.heard.get(), PATIENCE_S)
            if message.name == name:
                return message

    async def upload(self, items: tuple[Item, ...]) -> None:
        """Serve the items until the last one was sent."""
        self.send("MISSION_COUNT", count=len(items), mission_type=0)
        asked = -1
        while asked < len(items) - 1:
            asked = (await self.hear("MISSION_REQUEST"))["seq"]
            fields = {"seq": asked, "mission_type": 0, "current": 0, "autocontinue": 1}
            self.send("MISSION_ITEM_INT", **fields, **items[asked])

    def close(self) -> None:
        """Release the port."""
        self._transport.close()


async def udp_station(port: int) -> UdpStation:
    """Listen on a port of the loopback."""
    loop = asyncio.get_running_loop()
    _, station = await loop.create_datagram_endpoint(UdpStation, local_addr=("127.0.0.1", port))
    return station


def test_vehicle_calls_the_station_by_udp_and_takes_a_mission(tmp_path: Path) -> None:
    """Heartbeat, upload, take-off, and a truth log that ends as it should."""

    async def day() -> None:
        port = free_port()
        station = await udp_station(port)
        async with simulation(base_port=port, speedup=50, truth_folder=tmp_path):
            assert (await station.hear("HEARTBEAT"))["autopilot"] == 3
            await station.upload(SQUARE)
            assert (await station.hear("MISSION_ACK"))["type"] == 0
            station.command(Command.SET_MODE, 1, GUIDED)
            station.command(Command.ARM_DISARM, 1)
            station.command(Command.MISSION_START)
            while (await station.hear("MISSION_ITEM_REACHED"))["seq"] < 4:
                pass
        station.close()

    asyncio.run(day())
    lines = (tmp_path / "drone-1.truth.jsonl").read_text().splitlines()
    truths = [json.loads(line) for line in lines]
    times = [truth["time_boot_s"] for truth in truths[:-1]]
    assert truths[-1] == {"end": True}
    assert max(b - a for a, b in itertools.pairwise(times)) <= 0.05
    assert max(truth["height_ground_m"] for truth in truths[:-1]) > 38


def test_lost_final_ack_leaves_the_mission_on_board() -> None:
    """No acknowledgement comes; a download shows every item."""

    async def day() -> None:
        port = free_port()
        station = await udp_station(port)
        faults = LinkFaults(lost_final_acks=1)
        async with simulation(base_port=port, speedup=10, faults=faults):
            await station.hear("HEARTBEAT")
            await station.upload(SQUARE)
            station.send("MISSION_REQUEST_LIST", mission_type=0)
            answer = await station.heard.get()
            while answer.name not in ("MISSION_ACK", "MISSION_COUNT"):
                answer = await asyncio.wait_for(station.heard.get(), PATIENCE_S)
            assert ("MISSION_COUNT", len(SQUARE)) == (answer.name, answer["count"])
        station.close()

    asyncio.run(day())


def test_upload_survives_loss_and_duplicates_by_the_vehicles_own_retries() -> None:
    """A station that answers every request gets its mission across a bad link."""

    async def day() -> None:
        port = free_port()
        station = await udp_station(port)
        faults = LinkFaults(loss_fraction=0.1, duplicate_fraction=0.1, delay_s=0.02)
        async with simulation(base_port=port, speedup=20, faults=faults):
            await station.hear("HEARTBEAT")
            for _ in range(20):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(station.upload(SQUARE), 2)
                    break
            else:
                pytest.fail("the mission never arrived")
        station.close()

    asyncio.run(day())


def test_tcp_begins_with_boot_noise_and_serves_one_station_only() -> None:
    """Console text precedes MAVLink; a second caller connects and hears nothing."""

    async def day() -> None:
        port = free_port(socket.SOCK_STREAM)
        async with simulation(tcp_base_port=port, speedup=10):
            await asyncio.sleep(0.05)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            data = await asyncio.wait_for(reader.readuntil(b"Init Gyro***\r\n"), PATIENCE_S)
            assert b"ArduCopter" in data
            codec = MavlinkCodec(Identity())
            heard: list[Message] = []
            while not heard:
                heard = codec.feed(await asyncio.wait_for(reader.read(4096), PATIENCE_S))
            assert heard[0].name == "HEARTBEAT"
            second_reader, second_writer = await asyncio.open_connection("127.0.0.1", port)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(second_reader.read(1), 0.5)
            for each in (writer, second_writer):
                each.close()

    asyncio.run(day())


def test_who_calls_before_the_last_one_is_seen_to_have_left_is_served_next() -> None:
    """A station that reconnects at once must not stay unheard; what it said meanwhile counts."""

    async def scenario() -> None:
        port = free_port(socket.SOCK_STREAM)
        async with simulation(tcp_base_port=port, speedup=10):
            await asyncio.sleep(0.05)
            first_reader, first = await asyncio.open_connection("127.0.0.1", port)
            await first_reader.readexactly(1)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.2)
            first.close()
            codec = MavlinkCodec(Identity())
            async with asyncio.timeout(10):
                while not codec.feed(await reader.read(4096)):
                    pass
            writer.close()

    asyncio.run(scenario())


def test_reboot_drops_the_tcp_connection_and_the_port_accepts_again() -> None:
    """REBOOT is acknowledged first."""

    async def day() -> None:
        port = free_port(socket.SOCK_STREAM)
        async with simulation(tcp_base_port=port, speedup=10):
            await asyncio.sleep(0.05)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            codec = MavlinkCodec(Identity())
            fields = {f"param{index}": 0.0 for index in range(2, 8)}
            reboot = Message(
                "COMMAND_LONG",
                {
                    "target_system": 1,
                    "target_component": 1,
                    "command": Command.REBOOT,
                    "confirmation": 0,
                    "param1": 1.0,
                    **fields,
                },
            )
            writer.write(codec.encode(reboot))
            heard = codec.feed(await asyncio.wait_for(reader.read(), PATIENCE_S))
            assert [each["result"] for each in heard if each.name == "COMMAND_ACK"] == [0]
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await asyncio.wait_for(reader.read(10), PATIENCE_S)
            writer.close()

    asyncio.run(day())


def test_taken_port_is_told() -> None:
    """The error names the port and what to do."""

    async def day() -> None:
        port = free_port(socket.SOCK_STREAM)
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
        async with server:
            with pytest.raises(SimulatorError, match=f"{port} cannot be opened"):
                async with simulation(tcp_base_port=port):
                    await asyncio.sleep(0.05)

    asyncio.run(day())


def test_unwritable_truth_folder_is_told(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "truth").write_text("")

    async def day() -> None:
        async with simulation(base_port=free_port(), truth_folder=tmp_path / "truth"):
            await asyncio.sleep(0.05)

    with pytest.raises(SimulatorError, match="cannot be written"):
        asyncio.run(day())


def raw(items: tuple[Item, ...]) -> list[MissionItem]:
    """Return items in MAVSDK's own words."""
    return [
        MissionItem(
            seq,
            each["frame"],
            each["command"],
            int(seq == 0),
            1,
            *(each[f"param{index}"] for index in (1, 2, 3, 4)),
            each["x"],
            each["y"],
            each["z"],
            0,
        )
        for seq, each in enumerate(items)
    ]


def test_mavsdk_uploads_a_mission_and_reads_it_back() -> None:
    """A client that we did not write gets along with the simulator."""

    async def day() -> None:
        port = free_port()
        configuration = Configuration.create_with_component_type(ComponentType.GROUND_STATION)
        async with Mavsdk(configuration) as mavsdk:
            await mavsdk.add_any_connection(f"udpin://127.0.0.1:{port}")
            async with simulation(base_port=port, speedup=2):
                system = await mavsdk.first_autopilot(timeout_s=PATIENCE_S)
                assert system is not None
                missions = MissionRawAsync(system)
                await missions.upload_mission(raw(SQUARE))
                board = await missions.download_mission()
                missions.destroy()
        assert [each["command"] for each in SQUARE] == [each.command for each in board]
        assert [each["x"] for each in SQUARE] == [each.x for each in board]

    asyncio.run(day())
