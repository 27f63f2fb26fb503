"""Commands that ask for telemetry: intervals, single messages, capabilities, home."""

from collections.abc import Callable

from flight.mavlink.protocol.messages import Message
from flight.simulator.commands import Order
from flight.simulator.mavlink_ids import MESSAGE_NAMES, Command, CommandResult
from flight.simulator.streams import Streams


class MessageCommands:
    """Sets streams and sends single messages on request.

    Args:
        streams: What goes out by itself.
        reply: Sends a message back on the channel that the command came from.
    """

    def __init__(self, streams: Streams, reply: Callable[[Message], None]) -> None:
        self._streams = streams
        self._reply = reply

    def table(self) -> dict[int, Callable[[Order], CommandResult]]:
        """Return what to do for each command."""
        return {
            Command.SET_MESSAGE_INTERVAL: self._set_interval,
            Command.GET_MESSAGE_INTERVAL: self._get_interval,
            Command.REQUEST_MESSAGE: lambda order: self._send(MESSAGE_NAMES.get(order.flag(1), "")),
            Command.REQUEST_CAPABILITIES: lambda _: self._send("AUTOPILOT_VERSION"),
            Command.REQUEST_PROTOCOL_VERSION: lambda _: self._send("PROTOCOL_VERSION"),
            Command.GET_HOME: lambda _: self._send("HOME_POSITION"),
        }

    def _set_interval(self, order: Order) -> CommandResult:
        known = self._streams.set_interval(order.channel, order.flag(1), order.params[1])
        return CommandResult.ACCEPTED if known else CommandResult.FAILED

    def _get_interval(self, order: Order) -> CommandResult:
        interval_us = self._streams.interval_us(order.channel, order.flag(1))
        if interval_us is None:
            return CommandResult.FAILED
        fields = {"message_id": order.flag(1), "interval_us": interval_us}
        self._reply(Message("MESSAGE_INTERVAL", fields))
        return CommandResult.ACCEPTED

    def _send(self, name: str) -> CommandResult:
        if not self._streams.has(name):
            return CommandResult.FAILED
        for message in self._streams.build(name):
            self._reply(message)
        return CommandResult.ACCEPTED
