"""Uploading a mission, fence or rally list: one transaction, without I/O.

The vehicle asks, we answer. Real vehicles and radios repeat, lose and reorder both, so:

- any request is answered, however often and in whatever form it comes;
- INVALID_SEQUENCE only says that a repeated item came twice, and the upload goes on;
- when the vehicle falls silent we repeat the last item, and if that turns out to have arrived
  (INVALID_SEQUENCE), the next one follows unasked, because its request must have been lost;
- a lost final acknowledgement leaves the upload `UNCONFIRMED`, for a read-back to decide.

Where the vehicle takes an item as soon as it is the next one, some are sent ahead of its requests,
more with each that arrived, which saves most of the waiting. Such a vehicle may ask for the newest
item only: a request for an item proves that all before it were taken. At the first sign that one
was lost, repeated or overtaken, the rest follows strictly one by one, and nothing is repeated
before its answer could have come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flight.mavlink.protocol.constants import MissionResult, MissionType
from flight.mavlink.protocol.exchange import Dialog, Exchange, Outbox, RoundTrip
from flight.mavlink.protocol.messages import Message
from flight.mavlink.protocol.mission_items import WireItem

_REFUSED_AT_ONCE = frozenset({MissionResult.NO_SPACE, MissionResult.UNSUPPORTED})
_ATTEMPTS_AFTER_LAST = 5


class UploadOutcome(StrEnum):
    """How an upload transaction ended."""

    ACCEPTED = "accepted"
    UNCONFIRMED = "unconfirmed"
    STALLED = "stalled"
    BUSY = "busy"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class UploadResult:
    """The end of an upload transaction.

    Attributes:
        outcome: How it ended.
        answer: The vehicle's last word; None if it fell silent.
        item_index: The item it was about; None if about the whole list, or not known.
        about_one_of_several: Whether several items were under way when one was refused.
    """

    outcome: UploadOutcome
    answer: MissionResult | None = None
    item_index: int | None = None
    about_one_of_several: bool = False


class MissionUpload(Exchange):
    """One upload transaction; once `done`, see `result`.

    Args:
        items: What to upload; an empty list clears.
        mission_type: Which of the vehicle's lists.
        dialog: Who talks to whom.
        round_trip: The link's measured round trip.
        window: How many items are under way at once at first; 1 sends each only when it is asked
            for.
        widest: How many it may become; None stays as it is.
    """

    def __init__(
        self,
        items: Sequence[WireItem],
        mission_type: MissionType,
        dialog: Dialog,
        round_trip: RoundTrip,
        *,
        window: int = 1,
        widest: int | None = None,
    ) -> None:
        super().__init__(dialog, round_trip)
        self._items = tuple(items)
        self._mission_type = mission_type
        self._window = window
        self._widest = window if widest is None else max(window, widest)
        self._sent_at_s: list[float] = []  # of each item sent while more than one was under way
        self._current: int | None = None  # the item last asked for; None before the first request
        self._last_sent = False
        self._skipped_ahead = False
        self.result: UploadResult | None = None

    @property
    def items_asked_for(self) -> int:
        """How far the vehicle has come."""
        return 0 if self._current is None else self._current + 1

    def _question(self) -> Outbox:
        if self._current is None:
            count = len(self._items)
            kind = int(self._mission_type)
            peer = self._dialog.peer
            return (peer.addressed("MISSION_COUNT", count=count, mission_type=kind),)
        if self._current < len(self._sent_at_s):
            self._sent_at_s[self._current] = self._asked_at_s
        return self._item(self._current)

    def _answered(self, message: Message, now_s: float) -> Outbox:
        if message.fields.get("mission_type", 0) != self._mission_type:
            return ()
        if message.name in {"MISSION_REQUEST", "MISSION_REQUEST_INT"}:
            return self._requested(message["seq"], now_s)
        if message.name == "MISSION_ACK":
            return self._acknowledged(message["type"], now_s)
        return ()

    def _requested(self, seq: int, now_s: float) -> Outbox:
        if seq >= len(self._items) or (self._current is None and seq != 0):
            return ()  # left over from an earlier transaction
        expected = self.items_asked_for
        if self._window > 1 and expected <= seq <= len(self._sent_at_s):
            return self._send_ahead(seq, now_s)
        self._window = 1
        if seq == expected:
            # When an item sent ahead was taken is not plain after trouble.
            if not 0 < seq <= len(self._sent_at_s):
                self._measure(now_s)
        elif 0 < expected - 1 - seq <= self._widest:
            # Late or repeated: serve it, and keep our place.
            return () if self._is_under_way(seq, now_s) else self._item(seq)
        self._current = seq
        self._skipped_ahead = False
        if not self._is_under_way(seq, now_s):
            return self._ask(now_s)
        self._attempt, self._asked_at_s = 0, self._sent_at_s[seq]
        self.deadline_s = self._asked_at_s + self._round_trip.patience_s(0)
        return ()

    def _is_under_way(self, seq: int, now_s: float) -> bool:
        """Tell whether an item was sent so lately that its answer may still come."""
        if seq >= len(self._sent_at_s):
            return False
        return now_s < self._sent_at_s[seq] + self._round_trip.patience_s(0)

    def _send_ahead(self, seq: int, now_s: float) -> Outbox:
        """Answer a request for what was to come with what is not yet under way."""
        self._asked_at_s = self._sent_at_s[seq - 1] if seq else self._asked_at_s
        self._measure(now_s)
        # As TCP begins (RFC 5681): twice as many with each round trip.
        self._window = min(self._window + seq - (self._current or 0), self._widest)
        self._current, self._attempt = seq, 0
        self.deadline_s = now_s + self._round_trip.patience_s(0)
        sent, end = len(self._sent_at_s), min(seq + self._window, len(self._items))
        self._sent_at_s += [now_s] * (end - sent)
        return tuple(message for ahead in range(sent, end) for message in self._item(ahead))

    def _acknowledged(self, answer: int, now_s: float) -> Outbox:
        if self._current is None:
            self._answered_count(answer)
            return ()
        match answer:
            case MissionResult.ACCEPTED:
                if self._last_sent:
                    self._end(UploadOutcome.ACCEPTED, answer)
            case MissionResult.INVALID_SEQUENCE:
                self._window = 1
                return self._skip_ahead(now_s)
            case MissionResult.ERROR:
                # Also what an idle vehicle says to an item repeated after the upload's end.
                sent = self._last_sent
                self._end(UploadOutcome.UNCONFIRMED if sent else UploadOutcome.STALLED, answer)
            case MissionResult.OPERATION_CANCELLED:
                self._end(UploadOutcome.STALLED, answer)
            case MissionResult.DENIED:
                self._end(UploadOutcome.BUSY, answer)
            case _:
                self._refused(self._current, answer)
        return ()

    def _refused(self, current: int, answer: int) -> None:
        """End; the vehicle does not say which item it is about."""
        several = len(self._sent_at_s) > current + 1
        self._end(UploadOutcome.REFUSED, answer, None if several else current, several=several)

    def _answered_count(self, answer: int) -> None:
        """Judge an answer before the first request; most are echoes of earlier transactions."""
        if answer == MissionResult.ACCEPTED and not self._items:
            self._end(UploadOutcome.ACCEPTED, answer)
        elif answer == MissionResult.DENIED:
            self._end(UploadOutcome.BUSY, answer)
        elif answer in _REFUSED_AT_ONCE:
            self._end(UploadOutcome.REFUSED, answer)

    def _skip_ahead(self, now_s: float) -> Outbox:
        """Send the next item unasked, once, after a repeated item proved to have arrived."""
        following = self.items_asked_for
        if self._attempt == 0 or self._skipped_ahead or following >= len(self._items):
            return ()
        self._skipped_ahead = True
        self.deadline_s = now_s + self._round_trip.patience_s(self._attempt)
        return self._item(following)

    def _item(self, seq: int) -> Outbox:
        if seq == len(self._items) - 1:
            self._last_sent = True
        return (self._items[seq].message(self._dialog.peer, seq, self._mission_type),)

    def tick(self, now_s: float) -> Outbox:
        """Take note of the time; return what to send again."""
        at_end = self._last_sent and self.items_asked_for == len(self._items)
        if at_end and self._attempt + 1 >= _ATTEMPTS_AFTER_LAST and now_s >= self.deadline_s:
            self._give_up()
            return ()
        self._skipped_ahead = False
        if not self.done and now_s >= self.deadline_s and self._current is not None:
            self._window = 1
        return super().tick(now_s)

    def _give_up(self) -> None:
        outcome = UploadOutcome.UNCONFIRMED if self._last_sent else UploadOutcome.STALLED
        self._end(outcome, None)

    def _end(
        self,
        outcome: UploadOutcome,
        answer: int | None,
        item: int | None = None,
        *,
        several: bool = False,
    ) -> None:
        known = None if answer is None else _result(answer)
        self.result = UploadResult(outcome, known, item, several)
        self.done = True


def _result(answer: int) -> MissionResult:
    try:
        return MissionResult(answer)
    except ValueError:
        return MissionResult.ERROR
