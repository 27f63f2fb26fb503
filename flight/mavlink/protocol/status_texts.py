"""Status texts, put together from their chunks."""

from flight.mavlink.protocol.messages import Message

_CHUNK_LENGTH = 50
_MAX_OPEN = 8


class StatusTexts:
    """Collects STATUSTEXT messages; long texts come in chunks, any of which may be lost."""

    def __init__(self) -> None:
        self._open: dict[int, dict[int, str]] = {}

    def receive(self, message: Message) -> str | None:
        """Return the text that this message completes, or None while more is to come."""
        text, text_id = str(message["text"]), int(message.fields.get("id", 0))
        if text_id == 0:  # whole in one message, as most are
            return text.rstrip()  # PX4 ends in a tab what it tells as an event too
        chunks = self._open.setdefault(text_id, {})
        chunks[int(message.fields.get("chunk_seq", 0))] = text
        if len(text) >= _CHUNK_LENGTH:
            while len(self._open) > _MAX_OPEN:  # the last chunk of these was lost
                self._open.pop(next(iter(self._open)))
            return None
        del self._open[text_id]
        last = max(chunks)
        return "".join(chunks.get(i, "…") for i in range(last + 1)).rstrip()
