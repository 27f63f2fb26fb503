"""Our client against a vehicle that we did not write: MAVSDK's own server side."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from mavsdk import ComponentType, Configuration, Mavsdk
from mavsdk.plugins.action_server import ActionServer
from mavsdk.plugins.action_server.action_server import AllowableFlightModes
from mavsdk.plugins.mission_raw_server import MissionRawServer

from flight.mavlink.addresses import parse_address
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.commands import CommandCall
from flight.mavlink.protocol.constants import Command, CommandResult, MissionType
from flight.mavlink.protocol.messages import Identity, Message
from flight.mavlink.protocol.mission_items import WireItem
from flight.mavlink.protocol.mission_upload import MissionUpload, UploadOutcome
from flight.mavlink.px4 import Px4
from flight.mavlink.station import Station
from flight.mavlink.telemetry import Telemetry
from flight.mavlink.transfers import ListTransfer
from tests.flight.mavlink.flying import free_port
from tests.flight.mavlink.protocol.test_mission_upload import waypoints

PATIENCE_S = 10.0


@dataclass
class Bench:
    """Our station, MAVSDK's vehicle, and what either hears of the other.

    Attributes:
        station: We.
        missions: MAVSDK's mission server.
        actions: MAVSDK's server of commands.
        telemetry: What we make of its messages.
        handed: The missions that MAVSDK's user was handed, as places.
        cleared: How often its user was told that the mission is cleared.
    """

    station: Station
    missions: MissionRawServer
    actions: ActionServer
    telemetry: Telemetry
    handed: list[list[tuple[int, int]]] = field(default_factory=list)
    cleared: int = 0

    async def told(self, command: Command, *params: float) -> CommandResult | None:
        """Give a command and return the vehicle's answer."""
        call = CommandCall(command, params, self.station.dialog, self.station.round_trip)
        await self.station.run(call, PATIENCE_S)
        return call.result

    async def shows(self, **wanted: object) -> None:
        """Wait until our telemetry has come to these values.

        Raises:
            TimeoutError: It did not.
        """
        for _ in range(round(PATIENCE_S / 0.05)):
            if all(getattr(self.telemetry.state, name) == it for name, it in wanted.items()):
                return
            await asyncio.sleep(0.05)
        raise TimeoutError(f"{wanted} did not come: {self.telemetry.state}")


@contextlib.asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    """Connect our station to a vehicle of MAVSDK's."""
    port = free_port()
    link = MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity())
    station = Station(link, heartbeat_hz=5.0)
    await station.open()
    configuration = Configuration.create_with_component_type(ComponentType.AUTOPILOT)
    mavsdk = Mavsdk(configuration)
    servers: list[Any] = []
    try:
        mavsdk.add_any_connection(f"udpout://127.0.0.1:{port}")
        component = mavsdk.server_component()
        missions, actions = MissionRawServer(component), ActionServer(component)
        servers += [missions, actions]
        await station.find_autopilot(PATIENCE_S)
        telemetry = Telemetry(station.dialog.peer, Px4().mode_name, 0)

        def hear(message: Message) -> None:
            telemetry.receive(message)

        link.add_handler(hear)
        made = Bench(station, missions, actions, telemetry)
        _listen(made, asyncio.get_running_loop())
        yield made
    finally:
        await station.close()
        for server in servers:
            await asyncio.to_thread(server.destroy)
        await asyncio.to_thread(mavsdk.destroy)
        configuration.destroy()


def _listen(made: Bench, loop: asyncio.AbstractEventLoop) -> None:
    """Note what MAVSDK tells its user, from a thread of its own."""

    def hand_over(_result: object, plan: Any, _user: object = None) -> None:
        places = [(item.x, item.y) for item in plan.mission_items]
        loop.call_soon_threadsafe(made.handed.append, places)

    def clear(*_told: object) -> None:
        made.cleared += 1

    made.missions.subscribe_incoming_mission(hand_over)
    made.missions.subscribe_clear_all(clear)
    for subscribe in (made.actions.subscribe_arm_disarm, made.actions.subscribe_takeoff):
        subscribe(lambda *_told: None)  # without a user it answers nothing


def places(items: list[WireItem]) -> list[tuple[int, int]]:
    """Return where items are."""
    return [(item.x, item.y) for item in items]


@pytest.mark.parametrize("count", [1, 100])
def test_mavsdk_takes_our_mission(count: int) -> None:
    """Every item arrives there, in order, and its acceptance here."""

    async def run() -> None:
        async with bench() as made:
            trip, kind = made.station.round_trip, MissionType.MISSION
            upload = MissionUpload(waypoints(count), kind, made.station.dialog, trip)
            await made.station.run(upload, 30.0)
            assert upload.result is not None
            assert upload.result.outcome is UploadOutcome.ACCEPTED
            for _ in range(100):
                await asyncio.sleep(0.05 * (not made.handed))
            assert made.handed == [places(waypoints(count))]

    asyncio.run(run())


def test_what_mavsdk_holds_is_read_back_and_cleared() -> None:
    """Our upload is verified by reading, another one is told from it, and an empty list is."""

    async def run() -> None:
        async with bench() as made:
            transfer = ListTransfer(made.station, MissionType.MISSION, Px4.transfers)
            for count in (20, 5):
                await transfer.upload(waypoints(count))
                found = await transfer.download()
                assert found is not None
                assert places(list(found)) == places(waypoints(count))
            await transfer.clear()
            assert await transfer.download() == ()
            assert made.cleared == 1

    asyncio.run(run())


def test_mavsdks_vehicle_is_armed_flown_and_followed_by_us() -> None:
    """Refused until it may arm; then its heartbeat shows it, its mode and its progress."""

    async def run() -> None:
        async with bench() as made:
            transfer = ListTransfer(made.station, MissionType.MISSION, Px4.transfers)
            await transfer.upload(waypoints(3))
            arm = (Command.COMPONENT_ARM_DISARM, 1.0)
            assert await made.told(*arm) is CommandResult.TEMPORARILY_REJECTED
            assert not made.telemetry.state.armed
            made.actions.set_armable(True, False)
            made.actions.set_disarmable(True, False)
            made.actions.set_allow_takeoff(True)
            made.actions.set_allowable_flight_modes(AllowableFlightModes(can_auto_mode=True))
            assert await made.told(*arm) is CommandResult.ACCEPTED
            await made.shows(armed=True)
            assert await made.told(Command.NAV_TAKEOFF) is CommandResult.ACCEPTED
            command, params = Px4().set_mode(Px4.modes.mission)
            assert await made.told(command, *params) is CommandResult.ACCEPTED
            await made.shows(mode=Px4.modes.mission)
            for item in (1, 2):
                made.missions.set_current_item_complete()
                await made.shows(mission_item=item)
            assert await made.told(Command.COMPONENT_ARM_DISARM) is CommandResult.ACCEPTED
            await made.shows(armed=False)

    asyncio.run(run())
