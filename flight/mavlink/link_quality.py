"""How much of what an autopilot sends arrives, told from the numbers on its packets."""

from flight.mavlink.protocol.messages import Message

_NUMBERS = 256
_WINDOW = 500.0  # packets over which the share is taken: some ten seconds of telemetry
_MAVLINK_2, _SEQUENCE_2, _SEQUENCE_1 = 0xFD, 4, 2
_REMEMBERED = 128


class LinkQuality:
    """Counts one sender's packets, so that late and doubled ones are no loss."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._expected = 0.0
        self._received = 0.0
        self._seen: set[int] = set()

    @property
    def loss_fraction(self) -> float | None:
        """Share of the lately sent packets that never came; None before two have come."""
        if self._expected < 1.0:
            return None
        return min(max(1.0 - self._received / self._expected, 0.0), 1.0)

    def receive(self, message: Message) -> None:
        """Take one packet of the sender."""
        if len(message.frame) <= _SEQUENCE_2:
            return
        second = message.frame[0] == _MAVLINK_2
        number = message.frame[_SEQUENCE_2 if second else _SEQUENCE_1]
        if self._last is None:
            self._last, self._seen = number, {number}
            return
        ahead = (number - self._last) % _NUMBERS
        if 0 < ahead < _REMEMBERED:
            self._go_on(number, ahead)
        elif number not in self._seen:  # late
            self._seen.add(number)
            self._received += 1.0

    def _go_on(self, number: int, ahead: int) -> None:
        fade = max(0.0, 1.0 - ahead / _WINDOW)
        self._expected = self._expected * fade + ahead
        self._received = self._received * fade + 1.0
        # Half of all numbers are kept: older ones come round again.
        for step in range(1, ahead + 1):
            self._seen.discard(((self._last or 0) + step) % _NUMBERS)
            self._seen.discard(((self._last or 0) + step + _REMEMBERED) % _NUMBERS)
        self._seen.add(number)
        self._last = number
