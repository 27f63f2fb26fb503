"""What webhooks are told once, at the roof."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

MINUTE_S, HOUR_S = 60.0, 3600.0

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class WebhookSettings:
    """Settings of webhooks.

    Attributes:
        networks: Networks that are not public, and may be told all the same; plain HTTP is spoken
            to these only.
        retry_after_s: How long to wait after each failure; one more failure and the message is
            dead.
        timeout_s: Longest silence borne from a receiver.
        look_s: Longest time until what is due again is looked for.
        at_once: How many messages are on their way at a time.
        at_once_each: How many of them to one receiver, so that a slow one holds up no other.
    """

    networks: tuple[Network, ...] = ()
    retry_after_s: tuple[float, ...] = (
        *(5.0, 5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S),
        *(5 * HOUR_S, 10 * HOUR_S, 14 * HOUR_S, 20 * HOUR_S),
    )
    timeout_s: float = 15.0
    look_s: float = 1.0
    at_once: int = 32
    at_once_each: int = 4
