"""PX4's multicopters: what they call things and how they are started."""

import math
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from flight.errors import CommandRefusedError
from flight.mavlink.firmware import CommandLine, HeightParameter, Modes, rally_item, wire_item
from flight.mavlink.protocol.commands import ParameterEncoding
from flight.mavlink.protocol.constants import Command
from flight.mavlink.protocol.mission_items import WireItem
from flight.mavlink.safety_parameters import (
    PX4_NAMES,
    LostLinkRule,
    Values,
    px4_lost_link,
)
from flight.mavlink.transfers import TransferSettings
from flight.missions import Fence, Mission, RallyPoint

_MODES = MappingProxyType(
    {
        (1, 0): "MANUAL",
        (2, 0): "ALTCTL",
        (3, 0): "POSCTL",
        (4, 1): "AUTO.READY",
        (4, 2): "AUTO.TAKEOFF",
        (4, 3): "AUTO.LOITER",
        (4, 4): "AUTO.MISSION",
        (4, 5): "AUTO.RTL",
        (4, 6): "AUTO.LAND",
        (4, 8): "AUTO.FOLLOW",
        (4, 9): "AUTO.PRECLAND",
        (5, 0): "ACRO",
        (6, 0): "OFFBOARD",
        (7, 0): "STABILIZED",
    }
)
_NUMBERS = MappingProxyType({name: numbers for numbers, name in _MODES.items()})
_GEOFENCE_ACTION_RETURN = 3  # the default of 2 only holds, outside if need be
# While it boots, its sensors are missing, and it has not heard our heartbeat yet.
_PASSING = (
    *("ekf", "gps", "position", "estimat", "heading", "home", "attitude", "calibrat"),
    *("velocity", "no valid data", "missing", "no connection to the g", "cpu load"),
    # What stands behind this it tells as an event, which we do not read, and not always in words.
    "resolve system health",
)
_YAW_ON_THE_WAY = math.nan
_TURNING = frozenset(
    {Command.NAV_TAKEOFF, Command.NAV_WAYPOINT, Command.NAV_LOITER_TIME, Command.NAV_LAND}
)


class Px4:
    """PX4 on a multicopter."""

    name = "PX4"
    modes = Modes(
        # Armed in its mission mode it would take off before we have seen that it armed.
        ready="AUTO.LOITER",
        mission="AUTO.MISSION",
        hold="AUTO.LOITER",
        go_home="AUTO.RTL",
        land="AUTO.LAND",
    )
    transfers = TransferSettings(own_items=0, download_window=1)
    parameter_encoding = ParameterEncoding.BYTEWISE
    prearm_by_health = True
    safety_parameters = PX4_NAMES
    return_heights = (HeightParameter("RTL_RETURN_ALT", 1.0),)
    # 0 is home or the nearest rally point.
    rally_parameters = (("RTL_TYPE", 0.0),)

    def mode_name(self, custom_mode: int) -> str:
        """Return PX4's word for a heartbeat's custom mode."""
        main, sub = custom_mode >> 16 & 0xFF, custom_mode >> 24 & 0xFF
        # Manual modes have variants that make no difference to us.
        return _MODES.get((main, sub)) or _MODES.get((main, 0)) or f"MODE {main}.{sub}"

    def set_mode(self, name: str) -> CommandLine:
        """Return the command that sets a mode by name.

        Raises:
            CommandRefusedError: PX4 has no such mode.
        """
        if name not in _NUMBERS:
            raise CommandRefusedError(f"PX4 has no mode named {name}.")
        main, sub = _NUMBERS[name]
        return Command.DO_SET_MODE, (1.0, float(main), float(sub))

    def launch(self) -> CommandLine:
        """Return the command for mission mode, in which the armed vehicle takes off."""
        return self.set_mode(self.modes.mission)

    def mission_items(self, mission: Mission) -> tuple[WireItem, ...]:
        """Return the list to upload; PX4 keeps home elsewhere."""
        return tuple(_unturned(wire_item(item, mission.home)) for item in mission.items)

    def fence_parameters(self, fence: Fence) -> tuple[tuple[str, float], ...]:
        """Return what must be set for the fence to be kept; PX4's polygons have no ceiling."""
        return (
            ("GF_MAX_VER_DIST", fence.ceiling_height_home_m),
            ("GF_ACTION", float(_GEOFENCE_ACTION_RETURN)),
        )

    def rally_items(self, rally: Sequence[RallyPoint]) -> tuple[WireItem, ...]:
        """Return where else it may return to, at home's own height.

        It adds RTL_RETURN_ALT to what a point is said to be at, and would break the ceiling.
        """
        return tuple(rally_item(point, 0.0) for point in rally)

    def lost_link(self, values: Values, our_system: int) -> LostLinkRule:  # noqa: ARG002 - any station counts
        """Return what its parameters do when the station falls silent."""
        return px4_lost_link(values)

    def passes(self, reason: str) -> bool:
        """Tell whether a reason against arming goes away by waiting."""
        return any(word in reason.lower() for word in _PASSING)


def _unturned(item: WireItem) -> WireItem:
    """Leave the heading to the way that is flown: a yaw of 0 would be north all along."""
    if item.command not in _TURNING:
        return item
    return replace(item, params=(*item.params[:3], _YAW_ON_THE_WAY))
