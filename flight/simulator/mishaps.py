"""What befalls one aircraft, and when: the faults of a bad day, begun and ended."""

import math
from collections.abc import Callable, Mapping, Sequence

from flight.mavlink.protocol.messages import Message
from flight.simulator.autopilot import Autopilot
from flight.simulator.battery import Battery
from flight.simulator.items import Item
from flight.simulator.mavlink_ids import Command
from flight.simulator.modes import Mode
from flight.simulator.sensors import Sensors
from flight.simulator.settings import Since, VehicleFault, VehicleFaultKind
from flight.simulator.stores import InPlaceMission, StagedMission

#: The station that everybody starts with its defaults: system 255, and two a second of nothing.
_OTHER_SYSTEM, _OTHER_COMPONENT = 255, 190
_OTHER_CHANNEL = -1
_OTHER_EVERY_S = 1.0
_OTHER_ITEMS = 3
_RELATIVE_TO_HOME = 3


class Mishaps:
    """The faults of one aircraft.

    Args:
        faults: What happens when.
        battery: The pack.
        sensors: What the aircraft believes.
        missions: Where its mission is kept.
    """

    def __init__(
        self,
        faults: Sequence[VehicleFault],
        battery: Battery,
        sensors: Sensors,
        missions: InPlaceMission | StagedMission,
    ) -> None:
        self._faults = tuple(faults)
        self._battery = battery
        self._sensors = sensors
        self._missions = missions
        self._uploaded_s: float | None = None
        self._begun: set[int] = set()
        self._ended: set[int] = set()
        self._took_off_s: float | None = None
        self._turned_s: dict[int, float] = {}
        self._other_speaks_s = 0.0
        self._begin: Mapping[VehicleFaultKind, Callable[[VehicleFault, Autopilot], None]] = {
            VehicleFaultKind.BATTERY_SAG: lambda fault, _: battery.sag_to(fault.value),
            VehicleFaultKind.GPS_GLITCH: self._jump,
            VehicleFaultKind.PILOT_TAKEOVER: lambda _, pilot: pilot.switch_to(Mode.LOITER),
            VehicleFaultKind.PILOT_LANDS: lambda _, pilot: pilot.switch_to(Mode.LAND),
            VehicleFaultKind.REBOOT: lambda _, autopilot: autopilot.reboot(),
            VehicleFaultKind.SECOND_STATION: self._other_uploads,
            VehicleFaultKind.OTHER_MISSION: _other_replaces,
        }

    def step(self, age_s: float, autopilot: Autopilot) -> None:
        """Begin and end what is due `age_s` seconds after the first power-up."""
        if not self._faults:
            return
        self._note_moments(age_s, autopilot)
        active: set[VehicleFaultKind] = set()
        for index, fault in enumerate(self._faults):
            start_s = self._moment_s(fault) + fault.start_s
            if start_s <= age_s < start_s + fault.duration_s:
                active.add(fault.kind)
                if index not in self._begun:
                    self._begun.add(index)
                    self._begin.get(fault.kind, _nothing)(fault, autopilot)
            elif index in self._begun and index not in self._ended:
                self._ended.add(index)
                self._end(fault, autopilot)
        cockpit = autopilot.cockpit
        cockpit.gps_denied = VehicleFaultKind.GPS_DENIED in active
        cockpit.compass_failed = VehicleFaultKind.COMPASS_FAILED in active
        cockpit.stuck = VehicleFaultKind.STUCK in active
        cockpit.no_lift = VehicleFaultKind.NO_LIFT in active
        if VehicleFaultKind.SECOND_STATION in active:
            self._other_speaks(age_s, autopilot)

    def _note_moments(self, age_s: float, autopilot: Autopilot) -> None:
        cockpit, mission = autopilot.cockpit, autopilot.mission
        if cockpit.flying and self._took_off_s is None:
            self._took_off_s = age_s
        if self._missions.received and self._uploaded_s is None:
            self._uploaded_s = age_s
        if cockpit.mode is not Mode.AUTO or mission.current >= len(mission.items):
            return
        if mission.items[mission.current].command == Command.WAYPOINT:
            number = mission.waypoint_number
            self._turned_s.setdefault(number, age_s)

    def _moment_s(self, fault: VehicleFault) -> float:
        """When the moment came from which a fault's start is counted; never, until it did."""
        if fault.since is Since.TAKEOFF:
            return math.inf if self._took_off_s is None else self._took_off_s
        if fault.since is Since.UPLOAD:
            return math.inf if self._uploaded_s is None else self._uploaded_s
        if fault.since is Since.WAYPOINT:
            return self._turned_s.get(fault.waypoint, math.inf)
        return 0.0

    def _end(self, fault: VehicleFault, autopilot: Autopilot) -> None:
        if fault.kind is VehicleFaultKind.GPS_GLITCH:
            self._sensors.glitch.receivers_m = (0.0, 0.0)
        elif fault.kind is VehicleFaultKind.PILOT_TAKEOVER and autopilot.cockpit.flying:
            autopilot.switch_to(Mode.AUTO)

    def _jump(self, fault: VehicleFault, autopilot: Autopilot) -> None:
        del autopilot
        bearing = math.radians(fault.direction_deg)
        self._sensors.glitch.receivers_m = (
            fault.value * math.cos(bearing),
            fault.value * math.sin(bearing),
        )

    def _other_uploads(self, fault: VehicleFault, autopilot: Autopilot) -> None:
        """Another station begins to upload a mission of its own, and then is never seen again."""
        del fault
        count = Message("MISSION_COUNT", _to_all() | {"count": _OTHER_ITEMS, "mission_type": 0})
        autopilot.handle(_from_other(count), _OTHER_CHANNEL)

    def _other_speaks(self, age_s: float, autopilot: Autopilot) -> None:
        if age_s < self._other_speaks_s:
            return
        self._other_speaks_s = age_s + _OTHER_EVERY_S
        autopilot.handle(_from_other(Message("HEARTBEAT", {})), _OTHER_CHANNEL)
        listing = Message("MISSION_REQUEST_LIST", _to_all() | {"mission_type": 0})
        autopilot.handle(_from_other(listing), _OTHER_CHANNEL)


def _other_replaces(fault: VehicleFault, autopilot: Autopilot) -> None:
    """Another station brings a row of places to the north on board, as many as the fault says."""
    count = round(fault.value) or _OTHER_ITEMS
    counted = _to_all() | {"count": count, "mission_type": 0}
    autopilot.handle(_from_other(Message("MISSION_COUNT", counted)), _OTHER_CHANNEL)
    cockpit = autopilot.cockpit
    for number in range(count):
        lon_deg, lat_deg = cockpit.earth.to_lonlat(cockpit.here.north_m + 30.0 * number, 0.0)
        place = Item(
            Command.TAKEOFF if number <= 1 else Command.WAYPOINT,
            _RELATIVE_TO_HOME,
            x=round(lat_deg * 1e7),
            y=round(lon_deg * 1e7),
            z=30.0,
        )
        fields = {**place.fields(), "seq": number, "mission_type": 0}
        item = Message("MISSION_ITEM_INT", _to_all() | fields)
        autopilot.handle(_from_other(item), _OTHER_CHANNEL)


def _nothing(fault: VehicleFault, autopilot: Autopilot) -> None:
    """Begin a fault that lasts and needs no beginning."""
    del fault, autopilot


def _to_all() -> dict[str, float | int | str]:
    return {"target_system": 0, "target_component": 0}


def _from_other(message: Message) -> Message:
    return Message(message.name, message.fields, _OTHER_SYSTEM, _OTHER_COMPONENT)
