"""What is on board an aircraft: bringing a plan there, and telling whether it is this one."""

from collections.abc import Callable
from dataclasses import replace

from flight.mavlink.commander import Commander
from flight.mavlink.firmware import Firmware, fence_items
from flight.mavlink.protocol.constants import MissionType
from flight.mavlink.protocol.mission_items import DEGREE_E7, WireItem, first_difference
from flight.mavlink.return_height import set_return_height
from flight.mavlink.station import Station
from flight.mavlink.transfers import ListTransfer
from flight.missions import Mission

# ArduPilot has been seen to wipe a fence shortly after accepting it, and to refuse arming right
# after an upload.
_SETTLES_S = 2.0


class Boarding:
    """The lists of one autopilot.

    Args:
        station: Ourselves, connected.
        commander: Gives the orders.
        firmware: How it wants its lists.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        station: Station,
        commander: Commander,
        firmware: Firmware,
        clock: Callable[[], float],
    ) -> None:
        self._station = station
        self._commander = commander
        self._firmware = firmware
        self._clock = clock

    async def upload(self, mission: Mission) -> None:
        """Bring a mission, its fence and its rally points on board and verify all of it.

        Raises:
            MissionRefusedError: The autopilot refused an item.
            UploadFailedError: It could not be done; the message says what is on board.
        """
        await set_return_height(self._commander, self._firmware.return_heights, mission)
        missions = self._transfer(MissionType.MISSION)
        await missions.upload(self._firmware.mission_items(mission))
        fences = self._transfer(MissionType.FENCE)
        await fences.upload(fence_items(mission.fence))
        for name, value in self._firmware.fence_parameters(mission.fence):
            await self._commander.set_parameter(name, value)
        await self._bring_rally(mission)
        await self._commander.elapse(_SETTLES_S)
        await fences.verify(fence_items(mission.fence))

    async def _bring_rally(self, mission: Mission) -> None:
        if mission.rally:
            points = self._transfer(MissionType.RALLY)
            await points.upload(self._firmware.rally_items(mission.rally))
            for name, value in self._firmware.rally_parameters:
                await self._commander.set_parameter(name, value)
            return
        # One left from another place could be nearer than home. Many an autopilot has no list.
        settings = replace(self._firmware.transfers, attempts=1)
        points = ListTransfer(self._station, MissionType.RALLY, settings, clock=self._clock)
        if await points.download():
            await self._transfer(MissionType.RALLY).clear()

    async def other_than(self, mission: Mission) -> str:
        """Return, in words, what is on board in place of a mission; empty if it is this one."""
        found = await self._transfer(MissionType.MISSION).download()
        if found is None:
            return "it does not let us read what is on board"
        own = self._firmware.transfers.own_items
        difference = first_difference(self._firmware.mission_items(mission), found, skip=own)
        if difference is None:
            return ""
        return f"{_described(found[own:])} ({difference})"

    async def rally(self) -> tuple[WireItem, ...] | None:
        """Return the rally points on board; None if the autopilot would not say."""
        return await self._transfer(MissionType.RALLY).download()

    def _transfer(self, kind: MissionType) -> ListTransfer:
        return ListTransfer(self._station, kind, self._firmware.transfers, clock=self._clock)


def _described(items: tuple[WireItem, ...]) -> str:
    placed = [item for item in items if item.x or item.y]
    if not items:
        return "no mission is on board"
    text = f"another mission of {len(items)} items is on board"
    if placed:
        first = placed[0]
        text += f", that begins at {first.x / DEGREE_E7:.6f}, {first.y / DEGREE_E7:.6f}"
    return text
