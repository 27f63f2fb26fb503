"""What all protocols have in common: one question to one vehicle, asked until it is answered.

An exchange never touches a socket or a clock. Whoever drives it sends what `start`, `receive` and
`tick` return, calls `tick` when `deadline_s` has come, and stops when it is `done`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from flight.mavlink.protocol.messages import Identity, Message, Peer

Outbox = tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Dialog:
    """Who talks to whom.

    Attributes:
        peer: The vehicle.
        me: Ourselves.
    """

    peer: Peer
    me: Identity

    def concerns(self, message: Message) -> bool:
        """Tell whether a message comes from the vehicle and is meant for us."""
        return self.peer.sent(message) and self.me.is_addressed_by(message)


class RoundTrip:
    """The link's measured round trip, and how long to wait for an answer (RFC 6298).

    Args:
        initial_s: Patience before anything was measured.
        floor_s: Least patience, so that a busy machine does not make us repeat ourselves.
        ceiling_s: Greatest patience.
    """

    def __init__(
        self, initial_s: float = 0.5, floor_s: float = 0.06, ceiling_s: float = 3.0
    ) -> None:
        self._floor_s = floor_s
        self._ceiling_s = ceiling_s
        self._smoothed_s: float | None = None
        self._variation_s = 0.0
        self._patience_s = initial_s

    @property
    def smoothed_s(self) -> float | None:
        """The usual round trip; None before the first measurement."""
        return self._smoothed_s

    def measured(self, sample_s: float) -> None:
        """Learn from one answer to a question that was asked once only (Karn's rule)."""
        if self._smoothed_s is None:
            self._smoothed_s, self._variation_s = sample_s, sample_s / 2
        else:
            error_s = abs(self._smoothed_s - sample_s)
            self._variation_s = 0.75 * self._variation_s + 0.25 * error_s
            self._smoothed_s = 0.875 * self._smoothed_s + 0.125 * sample_s
        # As TCP does (RFC 6298): patient enough for nearly every answer, and for no longer.
        self._patience_s = self._smoothed_s + 4 * self._variation_s

    def patience_s(self, attempt: int) -> float:
        """Return how long to wait for an answer to the given attempt, counted from 0."""
        base_s = max(self._patience_s, self._floor_s)
        return float(min(base_s * 2 ** min(attempt, 10), max(self._ceiling_s, base_s)))


class Exchange(ABC):
    """One question and its answer; see the module's text for how to drive it.

    Args:
        dialog: Who talks to whom.
        round_trip: The link's measured round trip, shared by all exchanges on it.
        max_attempts: How often to ask before giving up.
    """

    def __init__(self, dialog: Dialog, round_trip: RoundTrip, max_attempts: int = 10) -> None:
        self._dialog = dialog
        self._round_trip = round_trip
        self._max_attempts = max_attempts
        self._attempt = 0
        self._asked_at_s = 0.0
        self.deadline_s = 0.0
        self.done = False

    def start(self, now_s: float) -> Outbox:
        """Begin; return what to send."""
        return self._ask(now_s)

    def receive(self, message: Message, now_s: float) -> Outbox:
        """Take any message of the link; return what to send."""
        if self.done or not self._dialog.concerns(message):
            return ()
        return self._answered(message, now_s)

    def tick(self, now_s: float) -> Outbox:
        """Take note of the time; return what to send again."""
        if self.done or now_s < self.deadline_s:
            return ()
        if self._attempt + 1 >= self._max_attempts:
            self._give_up()
            self.done = True
            return ()
        return self._ask(now_s, self._attempt + 1)

    def _ask(self, now_s: float, attempt: int = 0) -> Outbox:
        """Ask the open question, for the first time or again."""
        self._attempt = attempt
        self._asked_at_s = now_s
        self.deadline_s = now_s + self._round_trip.patience_s(attempt)
        return self._question()

    def _measure(self, now_s: float) -> None:
        """Learn from an answer, if it is clear which question it answers."""
        if self._attempt == 0:
            self._round_trip.measured(now_s - self._asked_at_s)

    @abstractmethod
    def _question(self) -> Outbox:
        """Return the messages that ask the open question."""

    @abstractmethod
    def _answered(self, message: Message, now_s: float) -> Outbox:
        """Take a message that concerns this dialog."""

    @abstractmethod
    def _give_up(self) -> None:
        """Note that no answer came."""
