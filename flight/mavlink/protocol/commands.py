"""Commands and parameters: one question each, repeated until answered, without I/O."""

import struct
from enum import StrEnum

from flight.mavlink.protocol.constants import Command, CommandResult, MessageId
from flight.mavlink.protocol.exchange import Dialog, Exchange, Outbox, RoundTrip
from flight.mavlink.protocol.messages import Message

_IN_PROGRESS_PATIENCE_S = 5.0
_BUSY_PAUSE_S = 0.5


class CommandCall(Exchange):
    """One COMMAND_LONG; once `done`, `result` is the answer, None if none came.

    The answer may be wrong or lost, so callers look for the command's effect.

    Args:
        command: What to do.
        params: Up to seven parameters; the others are 0.
        dialog: Who talks to whom.
        round_trip: The link's measured round trip.
        max_attempts: How often to send it.
    """

    def __init__(
        self,
        command: Command,
        params: tuple[float, ...],
        dialog: Dialog,
        round_trip: RoundTrip,
        max_attempts: int = 6,
    ) -> None:
        super().__init__(dialog, round_trip, max_attempts)
        self._command = command
        self._params = params + (0.0,) * (7 - len(params))
        self.result: CommandResult | None = None

    def _question(self) -> Outbox:
        fields = {f"param{i}": value for i, value in enumerate(self._params, start=1)}
        return (
            self._dialog.peer.addressed(
                "COMMAND_LONG", command=int(self._command), confirmation=self._attempt, **fields
            ),
        )

    def _answered(self, message: Message, now_s: float) -> Outbox:
        if message.name != "COMMAND_ACK" or message["command"] != self._command:
            return ()
        result = message["result"]
        if result == CommandResult.IN_PROGRESS:
            self.deadline_s = now_s + _IN_PROGRESS_PATIENCE_S
            return ()
        if result == CommandResult.TEMPORARILY_REJECTED and self._attempt + 1 < self._max_attempts:
            self.deadline_s = now_s + _BUSY_PAUSE_S
            return ()
        self._measure(now_s)
        known = result in CommandResult.__members__.values()
        self.result = CommandResult(result) if known else CommandResult.FAILED
        self.done = True
        return ()

    def _give_up(self) -> None:
        """Leave `result` at None."""


class MessageCall(CommandCall):
    """Asks for one message; once `done`, `message` is it, None if the vehicle has none.

    Args:
        name: The message's name.
        message_id: The message's number.
        dialog: Who talks to whom.
        round_trip: The link's measured round trip.
    """

    def __init__(
        self, name: str, message_id: MessageId, dialog: Dialog, round_trip: RoundTrip
    ) -> None:
        super().__init__(Command.REQUEST_MESSAGE, (float(message_id),), dialog, round_trip)
        self._name = name
        self.message: Message | None = None

    def _answered(self, message: Message, now_s: float) -> Outbox:
        if message.name == self._name:
            self.message = message
            self.done = True
            return ()
        attempt_ends_s = self.deadline_s
        super()._answered(message, now_s)
        if self.result is CommandResult.ACCEPTED:  # the message itself is still to come
            self.done, self.result, self.deadline_s = False, None, attempt_ends_s
        return ()


class ParameterEncoding(StrEnum):
    """How whole numbers travel in the float of a parameter message."""

    BY_VALUE = "by_value"  # ArduPilot: 3 travels as 3.0
    BYTEWISE = "bytewise"  # PX4: the four bytes of the integer


_REAL32 = 9
_INT32 = 6
_SIGNED = frozenset({2, 4, 6, 8})


def decode_parameter(wire: float, kind: int, encoding: ParameterEncoding) -> float:
    """Return the value of a PARAM_VALUE."""
    if encoding is ParameterEncoding.BY_VALUE or kind == _REAL32:
        return wire
    layout = "<i" if kind in _SIGNED else "<I"
    return float(struct.unpack(layout, struct.pack("<f", wire))[0])


def encode_parameter(value: float, kind: int, encoding: ParameterEncoding) -> float:
    """Return the float to put into a PARAM_SET."""
    if encoding is ParameterEncoding.BY_VALUE or kind == _REAL32:
        return value
    layout = "<i" if kind in _SIGNED else "<I"
    return float(struct.unpack("<f", struct.pack(layout, int(value)))[0])


class ParameterCall(Exchange):
    """Reads one parameter, or sets it; once `done`, `value` is the vehicle's, None if unknown.

    An autopilot says nothing at all about a parameter that it does not have.

    Args:
        name: As the pilot knows it.
        dialog: Who talks to whom.
        round_trip: The link's measured round trip.
        new_value: What to set it to; None only reads.
        kind: MAV_PARAM_TYPE, as read before setting.
        encoding: How whole numbers travel.
    """

    def __init__(
        self,
        name: str,
        dialog: Dialog,
        round_trip: RoundTrip,
        *,
        new_value: float | None = None,
        kind: int = _REAL32,
        encoding: ParameterEncoding = ParameterEncoding.BY_VALUE,
    ) -> None:
        super().__init__(dialog, round_trip, max_attempts=5)
        self._name = name
        self._new_value = new_value
        self._encoding = encoding
        self.kind = kind
        self.value: float | None = None

    def _question(self) -> Outbox:
        peer = self._dialog.peer
        if self._new_value is None:
            return (peer.addressed("PARAM_REQUEST_READ", param_id=self._name, param_index=-1),)
        wire = encode_parameter(self._new_value, self.kind, self._encoding)
        fields = {"param_id": self._name, "param_value": wire, "param_type": self.kind}
        return (peer.addressed("PARAM_SET", **fields),)

    def _answered(self, message: Message, now_s: float) -> Outbox:
        if message.name != "PARAM_VALUE" or message["param_id"] != self._name:
            return ()
        self.kind = message["param_type"]
        value = decode_parameter(message["param_value"], self.kind, self._encoding)
        if self._new_value is not None and abs(value - self._new_value) > 1e-3:
            return ()  # the old value, broadcast before ours arrived: ask on
        self._measure(now_s)
        self.value = value
        self.done = True
        return ()

    def _give_up(self) -> None:
        """Leave `value` at None."""
