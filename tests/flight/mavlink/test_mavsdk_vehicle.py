"""Our uploads against a vehicle that we did not write: MAVSDK's own server side."""

import asyncio
import time

import pytest
from mavsdk import ComponentType, Configuration, Mavsdk
from mavsdk.plugins.mission_raw_server import MissionRawServer

from flight.mavlink.addresses import parse_address
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.constants import MissionType
from flight.mavlink.protocol.messages import Identity
from flight.mavlink.protocol.mission_upload import MissionUpload, UploadOutcome
from flight.mavlink.station import Station
from tests.flight.mavlink.flying import free_port
from tests.flight.mavlink.protocol.test_mission_upload import waypoints


async def uploaded(count: int) -> tuple[UploadOutcome, list[tuple[int, int]]]:
    """Upload waypoints to MAVSDK; return our outcome and what MAVSDK's user was handed."""
    port = free_port()
    loop = asyncio.get_running_loop()
    handed: asyncio.Future[list[tuple[int, int]]] = loop.create_future()
    link = MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity())
    station = Station(link, heartbeat_hz=5.0)
    await station.open()
    configuration = Configuration.create_with_component_type(ComponentType.AUTOPILOT)
    mavsdk = Mavsdk(configuration)
    server = None
    try:
        mavsdk.add_any_connection(f"udpout://127.0.0.1:{port}")
        server = MissionRawServer(mavsdk.server_component())

        def hand_over(_result: object, plan: object, _user: object = None) -> None:
            items = [(item.x, item.y) for item in plan.mission_items]  # type: ignore[attr-defined]
            loop.call_soon_threadsafe(handed.set_result, items)

        server.subscribe_incoming_mission(hand_over)
        await station.find_autopilot(10.0)
        upload = MissionUpload(
            waypoints(count), MissionType.MISSION, station.dialog, station.round_trip
        )
        begun_s = time.perf_counter()
        await station.run(upload, 30.0)
        assert time.perf_counter() - begun_s < 30.0
        assert upload.result is not None
        async with asyncio.timeout(5.0):
            return upload.result.outcome, await handed
    finally:
        await station.close()
        if server is not None:
            await asyncio.to_thread(server.destroy)
        await asyncio.to_thread(mavsdk.destroy)
        configuration.destroy()


@pytest.mark.parametrize("count", [1, 100])
def test_mavsdk_takes_our_mission(count: int) -> None:
    """Every item arrives there, in order, and its acceptance here."""
    outcome, handed = asyncio.run(uploaded(count))
    assert outcome is UploadOutcome.ACCEPTED
    assert handed == [(item.x, item.y) for item in waypoints(count)]
