"""Flying only what was brought on board: not another station's mission, not a pilot's aircraft."""

from collections.abc import Awaitable, Callable

from flight.errors import CommandRefusedError
from flight.mavlink.firmware import Firmware
from flight.mavlink.telemetry import Telemetry
from flight.missions import Mission
from flight.states import VehicleState
from flight.vehicle import Control

# ArduPilot stops motors that stand idle for ten seconds, and a long list takes a while to read.
_READING_STANDS_S = 5.0


class MissionGuard:
    """Knows which mission should be on board, and whether it is.

    Args:
        name: The aircraft's name, for messages.
        telemetry: Returns what is told of the aircraft; None before it was met.
        other_than: Reads what is on board; returns in words what is there in place of a mission.
    """

    def __init__(
        self,
        name: str,
        telemetry: Callable[[], Telemetry | None],
        other_than: Callable[[Mission], Awaitable[str]],
    ) -> None:
        self._name = name
        self._telemetry = telemetry
        self._other_than = other_than
        self._aboard: Mission | None = None
        self._read_at_s: float | None = None

    def expect(self, mission: Mission, firmware: Firmware) -> None:
        """Watch over a mission that is on board from now on."""
        self._aboard, self._read_at_s = mission, None
        telemetry, own = self._telemetry(), firmware.transfers.own_items
        if telemetry is not None:
            telemetry.expect_mission(len(firmware.mission_items(mission)) - own)

    def forget(self) -> None:
        """Watch over nothing, while a mission is uploaded."""
        self._aboard, telemetry = None, self._telemetry()
        if telemetry is not None:
            telemetry.expect_mission(None)

    def flies_home(self, state: VehicleState, mission_mode: str) -> bool:
        """Tell whether the mission has come to its way home.

        Args:
            state: The newest telemetry.
            mission_mode: In which it flies its mission; PX4 leaves that for the way home, and may
                tell the mode before it tells the item.
        """
        mission = self._aboard
        home = None if mission is None else mission.way_home
        if mission is None or home is None:
            return False
        if state.mission_item is not None and state.mission_item >= home:
            return True
        last, reached = mission.last_place, state.mission_reached
        done = last is not None and reached is not None and reached >= last
        return done and state.mode != mission_mode

    async def check(self) -> None:
        """Make sure that the mission on board is ours: by its id, or else by reading it.

        Raises:
            CommandRefusedError: It is not, or it cannot be read.
        """
        telemetry = self._telemetry()
        if telemetry is None or self._aboard is None:
            return
        self.refuse_changed(telemetry.state)
        now_s, read_at_s = telemetry.state.time_boot_s, self._read_at_s
        lately = read_at_s is not None and now_s - read_at_s < _READING_STANDS_S
        if lately or telemetry.aboard.proves:
            return
        other = await self._other_than(self._aboard)
        if other:
            raise CommandRefusedError(self._changed(other))
        self._read_at_s = telemetry.state.time_boot_s

    def refuse_changed(self, state: VehicleState) -> None:
        """Refuse to fly what the autopilot has told to be changed.

        Raises:
            CommandRefusedError: It was.
        """
        if state.mission_changed:
            raise CommandRefusedError(self._changed(state.mission_changed))

    def refuse_unless_ours(self, state: VehicleState, control: Control, what: str) -> None:
        """Refuse to give an order against a pilot, a failsafe or a breached fence.

        Raises:
            CommandRefusedError: One of them decides.
        """
        if control in {Control.FAILSAFE, Control.PILOT} or state.breach:
            raise CommandRefusedError(
                f"{self._name} is not told to {what}: it is in mode {state.mode} because of "
                f"{'its pilot' if control is Control.PILOT else 'a failsafe'}."
            )

    def _changed(self, how: str) -> str:
        return (
            f"{self._name} does not fly this: another station has changed the mission on board "
            f"({how}). Agree with whoever else is on the link, and upload again."
        )
