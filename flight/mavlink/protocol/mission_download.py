"""Reading back, and clearing, what a vehicle holds: one transaction each, without I/O."""

from flight.mavlink.protocol.constants import MissionResult, MissionType
from flight.mavlink.protocol.exchange import Dialog, Exchange, Outbox, RoundTrip
from flight.mavlink.protocol.messages import Message
from flight.mavlink.protocol.mission_items import WireItem


class MissionDownload(Exchange):
    """One download transaction; once `done`, `items` holds the list, or None if it failed.

    Args:
        mission_type: Which of the vehicle's lists.
        dialog: Who talks to whom.
        round_trip: The link's measured round trip.
        window: How many items to ask for at once; more than one only where the vehicle answers
            each request by itself, as ArduPilot does.
        known_id: The id that the vehicle gave to a list that we know; if it still names this one,
            nothing is read. 0 where it gave none, as ArduPilot does.

    Attributes:
        opaque_id: The id that the vehicle gives to the list; 0 if it gives none.
        unchanged: Whether that is the known one.
    """

    def __init__(
        self,
        mission_type: MissionType,
        dialog: Dialog,
        round_trip: RoundTrip,
        *,
        window: int = 1,
        known_id: int = 0,
    ) -> None:
        super().__init__(dialog, round_trip)
        self._mission_type = mission_type
        self._window = window
        self._known_id = known_id
        self.opaque_id = 0
        self.unchanged = False
        self._count: int | None = None
        self._found: dict[int, WireItem] = {}
        self.items: tuple[WireItem, ...] | None = None
        self.answer: MissionResult | None = None

    def _question(self) -> Outbox:
        kind = int(self._mission_type)
        peer = self._dialog.peer
        if self._count is None:
            return (peer.addressed("MISSION_REQUEST_LIST", mission_type=kind),)
        missing = [seq for seq in range(self._count) if seq not in self._found]
        return tuple(
            peer.addressed("MISSION_REQUEST_INT", seq=seq, mission_type=kind)
            for seq in missing[: self._window]
        )

    def _answered(self, message: Message, now_s: float) -> Outbox:
        if message.fields.get("mission_type", 0) != self._mission_type:
            return ()
        if message.name == "MISSION_COUNT" and self._count is None:
            self._measure(now_s)
            self._count = message["count"]
            self.opaque_id = message.fields.get("opaque_id", 0)
            if self._known_id and self.opaque_id == self._known_id:
                self.unchanged = self.done = True
                return self._acknowledge(MissionResult.OPERATION_CANCELLED)
            return self._complete() if self._count == 0 else self._ask(now_s)
        if message.name == "MISSION_ITEM_INT" and self._count is not None:
            return self._received(message, now_s)
        if message.name == "MISSION_ACK" and message["type"] == MissionResult.DENIED:
            self.answer = MissionResult.DENIED
            self.done = True
        return ()

    def _received(self, message: Message, now_s: float) -> Outbox:
        seq, count = message["seq"], self._count or 0
        if seq >= count or seq in self._found:
            return ()
        self._found[seq] = WireItem.of(message)
        if len(self._found) == count:
            return self._complete()
        self._measure(now_s)
        if self._window == 1:
            return self._ask(now_s)
        return self._ask_next(seq, now_s)

    def _ask_next(self, seq: int, now_s: float) -> Outbox:
        """Keep the window full: each item that comes asks for one more."""
        # Each item that comes proves that the vehicle is alive, so patience starts anew.
        self._attempt = 0
        self._asked_at_s = now_s
        self.deadline_s = now_s + self._round_trip.patience_s(0)
        following = seq + self._window
        if following >= (self._count or 0) or following in self._found:
            return ()
        kind = int(self._mission_type)
        return (
            self._dialog.peer.addressed("MISSION_REQUEST_INT", seq=following, mission_type=kind),
        )

    def _complete(self) -> Outbox:
        self.items = tuple(self._found[seq] for seq in sorted(self._found))
        self.done = True
        return self._acknowledge(MissionResult.ACCEPTED)

    def _acknowledge(self, result: MissionResult) -> Outbox:
        # Without our acknowledgement the vehicle may stay in the transfer, busy for all others.
        kind = int(self._mission_type)
        return (self._dialog.peer.addressed("MISSION_ACK", type=int(result), mission_type=kind),)

    def _give_up(self) -> None:
        """Leave `items` at None: the vehicle fell silent."""


class MissionClear(Exchange):
    """Clears one list; once `done`, `answer` is the vehicle's word, None if it fell silent."""

    def __init__(self, mission_type: MissionType, dialog: Dialog, round_trip: RoundTrip) -> None:
        super().__init__(dialog, round_trip)
        self._mission_type = mission_type
        self.answer: MissionResult | None = None

    def _question(self) -> Outbox:
        kind = int(self._mission_type)
        return (self._dialog.peer.addressed("MISSION_CLEAR_ALL", mission_type=kind),)

    def _answered(self, message: Message, now_s: float) -> Outbox:
        if message.name == "MISSION_ACK" and (
            message.fields.get("mission_type", 0) == self._mission_type
        ):
            self._measure(now_s)
            accepted = message["type"] == MissionResult.ACCEPTED
            self.answer = MissionResult.ACCEPTED if accepted else MissionResult.ERROR
            self.done = True
        return ()

    def _give_up(self) -> None:
        """Leave `answer` at None."""
