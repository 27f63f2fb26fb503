"""Finding the autopilot among everything that speaks, and saying so when there is none."""

import asyncio

import pytest

from flight.errors import LinkError, NoAutopilotError
from flight.mavlink.addresses import parse_address
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.messages import Identity, Message, Peer
from flight.mavlink.station import Station, is_autopilot
from tests.flight.mavlink.flying import free_port

GIMBAL = Identity(1, 154)
AUTOPILOT = Identity(1, 1)
OTHER_STATION = Identity(255, 190)


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
