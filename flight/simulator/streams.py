"""Which telemetry goes out when, to each channel that asked for it."""

import math
from collections.abc import Callable, Mapping

from flight.mavlink.protocol.messages import Message
from flight.simulator.mavlink_ids import MESSAGE_NAMES, STREAM_GROUPS

_HEARTBEAT_S = 1.0
#: The autopilot's loop sends no message oftener than this.
_SHORTEST_S = 0.02

#: What goes out unasked: ArduPilot is silent but for its heartbeat, PX4 talks from the start.
SILENT: Mapping[str, float] = {"HEARTBEAT": _HEARTBEAT_S}
PX4_INTERVALS_S: Mapping[str, float] = {
    **SILENT,
    "SYS_STATUS": 1.0,
    "BATTERY_STATUS": 1.0,
    "HOME_POSITION": 2.0,
    "EXTENDED_SYS_STATE": 0.5,
    "MISSION_CURRENT": 1.0,
    "GPS_RAW_INT": 0.2,
    "GLOBAL_POSITION_INT": 0.1,
    "LOCAL_POSITION_NED": 0.1,
    "ATTITUDE": 0.05,
    "VFR_HUD": 0.25,
}

#: What PX4 has no stream of.
NOT_PX4S = ("EKF_STATUS_REPORT", "FENCE_STATUS", "WIND")


class Streams:
    """Intervals per channel and message.

    Args:
        builders: How to build each message now; None where there is nothing to tell.
        unasked_s: Intervals of what every channel hears from its start.
    """

    def __init__(
        self,
        builders: Mapping[str, Callable[[], Message | None]],
        unasked_s: Mapping[str, float] = SILENT,
    ) -> None:
        self._builders = builders
        self._unasked_s = unasked_s
        self._intervals_s: dict[int, dict[str, float]] = {}
        self._due_s: dict[tuple[int, str], float] = {}
        self._next_s = 0.0

    def open(self, channel: int) -> None:
        """Let a channel start with what is sent unasked."""
        self._intervals_s[channel] = dict(self._unasked_s)
        for key in [key for key in self._due_s if key[0] == channel]:
            del self._due_s[key]
        self._next_s = 0.0

    def set_interval(self, channel: int, message_id: int, interval_us: float) -> bool:
        """Set an interval as SET_MESSAGE_INTERVAL does; return whether the message is known."""
        name = MESSAGE_NAMES.get(message_id, "")
        if not self.has(name):
            return False
        default_s = self._unasked_s.get(name, math.inf)
        self._set(channel, name, default_s if interval_us == 0 else interval_us / 1e6)
        return True

    def set_group(self, channel: int, group: int, rate_hz: float, *, on: bool) -> None:
        """Set the rate of a group as REQUEST_DATA_STREAM does; group 0 is all of them."""
        groups = STREAM_GROUPS if group == 0 else (group,)
        for key in groups:
            for name in STREAM_GROUPS.get(key, ()):
                self._set(channel, name, 1 / rate_hz if on and rate_hz > 0 else -1.0)

    def interval_us(self, channel: int, message_id: int) -> int | None:
        """Return the interval of a message, -1 while it is not sent, None if unknown."""
        name = MESSAGE_NAMES.get(message_id, "")
        if not self.has(name):
            return None
        interval_s = self._intervals_s.get(channel, {}).get(name)
        return -1 if interval_s is None else round(interval_s * 1e6)

    def _set(self, channel: int, name: str, interval_s: float) -> None:
        intervals_s = self._intervals_s.setdefault(channel, dict(self._unasked_s))
        self._due_s.pop((channel, name), None)
        if interval_s < 0 or math.isinf(interval_s):
            intervals_s.pop(name, None)
        else:
            intervals_s[name] = max(_SHORTEST_S, interval_s)
        self._next_s = 0.0

    def has(self, name: str) -> bool:
        """Say whether this autopilot has a message of that name."""
        return name in self._builders

    def build(self, name: str) -> list[Message]:
        """Build one message now; none if there is nothing to tell."""
        message = self._builders[name]()
        return [] if message is None else [message]

    def due(self, now_s: float) -> list[tuple[int, Message]]:
        """Return the messages that are due now, each with its channel."""
        if now_s < self._next_s:
            return []
        sent: list[tuple[int, Message]] = []
        self._next_s = math.inf
        for channel, intervals_s in self._intervals_s.items():
            for name, interval_s in intervals_s.items():
                due_s = self._due_s.get((channel, name), now_s)
                if due_s <= now_s + 1e-9:
                    message = self._builders[name]()
                    if message is not None:
                        sent.append((channel, message))
                    due_s = max(due_s + interval_s, now_s + interval_s / 2)
                    self._due_s[channel, name] = due_s
                self._next_s = min(self._next_s, due_s)
        return sent
