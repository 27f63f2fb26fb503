"""Mission items as an ArduPilot takes them, changes them and gives them back."""

import math
from dataclasses import dataclass, replace

from flight.mavlink.protocol.messages import Message
from flight.simulator.mavlink_ids import Command, TransferResult

#: MAV_FRAME to the frame in which ArduPilot stores it: the _INT frames lose their suffix.
_STORED_FRAMES = {0: 0, 3: 3, 5: 0, 6: 3, 10: 10, 11: 10}

_NAVIGATION = frozenset(
    {
        Command.WAYPOINT,
        Command.LOITER_UNLIMITED,
        Command.LOITER_TURNS,
        Command.LOITER_TIME,
        Command.RETURN,
        Command.LAND,
        Command.TAKEOFF,
        Command.SPLINE_WAYPOINT,
        Command.DELAY,
    }
)

_LOCATED = (_NAVIGATION - {Command.RETURN, Command.DELAY}) | {
    Command.LAND_START,
    Command.SET_ROI_LOCATION,
    Command.SET_ROI,
    Command.SET_HOME,
}

_MISSION_COMMANDS = (
    _NAVIGATION
    | _LOCATED
    | {
        Command.CONDITION_DELAY,
        Command.CONDITION_DISTANCE,
        Command.CONDITION_YAW,
        Command.JUMP,
        Command.CHANGE_SPEED,
        Command.SET_ROI_NONE,
        Command.CAMERA_CONTROL,
        Command.MOUNT_CONTROL,
        Command.CAMERA_TRIGGER_DISTANCE,
        Command.FENCE_ENABLE,
        Command.GIMBAL_PITCH_YAW,
        Command.IMAGE_START,
        Command.IMAGE_STOP,
        Command.VIDEO_START,
        Command.VIDEO_STOP,
    }
)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a mission, fence or rally list; x and y are degrees times 1e7."""

    command: int
    frame: int = 0
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    x: int = 0
    y: int = 0
    z: float = 0.0

    @classmethod
    def from_message(cls, message: Message) -> "Item":
        """Read MISSION_ITEM_INT, or MISSION_ITEM with its degrees as floats."""
        scale = 1.0 if message.name == "MISSION_ITEM_INT" else 1e7
        p1, p2, p3, p4 = (float(message[f"param{index}"]) for index in (1, 2, 3, 4))
        x, y = (float(message[axis]) * scale for axis in ("x", "y"))
        return cls(
            int(message["command"]),
            int(message["frame"]),
            (p1, p2, p3, p4),
            round(x) if math.isfinite(x) else 2**31 - 1,
            round(y) if math.isfinite(y) else 2**31 - 1,
            float(message["z"]),
        )

    @property
    def lat_deg(self) -> float:
        """Latitude."""
        return self.x / 1e7

    @property
    def lon_deg(self) -> float:
        """Longitude."""
        return self.y / 1e7

    @property
    def navigates(self) -> bool:
        """Whether the mission waits for this item; only those give MISSION_ITEM_REACHED."""
        return self.command in _NAVIGATION

    @property
    def located(self) -> bool:
        """Whether the item carries a position."""
        return self.command in _LOCATED

    def fields(self) -> dict[str, float | int]:
        """Return the fields of MISSION_ITEM_INT that the item fills."""
        return {
            "command": self.command,
            "frame": self.frame,
            "param1": self.params[0],
            "param2": self.params[1],
            "param3": self.params[2],
            "param4": self.params[3],
            "x": self.x,
            "y": self.y,
            "z": self.z,
        }


def refusal(item: Item) -> TransferResult | None:
    """Return why ArduCopter would end the upload at this mission item, None if it takes it."""
    if item.command not in _MISSION_COMMANDS:
        return TransferResult.UNSUPPORTED
    bad_param = _not_finite(item)
    if bad_param is not None:
        return bad_param
    if not item.located:
        return None
    if item.frame not in _STORED_FRAMES:
        return TransferResult.UNSUPPORTED_FRAME
    return position_refusal(item)


def position_refusal(item: Item) -> TransferResult | None:
    """Return what is wrong with the position of an item, None if nothing."""
    if abs(item.lat_deg) > 90:
        return TransferResult.INVALID_PARAM5_X
    if abs(item.lon_deg) > 180:
        return TransferResult.INVALID_PARAM6_Y
    if not math.isfinite(item.z):
        return TransferResult.INVALID_PARAM7
    return None


def _not_finite(item: Item) -> TransferResult | None:
    # The yaw of a position (param4) may be NaN: "as it is".
    checked = item.params[:3] if item.located else item.params
    for offset, value in enumerate(checked):
        if not math.isfinite(value):
            return TransferResult(TransferResult.INVALID_PARAM1 + offset)
    return None


def normalised(item: Item) -> Item:
    """Return the item as ArduCopter stores it and reads it back (observed, see decision 0041)."""
    z = math.trunc(round(item.z * 100, 4)) / 100 if math.isfinite(item.z) else 0.0
    if not item.located:
        return replace(item, frame=0, z=z)
    params = item.params
    if item.command in (Command.WAYPOINT, Command.SPLINE_WAYPOINT):
        params = (float(int(params[0])), 0.0, 0.0, 0.0)
    if item.command == Command.LOITER_TIME:
        params = (float(int(params[0])), *params[1:])
    params = tuple(value if math.isfinite(value) else 0.0 for value in params)  # type: ignore[assignment]
    frame = _STORED_FRAMES[item.frame] if item.navigates else 0
    if item.command in (Command.SET_ROI_LOCATION, Command.SET_ROI):
        frame = _STORED_FRAMES[item.frame]
    return replace(item, frame=frame, params=params, z=z)
