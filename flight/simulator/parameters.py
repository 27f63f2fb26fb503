"""The parameters of the simulated autopilot, with ArduCopter's names and defaults."""

from collections.abc import Iterator, Mapping

from flight.mavlink.protocol.messages import Message

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
    "RTL_ALT": (1500, _INT32),
    "RTL_LOIT_TIME": (5000, _INT32),
    "RTL_SPEED": (0, _INT16),
    "SYSID_THISMAV": (1, _INT16),
    "WPNAV_RADIUS": (200, _REAL32),
    "WPNAV_SPEED": (1000, _REAL32),
    "WPNAV_SPEED_DN": (150, _REAL32),
    "WPNAV_SPEED_UP": (250, _REAL32),
}

PX4_DEFAULTS: Mapping[str, tuple[float, int]] = {
    **ARDUPILOT_DEFAULTS,
    "COM_DISARM_LAND": (2, _REAL32),
    "COM_DL_LOSS_T": (10, _INT32),
    "GF_ACTION": (2, _INT32),
    "GF_MAX_HOR_DIST": (0, _REAL32),
    "GF_MAX_VER_DIST": (0, _REAL32),
    "MPC_XY_CRUISE": (5, _REAL32),
    "NAV_DLL_ACT": (0, _INT32),
    "RTL_RETURN_ALT": (60, _REAL32),
}


class Parameters:
    """Named numbers that a ground station reads and sets; integers are kept whole."""

    def __init__(self, defaults: Mapping[str, tuple[float, int]] = ARDUPILOT_DEFAULTS) -> None:
        self._types = {name: kind for name, (_, kind) in defaults.items()}
        self._values = {name: float(value) for name, (value, _) in defaults.items()}
        self._names = sorted(defaults)

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def whole(self, name: str) -> int:
        """Return an integer parameter."""
        return int(self._values[name])

    def set(self, name: str, value: float) -> None:
        """Set a parameter that exists.

        Raises:
            KeyError: no parameter has this name.
        """
        kind = self._types[name]
        self._values[name] = value if kind == _REAL32 else float(int(value))

    def message(self, name: str) -> Message:
        """Return PARAM_VALUE for a parameter that exists."""
        return Message(
            "PARAM_VALUE",
            {
                "param_id": name,
                "param_value": self._values[name],
                "param_type": self._types[name],
                "param_count": len(self._names),
                "param_index": self._names.index(name),
            },
        )

    def asked_for(self, request: Message) -> str | None:
        """Return the parameter that PARAM_REQUEST_READ or PARAM_SET names, None if unknown."""
        index = int(request.fields.get("param_index", -1))
        if 0 <= index < len(self._names):
            return self._names[index]
        name = str(request["param_id"]).split("\0", 1)[0]
        return name if name in self._values else None
