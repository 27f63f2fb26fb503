"""The numbers of the MAVLink definition that the simulated autopilot knows."""

from enum import IntEnum


class Command(IntEnum):
    """MAV_CMD: commands and mission items."""

    WAYPOINT = 16
    LOITER_UNLIMITED = 17
    LOITER_TURNS = 18
    LOITER_TIME = 19
    RETURN = 20
    LAND = 21
    TAKEOFF = 22
    SPLINE_WAYPOINT = 82
    DELAY = 93
    CONDITION_DELAY = 112
    CONDITION_DISTANCE = 114
    CONDITION_YAW = 115
    SET_MODE = 176
    JUMP = 177
    CHANGE_SPEED = 178
    SET_HOME = 179
    LAND_START = 189
    REPOSITION = 192
    PAUSE_CONTINUE = 193
    SET_ROI_LOCATION = 195
    SET_ROI_NONE = 197
    SET_ROI = 201
    CAMERA_CONTROL = 203
    MOUNT_CONTROL = 205
    CAMERA_TRIGGER_DISTANCE = 206
    FENCE_ENABLE = 207
    SET_MISSION_CURRENT = 224
    REBOOT = 246
    MISSION_START = 300
    ARM_DISARM = 400
    GET_HOME = 410
    GET_MESSAGE_INTERVAL = 510
    SET_MESSAGE_INTERVAL = 511
    REQUEST_MESSAGE = 512
    REQUEST_PROTOCOL_VERSION = 519
    REQUEST_CAPABILITIES = 520
    GIMBAL_PITCH_YAW = 1000
    IMAGE_START = 2000
    IMAGE_STOP = 2001
    VIDEO_START = 2500
    VIDEO_STOP = 2501
    FENCE_RETURN_POINT = 5000
    FENCE_POLYGON_INCLUSION = 5001
    FENCE_POLYGON_EXCLUSION = 5002
    FENCE_CIRCLE_INCLUSION = 5003
    FENCE_CIRCLE_EXCLUSION = 5004
    RALLY_POINT = 5100


class CommandResult(IntEnum):
    """MAV_RESULT: how a command ended."""

    ACCEPTED = 0
    TEMPORARILY_REJECTED = 1
    DENIED = 2
    UNSUPPORTED = 3
    FAILED = 4


class TransferResult(IntEnum):
    """MAV_MISSION_RESULT: how a transfer, or an item of it, ended."""

    ACCEPTED = 0
    ERROR = 1
    UNSUPPORTED_FRAME = 2
    UNSUPPORTED = 3
    NO_SPACE = 4
    INVALID = 5
    INVALID_PARAM1 = 6
    INVALID_PARAM5_X = 10
    INVALID_PARAM6_Y = 11
    INVALID_PARAM7 = 12
    INVALID_SEQUENCE = 13
    DENIED = 14
    OPERATION_CANCELLED = 15


class PlanKind(IntEnum):
    """MAV_MISSION_TYPE: the three lists that an autopilot keeps."""

    MISSION = 0
    FENCE = 1
    RALLY = 2
    ALL = 255


class Severity(IntEnum):
    """MAV_SEVERITY of a status text."""

    EMERGENCY = 0
    CRITICAL = 2
    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6


class MissionState(IntEnum):
    """MISSION_STATE of MISSION_CURRENT."""

    NO_MISSION = 1
    NOT_STARTED = 2
    ACTIVE = 3
    PAUSED = 4
    COMPLETE = 5


class LandedState(IntEnum):
    """MAV_LANDED_STATE of EXTENDED_SYS_STATE."""

    ON_GROUND = 1
    IN_AIR = 2
    TAKING_OFF = 3
    LANDING = 4


class BreachKind(IntEnum):
    """FENCE_BREACH of FENCE_STATUS."""

    NONE = 0
    MIN_ALTITUDE = 1
    MAX_ALTITUDE = 2
    BOUNDARY = 3


#: Ids that SET_MESSAGE_INTERVAL and REQUEST_MESSAGE may name, of messages we can build.
MESSAGE_NAMES = {
    0: "HEARTBEAT",
    1: "SYS_STATUS",
    2: "SYSTEM_TIME",
    24: "GPS_RAW_INT",
    30: "ATTITUDE",
    32: "LOCAL_POSITION_NED",
    33: "GLOBAL_POSITION_INT",
    42: "MISSION_CURRENT",
    74: "VFR_HUD",
    147: "BATTERY_STATUS",
    148: "AUTOPILOT_VERSION",
    158: "MOUNT_STATUS",
    162: "FENCE_STATUS",
    168: "WIND",
    193: "EKF_STATUS_REPORT",
    242: "HOME_POSITION",
    245: "EXTENDED_SYS_STATE",
    285: "GIMBAL_DEVICE_ATTITUDE_STATUS",
    300: "PROTOCOL_VERSION",
}

#: What the stream groups of REQUEST_DATA_STREAM stand for (ArduCopter's STREAM_* tables, reduced).
STREAM_GROUPS = {
    1: (),
    2: ("SYS_STATUS", "MISSION_CURRENT", "GPS_RAW_INT", "FENCE_STATUS"),
    3: (),
    6: ("GLOBAL_POSITION_INT", "LOCAL_POSITION_NED"),
    10: ("ATTITUDE", "MOUNT_STATUS", "GIMBAL_DEVICE_ATTITUDE_STATUS"),
    11: ("VFR_HUD",),
    12: ("BATTERY_STATUS", "SYSTEM_TIME", "WIND", "EKF_STATUS_REPORT", "EXTENDED_SYS_STATE"),
}
