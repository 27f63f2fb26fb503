"""Mission items as MAVLink commands in a `.plan` file, and back."""

from enum import IntEnum

from flight.formats.documents import Document
from flight.missions import Action, MissionItem
from geofences.geodesy import LonLat

Params = list[float | None]


class Command(IntEnum):
    """The commands of a `.plan` that a patrol can hold (MAV_CMD)."""

    WAYPOINT = 16
    LOITER_TIME = 19
    RETURN_TO_LAUNCH = 20
    LAND = 21
    TAKEOFF = 22
    DELAY = 93
    CHANGE_SPEED = 178
    REGION_OF_INTEREST = 195
    NO_REGION_OF_INTEREST = 197
    CONTROL_VIDEO = 200
    OLD_REGION_OF_INTEREST = 201
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


FRAMES_ABOVE_SEA = frozenset({Frame.ABOVE_SEA, Frame.ABOVE_SEA_INT})
FRAMES_ABOVE_HOME = frozenset({Frame.ABOVE_HOME, Frame.ABOVE_HOME_INT})

_WITHOUT_PLACE = {
    Command.RETURN_TO_LAUNCH: Action.RETURN_HOME,
    Command.IMAGE_START: Action.CAMERA_START,
    Command.IMAGE_STOP: Action.CAMERA_STOP,
    Command.VIDEO_START: Action.CAMERA_START,
    Command.VIDEO_STOP: Action.CAMERA_STOP,
    Command.NO_REGION_OF_INTEREST: Action.LOOK_AHEAD,
}
_WITH_PLACE = {
    Command.WAYPOINT: Action.WAYPOINT,
    Command.TAKEOFF: Action.TAKEOFF,
    Command.LAND: Action.LAND,
    Command.LOITER_TIME: Action.HOVER,
    Command.REGION_OF_INTEREST: Action.LOOK_AT,
}
_READ_ONLY_WITH_PLACE = {Command.OLD_REGION_OF_INTEREST: Action.LOOK_AT}
_CAN_BE_HERE = frozenset({Action.TAKEOFF, Action.LAND, Action.HOVER, Action.LOOK_AT})
# Settings of photo cameras. A patrol films, so a mission without them sees the same.
_NOT_NEEDED = frozenset({Command.SET_CAMERA_MODE, Command.DIGICAM_CONTROL, Command.CONTROL_VIDEO})
_TARGETING_BY_ANGLE = 2.0


def item_params(item: MissionItem) -> tuple[Command, Frame, Params]:
    """The command, altitude frame and seven parameters of an item."""
    by_action = {action: command for command, action in _WITH_PLACE.items()}
    value = item.value or 0.0
    stays = item.action is Action.HOVER and item.position is None
    if item.action in by_action and not stays:
        place, height_m = item.position, item.height_home_m or 0.0
        seconds = value if item.action is Action.HOVER else 0.0
        at = [place.lat_deg, place.lon_deg] if place else [0.0, 0.0]
        params: Params = [seconds, 0.0, 0.0, None, *at, height_m]
        return by_action[item.action], Frame.ABOVE_HOME, params
    settings: dict[Action, tuple[Command, Params]] = {
        Action.SPEED: (Command.CHANGE_SPEED, [1.0, value, -1.0, 0.0]),
        Action.GIMBAL: (Command.MOUNT_CONTROL, [value, 0.0, 0.0, 0.0]),
        Action.CAMERA_START: (Command.VIDEO_START, [0.0, 1.0, 0.0, 0.0]),
        Action.CAMERA_STOP: (Command.VIDEO_STOP, [0.0, 0.0, 0.0, 0.0]),
        # Minus one in place of a time of day: wait the seconds.
        Action.HOVER: (Command.DELAY, [value, -1.0, -1.0, -1.0]),
        Action.LOOK_AHEAD: (Command.NO_REGION_OF_INTEREST, [0.0, 0.0, 0.0, 0.0]),
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
    action = (_WITH_PLACE | _READ_ONLY_WITH_PLACE).get(command)
    if action is not None:
        return (_placed(document, action, params, home_alt_amsl_m),)
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
    if frame not in FRAMES_ABOVE_HOME | FRAMES_ABOVE_SEA:
        raise document.wrong("frame", f"is {frame}; altitudes must be above home or above sea")
    height_m = params[6] - (home_alt_amsl_m if frame in FRAMES_ABOVE_SEA else 0.0)
    # As autopilots read it: 0, 0 is here for all but a waypoint, for which it is a place.
    at_home = params[4] == 0.0 and params[5] == 0.0 and action in _CAN_BE_HERE
    return document.build(
        lambda: _item(action, None if at_home else LonLat(params[5], params[4]), height_m, params),
        "params",
    )


def _item(
    action: Action, place: LonLat | None, height_m: float, params: list[float]
) -> MissionItem:
    if action is Action.LOOK_AT and place is None:
        return MissionItem(Action.LOOK_AHEAD)  # how a region of interest was ended before 2018
    if action is Action.HOVER or (action is Action.WAYPOINT and params[0] > 0.0):
        # A waypoint's first parameter is how long to hold there.
        return MissionItem(Action.HOVER, place, height_m if place else None, value=params[0])
    return MissionItem(action, place, height_m)


def _setting(command: Command, params: list[float]) -> MissionItem:
    if command is Command.CHANGE_SPEED:
        return MissionItem(Action.SPEED, value=params[1])
    if command is Command.CAMERA_TRIGGER_DISTANCE:
        return MissionItem(Action.CAMERA_START if params[0] > 0.0 else Action.CAMERA_STOP)
    if command is Command.DELAY:
        return MissionItem(Action.HOVER, value=params[0])
    return MissionItem(Action.GIMBAL, value=params[0])
