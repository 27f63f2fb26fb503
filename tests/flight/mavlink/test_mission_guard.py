"""Orders are given to nobody's aircraft but ours, and only our mission is flown."""

import asyncio

import pytest

from flight.errors import CommandRefusedError
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.mission_guard import MissionGuard
from flight.mavlink.protocol.messages import Message, Peer
from flight.mavlink.telemetry import Telemetry
from flight.missions import Mission
from flight.states import VehicleState
from flight.vehicle import Control
from tests.flight.fake_vehicle import small_mission

MISSION = small_mission()
COUNT = len(MISSION.items)


class Board:
    """What an autopilot holds and tells, and how often it was read."""

    def __init__(self) -> None:
        self.telemetry = Telemetry(Peer(1, 1), ArduPilot().mode_name, own_items=1)
        self.other = ""
        self.readings = 0
        self.guard = MissionGuard("heron", lambda: self.telemetry, self.read)
        self.guard.expect(MISSION, ArduPilot())

    async def read(self, mission: Mission) -> str:
        """Say what is on board in place of a mission."""
        assert mission is MISSION
        self.readings += 1
        return self.other

    def tells(self, count: int) -> None:
        """Let the autopilot tell how long its mission is."""
        current = {"seq": 0, "total": count, "mission_state": 2}
        self.telemetry.receive(Message("MISSION_CURRENT", current, 1, 1))


@pytest.mark.parametrize(
    ("state", "control", "why"),
    [
        (VehicleState(mode="RTL"), Control.FAILSAFE, "because of a failsafe"),
        (VehicleState(mode="LOITER"), Control.PILOT, "because of its pilot"),
        (VehicleState(mode="AUTO", breach=True), Control.MISSION, "because of a failsafe"),
    ],
)
def test_who_has_taken_it_keeps_it(state: VehicleState, control: Control, why: str) -> None:
    """An autopilot would accept AUTO again, even outside its fence."""
    with pytest.raises(CommandRefusedError, match=why):
        Board().guard.refuse_unless_ours(state, control, "resume its mission")


@pytest.mark.parametrize("control", [Control.MISSION, Control.COMMANDED, Control.RETURNING])
def test_our_own_is_told(control: Control) -> None:
    """Nothing stands against it."""
    Board().guard.refuse_unless_ours(VehicleState(), control, "hold")


def test_a_mission_is_read_before_it_is_flown_and_the_reading_stands_a_while() -> None:
    """Motors that idle are stopped, and a long list takes a while to read."""
    board = Board()
    asyncio.run(board.guard.check())
    asyncio.run(board.guard.check())
    assert board.readings == 1


def test_another_mission_on_board_is_never_flown() -> None:
    """Whether it is read, or told by the autopilot."""
    read, told = Board(), Board()
    read.other = "another mission of 3 items is on board"
    with pytest.raises(CommandRefusedError, match="another mission of 3 items"):
        asyncio.run(read.guard.check())
    told.tells(COUNT)
    told.tells(COUNT - 2)
    with pytest.raises(CommandRefusedError, match=f"{COUNT - 2} items now instead of {COUNT}"):
        asyncio.run(told.guard.check())
    assert told.readings == 0


def test_during_an_upload_nothing_is_expected() -> None:
    """What was on board before is no longer ours."""
    board = Board()
    board.guard.forget()
    board.other = "anything"
    asyncio.run(board.guard.check())


LAST, HOME_ITEM = COUNT - 2, COUNT - 1


@pytest.mark.parametrize(
    ("mode", "item", "reached", "home"),
    [
        ("AUTO.MISSION", LAST, LAST - 1, False),
        ("AUTO.MISSION", HOME_ITEM, LAST, True),
        ("AUTO.RTL", HOME_ITEM, None, True),  # the news of the last place was lost
        ("AUTO.RTL", LAST, LAST, True),  # the news of the next item was, or is late
        ("AUTO.RTL", LAST, LAST - 1, False),  # on its last leg: that is somebody else's return
        ("AUTO.RTL", None, None, False),
    ],
)
def test_the_missions_own_way_home_is_nobodys_takeover(
    mode: str, item: int | None, reached: int | None, home: bool
) -> None:
    """PX4 changes its mode for it."""
    state = VehicleState(mode=mode, mission_item=item, mission_reached=reached)
    assert Board().guard.flies_home(state, "AUTO.MISSION") is home
