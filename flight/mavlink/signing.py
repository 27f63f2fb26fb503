"""MAVLink 2 signing: who knows the key is believed, all others are not.

A signature is the first six bytes of SHA-256 over key, packet, link id and a timestamp that only
grows (https://mavlink.io/en/guide/message_signing.html).
"""

import hashlib
import hmac
import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flight.errors import LinkError

SIGNATURE_LENGTH = 13
KEY_LENGTH = 32

#: Seconds between 1970 and 2015, where signing begins to count.
_EPOCH_S = 1_420_070_400
_TICKS_PER_S = 100_000
_OLDEST_NEW_STREAM_TICKS = 60 * _TICKS_PER_S
_MOST_STREAMS = 64
_TAG_LENGTH = 6


def read_signing_key(path: Path) -> bytes:
    """Return the key in a file: 32 bytes, 64 hexadecimal digits, or a pass phrase.

    Of a pass phrase the key is its SHA-256, as Mission Planner, QGroundControl and MAVProxy
    make it.

    Raises:
        LinkError: The file cannot be read or is empty.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LinkError(f"The signing key {path} cannot be read: {error.strerror}.") from error
    if len(content) == KEY_LENGTH:
        return content
    text = content.strip()
    if not text:
        raise LinkError(
            f"The signing key {path} is empty; it should hold 32 bytes, 64 hexadecimal digits or "
            "a pass phrase."
        )
    if re.fullmatch(rb"[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text.decode())
    return hashlib.sha256(text).digest()


def write_signing_key(path: Path) -> bytes:
    """Make a key by chance, write it to a new file that only its owner may read, and return it.

    Raises:
        LinkError: The file is there already, or cannot be written.
    """
    key = secrets.token_bytes(KEY_LENGTH)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{key.hex()}\n")
    except OSError as error:
        raise LinkError(f"The signing key {path} cannot be written: {error.strerror}.") from error
    return key


@dataclass(slots=True)
class Signing:
    """The key of a network, and what has been signed with it so far.

    All links of a station share one, so that its timestamps only grow.

    Attributes:
        key: 32 secret bytes; never shown.
        link_id: Which of our links this is.
        clock: Unix seconds.
    """

    key: bytes = field(repr=False)
    link_id: int = 0
    clock: Callable[[], float] = field(default=time.time, repr=False)
    _last: int = field(default=0, repr=False)
    _streams: dict[tuple[int, int, int], int] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != KEY_LENGTH:
            raise LinkError(f"A signing key has {KEY_LENGTH} bytes, not {len(self.key)}.")

    def timestamp(self) -> int:
        """Return the time to sign with next, in units of 10 µs since 2015; no two are equal."""
        now = int((self.clock() - _EPOCH_S) * _TICKS_PER_S)
        self._last = max(now, self._last + 1)
        return self._last

    def advance(self, timestamp: int) -> None:
        """Sign nothing any more with a time before this one."""
        self._last = max(self._last, timestamp)

    def sign(self, packet: bytes) -> bytes:
        """Return a packet, checksum included, with its signature."""
        stamped = packet + bytes([self.link_id]) + self.timestamp().to_bytes(6, "little")
        return stamped + self._tag(stamped)

    def accepts(self, frame: bytes, system: int, component: int) -> bool:
        """Tell whether a signed frame is from one who knows the key, and no repetition."""
        if not hmac.compare_digest(self._tag(frame[:-_TAG_LENGTH]), frame[-_TAG_LENGTH:]):
            return False
        stamp = int.from_bytes(frame[-SIGNATURE_LENGTH + 1 : -_TAG_LENGTH], "little")
        stream = (frame[-SIGNATURE_LENGTH], system, component)
        last = self._streams.get(stream)
        if last is None:
            now = max(int((self.clock() - _EPOCH_S) * _TICKS_PER_S), self._last)
            if stamp < now - _OLDEST_NEW_STREAM_TICKS:
                return False
        elif stamp <= last:
            return False
        while last is None and len(self._streams) >= _MOST_STREAMS:
            self._streams.pop(next(iter(self._streams)))
        self._streams[stream] = stamp
        self.advance(stamp)
        return True

    def _tag(self, signed: bytes) -> bytes:
        return hashlib.sha256(self.key + signed).digest()[:_TAG_LENGTH]
