"""Mission items as MAVLink commands in a `.plan` file, and back."""

from enum import IntEnum

from flight.formats.documents import Document
from flight.missions import Action, MissionItem
from geofences.geodesy import LonLat

Params = list[float | None]


class Command(IntEnum):
    """The commands of a `.plan` that a patrol can hold (MAV_CMD)."""

    WAYPOINT = 16
    RETURN_TO_LAUNCH = 20
    LAND = 21
    TAKEOFF = 22
    CHANGE_SPEED = 178
    CONTROL_VIDEO = 200
    DIGICAM_CONTROL = 203
    MOUNT_CONTROL = 205
    CAMERA_TRIGGER_DISTANCE = 206
    SET_CAMERA_MODE = 530
    GIMBAL_PITCH_YAW = 1000
    IMAGE_START = 2000
    IMAGE_STOP = 2001
    VIDEO_START = 2500
    VIDEO_STOP = 2501


class Frame(IntEnum):
    """What the altitude of an item is above (MAV_FRAME)."""

    ABOVE_SEA = 0
    NOT_A_PLACE = 2
    ABOVE_HOME = 3
    ABOVE_SEA_INT = 5
    ABOVE_HOME_INT = 6


_ABOVE_SEA = frozenset({Frame.ABOVE_SEA, Frame.ABOVE_SEA_INT})
_ABOVE_HOME = frozenset({Frame.ABOVE_HOME, Frame.ABOVE_HOME_INT})

_WITHOUT_PLACE = {
    Command.RETURN_TO_LAUNCH: Action.RETURN_HOME,
    Command.IMAGE_START: Action.CAMERA_START,
    Command.IMAGE_STOP: Action.CAMERA_STOP,
    Command.VIDEO_START: Action.CAMERA_START,
    Command.VIDEO_STOP: Action.CAMERA_STOP,
}
_WITH_PLACE = {
    Command.WAYPOINT: Action.WAYPOINT,
    Command.TAKEOFF: Action.TAKEOFF,
    Command.LAND: Action.LAND,
}
# Settings of photo cameras. A patrol films, so a mission without them sees the same.
_NOT_NEEDED = frozenset({Command.SET_CAMERA_MODE, Command.DIGICAM_CONTROL, Command.CONTROL_VIDEO})
_TARGETING_BY_ANGLE = 2.0


def item_params(item: MissionItem) -> tuple[Command, Frame, Params]:
    """The command, altitude frame and seven parameters of an item."""
    by_action = {action: command for command, action in _WITH_PLACE.items()}
    if item.action in by_action and item.position is not None:
        place = item.position
        height_m = item.height_home_m or 0.0
        params: Params = [0.0, 0.0, 0.0, None, place.lat_deg, place.lon_deg, height_m]
        return by_action[item.action], Frame.ABOVE_HOME, params
    if item.action in by_action:
        height_m = item.height_home_m or 0.0
        at_home: Params = [0.0, 0.0, 0.0, None, 0.0, 0.0, height_m]
        return by_action[item.action], Frame.ABOVE_HOME, at_home
    value = item.value or 0.0
    settings: dict[Action, tuple[Command, Params]] = {
        Action.SPEED: (Command.CHANGE_SPEED, [1.0, value, -1.0, 0.0]),
        Action.GIMBAL: (Command.MOUNT_CONTROL, [value, 0.0, 0.0, 0.0]),
        Action.CAMERA_START: (Command.VIDEO_START, [0.0, 1.0, 0.0, 0.0]),
        Action.CAMERA_STOP: (Command.VIDEO_STOP, [0.0, 0.0, 0.0, 0.0]),
        Action.RETURN_HOME: (Command.RETURN_TO_LAUNCH, [0.0, 0.0, 0.0, 0.0]),
    }
    command, first = settings[item.action]
    last = _TARGETING_BY_ANGLE if command is Command.MOUNT_CONTROL else 0.0
    return command, Frame.NOT_A_PLACE, [*first, 0.0, 0.0, last]


def parse_item(document: Document, home_alt_amsl_m: float) -> tuple[MissionItem, ...]:
    """Read one simple item.

    Args:
        document: The item.
        home_alt_amsl_m: Turns altitudes above sea into heights above home.

    Returns:
        One item, or none for a camera setting that filming does not need.

    Raises:
        PlanFileError: If a patrol cannot hold the command, or a parameter is wrong.
    """
    number = document.integer("command")
    if number not in set(Command):
        raise document.wrong("command", f"is {number}, which a patrol cannot hold")
    command = Command(number)
    if command in _NOT_NEEDED:
        return ()
    if command in _WITHOUT_PLACE:
        return (MissionItem(_WITHOUT_PLACE[command]),)
    params = _params(document)
    if command in _WITH_PLACE:
        return (_placed(document, _WITH_PLACE[command], params, home_alt_amsl_m),)
    return (document.build(lambda: _setting(command, params), "params"),)


def _params(document: Document) -> list[float]:
    values = document.values("params")
    if len(values) != 7:
        raise document.wrong("params", f"must be 7 numbers, not {len(values)}")
    # QGroundControl writes null for "leave it as it is".
    given = {f"params[{i}]": 0.0 if value is None else value for i, value in enumerate(values)}
    return [document.with_content(given).number(key) for key in given]


def _placed(
    document: Document, action: Action, params: list[float], home_alt_amsl_m: float
) -> MissionItem:
    frame = document.integer("frame")
    if frame not in _ABOVE_HOME | _ABOVE_SEA:
        raise document.wrong("frame", f"is {frame}; altitudes must be above home or above sea")
    height_m = params[6] - (home_alt_amsl_m if frame in _ABOVE_SEA else 0.0)
    # As autopilots read it: a take-off or landing at 0, 0 is here, a waypoint there is a place.
    at_home = params[4] == 0.0 and params[5] == 0.0 and action is not Action.WAYPOINT
    return document.build(
        lambda: MissionItem(action, None if at_home else LonLat(params[5], params[4]), height_m),
        "params",
    )


def _setting(command: Command, params: list[float]) -> MissionItem:
    if command is Command.CHANGE_SPEED:
        return MissionItem(Action.SPEED, value=params[1])
    if command is Command.CAMERA_TRIGGER_DISTANCE:
        return MissionItem(Action.CAMERA_START if params[0] > 0.0 else Action.CAMERA_STOP)
    return MissionItem(Action.GIMBAL, value=params[0])
