"""The parameters of the simulated autopilot, with ArduCopter's names and defaults."""

import math
import struct
from collections.abc import Iterator, Mapping

from flight.mavlink.protocol.messages import Message
from flight.simulator.settings import Personality

_INT8, _INT16, _INT32, _REAL32 = 2, 4, 6, 9

#: Name to (default, MAV_PARAM_TYPE). FENCE_RADIUS and MAV_GCS_SYSID as observed on SITL 4.7-dev.
ARDUPILOT_DEFAULTS: Mapping[str, tuple[float, int]] = {
    "ARMING_CHECK": (1, _INT32),
    "AUTO_OPTIONS": (0, _INT32),
    "BATT_CAPACITY": (0, _INT32),
    "BATT_CRT_MAH": (0, _REAL32),
    "BATT_CRT_VOLT": (20.7, _REAL32),
    "BATT_FS_CRT_ACT": (0, _INT8),
    "BATT_FS_LOW_ACT": (0, _INT8),
    "BATT_LOW_MAH": (0, _REAL32),
    "BATT_LOW_TIMER": (10, _INT8),
    "BATT_LOW_VOLT": (21.3, _REAL32),
    "CAM1_TYPE": (0, _INT8),
    "DISARM_DELAY": (10, _INT8),
    "FENCE_ACTION": (1, _INT8),
    "FENCE_ALT_MAX": (100, _REAL32),
    "FENCE_ALT_MIN": (-10, _REAL32),
    "FENCE_ENABLE": (0, _INT8),
    "FENCE_MARGIN": (2, _REAL32),
    "FENCE_OPTIONS": (1, _INT16),
    "FENCE_RADIUS": (150, _REAL32),
    "FENCE_TOTAL": (0, _INT8),
    "FENCE_TYPE": (7, _INT8),
    "FS_EKF_ACTION": (1, _INT8),
    "FS_GCS_ENABLE": (0, _INT8),
    "FS_GCS_TIMEOUT": (5, _REAL32),
    "FS_OPTIONS": (16, _INT32),
    "FS_THR_ENABLE": (1, _INT8),
    "LAND_SPEED": (50, _INT16),
    "MAV_GCS_SYSID": (255, _INT16),
    "MIS_RESTART": (0, _INT8),
    "MIS_TOTAL": (0, _INT16),
    "MNT1_TYPE": (0, _INT8),
    "RALLY_INCL_HOME": (1, _INT8),
    "RALLY_LIMIT_KM": (0.3, _REAL32),
    "RALLY_TOTAL": (0, _INT8),
    "RTL_ALT": (1500, _INT32),
    "RTL_LOIT_TIME": (5000, _INT32),
    "RTL_SPEED": (0, _INT16),
    "SYSID_THISMAV": (1, _INT16),
    "WPNAV_ACCEL": (250, _REAL32),
    "WPNAV_ACCEL_Z": (100, _REAL32),
    "WPNAV_JERK": (1, _REAL32),
    "WPNAV_RADIUS": (200, _REAL32),
    "WPNAV_SPEED": (1000, _REAL32),
    "WPNAV_SPEED_DN": (150, _REAL32),
    "WPNAV_SPEED_UP": (250, _REAL32),
}

#: What PX4 shows: default, type, the internal parameter that it drives, if any, and how: by a
#: factor or by a table.
_PX4_SHOWN: Mapping[str, tuple[float, int, str, float | Mapping[int, int]]] = {
    "COM_DISARM_PRFLT": (10, _REAL32, "DISARM_DELAY", 1.0),
    "BAT_CRIT_THR": (0.07, _REAL32, "", 1.0),
    "BAT_EMERGEN_THR": (0.05, _REAL32, "", 1.0),
    "BAT_LOW_THR": (0.15, _REAL32, "", 1.0),
    "COM_DL_LOSS_T": (10, _INT32, "", 1.0),
    "COM_FAIL_ACT_T": (5, _REAL32, "", 1.0),
    "COM_LOW_BAT_ACT": (0, _INT32, "", 1.0),
    "GF_ACTION": (2, _INT32, "", 1.0),
    "GF_MAX_HOR_DIST": (0, _REAL32, "FENCE_RADIUS", 1.0),
    "GF_MAX_VER_DIST": (0, _REAL32, "FENCE_ALT_MAX", 1.0),
    "MAV_SYS_ID": (1, _INT32, "SYSID_THISMAV", 1.0),
    "MPC_XY_CRUISE": (5, _REAL32, "WPNAV_SPEED", 100.0),
    "NAV_ACC_RAD": (10, _REAL32, "WPNAV_RADIUS", 100.0),
    "NAV_DLL_ACT": (0, _INT32, "", 1.0),
    "RTL_RETURN_ALT": (60, _REAL32, "RTL_ALT", 100.0),
    "RTL_TYPE": (0, _INT32, "RALLY_INCL_HOME", {0: 1, 1: 0}),
}

#: PX4's cylinder is off at zero; the bits are those of FENCE_TYPE.
_PX4_CYLINDER = {"GF_MAX_VER_DIST": 1, "GF_MAX_HOR_DIST": 2}

#: A PX4 minds its fence without being told to, and has neither circle nor ceiling by default; its
#: rally points are never too far.
_PX4_INTERNAL = {"FENCE_ENABLE": 1.0, "FENCE_TYPE": 4.0, "RALLY_LIMIT_KM": 0.0}


class Parameters:
    """Named numbers that a ground station reads and sets; integers are kept whole.

    The autopilot works by ArduPilot's parameters; a PX4 shows its own, which drive them.
    """

    def __init__(self, personality: Personality = Personality.ARDUPILOT) -> None:
        self._kinds = {name: kind for name, (_, kind) in ARDUPILOT_DEFAULTS.items()}
        self._values = {name: float(value) for name, (value, _) in ARDUPILOT_DEFAULTS.items()}
        self._bytewise = personality is Personality.PX4
        self._shown = sorted(_PX4_SHOWN if self._bytewise else ARDUPILOT_DEFAULTS)
        if self._bytewise:
            self._values.update(_PX4_INTERNAL)
            for name, (value, kind, _, _) in _PX4_SHOWN.items():
                self._kinds[name] = kind
                self.set(name, value)

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._shown)

    def whole(self, name: str) -> int:
        """Return an integer parameter."""
        return int(self._values[name])

    def set(self, name: str, value: float) -> None:
        """Set a parameter that exists, and what it drives.

        Raises:
            KeyError: No parameter has this name.
        """
        kind = self._kinds[name]
        self._values[name] = value if kind == _REAL32 else float(int(value))
        if self._bytewise and name in _PX4_SHOWN:
            _, _, driven, how = _PX4_SHOWN[name]
            if driven:
                own = value * how if isinstance(how, float) else how.get(int(value), 0)
                self.set(driven, own)
        if self._bytewise and name in _PX4_CYLINDER:
            bit = _PX4_CYLINDER[name]
            selected = self.whole("FENCE_TYPE")
            self.set("FENCE_TYPE", selected | bit if value > 0 else selected & ~bit)

    def take(self, request: Message) -> str | None:
        """Set what PARAM_SET asks for; return the parameter's name, None if it is unknown."""
        name = self.asked_for(request)
        if name is not None:
            value = float(request["param_value"])
            if self._bytewise and self._kinds[name] != _REAL32:
                (value,) = struct.unpack("<i", struct.pack("<f", value))
            if math.isfinite(value):
                self.set(name, value)
        return name

    def message(self, name: str) -> Message:
        """Return PARAM_VALUE for a parameter that exists; PX4 packs integers bit by bit."""
        value = self._values[name]
        if self._bytewise and self._kinds[name] != _REAL32:
            (value,) = struct.unpack("<f", struct.pack("<i", int(value)))
        return Message(
            "PARAM_VALUE",
            {
                "param_id": name,
                "param_value": value,
                "param_type": self._kinds[name],
                "param_count": len(self._shown),
                "param_index": self._shown.index(name),
            },
        )

    def asked_for(self, request: Message) -> str | None:
        """Return the parameter that PARAM_REQUEST_READ or PARAM_SET names, None if unknown."""
        index = int(request.fields.get("param_index", -1))
        if 0 <= index < len(self._shown):
            return self._shown[index]
        name = str(request["param_id"]).split("\0", 1)[0]
        return name if name in self._shown else None
