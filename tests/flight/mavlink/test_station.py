"""Finding the autopilot among everything that speaks, and saying so when there is none."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from flight.errors import LinkError, NoAutopilotError
from flight.mavlink.addresses import parse_address
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.commands import MessageCall
from flight.mavlink.protocol.constants import MessageId
from flight.mavlink.protocol.messages import Identity, Message, Peer
from flight.mavlink.signing import Signing
from flight.mavlink.station import Station, is_autopilot
from flight.simulator.runner import run_simulator
from flight.simulator.settings import SimulatorSettings, World
from flight.simulator.settings import VehicleSettings as SimulatedVehicle
from tests.flight.mavlink.flying import free_port

GIMBAL = Identity(1, 154)
AUTOPILOT = Identity(1, 1)
OTHER_STATION = Identity(255, 190)
KEY = bytes(range(32))


def heartbeat(autopilot: int) -> Message:
    """Return a heartbeat of some autopilot kind."""
    fields = {"type": 2, "base_mode": 1, "custom_mode": 0, "system_status": 3}
    return Message("HEARTBEAT", fields | {"autopilot": autopilot, "mavlink_version": 3})


async def met(
    *speakers: tuple[Identity, int], system: int | None = None, timeout_s: float = 5.0
) -> Peer:
    """Have devices speak in turn and return whom the station takes for the autopilot."""
    port = free_port()
    station = Station(MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity()))
    await station.open()
    links = []
    finding = asyncio.create_task(station.find_autopilot(timeout_s, system))
    try:
        await asyncio.sleep(0)
        for identity, autopilot in speakers:
            link = MavlinkLink(parse_address(f"udpout:127.0.0.1:{port}"), identity)
            links.append(link)
            await link.open()
            link.send(heartbeat(autopilot))
        await finding
        return station.dialog.peer
    finally:
        await station.close()
        for link in links:
            link.close()


@pytest.mark.parametrize(
    ("component", "autopilot", "answer"),
    [(1, 3, True), (1, 12, True), (154, 3, False), (1, 8, False), (190, 8, False)],
)
def test_an_autopilot_is_told_by_kind_and_component(
    component: int, autopilot: int, answer: bool
) -> None:
    """Gimbals, cameras, companions and stations are none."""
    message = Message("HEARTBEAT", {"autopilot": autopilot}, 1, component)
    assert is_autopilot(message) is answer


def test_the_autopilot_is_found_behind_other_devices() -> None:
    """Whoever speaks first."""
    assert asyncio.run(met((GIMBAL, 8), (OTHER_STATION, 8), (AUTOPILOT, 3))) == Peer(1, 1)


def test_a_system_can_be_asked_for() -> None:
    """Several aircraft may share a link."""
    speakers = ((AUTOPILOT, 3), (Identity(2, 1), 3))
    assert asyncio.run(met(*speakers, system=2)) == Peer(2, 1)


def test_other_devices_are_named_when_there_is_no_autopilot() -> None:
    """So that the operator sees that the link works."""
    with pytest.raises(NoAutopilotError, match=r"Only other devices were heard .*1/154"):
        asyncio.run(met((GIMBAL, 8), timeout_s=0.5))


def test_nothing_can_be_asked_before_the_autopilot_is_found() -> None:
    """A clear sentence instead of a missing attribute."""
    station = Station(MavlinkLink(parse_address("udpin:127.0.0.1:14550"), Identity()))
    with pytest.raises(LinkError, match="connect first"):
        _ = station.dialog


def test_heartbeats_come_at_the_rate_asked_for() -> None:
    """Autopilots count them by their own clock."""

    async def run() -> None:
        port = free_port()
        listener = MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), AUTOPILOT)
        heard: asyncio.Queue[Message] = asyncio.Queue()
        listener.add_handler(heard.put_nowait)
        await listener.open()
        link = MavlinkLink(parse_address(f"udpout:127.0.0.1:{port}"), Identity())
        station = Station(link, heartbeat_hz=50.0)
        await station.open()
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        async with asyncio.timeout(5.0):
            beats = [await heard.get() for _ in range(10)]
        assert loop.time() - begun_s < 2.0
        assert {(b.name, b.system, b["type"]) for b in beats} == {("HEARTBEAT", 245, 6)}
        await station.close()
        listener.close()

    asyncio.run(run())


@contextlib.asynccontextmanager
async def simulator_with(key: bytes | None) -> AsyncIterator[int]:
    """Run an aircraft that signs with a key and listens to who has it; yield its port."""
    port, stop = free_port(), asyncio.Event()
    aircraft = SimulatedVehicle("heron", 115.6, 33.1, signing_key=key)
    settings = SimulatorSettings((aircraft,), World(boot_age_s=60.0), speedup=5.0, base_port=port)
    running = asyncio.create_task(run_simulator(settings, stop))
    try:
        yield port
    finally:
        stop.set()
        await running


async def answer_to_version_request(station: Station) -> Message | None:
    """Return what an autopilot answers to who asks it for its version."""
    call = MessageCall(
        "AUTOPILOT_VERSION", MessageId.AUTOPILOT_VERSION, station.dialog, station.round_trip
    )
    await station.run(call)
    return call.message


def test_with_the_key_an_aircraft_that_signs_is_found_and_answers() -> None:
    """It has no clock of its own and learns the time from our first heartbeat."""

    async def run() -> None:
        async with simulator_with(KEY) as port:
            link = MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity(), Signing(KEY))
            station = Station(link, heartbeat_hz=5.0)
            await station.open()
            await station.find_autopilot(5.0)
            assert await answer_to_version_request(station) is not None
            await station.close()

    asyncio.run(run())


@pytest.mark.parametrize("theirs", [None, bytes(range(1, 33))], ids=["no key", "another key"])
def test_without_the_right_key_nobody_is_believed_and_we_say_why(theirs: bytes | None) -> None:
    """Rather than that nobody is there."""

    async def run() -> None:
        async with simulator_with(theirs) as port:
            link = MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity(), Signing(KEY))
            station = Station(link, heartbeat_hz=5.0)
            await station.open()
            with pytest.raises(NoAutopilotError, match="not signed with our key"):
                await station.find_autopilot(1.0)
            await station.close()

    asyncio.run(run())


def test_a_key_is_set_up_and_never_recorded() -> None:
    """From then on both sides sign, and a station without the key is not answered."""

    async def run() -> None:
        frames: list[bytes] = []
        async with simulator_with(None) as port:
            link = MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity())
            link.record_frames(frames.append)
            station = Station(link, heartbeat_hz=5.0)
            await station.open()
            await station.find_autopilot(5.0)
            await station.set_up_signing(Signing(KEY))
            assert await answer_to_version_request(station) is not None
            link.signing = None
            call = MessageCall(
                "AUTOPILOT_VERSION", MessageId.AUTOPILOT_VERSION, station.dialog, station.round_trip
            )
            await station.run(call, 1.0)
            assert call.message is None
            await station.close()
        assert frames
        assert not any(KEY in frame for frame in frames)

    asyncio.run(run())


def test_an_aircraft_that_takes_no_key_is_said_not_to() -> None:
    """And we go on unsigned, so that it can still be talked to."""

    async def run() -> None:
        port = free_port()
        link = MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity())
        station = Station(link)
        await station.open()
        deaf = MavlinkLink(parse_address(f"udpout:127.0.0.1:{port}"), AUTOPILOT)
        await deaf.open()
        finding = asyncio.create_task(station.find_autopilot(5.0))
        await asyncio.sleep(0)
        deaf.send(heartbeat(3))
        await finding
        with pytest.raises(LinkError, match="does not sign with the new key"):
            await station.set_up_signing(Signing(KEY), timeout_s=0.2)
        assert link.signing is None
        await station.close()
        deaf.close()

    asyncio.run(run())
