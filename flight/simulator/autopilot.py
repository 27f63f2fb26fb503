"""The simulated autopilot: messages in, replies and set-points out, no I/O and no clock."""

from collections.abc import Callable
from dataclasses import dataclass

from flight.mavlink.protocol.messages import Identity, Message
from flight.simulator.arming import refusals
from flight.simulator.cockpit import Cockpit, Power
from flight.simulator.commands import Commands, Crew
from flight.simulator.failsafes import Failsafes
from flight.simulator.fence_watch import FenceWatch
from flight.simulator.fences import shapes_of
from flight.simulator.helm import Helm
from flight.simulator.items import Item
from flight.simulator.manoeuvres import Place, Steer
from flight.simulator.mavlink_ids import (
    Command,
    MissionState,
    PlanKind,
    Severity,
)
from flight.simulator.message_commands import MessageCommands
from flight.simulator.mission_flight import MissionFlight
from flight.simulator.modes import Mode
from flight.simulator.payload import Payload
from flight.simulator.pose_messages import PoseMessages
from flight.simulator.px4_failsafes import Px4Failsafes, Px4FenceWatch
from flight.simulator.sensors import Estimate, Sensors
from flight.simulator.settings import Personality
from flight.simulator.status_messages import StatusMessages
from flight.simulator.stores import InPlaceMission, Memory
from flight.simulator.streams import NOT_PX4S, PX4_INTERVALS_S, SILENT, Streams
from flight.simulator.transfers import ARDUPILOT_RULES, PX4_RULES, Transfer

_CHECK_EVERY_S = 0.1
_DEAF_AFTER_BOOT_S = 2.0
_FENCE_LOST_AFTER_S = 0.5


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message for one channel, or for all where the channel is None."""

    message: Message
    channel: int | None = None


class Autopilot:
    """One flight controller from its boot to its reboot.

    Args:
        cockpit: Shared state, freshly made.
        memory: Mission, fence and rally points, as an earlier boot left them.
        sensors: Where the white noise of telemetry comes from.
    """

    def __init__(self, cockpit: Cockpit, memory: Memory, sensors: Sensors) -> None:
        self.cockpit = cockpit
        self.identity = Identity(cockpit.parameters.whole("SYSID_THISMAV"), 1)
        self.rebooting = False
        px4 = cockpit.personality is Personality.PX4
        self._memory = memory
        self._sensors = sensors
        self._payload = Payload(cockpit)
        self.mission = MissionFlight(
            cockpit, memory.mission, 0 if px4 else 1, self._perform_item, self._refuges
        )
        self._helm = Helm(cockpit, self.mission)
        self.fence, self._failsafes = _guards(cockpit, self._helm.change_mode)
        status = StatusMessages(cockpit, self.mission, self.fence, self._failsafes, self._armable)
        pose = PoseMessages(cockpit, sensors)
        builders = {**status.builders(), **pose.builders()}
        for name in NOT_PX4S if px4 else ():
            del builders[name]
        self._streams = Streams(builders, PX4_INTERVALS_S if px4 else SILENT)
        self._transfers = self._make_transfers()
        self._replies: list[Message] = []
        asking = MessageCommands(self._streams, self._replies.append)
        self._commands = Commands(self._crew(), asking.table())
        self._next_check_s = 0.0
        self._doomed_until_s = 0.0
        self._home_told: object = None
        self._refresh_plans()

    def _make_transfers(self) -> dict[int, Transfer]:
        px4 = self.cockpit.personality is Personality.PX4
        rules = PX4_RULES if px4 else ARDUPILOT_RULES
        say, memory = self.cockpit.say, self._memory
        return {
            PlanKind.MISSION: Transfer(
                memory.mission, rules, say, None if px4 else self._item_changed
            ),
            PlanKind.FENCE: Transfer(memory.fence, rules, say),
            PlanKind.RALLY: Transfer(memory.rally, rules, say),
        }

    def _crew(self) -> Crew:
        return Crew(self.cockpit, self._helm, self.mission, self.fence, self._payload, self.reboot)

    def open_channel(self, channel: int) -> None:
        """Begin with a new listener, who hears heartbeats and must ask for the rest."""
        self._streams.open(channel)

    def handle(self, message: Message, channel: int = 0) -> list[Message]:
        """Take a message from a ground station and return the replies for its channel."""
        if message.name == "HEARTBEAT":
            self._failsafes.heartbeat(message.system)
            return []
        if not self.identity.is_addressed_by(message):
            return []
        self._replies.clear()
        if message.name in ("COMMAND_LONG", "COMMAND_INT", "SET_MODE"):
            replies = self._commands.handle(message, channel)
        elif message.name.startswith("MISSION_"):
            replies = self._handle_mission(message)
        else:
            replies = self._handle_rest(message, channel)
        return [*replies, *self._replies]

    def _handle_mission(self, message: Message) -> list[Message]:
        cockpit = self.cockpit
        if cockpit.now_s < _DEAF_AFTER_BOOT_S:
            return []
        if message.name == "MISSION_SET_CURRENT":
            self.mission.jump_to(int(message["seq"]))
            return self._streams.build("MISSION_CURRENT")
        kind = int(message.fields.get("mission_type", 0))
        kinds = list(self._transfers) if kind == PlanKind.ALL else [kind]
        replies: list[Message] = []
        for each in kinds:
            transfer = self._transfers.get(each)
            if transfer is None:
                continue
            flown = each == PlanKind.MISSION and cockpit.armed and cockpit.mode is Mode.AUTO
            replies += transfer.handle(message, cockpit.now_s, locked=flown)
        self._refresh_plans()
        return replies if kind != PlanKind.ALL else replies[:1]

    def _handle_rest(self, message: Message, channel: int) -> list[Message]:
        parameters, name = self.cockpit.parameters, message.name
        if name == "PARAM_REQUEST_LIST":
            return [parameters.message(each) for each in parameters]
        if name in ("PARAM_REQUEST_READ", "PARAM_SET"):
            take = parameters.take if name == "PARAM_SET" else parameters.asked_for
            wanted = take(message)
            return [] if wanted is None else [parameters.message(wanted)]
        if name == "REQUEST_DATA_STREAM":
            self._streams.set_group(
                channel,
                int(message["req_stream_id"]),
                float(message["req_message_rate"]),
                on=bool(message["start_stop"]),
            )
        elif name == "SET_POSITION_TARGET_GLOBAL_INT":
            self._fly_to(message)
        elif name == "TIMESYNC" and message["tc1"] == 0:
            now_ns = round(self.cockpit.now_s * 1e9)
            return [Message("TIMESYNC", {"tc1": now_ns, "ts1": message["ts1"]})]
        return []

    def _fly_to(self, target: Message) -> None:
        """Fly to a target in GUIDED; one outside the fence is silently ignored (observed)."""
        cockpit = self.cockpit
        north_m, east_m = cockpit.earth.to_local(target["lon_int"] / 1e7, target["lat_int"] / 1e7)
        base_m = cockpit.home.height_m if cockpit.home else 0.0
        if self.fence.allows(north_m, east_m, target["alt"]):
            self._helm.go_to(Place(north_m, east_m, base_m + target["alt"]))

    def tick(self, now_s: float, here: Estimate, power: Power) -> Steer:
        """Advance to `now_s` with what the sensors say, and return where to steer."""
        cockpit = self.cockpit
        cockpit.now_s, cockpit.here, cockpit.power = now_s, here, power
        steer = self._helm.steer()
        self._helm.tick(steer)
        steer = self._payload.aim(steer)
        if now_s >= self._next_check_s:
            self._next_check_s = now_s + _CHECK_EVERY_S
            self._check()
        return steer

    def _check(self) -> None:
        cockpit = self.cockpit
        cockpit.glitching = self._sensors.glitch.rejecting
        self._failsafes.tick()
        self.fence.tick()
        self._payload.tick()
        self._forget_doomed_fence()
        for transfer in self._transfers.values():
            cockpit.outbox.extend(transfer.tick(cockpit.now_s))
        cockpit.release_delayed()
        if cockpit.home is not self._home_told:
            self._home_told = cockpit.home
            self._store_home()
            cockpit.outbox.extend(self._streams.build("HOME_POSITION"))

    def _forget_doomed_fence(self) -> None:
        """Lose a doomed fence half a second after its upload, as ArduPilot's loader does."""
        fence = self._memory.fence
        if not fence.doomed:
            self._doomed_until_s = self.cockpit.now_s + _FENCE_LOST_AFTER_S
        elif self.cockpit.now_s >= self._doomed_until_s:
            fence.clear()
            self._refresh_plans()

    def take_outgoing(self) -> list[Outgoing]:
        """Return what is to be sent now, and forget it."""
        sent: list[Outgoing] = []
        if self.cockpit.outbox:
            sent = [Outgoing(message) for message in self.cockpit.outbox]
            self.cockpit.outbox.clear()
        sent += [Outgoing(each, channel) for channel, each in self._streams.due(self.cockpit.now_s)]
        return sent

    def switch_to(self, mode: Mode) -> None:
        """Let the pilot's switch go to a mode, whatever the autopilot was doing."""
        if self._helm.change_mode(mode):
            self.fence.pilot_changed_mode()

    def _armable(self) -> bool:
        return not refusals(self.cockpit, self.fence, self.mission)

    def _perform_item(self, item: Item) -> None:
        if item.command == Command.FENCE_ENABLE:
            self.cockpit.parameters.set("FENCE_ENABLE", float(item.params[0] != 0))
        self._payload.perform(item)

    def _refuges(self) -> list[Item]:
        """Rally points inside the fence: ArduPilot leaves out the others."""
        found = []
        for item in self._memory.rally.items:
            north_m, east_m = self.cockpit.earth.to_local(item.lon_deg, item.lat_deg)
            if self.fence.allows(north_m, east_m, item.z):
                found.append(item)
        return found

    def _item_changed(self) -> None:
        if self.cockpit.mode is Mode.AUTO and self.mission.state is MissionState.ACTIVE:
            self.cockpit.say("Auto mission changed, restarted command", Severity.NOTICE)
            self.mission.items_changed()

    def _refresh_plans(self) -> None:
        parameters = self.cockpit.parameters
        parameters.set("MIS_TOTAL", len(self._memory.mission.items))
        parameters.set("FENCE_TOTAL", len(self._memory.fence.items))
        parameters.set("RALLY_TOTAL", len(self._memory.rally.items))
        self.fence.shapes = shapes_of(self._memory.fence.items, self.cockpit.earth)

    def _store_home(self) -> None:
        cockpit = self.cockpit
        if isinstance(self._memory.mission, InPlaceMission) and cockpit.home is not None:
            lon_deg, lat_deg = cockpit.earth.to_lonlat(cockpit.home.north_m, cockpit.home.east_m)
            alt_amsl_m = round(cockpit.ground_amsl_m + cockpit.home.height_m, 2)
            self._memory.mission.set_home(
                Item(Command.WAYPOINT, x=round(lat_deg * 1e7), y=round(lon_deg * 1e7), z=alt_amsl_m)
            )

    def reboot(self) -> None:
        """Start anew with the next step."""
        self.rebooting = True


def _guards(
    cockpit: Cockpit, change_mode: Callable[[Mode], bool]
) -> tuple[FenceWatch, Failsafes | Px4Failsafes]:
    """What watches over a flight, in the autopilot's own manner."""
    if cockpit.personality is Personality.PX4:
        failsafes = Px4Failsafes(cockpit, change_mode)
        return Px4FenceWatch(cockpit, change_mode, failsafes), failsafes
    return FenceWatch(cockpit, change_mode), Failsafes(cockpit, change_mode)
