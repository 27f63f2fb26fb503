"""Commands from a ground station: each is tried, and answered as ArduCopter answers."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flight.mavlink.protocol.messages import Message, Peer
from flight.simulator.arming import refusals
from flight.simulator.cockpit import Cockpit
from flight.simulator.fence_watch import FenceWatch
from flight.simulator.helm import Helm, ModeChange
from flight.simulator.manoeuvres import Place
from flight.simulator.mavlink_ids import Command, CommandResult, Severity
from flight.simulator.mission_flight import MissionFlight
from flight.simulator.modes import Mode, mode_of
from flight.simulator.payload import Payload
from flight.simulator.settings import Personality

_FORCE = 21196
_REASON_DELAY_S = 0.1
_DEAF_AFTER_BOOT_S = 2.0
_PX4_TAKEOFF_M = 2.5
#: The tab says that the text was sent as an event too.
_PX4_DENIES = "Arming denied: Resolve system health failures first\t"
_POSITION_COMMANDS = frozenset({Command.REPOSITION, Command.SET_HOME, Command.SET_ROI_LOCATION})

_ACCEPTED, _FAILED = CommandResult.ACCEPTED, CommandResult.FAILED


@dataclass(frozen=True, slots=True)
class Order:
    """One command with its seven parameters; for positions 5 and 6 are latitude, longitude."""

    command: int
    params: tuple[float, float, float, float, float, float, float]
    channel: int

    @classmethod
    def from_message(cls, message: Message, channel: int) -> "Order":
        """Read COMMAND_LONG or COMMAND_INT."""
        command = int(message["command"])
        p1, p2, p3, p4 = (float(message[f"param{index}"]) for index in (1, 2, 3, 4))
        if message.name == "COMMAND_LONG":
            p5, p6, p7 = (float(message[f"param{index}"]) for index in (5, 6, 7))
        else:
            scale = 1e-7 if command in _POSITION_COMMANDS else 1.0
            p5, p6, p7 = message["x"] * scale, message["y"] * scale, float(message["z"])
        return cls(command, (p1, p2, p3, p4, p5, p6, p7), channel)

    def flag(self, index: int) -> int:
        """Return a parameter (counted from 1) as an integer, 0 for NaN."""
        value = self.params[index - 1]
        return int(value) if math.isfinite(value) else 0


@dataclass(frozen=True, slots=True)
class Crew:
    """All whom a command may reach."""

    cockpit: Cockpit
    helm: Helm
    mission: MissionFlight
    fence: FenceWatch
    payload: Payload
    reboot: Callable[[], None]


class Commands:
    """Carries out commands; what is not in the table is UNSUPPORTED.

    Args:
        crew: Whom commands reach.
        streams: Further commands, about messages, by their number.
    """

    def __init__(self, crew: Crew, streams: Mapping[int, Callable[[Order], CommandResult]]) -> None:
        self._crew = crew
        self._table: dict[int, Callable[[Order], CommandResult]] = {
            Command.ARM_DISARM: self._arm_or_disarm,
            Command.SET_MODE: self._set_mode,
            Command.MISSION_START: self._start_mission,
            Command.TAKEOFF: self._take_off,
            Command.RETURN: lambda _: self._change(Mode.RTL),
            Command.LAND: lambda _: self._change(Mode.LAND),
            Command.LOITER_UNLIMITED: lambda _: self._change(Mode.LOITER),
            Command.PAUSE_CONTINUE: self._pause,
            Command.SET_MISSION_CURRENT: self._set_current,
            Command.CHANGE_SPEED: self._change_speed,
            Command.FENCE_ENABLE: self._enable_fence,
            Command.REPOSITION: self._reposition,
            Command.SET_HOME: self._set_home,
            Command.REBOOT: self._reboot,
            **dict.fromkeys(Payload.COMMANDS, self._payload),
            **streams,
        }

    def handle(self, message: Message, channel: int) -> list[Message]:
        """Carry out COMMAND_LONG, COMMAND_INT or SET_MODE and return the acknowledgement."""
        if self._crew.cockpit.now_s < _DEAF_AFTER_BOOT_S:
            return []
        if message.name == "SET_MODE":
            mode = (1.0, float(message["custom_mode"]), 0.0, 0.0, 0.0, 0.0, 0.0)
            order = Order(Command.SET_MODE, mode, channel)
        else:
            order = Order.from_message(message, channel)
        action = self._table.get(order.command)
        result = CommandResult.UNSUPPORTED if action is None else action(order)
        peer = Peer(message.system, message.component)
        return [peer.addressed("COMMAND_ACK", command=order.command, result=int(result))]

    def _arm_or_disarm(self, order: Order) -> CommandResult:
        cockpit, helm = self._crew.cockpit, self._crew.helm
        if order.flag(1) == 0:
            if cockpit.flying and order.flag(2) != _FORCE:
                return _FAILED
            if cockpit.armed:
                helm.disarm()
            return _ACCEPTED
        if cockpit.armed:
            return _ACCEPTED
        reasons = refusals(cockpit, self._crew.fence, self._crew.mission)
        if reasons and order.flag(2) != _FORCE:
            return self._refuse_arming(reasons)
        helm.arm()
        return _ACCEPTED

    def _refuse_arming(self, reasons: tuple[str, ...]) -> CommandResult:
        """Refuse now, and say why a moment later."""
        px4 = self._crew.cockpit.personality is Personality.PX4
        title = "Preflight Fail" if px4 else "Arm"
        texts = [f"{title}: {reason}" for reason in reasons] + [_PX4_DENIES] * px4
        for index, text in enumerate(texts, start=1):
            self._crew.cockpit.say(text, Severity.CRITICAL, _REASON_DELAY_S * index)
        return CommandResult.TEMPORARILY_REJECTED if px4 else _FAILED

    def _set_mode(self, order: Order) -> CommandResult:
        cockpit = self._crew.cockpit
        number = order.flag(2)
        if cockpit.personality is Personality.PX4 and number < 1 << 16:
            number = number << 16 | order.flag(3) << 24
        mode = mode_of(number, cockpit.personality)
        if mode is None:
            cockpit.say(f"No such mode {number}")
            return _FAILED
        return self._change(mode)

    def _change(self, mode: Mode) -> CommandResult:
        result = self._told(self._crew.helm.request_mode(mode))
        if result is _ACCEPTED:
            self._crew.fence.pilot_changed_mode()
        return result

    def _told(self, change: ModeChange) -> CommandResult:
        if change.text:
            self._crew.cockpit.say(change.text)
        return _ACCEPTED if change.accepted else _FAILED

    def _start_mission(self, order: Order) -> CommandResult:
        if order.flag(1) or order.flag(2):
            return CommandResult.DENIED
        return self._told(self._crew.helm.start_mission())

    def _take_off(self, order: Order) -> CommandResult:
        cockpit, height_m = self._crew.cockpit, order.params[6]
        if cockpit.personality is Personality.PX4:  # there the height is above mean sea level
            above_m = height_m - cockpit.ground_amsl_m
            height_m = above_m if math.isfinite(above_m) else _PX4_TAKEOFF_M
        return _ACCEPTED if self._crew.helm.take_off(height_m) else _FAILED

    def _pause(self, order: Order) -> CommandResult:
        return _ACCEPTED if self._crew.helm.pause(resume=order.flag(1) == 1) else _FAILED

    def _set_current(self, order: Order) -> CommandResult:
        return _ACCEPTED if self._crew.mission.jump_to(order.flag(1)) else CommandResult.DENIED

    def _change_speed(self, order: Order) -> CommandResult:
        if not 0 < order.params[1] < math.inf:
            return _FAILED
        self._crew.mission.speed_override_mps = order.params[1]
        self._crew.mission.items_changed()
        return _ACCEPTED

    def _enable_fence(self, order: Order) -> CommandResult:
        # Accepted in any case; without a fence on board nothing is enabled (observed).
        wanted = order.flag(1) != 0
        if not wanted or self._crew.fence.shapes.shapes:
            self._crew.cockpit.parameters.set("FENCE_ENABLE", float(wanted))
        return _ACCEPTED

    def _reposition(self, order: Order) -> CommandResult:
        crew, cockpit = self._crew, self._crew.cockpit
        north_m, east_m = cockpit.earth.to_local(order.params[5], order.params[4])
        height_home_m = order.params[6]
        if not crew.fence.allows(north_m, east_m, height_home_m):
            return _FAILED
        if order.flag(2) & 1 and not crew.helm.change_mode(Mode.GUIDED):
            return _FAILED
        base_m = cockpit.home.height_m if cockpit.home else 0.0
        went = crew.helm.go_to(Place(north_m, east_m, base_m + height_home_m))
        return _ACCEPTED if went else _FAILED

    def _set_home(self, order: Order) -> CommandResult:
        if order.flag(1) != 1 or not self._crew.cockpit.position_known:
            return _FAILED
        self._crew.cockpit.set_home_here()
        return _ACCEPTED

    def _reboot(self, order: Order) -> CommandResult:
        del order
        if self._crew.cockpit.armed:
            return _FAILED
        self._crew.reboot()
        return _ACCEPTED

    def _payload(self, order: Order) -> CommandResult:
        return _ACCEPTED if self._crew.payload.command(order.command, order.params) else _FAILED
