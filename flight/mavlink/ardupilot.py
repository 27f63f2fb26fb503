"""ArduPilot's copters: what they call things and how they are started.

Observed on ArduCopter 4.7; see the notes on each rule.
"""

import math
from collections.abc import Sequence
from types import MappingProxyType

from flight.errors import CommandRefusedError
from flight.mavlink.firmware import CommandLine, HeightParameter, Modes, rally_item, wire_item
from flight.mavlink.protocol.commands import ParameterEncoding
from flight.mavlink.protocol.constants import Command, Frame
from flight.mavlink.protocol.mission_items import WireItem
from flight.mavlink.safety_parameters import (
    ARDUPILOT_NAMES,
    LostLinkRule,
    Values,
    ardupilot_lost_link,
)
from flight.mavlink.transfers import TransferSettings
from flight.missions import Fence, Mission, RallyPoint

_MODES = MappingProxyType(
    {
        0: "STABILIZE",
        1: "ACRO",
        2: "ALT_HOLD",
        3: "AUTO",
        4: "GUIDED",
        5: "LOITER",
        6: "RTL",
        7: "CIRCLE",
        9: "LAND",
        11: "DRIFT",
        13: "SPORT",
        14: "FLIP",
        15: "AUTOTUNE",
        16: "POSHOLD",
        17: "BRAKE",
        18: "THROW",
        19: "AVOID_ADSB",
        20: "GUIDED_NOGPS",
        21: "SMART_RTL",
        22: "FLOWHOLD",
        23: "FOLLOW",
        24: "ZIGZAG",
        25: "SYSTEMID",
        26: "AUTOROTATE",
        27: "AUTO_RTL",
    }
)
_NUMBERS = MappingProxyType({name: number for number, name in _MODES.items()})

_FENCE_ALTITUDE_AND_POLYGONS = 1 | 4  # not 2: the default circle would send any patrol home
_FENCE_ACTION_RETURN = 1
# "Accels inconsistent" and "Main loop slow" are said while it boots, and on a busy simulation.
_PASSING = (
    "ekf",
    "gps",
    "position estimate",
    "alt estimate",
    "requires position",
    "waiting for home",
    "ahrs",
    "attitude",
    "gyros",
    "accels inconsistent",
    "main loop slow",
    "logging not started",
    "initialising",
    "initializing",
    "calibrating",
    "calibration running",
    "fences enabled, but none selected",
    "compass not healthy",
    "barometer not healthy",
)


class ArduPilot:
    """ArduCopter."""

    name = "ArduPilot"
    # AUTO cannot be armed by default, and set after arming it stays on the ground: so arm in
    # GUIDED and let MISSION_START take off.
    modes = Modes(ready="GUIDED", mission="AUTO", hold="BRAKE", go_home="RTL", land="LAND")
    transfers = TransferSettings(own_items=1, upload_window=4, upload_widest=32, download_window=4)
    parameter_encoding = ParameterEncoding.BY_VALUE
    prearm_by_health = False
    # Renamed, and from centimetres to metres, after 4.6.
    safety_parameters = ARDUPILOT_NAMES
    return_heights = (HeightParameter("RTL_ALT", 100.0), HeightParameter("RTL_ALT_M", 1.0))
    # As delivered, a point farther than 300 m is passed over; 0 is no limit.
    rally_parameters = (("RALLY_LIMIT_KM", 0.0), ("RALLY_INCL_HOME", 1.0))

    def mode_name(self, custom_mode: int) -> str:
        """Return ArduPilot's word for a heartbeat's custom mode."""
        return _MODES.get(custom_mode, f"MODE {custom_mode}")

    def set_mode(self, name: str) -> CommandLine:
        """Return the command that sets a mode by name.

        Raises:
            CommandRefusedError: A copter has no such mode.
        """
        if name not in _NUMBERS:
            raise CommandRefusedError(f"ArduPilot's copters have no mode named {name}.")
        return Command.DO_SET_MODE, (1.0, float(_NUMBERS[name]))

    def launch(self) -> CommandLine:
        """Return MISSION_START, which takes off; both items 0 mean the whole mission."""
        return Command.MISSION_START, (0.0, 0.0)

    def mission_items(self, mission: Mission) -> tuple[WireItem, ...]:
        """Return the list to upload; item 0 is a placeholder, which the autopilot fills."""
        home = WireItem(Command.NAV_WAYPOINT, Frame.GLOBAL)
        return (home, *(wire_item(item, mission.home) for item in mission.items))

    def fence_parameters(self, fence: Fence) -> tuple[tuple[str, float], ...]:
        """Return what must be set for the fence to be kept; uploading alone enables nothing."""
        return (
            ("FENCE_TYPE", float(_FENCE_ALTITUDE_AND_POLYGONS)),
            ("FENCE_ALT_MAX", fence.ceiling_height_home_m),
            ("FENCE_ACTION", float(_FENCE_ACTION_RETURN)),
            ("FENCE_ENABLE", 1.0),
        )

    def rally_items(self, rally: Sequence[RallyPoint]) -> tuple[WireItem, ...]:
        """Return where else it may return to; it cuts heights off to whole metres."""
        return tuple(rally_item(point, math.ceil(point.height_home_m)) for point in rally)

    def lost_link(self, values: Values, our_system: int) -> LostLinkRule:
        """Return what its parameters do when the station falls silent."""
        return ardupilot_lost_link(values, our_system)

    def passes(self, reason: str) -> bool:
        """Tell whether a reason against arming goes away by waiting."""
        return any(word in reason.lower() for word in _PASSING)
