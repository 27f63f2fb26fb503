"""The vehicle's side of the mission protocol: one list, one uploader, one item at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flight.mavlink.protocol.messages import Message, Peer
from flight.simulator.items import Item
from flight.simulator.mavlink_ids import PlanKind, Severity, TransferResult
from flight.simulator.stores import Store


@dataclass(frozen=True, slots=True)
class TransferRules:
    """What differs between the autopilots; times in simulated seconds."""

    request_name: str = "MISSION_REQUEST"
    ask_again_s: float = 1.0
    give_up_s: float = 8.0
    refuses_wrong_sequence: bool = True


ARDUPILOT_RULES = TransferRules()
PX4_RULES = TransferRules(
    "MISSION_REQUEST_INT", ask_again_s=0.5, give_up_s=5.0, refuses_wrong_sequence=False
)

_ENDS_REQUESTS = frozenset({ARDUPILOT_RULES.request_name, "MISSION_ACK"})
_TITLES = {PlanKind.MISSION: "Mission", PlanKind.FENCE: "Fence", PlanKind.RALLY: "Rally"}


@dataclass(slots=True)
class _Upload:
    peer: Peer
    count: int
    wanted: int
    heard_s: float
    asked_s: float


def newest_requests(replies: Sequence[Message]) -> list[Message]:
    """Return what ArduPilot sends of its replies to all that it read at once.

    To ask for an item it sets a flag and sends the request after reading: only the newest one is
    sent, and none once the upload has ended. Its acknowledgements are sent one by one.
    """
    kept: list[Message] = []
    over: set[int] = set()
    for reply in reversed(replies):
        if reply.name in _ENDS_REQUESTS:
            kind = int(reply["mission_type"])
            if reply.name == ARDUPILOT_RULES.request_name and kind in over:
                continue
            if reply.fields.get("type") != TransferResult.INVALID_SEQUENCE:
                over.add(kind)
        kept.append(reply)
    return kept[::-1]


class Transfer:
    """Uploads to, downloads from and clearing of one store."""

    def __init__(
        self,
        store: Store,
        rules: TransferRules,
        say: Callable[[str, Severity], None],
        on_item: Callable[[], None] | None = None,
    ) -> None:
        self._store = store
        self._rules = rules
        self._say = say
        self._on_item = on_item
        self._upload: _Upload | None = None

    @property
    def uploading(self) -> bool:
        """Whether an upload is under way."""
        return self._upload is not None

    def handle(self, message: Message, now_s: float, *, locked: bool = False) -> list[Message]:
        """Answer a message of the mission protocol that concerns this list.

        Args:
            message: What arrived.
            now_s: Simulated time.
            locked: Whether the list is being flown, so that it must not be cleared.
        """
        peer = Peer(message.system, message.component)
        match message.name:
            case "MISSION_COUNT":
                return self._begin(peer, int(message["count"]), now_s)
            case "MISSION_ITEM_INT" | "MISSION_ITEM":
                return self._take(peer, message, now_s)
            case "MISSION_CLEAR_ALL":
                return self._clear(peer, locked=locked)
            case "MISSION_REQUEST_LIST":
                return self._list(peer)
            case "MISSION_REQUEST_INT" | "MISSION_REQUEST":
                return self._give(peer, message)
            case _:
                return []

    def tick(self, now_s: float) -> list[Message]:
        """Ask again for an item that does not come, and give up in the end."""
        upload = self._upload
        if upload is None:
            return []
        if now_s - upload.heard_s >= self._rules.give_up_s:
            self._upload = None
            self._say(f"{_TITLES[self._store.kind]} upload timeout", Severity.NOTICE)
            return [self._ack(upload.peer, TransferResult.OPERATION_CANCELLED)]
        if now_s - upload.asked_s >= self._rules.ask_again_s:
            return [self._ask(upload, now_s)]
        return []

    def _begin(self, peer: Peer, count: int, now_s: float) -> list[Message]:
        if self._upload is not None and self._upload.peer.system != peer.system:
            return [self._ack(peer, TransferResult.DENIED)]
        if count > self._store.capacity:
            self._say(f"Only {self._store.capacity} items are supported", Severity.NOTICE)
            return [self._ack(peer, TransferResult.NO_SPACE)]
        self._store.begin(count)
        if count == 0:
            self._upload = None
            self._store.clear()
            return [self._ack(peer, TransferResult.ACCEPTED)]
        self._upload = _Upload(peer, count, 0, now_s, now_s)
        return [self._ask(self._upload, now_s)]

    def _take(self, peer: Peer, message: Message, now_s: float) -> list[Message]:
        upload = self._upload
        if upload is None:
            return [self._ack(peer, TransferResult.ERROR)]
        if upload.peer.system != peer.system:
            return [self._ack(peer, TransferResult.DENIED)]
        if int(message["seq"]) != upload.wanted:
            if self._rules.refuses_wrong_sequence:
                return [self._ack(peer, TransferResult.INVALID_SEQUENCE)]
            return []
        return [self._store_item(upload, Item.from_message(message), now_s)]

    def _store_item(self, upload: _Upload, item: Item, now_s: float) -> Message:
        why = self._store.put(upload.wanted, item)
        if why is not None:
            self._upload = None
            return self._ack(upload.peer, why)
        if self._on_item is not None:
            self._on_item()
        upload.wanted += 1
        upload.heard_s = now_s
        if upload.wanted < upload.count:
            return self._ask(upload, now_s)
        return self._finish(upload.peer)

    def _finish(self, peer: Peer) -> Message:
        self._upload = None
        problems = self._store.finish()
        for problem in problems:
            self._say(problem, Severity.WARNING)
        if problems:
            return self._ack(peer, TransferResult.ERROR)
        self._say(f"{_TITLES[self._store.kind]} received", Severity.INFO)
        return self._ack(peer, TransferResult.ACCEPTED)

    def _clear(self, peer: Peer, *, locked: bool) -> list[Message]:
        upload = self._upload
        if upload is not None and upload.peer.system != peer.system:
            return [self._ack(peer, TransferResult.DENIED)]
        self._upload = None
        if locked:
            return [self._ack(peer, TransferResult.ERROR)]
        self._store.clear()
        return [self._ack(peer, TransferResult.ACCEPTED)]

    def _list(self, peer: Peer) -> list[Message]:
        if self._upload is not None:
            return [self._ack(peer, TransferResult.DENIED)]
        return [self._message("MISSION_COUNT", peer, {"count": len(self._store.items)})]

    def _give(self, peer: Peer, message: Message) -> list[Message]:
        sequence = int(message["seq"])
        if not 0 <= sequence < len(self._store.items):
            return [self._ack(peer, TransferResult.INVALID_SEQUENCE)]
        item = self._store.items[sequence]
        fields = {**item.fields(), "seq": sequence, "current": 0, "autocontinue": 1}
        if message.name == "MISSION_REQUEST_INT":
            return [self._message("MISSION_ITEM_INT", peer, fields)]
        fields.update(x=item.lat_deg, y=item.lon_deg)
        return [self._message("MISSION_ITEM", peer, fields)]

    def _ask(self, upload: _Upload, now_s: float) -> Message:
        upload.asked_s = now_s
        return self._message(self._rules.request_name, upload.peer, {"seq": upload.wanted})

    def _ack(self, peer: Peer, result: TransferResult) -> Message:
        return self._message("MISSION_ACK", peer, {"type": int(result)})

    def _message(self, name: str, peer: Peer, fields: dict[str, float | int]) -> Message:
        return peer.addressed(name, mission_type=int(self._store.kind), **fields)
