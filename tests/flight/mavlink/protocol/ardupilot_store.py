"""ArduPilot's side of the mission protocol as it was observed, for tests without sockets."""

from collections.abc import Sequence

from flight.mavlink.protocol.constants import MissionResult, MissionType
from flight.mavlink.protocol.messages import Message
from flight.mavlink.protocol.mission_items import WireItem
from tests.flight.mavlink.protocol.wire import VEHICLE, from_vehicle


class ArduPilotStore:
    """Stores one list: asks with MISSION_REQUEST, repeats each second, cancels after eight.

    Args:
        capacity: How many items fit.
        refused_command: A command that it does not support.
        lost_final_acks: How many of its final acknowledgements vanish.
        coalescing: Whether it asks only after reading all that has come, for the newest item.
    """

    def __init__(
        self,
        *,
        capacity: int = 650,
        refused_command: int = -1,
        lost_final_acks: int = 0,
        coalescing: bool = False,
    ) -> None:
        self.items: list[WireItem] = []
        self.uploads_begun = 0
        self._capacity = capacity
        self._refused_command = refused_command
        self._lost_final_acks = lost_final_acks
        self._coalescing = coalescing
        self._must_ask = False
        self._wanted: int | None = None
        self._count = 0
        self._asked_at_s = 0.0
        self._heard_at_s = 0.0

    def receive(self, message: Message, now_s: float) -> Sequence[Message]:
        """Answer as ArduPilot does."""
        match message.name:
            case "MISSION_COUNT":
                return self._begin(message["count"], now_s)
            case "MISSION_ITEM_INT":
                return self._item(message, now_s)
            case "MISSION_REQUEST_LIST":
                return (from_vehicle("MISSION_COUNT", count=len(self.items), mission_type=0),)
            case "MISSION_REQUEST_INT":
                item = self.items[message["seq"]].message(
                    VEHICLE, message["seq"], MissionType.MISSION
                )
                return (
                    from_vehicle(
                        item.name, **{k: item[k] for k in item.fields if not k.startswith("target")}
                    ),
                )
            case "MISSION_CLEAR_ALL":
                self.items.clear()
                return (self._ack(MissionResult.ACCEPTED),)
        return ()

    def tick(self, now_s: float) -> Sequence[Message]:
        """Ask again each second; give up after eight."""
        if self._wanted is None:
            return ()
        if now_s - self._heard_at_s > 8.0:
            self._wanted = None
            return (self._ack(MissionResult.OPERATION_CANCELLED),)
        return self._ask(now_s) if self._must_ask or now_s - self._asked_at_s > 1.0 else ()

    def _begin(self, count: int, now_s: float) -> Sequence[Message]:
        if count > self._capacity:
            return (self._ack(MissionResult.NO_SPACE),)
        self.uploads_begun += 1
        del self.items[count:]
        if count == 0:
            return (self._ack(MissionResult.ACCEPTED),)
        self._count, self._wanted, self._heard_at_s = count, 0, now_s
        return self._ask(now_s)

    def _ask(self, now_s: float) -> Sequence[Message]:
        self._asked_at_s, self._must_ask = now_s, False
        return (from_vehicle("MISSION_REQUEST", seq=self._wanted, mission_type=0),)

    def _item(self, message: Message, now_s: float) -> Sequence[Message]:
        if self._wanted is None:
            return (self._ack(MissionResult.ERROR),)
        if message["seq"] != self._wanted:
            return (self._ack(MissionResult.INVALID_SEQUENCE),)
        if message["command"] == self._refused_command:
            self._wanted = None
            return (self._ack(MissionResult.UNSUPPORTED),)
        self.items[self._wanted : self._wanted + 1] = [WireItem.of(message)]
        self._heard_at_s = now_s
        self._wanted += 1
        if self._wanted < self._count:
            self._must_ask = True
            return () if self._coalescing else self._ask(now_s)
        self._wanted, self._must_ask = None, False
        if self._lost_final_acks > 0:
            self._lost_final_acks -= 1
            return ()
        return (self._ack(MissionResult.ACCEPTED),)

    @staticmethod
    def _ack(result: MissionResult) -> Message:
        return from_vehicle("MISSION_ACK", type=int(result), mission_type=0)
