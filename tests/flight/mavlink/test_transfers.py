"""Bringing lists on board against the simulator, and what is said when it fails."""

import asyncio
import socket
from dataclasses import replace

import pytest
from pymavlink.dialects.v20 import ardupilotmega

from flight.errors import MissionRefusedError, UploadFailedError
from flight.mavlink.addresses import parse_address
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.constants import Command, Frame, MissionResult, MissionType
from flight.mavlink.protocol.messages import Identity, Message
from flight.mavlink.protocol.mission_items import WireItem
from flight.mavlink.station import Station
from flight.mavlink.transfers import ListTransfer, TransferSettings
from tests.flight.mavlink.flying import free_port
from tests.flight.mavlink.protocol.ardupilot_store import ArduPilotStore
from tests.flight.mavlink.protocol.test_mission_upload import waypoints
from tests.flight.mavlink.protocol.wire import from_vehicle

SETTINGS = TransferSettings(attempts=3, patience_s=0.0, transaction_s=5.0, reason_wait_s=0.05)
HEARTBEAT = {
    "type": 2,
    "autopilot": 3,
    "base_mode": 1,
    "custom_mode": 0,
    "system_status": 3,
    "mavlink_version": 3,
}


class ForgetfulStore(ArduPilotStore):
    """Accepts everything and keeps one item less."""

    def receive(self, message: Message, now_s: float) -> list[Message]:
        """Lose the last item on its acceptance."""
        answers = list(super().receive(message, now_s))
        if any(m.name == "MISSION_ACK" and m["type"] == MissionResult.ACCEPTED for m in answers):
            del self.items[-1:]
        return answers


class BusyStore(ArduPilotStore):
    """Denies the first transactions, as while another station uploads."""

    def __init__(self, denials: int) -> None:
        super().__init__()
        self.denials = denials

    def receive(self, message: Message, now_s: float) -> list[Message]:
        """Deny an upload, or go on."""
        if message.name == "MISSION_COUNT" and self.denials > 0:
            self.denials -= 1
            denied = int(MissionResult.DENIED)
            return [from_vehicle("MISSION_ACK", type=denied, mission_type=0)]
        return list(super().receive(message, now_s))


def upload(
    store: ArduPilotStore,
    items: list[WireItem],
    text: str = "",
    settings: TransferSettings = SETTINGS,
) -> None:
    """Upload items to a store over UDP; it says ``text`` with each refusal."""

    async def run() -> None:
        port = free_port()
        near = MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity())
        far = MavlinkLink(parse_address(f"udpout:127.0.0.1:{port}"), Identity(1, 1))
        loop = asyncio.get_running_loop()

        def answer(message: Message) -> None:
            for reply in store.receive(message, loop.time()):
                far.send(reply)
                refused = reply.name == "MISSION_ACK" and reply["type"] != 0
                if refused and text:
                    far.send(Message("STATUSTEXT", {"severity": 3, "text": text}))

        far.add_handler(answer)
        station = Station(near, heartbeat_hz=5.0)
        await station.open()
        await far.open()
        finding = asyncio.create_task(station.find_autopilot(5.0))
        await asyncio.sleep(0)
        far.send(Message("HEARTBEAT", HEARTBEAT))
        try:
            await finding
            await ListTransfer(station, MissionType.MISSION, settings).upload(items)
        finally:
            await station.close()
            far.close()

    asyncio.run(run())


def test_an_upload_is_on_board() -> None:
    """And was sent once."""
    store = ArduPilotStore()
    upload(store, waypoints(30))
    assert store.items == waypoints(30)
    assert store.uploads_begun == 1


def test_a_lost_final_acknowledgement_needs_no_second_upload() -> None:
    """The read-back shows that everything arrived."""
    store = ArduPilotStore(lost_final_acks=1)
    upload(store, waypoints(5))
    assert store.uploads_begun == 1


def test_a_busy_vehicle_is_asked_again() -> None:
    """Another station's transfer ends some time."""
    store = BusyStore(denials=2)
    upload(store, waypoints(5))
    assert store.items == waypoints(5)


def test_an_acceptance_is_checked() -> None:
    """What is not on board is not believed, and the error says what is."""
    with pytest.raises(UploadFailedError, match="holds 4 items instead of 5") as failure:
        upload(ForgetfulStore(), waypoints(5))
    assert "a mission of 4 items now, which may mix old and new" in str(failure.value)


def test_a_refusal_names_item_reason_and_the_vehicles_words() -> None:
    """The text behind the acknowledgement is part of it."""
    items = waypoints(5)
    items[2] = WireItem(Command.DO_MOUNT_CONTROL)
    store = ArduPilotStore(refused_command=Command.DO_MOUNT_CONTROL)
    store.items = waypoints(5)
    with pytest.raises(MissionRefusedError) as refusal:
        upload(store, items, text="Bad command")
    assert refusal.value.item_index == 2
    assert "does not support the command (UNSUPPORTED; it said: Bad command" in str(refusal.value)
    assert "It holds a mission of 5 items now" in str(refusal.value)


def test_a_refusal_in_a_burst_is_found_item_by_item() -> None:
    """The vehicle does not say which of those under way it refuses, so they are sent again."""
    items = waypoints(30)
    items[21] = WireItem(Command.DO_MOUNT_CONTROL)
    store = ArduPilotStore(refused_command=Command.DO_MOUNT_CONTROL)
    with pytest.raises(MissionRefusedError) as refusal:
        upload(store, items, settings=replace(SETTINGS, upload_window=4, upload_widest=32))
    assert refusal.value.item_index == 21
    assert store.uploads_begun == 2


def test_the_old_mission_is_not_taken_for_the_new_one() -> None:
    """Same count, another place."""
    store = ForgetfulStore()
    frame = Frame.GLOBAL_RELATIVE_ALT_INT
    store.items = [WireItem(Command.NAV_WAYPOINT, frame, x=i) for i in range(6)]
    with pytest.raises(UploadFailedError):
        upload(store, [replace(item, x=item.x + 1000) for item in waypoints(6)])


def test_a_fence_over_mavlink_1_is_refused_in_words() -> None:
    """There it would be taken for a mission."""

    async def run() -> None:
        port = free_port()
        station = Station(MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity()))
        await station.open()
        heartbeat = ardupilotmega.MAVLink_heartbeat_message(2, 3, 0, 0, 3, 3)
        packet = heartbeat.pack(ardupilotmega.MAVLink(None, 1, 1), force_mavlink1=True)
        with socket.socket(type=socket.SOCK_DGRAM) as radio:
            radio.sendto(bytes(packet), ("127.0.0.1", port))
            await station.find_autopilot(5.0)
        fences = ListTransfer(station, MissionType.FENCE, SETTINGS)
        with pytest.raises(UploadFailedError, match="MAVLink 1, which knows missions only"):
            await fences.upload(waypoints(3))
        await station.close()

    asyncio.run(run())
