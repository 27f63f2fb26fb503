"""What an autopilot's own parameters will do in an emergency, in its pilots' names and in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flight.preflight import LostLink, ParameterShown

Values = Mapping[str, float | None]

_CONTINUE_IN_AUTO = 2  # bit of FS_OPTIONS


@dataclass(frozen=True, slots=True)
class LostLinkRule:
    """What happens when a link is lost.

    Attributes:
        policy: In one word.
        text: In a sentence, with the parameters that decide it.
    """

    policy: LostLink
    text: str


_ARDUPILOT_WORDS: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {
        "FENCE_ENABLE": {0: "the fence is off", 1: "the fence is on"},
        "FENCE_ACTION": {
            0: "a breach is only reported",
            1: "a breach sends it home, or lands it",
            2: "a breach lands it",
            3: "a breach sends it home by its own track, or lands it",
            4: "a breach stops it, or lands it",
            5: "a breach sends it home by its own track, or lands it",
        },
        "BATT_FS_LOW_ACT": {
            0: "a low battery is only reported",
            1: "a low battery lands it",
            2: "a low battery sends it home",
            3: "a low battery sends it home by its own track, or straight",
            4: "a low battery sends it home by its own track, or lands it",
        },
        "FS_EKF_ACTION": {
            0: "a lost position is only reported",
            1: "a lost position lands it",
            2: "a lost position leaves it to its pilot, holding height",
            3: "a lost position lands it even in manual modes",
        },
        "FS_GCS_ENABLE": {
            0: "a lost station changes nothing",
            1: "a lost station sends it home",
            2: "a lost station sends it home, but in AUTO it goes on",
            3: "a lost station sends it home by its own track, or straight",
            4: "a lost station sends it home by its own track, or lands it",
            5: "a lost station lands it",
        },
    }
)
_PX4_WORDS: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {
        "GF_ACTION": {
            0: "a breach does nothing",
            1: "a breach is only reported",
            2: "a breach stops it, outside if need be",
            3: "a breach sends it home",
            4: "a breach ends the flight at once",
            5: "a breach lands it",
        },
        "COM_LOW_BAT_ACT": {
            0: "a low battery is only reported",
            2: "a low battery lands it",
            3: "a low battery sends it home, a critical one lands it",
        },
        "NAV_DLL_ACT": {
            0: "a lost station changes nothing",
            1: "a lost station stops it",
            2: "a lost station sends it home",
            3: "a lost station lands it",
            5: "a lost station ends the flight at once",
            6: "a lost station stops its motors",
        },
    }
)
_UNITS: Mapping[str, tuple[float, str]] = MappingProxyType(
    {
        "FENCE_ALT_MAX": (1.0, "ceiling above home: {:g} m"),
        "RTL_ALT": (0.01, "returns at least {:g} m above home"),
        "RTL_ALT_M": (1.0, "returns at least {:g} m above home"),
        "RTL_RETURN_ALT": (1.0, "returns at least {:g} m above home"),
        "GF_MAX_VER_DIST": (1.0, "ceiling above home: {:g} m"),
        "COM_DL_LOSS_T": (1.0, "a station is lost after {:g} s"),
        "MAV_GCS_SYSID": (1.0, "only heartbeats of station {:g} count"),
        "SYSID_MYGCS": (1.0, "only heartbeats of station {:g} count"),
    }
)
# Either name means the same; versions differ.
ARDUPILOT_NAMES = (
    *("FENCE_ENABLE", "FENCE_ACTION", "FENCE_TYPE", "FENCE_ALT_MAX", "RTL_ALT|RTL_ALT_M"),
    *("BATT_FS_LOW_ACT", "FS_EKF_ACTION", "FS_GCS_ENABLE", "FS_OPTIONS"),
    "MAV_GCS_SYSID|SYSID_MYGCS",
)
PX4_NAMES = (
    *("GF_ACTION", "GF_MAX_VER_DIST", "RTL_RETURN_ALT", "COM_LOW_BAT_ACT"),
    *("NAV_DLL_ACT", "COM_DL_LOSS_T"),
)
"""What to show; alternatives are divided by a bar: the first that the autopilot has counts."""


def shown(values: Values) -> tuple[ParameterShown, ...]:
    """Return parameters with what their values mean."""
    return tuple(
        ParameterShown(name, value, _meaning(name, value)) for name, value in values.items()
    )


def _meaning(name: str, value: float | None) -> str:
    if value is None:
        return "the autopilot does not tell it"
    if name in _UNITS:
        scale, words = _UNITS[name]
        return words.format(value * scale)
    words_by_value = _ARDUPILOT_WORDS.get(name) or _PX4_WORDS.get(name) or {}
    return words_by_value.get(int(value), "see the autopilot's manual")


def ardupilot_lost_link(values: Values, our_system: int) -> LostLinkRule:
    """Return what an ArduPilot does when the station falls silent.

    Args:
        values: Its parameters.
        our_system: Our system id; ArduPilot listens for one station's heartbeats only.
    """
    action = values.get("FS_GCS_ENABLE")
    station = values.get("MAV_GCS_SYSID", values.get("SYSID_MYGCS"))
    if action is None:
        return LostLinkRule(LostLink.OTHER, "FS_GCS_ENABLE is not told, so nobody knows.")
    if not action:
        return LostLinkRule(
            LostLink.CONTINUE,
            "the mission goes on and flies home at its end (FS_GCS_ENABLE = 0).",
        )
    if station is not None and int(station) != our_system:
        return LostLinkRule(
            LostLink.CONTINUE,
            f"losing us changes nothing: FS_GCS_ENABLE = {action:g} listens for station "
            f"{station:g}, and we are {our_system}.",
        )
    if int(values.get("FS_OPTIONS") or 0) & _CONTINUE_IN_AUTO or action == 2.0:
        return LostLinkRule(
            LostLink.CONTINUE, "the mission goes on (FS_OPTIONS lets AUTO continue)."
        )
    policy = LostLink.LAND if action == 5.0 else LostLink.RETURN
    words = _ARDUPILOT_WORDS["FS_GCS_ENABLE"].get(int(action), "see the manual")
    return LostLinkRule(policy, f"{words} (FS_GCS_ENABLE = {action:g}).")


def px4_lost_link(values: Values) -> LostLinkRule:
    """Return what a PX4 does when no station is heard; ours counts like any other."""
    action, after_s = values.get("NAV_DLL_ACT"), values.get("COM_DL_LOSS_T")
    if action is None:
        return LostLinkRule(LostLink.OTHER, "NAV_DLL_ACT is not told, so nobody knows.")
    policies = {0: LostLink.CONTINUE, 2: LostLink.RETURN, 3: LostLink.LAND}
    if not action:
        return LostLinkRule(
            LostLink.CONTINUE, "the mission goes on and flies home at its end (NAV_DLL_ACT = 0)."
        )
    when = "" if after_s is None else f" after {after_s:g} s"
    words = _PX4_WORDS["NAV_DLL_ACT"].get(int(action), "see the manual")
    return LostLinkRule(
        policies.get(int(action), LostLink.OTHER), f"{words}{when} (NAV_DLL_ACT = {action:g})."
    )
