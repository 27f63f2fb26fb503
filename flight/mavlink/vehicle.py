"""An aircraft that speaks MAVLink, flown by ArduPilot or PX4."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from flight.errors import CommandRefusedError, LinkError, NoAutopilotError, UploadFailedError
from flight.mavlink.addresses import parse_address
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.boarding import Boarding
from flight.mavlink.commander import Commander
from flight.mavlink.control_judge import ControlJudge
from flight.mavlink.firmware import Firmware
from flight.mavlink.introduction import firmware_of, introduce, request_streams
from flight.mavlink.link import FrameSink, MavlinkLink
from flight.mavlink.link_quality import LinkQuality
from flight.mavlink.mission_guard import MissionGuard
from flight.mavlink.preflight_checks import Inspection, report
from flight.mavlink.protocol.constants import Command
from flight.mavlink.protocol.messages import Identity, Message
from flight.mavlink.signing import Signing
from flight.mavlink.snapshots import Snapshots
from flight.mavlink.starting import Cockpit, start
from flight.mavlink.station import Station
from flight.mavlink.telemetry import Telemetry
from flight.missions import Mission
from flight.preflight import Expectations, PreflightReport
from flight.states import VehicleState
from flight.vehicle import Control

_BOOTED_S = 6.0
_JUDGED = frozenset({"HEARTBEAT", "MISSION_CURRENT", "MISSION_ITEM_REACHED", "FENCE_STATUS"})


@dataclass(frozen=True, slots=True)
class VehicleSettings:
    """How an aircraft is talked to; times are by the aircraft's clock unless they say otherwise.

    Attributes:
        identity: Who we are.
        system: The aircraft's system id; None takes the first autopilot heard.
        heartbeat_hz: Our heartbeats, by the wall clock. Raise it with a simulation's speed.
        connect_wall_s: How long to wait for an autopilot, by the wall clock.
        arming_s: How long to wait until the aircraft can be armed.
        takeoff_s: How long the aircraft may take to leave the ground.
        command_s: How long a command may take to show its effect.
        silence_wall_s: After how long without positions they are requested again.
        signing: The key to sign with; None signs nothing and believes every packet.
    """

    identity: Identity = field(default_factory=Identity)
    system: int | None = None
    heartbeat_hz: float = 1.0
    connect_wall_s: float = 10.0
    arming_s: float = 90.0
    takeoff_s: float = 40.0
    command_s: float = 4.0
    silence_wall_s: float = 3.0
    signing: Signing | None = None


class MavlinkVehicle:
    """One aircraft on one connection; implements `flight.vehicle.Vehicle`.

    Args:
        address: Where it is reached; see `flight.mavlink.addresses.parse_address`.
        name: Its name in the plan.
        settings: How it is talked to.
        clock: Monotonic seconds.

    Raises:
        LinkError: The address is none.
    """

    def __init__(
        self,
        address: str,
        *,
        name: str,
        settings: VehicleSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.settings = settings or VehicleSettings()
        self._clock = clock
        settings = self.settings
        self._link = MavlinkLink(parse_address(address), settings.identity, settings.signing)
        self._station = Station(self._link, heartbeat_hz=self.settings.heartbeat_hz, clock=clock)
        self._firmware: Firmware = ArduPilot()
        self._telemetry: Telemetry | None = None
        self._judge = ControlJudge()
        self._snapshots = Snapshots()
        self._commander = Commander(
            name,
            self._station,
            lambda: self.state,
            clock=clock,
            command_s=self.settings.command_s,
            is_pilots=lambda: self.control is Control.PILOT,
        )
        self._quality = LinkQuality()
        self._heard_at_s = clock()
        self._position_at_s = clock()
        self._texts_read = 0
        self._guard = MissionGuard(name, lambda: self._telemetry, self.other_than)
        self.hardware_id = ""
        self._keeper: asyncio.Task[None] | None = None

    @property
    def _boarding(self) -> Boarding:
        return Boarding(self._station, self._commander, self._firmware, self._clock)

    @property
    def state(self) -> VehicleState:
        """The newest telemetry."""
        return VehicleState() if self._telemetry is None else self._telemetry.state

    @property
    def silence_s(self) -> float:
        """Seconds by the wall clock since the autopilot was last heard."""
        return self._clock() - self._heard_at_s

    @property
    def loss_fraction(self) -> float | None:
        """Share of the autopilot's packets that did not come lately; None if not known."""
        return self._quality.loss_fraction

    @property
    def control(self) -> Control:
        """Who decides where it flies just now."""
        return self._judge.verdict

    def states(self) -> AsyncIterator[VehicleState]:
        """Return every new snapshot from now on; a slow reader loses the oldest ones."""
        return self._snapshots.subscribe()

    def record_frames(self, sink: FrameSink | None) -> None:
        """Give every packet of the connection to ``sink``; None ends that."""
        self._link.record_frames(sink)

    async def connect(self) -> None:
        """Find the aircraft and have it report its state.

        Raises:
            LinkError: The connection cannot be opened, or two aircraft answer as one.
            NoAutopilotError: No autopilot that we know answers.
        """
        await self._station.open()
        try:
            await self._meet()
        except BaseException:
            await self.close()
            raise

    async def upload(self, mission: Mission) -> None:
        """Bring a mission and its fence on board, set the fence to act, and verify all of it.

        The height of a failsafe's return is brought between the mission's and the fence's first.

        Raises:
            MissionRefusedError: The autopilot refused an item.
            UploadFailedError: It could not be done; the message says what is on board.
        """
        if self.state.armed:
            raise UploadFailedError(
                f"{self.name} is armed in mode {self.state.mode}; nothing is uploaded to a flying "
                "aircraft. Bring it home and disarm it first. Its mission is unchanged."
            )
        self._guard.forget()
        await self._boarding.upload(mission)
        self._guard.expect(mission, self._firmware)

    async def other_than(self, mission: Mission) -> str:
        """Return, in words, what is on board in place of a mission; empty if it is this one."""
        return await self._boarding.other_than(mission)

    async def preflight(self, mission: Mission, expected: Expectations) -> PreflightReport:
        """Look at all that decides over a flight; the mission is on board."""
        values = await self._commander.parameters(self._firmware.safety_parameters)
        lost_link = self._firmware.lost_link(values, self.settings.identity.system)
        rally = await self._boarding.rally()
        return report(mission, Inspection(self.state, values, lost_link, rally), expected)

    async def start(self, told: Callable[[str], None] = lambda _: None) -> None:
        """Arm, take off and fly the mission.

        Args:
            told: Takes a sentence on what arming waits for.

        Raises:
            ArmingRefusedError: The aircraft does not arm; carries its reasons.
            CommandRefusedError: It armed but does not fly, a pilot has taken over, or another
                station has changed its mission.
        """
        # A mode set during boot is overruled by the radio's switch a moment later.
        await self._commander.wait(lambda: self.state.time_boot_s > _BOOTED_S, _BOOTED_S)
        await self._change_mode(self._firmware.modes.ready, Control.COMMANDED)
        tools = (self._station, self._commander, self._judge, self._firmware)
        cockpit = Cockpit(self.name, *tools, lambda: self.state, self._guard.check)
        settings = self.settings
        await start(cockpit, told=told, arming_s=settings.arming_s, takeoff_s=settings.takeoff_s)

    def adopt(self, mission: Mission) -> None:
        """Take up a flight that is under way with a mission on board."""
        self._guard.expect(mission, self._firmware)
        self._judge.adopt(self.state, self._firmware.modes)
        self._judge.look(self.state, returning=self._is_returning())

    async def pause(self) -> None:
        """Hold where it is.

        Raises:
            CommandRefusedError: It does not hold, or it is not ours to hold.
        """
        self._refuse_unless_ours("hold")
        await self._change_mode(self._firmware.modes.hold, Control.COMMANDED)

    async def resume(self) -> None:
        """Go on with the mission where it was left.

        Raises:
            CommandRefusedError: It does not go on; or a pilot, a failsafe or a breached fence
                decides, or the mission was changed, and is not ours to resume.
        """
        self._refuse_unless_ours("resume its mission")
        self._guard.refuse_changed(self.state)
        await self._change_mode(self._firmware.modes.mission, Control.MISSION)

    async def return_home(self) -> None:
        """Fly home and land there.

        Raises:
            CommandRefusedError: It does not turn for home.
        """
        await self._change_mode(self._firmware.modes.go_home, Control.RETURNING)

    async def land(self) -> None:
        """Land where it is.

        Raises:
            CommandRefusedError: It does not land.
        """
        await self._change_mode(self._firmware.modes.land, Control.RETURNING)

    async def skip_to(self, item: int) -> None:
        """Go on with another item of the mission.

        Raises:
            CommandRefusedError: It does not, or it is not ours to tell.
        """
        what = f"go on with item {item + 1}"
        self._refuse_unless_ours(what)
        sequence = float(item + self._firmware.transfers.own_items)

        def gone_on() -> bool:
            now = self.state.mission_item
            return now is not None and now >= item

        await self._commander.obey((Command.DO_SET_MISSION_CURRENT, (sequence,)), gone_on, what)

    async def close(self) -> None:
        """Let go of the connection; the aircraft flies on by itself."""
        if self._keeper is not None:
            self._keeper.cancel()
        self._snapshots.close()
        await self._station.close()

    async def parameter(self, name: str) -> float | None:
        """Return a parameter of the autopilot; None if it has none of that name."""
        return await self._commander.parameter(name)

    # --- meeting -------------------------------------------------------------------------------

    async def _meet(self) -> None:
        wait_s = self.settings.connect_wall_s
        heartbeat = await self._station.find_autopilot(wait_s, self.settings.system)
        self._firmware = firmware_of(heartbeat["autopilot"], str(self._link.address))
        firmware, peer = self._firmware, self._station.dialog.peer
        self._telemetry = Telemetry(
            peer,
            firmware.mode_name,
            firmware.transfers.own_items,
            prearm_by_health=firmware.prearm_by_health,
        )
        self._link.add_handler(self._listen)
        self._listen(heartbeat)
        await request_streams(self._commander)
        if not await self._commander.wait(lambda: self.state.time_boot_s > 0.0, wait_s):
            raise NoAutopilotError(
                f"The autopilot on {self._link.address} sends heartbeats but no position, even "
                "on request. Does the link carry both directions"
                f"{', and does it want a signing key' * self._link.hears_signed}?"
            )
        # Orders would reach one of them, and news come from both.
        if peer.system in self._link.twin_systems:
            raise LinkError(
                f"Two aircraft on {self._link.address} answer as system {peer.system}. Give each "
                "its own system id."
            )
        told = await introduce(self._station, firmware)
        self._commander.encoding, self.hardware_id = told.encoding, told.hardware_id
        self._keeper = asyncio.create_task(self._keep_streams())

    async def _keep_streams(self) -> None:
        """Request telemetry anew when it stops, as after a reboot."""
        while True:
            await asyncio.sleep(self.settings.silence_wall_s / 2)
            stale = self._clock() - self._position_at_s > self.settings.silence_wall_s
            if stale and self.silence_s < self.settings.silence_wall_s:
                await request_streams(self._commander)

    def _listen(self, message: Message) -> None:
        telemetry = self._telemetry
        if telemetry is None or message.system != self._station.dialog.peer.system:
            return
        if message.component == self._station.dialog.peer.component:
            self._heard_at_s = self._clock()
            self._quality.receive(message)
        new_position = telemetry.receive(message)
        for text in self._station.texts_since(self._texts_read):
            telemetry.said(text)
            self._judge.said(text, self.state.time_boot_s)
        self._texts_read = self._station.texts_count
        if message.name in _JUDGED:
            self._judge.look(self.state, returning=self._is_returning())
        if new_position:
            self._position_at_s = self._clock()
            self._snapshots.publish(self.state)
        self._commander.stir()

    def _is_returning(self) -> bool:
        return self._guard.flies_home(self.state, self._firmware.modes.mission)

    # --- commands ------------------------------------------------------------------------------

    async def _change_mode(self, mode: str, control: Control) -> None:
        # What is asked for is ours once it shows; until then the old mode is what it was.
        self._judge.expect(control, mode)
        try:
            await self._commander.obey(
                self._firmware.set_mode(mode), lambda: self.state.mode == mode, f"enter mode {mode}"
            )
        except CommandRefusedError:
            self._judge.expect_nothing()
            raise
        self._judge.command(control, mode)

    def _refuse_unless_ours(self, what: str) -> None:
        self._guard.refuse_unless_ours(self.state, self.control, what)
