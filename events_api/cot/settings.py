"""Where Cursor-on-Target goes, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from events_api.errors import AddressError


class Wire(StrEnum):
    """How messages travel: one in each datagram, or one after the other over a connection."""

    UDP = "udp"
    TCP = "tcp"


@dataclass(frozen=True, slots=True)
class CotTarget:
    """One receiver, or one group of them."""

    wire: Wire
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address such as `udp://239.2.3.1:6969` or `tcp://tak.example:8087`.

        Raises:
            AddressError: It is none.
        """
        try:
            parts = urlsplit(text)
            wire, host, port = Wire(parts.scheme), parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or not port or parts.path.strip("/") or parts.username:
            raise AddressError(
                f"{text!r} is no address for Cursor-on-Target; write udp://host:port or "
                "tcp://host:port."
            )
        return cls(wire, host, port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.wire}://{host}:{self.port}"


@dataclass(frozen=True)
class CotSettings:
    """Settings of the push.

    Attributes:
        targets: Who is told.
        look_s: How often aircraft are looked at: none is told of more often.
        refresh_s: How often an open hazard is told again; sooner than it is stale, and often
            enough for whoever comes later.
        timeout_s: Longest time that a receiver over TCP may take.
    """

    targets: tuple[CotTarget, ...] = ()
    look_s: float = 1.0
    refresh_s: float = 120.0
    timeout_s: float = 10.0
