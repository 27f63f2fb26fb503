"""Mission items as they travel, and whether two of them mean the same."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from flight.mavlink.protocol.constants import Command, Frame, MissionType
from flight.mavlink.protocol.messages import Message, Peer

DEGREE_E7 = 10_000_000


@dataclass(frozen=True, slots=True)
class WireItem:
    """One MISSION_ITEM_INT, without its place in the list.

    Attributes:
        command: MAV_CMD.
        frame: MAV_FRAME.
        params: The first four parameters.
        x: Latitude in 1e-7 degrees, or the fifth parameter in frame MISSION.
        y: Longitude in 1e-7 degrees, or the sixth parameter in frame MISSION.
        z: Height in metres above what the frame says, or the seventh parameter.
    """

    command: int
    frame: int = Frame.MISSION
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    x: int = 0
    y: int = 0
    z: float = 0.0

    def message(self, peer: Peer, seq: int, mission_type: MissionType) -> Message:
        """Return the item as number ``seq`` of a list for ``peer``."""
        p1, p2, p3, p4 = self.params
        fields = {
            "target_system": peer.system,
            "target_component": peer.component,
            "seq": seq,
            "frame": int(self.frame),
            "command": int(self.command),
            "current": int(seq == 0),
            "autocontinue": 1,
            "param1": p1,
            "param2": p2,
            "param3": p3,
            "param4": p4,
            "x": self.x,
            "y": self.y,
            "z": self.z,
            "mission_type": int(mission_type),
        }
        return Message("MISSION_ITEM_INT", fields)

    @classmethod
    def of(cls, message: Message) -> "WireItem":
        """Return the item in a received MISSION_ITEM_INT."""
        p1, p2, p3, p4 = (float(message[f"param{i}"]) for i in range(1, 5))
        return cls(
            message["command"],
            message["frame"],
            (p1, p2, p3, p4),
            message["x"],
            message["y"],
            message["z"],
        )


# An autopilot keeps only what its commands need: p1 of a waypoint is a whole number of seconds,
# angles are whole degrees. Listed is how far each kept parameter may be off; the others are free.
_KEPT: Mapping[int, Mapping[int, float]] = MappingProxyType(
    {
        Command.NAV_WAYPOINT: {0: 1.0},
        Command.NAV_LOITER_TIME: {0: 0.5},
        Command.NAV_DELAY: {0: 0.5},
        Command.DO_CHANGE_SPEED: {1: 0.02},
        Command.DO_GIMBAL_MANAGER_PITCHYAW: {0: 1.0, 1: 1.0},
        Command.DO_MOUNT_CONTROL: {0: 1.0},
        Command.FENCE_POLYGON_INCLUSION: {0: 0.0},
        Command.FENCE_POLYGON_EXCLUSION: {0: 0.0},
    }
)
_PLACED = frozenset(
    {
        Command.NAV_WAYPOINT,
        Command.NAV_LAND,
        Command.NAV_LOITER_TIME,
        Command.DO_SET_ROI_LOCATION,
        Command.FENCE_POLYGON_INCLUSION,
        Command.FENCE_POLYGON_EXCLUSION,
        Command.RALLY_POINT,
    }
)
_HEIGHTED = frozenset(
    {
        Command.NAV_WAYPOINT,
        Command.NAV_TAKEOFF,
        Command.NAV_LOITER_TIME,
        Command.DO_SET_ROI_LOCATION,
        Command.RALLY_POINT,
    }
)
_SAME_FRAME = MappingProxyType(
    {
        int(Frame.GLOBAL_INT): int(Frame.GLOBAL),
        int(Frame.GLOBAL_RELATIVE_ALT_INT): int(Frame.GLOBAL_RELATIVE_ALT),
    }
)
_HEIGHT_TOLERANCE_M = 0.011  # kept in whole centimetres, cut off rather than rounded
_PLACE_TOLERANCE_E7 = 1


def first_difference(
    sent: Sequence[WireItem], found: Sequence[WireItem], *, skip: int = 0
) -> str | None:
    """Say how what a vehicle holds differs from what was sent; None if it means the same.

    Args:
        sent: What was uploaded.
        found: What was read back.
        skip: How many items at the start are the vehicle's own, such as ArduPilot's home.
    """
    if len(sent) != len(found):
        return f"it holds {len(found)} items instead of {len(sent)}"
    for seq, (ours, theirs) in enumerate(zip(sent, found, strict=True)):
        difference = None if seq < skip else _difference(ours, theirs)
        if difference is not None:
            return f"its item {seq} has {difference}"
    return None


def _difference(ours: WireItem, theirs: WireItem) -> str | None:
    if ours.command != theirs.command:
        return f"command {theirs.command} instead of {ours.command}"
    for index, tolerance in _KEPT.get(ours.command, {}).items():
        mine, yours = _number(ours.params[index]), _number(theirs.params[index])
        if abs(mine - yours) > tolerance:
            return f"parameter {index + 1} = {yours:g} instead of {mine:g}"
    if ours.command in _PLACED:
        off_e7 = max(abs(ours.x - theirs.x), abs(ours.y - theirs.y))
        if off_e7 > _PLACE_TOLERANCE_E7:
            return f"position {_place(theirs)} instead of {_place(ours)}"
    if ours.command in _HEIGHTED:
        if _frame(ours) != _frame(theirs):
            return f"frame {theirs.frame} instead of {ours.frame}"
        if abs(ours.z - theirs.z) > _HEIGHT_TOLERANCE_M:
            return f"height {theirs.z:.2f} m instead of {ours.z:.2f} m"
    return None


def _number(value: float) -> float:
    return 0.0 if math.isnan(value) else value  # autopilots store "not given" as zero


def _frame(item: WireItem) -> int:
    return _SAME_FRAME.get(item.frame, item.frame)


def _place(item: WireItem) -> str:
    return f"{item.x / DEGREE_E7:.7f}, {item.y / DEGREE_E7:.7f}"
