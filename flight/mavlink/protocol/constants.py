"""The numbers of the MAVLink definitions that we use, under their own names."""

from enum import IntEnum, IntFlag


class MissionType(IntEnum):
    """MAV_MISSION_TYPE: which list of a vehicle a transfer is about."""

    MISSION = 0
    FENCE = 1
    RALLY = 2


class MissionResult(IntEnum):
    """MAV_MISSION_RESULT: how a vehicle answers a mission transfer."""

    ACCEPTED = 0
    ERROR = 1
    UNSUPPORTED_FRAME = 2
    UNSUPPORTED = 3
    NO_SPACE = 4
    INVALID = 5
    INVALID_PARAM1 = 6
    INVALID_PARAM2 = 7
    INVALID_PARAM3 = 8
    INVALID_PARAM4 = 9
    INVALID_PARAM5_X = 10
    INVALID_PARAM6_Y = 11
    INVALID_PARAM7 = 12
    INVALID_SEQUENCE = 13
    DENIED = 14
    OPERATION_CANCELLED = 15


class CommandResult(IntEnum):
    """MAV_RESULT: how a vehicle answers a command."""

    ACCEPTED = 0
    TEMPORARILY_REJECTED = 1
    DENIED = 2
    UNSUPPORTED = 3
    FAILED = 4
    IN_PROGRESS = 5
    CANCELLED = 6


class Command(IntEnum):
    """MAV_CMD: mission items and commands."""

    NAV_WAYPOINT = 16
    NAV_LOITER_TIME = 19
    NAV_RETURN_TO_LAUNCH = 20
    NAV_LAND = 21
    NAV_TAKEOFF = 22
    NAV_DELAY = 93
    DO_SET_MODE = 176
    DO_CHANGE_SPEED = 178
    DO_SET_HOME = 179
    DO_SET_ROI_LOCATION = 195
    DO_SET_ROI_NONE = 197
    DO_SET_MISSION_CURRENT = 224
    DO_MOUNT_CONTROL = 205
    DO_SET_CAM_TRIGG_DIST = 206
    MISSION_START = 300
    COMPONENT_ARM_DISARM = 400
    SET_MESSAGE_INTERVAL = 511
    REQUEST_MESSAGE = 512
    DO_GIMBAL_MANAGER_PITCHYAW = 1000
    IMAGE_START_CAPTURE = 2000
    VIDEO_START_CAPTURE = 2500
    VIDEO_STOP_CAPTURE = 2501
    FENCE_POLYGON_INCLUSION = 5001
    FENCE_POLYGON_EXCLUSION = 5002
    RALLY_POINT = 5100


class Frame(IntEnum):
    """MAV_FRAME: what the coordinates of a mission item are measured from."""

    GLOBAL = 0
    MISSION = 2
    GLOBAL_RELATIVE_ALT = 3
    GLOBAL_INT = 5
    GLOBAL_RELATIVE_ALT_INT = 6


class Autopilot(IntEnum):
    """MAV_AUTOPILOT: which software flies a vehicle."""

    GENERIC = 0
    ARDUPILOT = 3
    INVALID = 8
    PX4 = 12


class ComponentId(IntEnum):
    """MAV_COMPONENT: the parts of a vehicle that matter to us."""

    AUTOPILOT = 1


class BaseMode(IntFlag):
    """MAV_MODE_FLAG of a heartbeat."""

    CUSTOM_MODE_ENABLED = 1
    SAFETY_ARMED = 128


class SystemStatus(IntEnum):
    """MAV_STATE of a heartbeat; from CRITICAL on the autopilot is in an emergency."""

    STANDBY = 3
    ACTIVE = 4
    CRITICAL = 5
    EMERGENCY = 6


class Sensor(IntFlag):
    """MAV_SYS_STATUS_SENSOR bits of a SYS_STATUS."""

    PREARM_CHECK = 0x10000000


class LandedState(IntEnum):
    """MAV_LANDED_STATE of an EXTENDED_SYS_STATE."""

    UNDEFINED = 0
    ON_GROUND = 1
    IN_AIR = 2
    TAKEOFF = 3
    LANDING = 4


class MissionState(IntEnum):
    """MISSION_STATE of a MISSION_CURRENT."""

    UNKNOWN = 0
    NO_MISSION = 1
    NOT_STARTED = 2
    ACTIVE = 3
    PAUSED = 4
    COMPLETE = 5


class GimbalFlag(IntFlag):
    """GIMBAL_DEVICE_FLAGS: which frame a gimbal's yaw is told in."""

    YAW_LOCK = 16
    YAW_IN_VEHICLE_FRAME = 32
    YAW_IN_EARTH_FRAME = 64


class MessageId(IntEnum):
    """Message numbers, for SET_MESSAGE_INTERVAL."""

    SYS_STATUS = 1
    GPS_RAW_INT = 24
    ATTITUDE = 30
    GLOBAL_POSITION_INT = 33
    MISSION_CURRENT = 42
    MOUNT_STATUS = 158
    FENCE_STATUS = 162
    WIND = 168
    EKF_STATUS_REPORT = 193
    ESTIMATOR_STATUS = 230
    WIND_COV = 231
    AUTOPILOT_VERSION = 148
    HOME_POSITION = 242
    EXTENDED_SYS_STATE = 245
    GIMBAL_DEVICE_ATTITUDE_STATUS = 285


class Capability(IntFlag):
    """MAV_PROTOCOL_CAPABILITY of an AUTOPILOT_VERSION."""

    PARAM_ENCODE_BYTEWISE = 0x10
    PARAM_ENCODE_C_CAST = 0x20000
