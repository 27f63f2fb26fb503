"""What forwarding is told once, at the roof."""

from __future__ import annotations

from dataclasses import dataclass

MINUTE_S, HOUR_S = 60.0, 3600.0


@dataclass(frozen=True)
class ForwardSettings:
    """Settings of forwards; where they may go, the settings of webhooks say.

    Attributes:
        retry_after_s: How long to wait after each failure; one more failure and it is dead.
        poll_s: How often an open request is asked for its status.
        timeout_s: Longest time that one answer may take, from the first byte sent to the last read.
        look_s: Longest time until what is due again is looked for.
        at_once: How many requests are on their way at a time.
    """

    retry_after_s: tuple[float, ...] = (
        *(5.0, MINUTE_S, 5 * MINUTE_S, 30 * MINUTE_S),
        *(2 * HOUR_S, 6 * HOUR_S, 12 * HOUR_S, 24 * HOUR_S),
    )
    poll_s: float = 15 * MINUTE_S
    timeout_s: float = 20.0
    look_s: float = 2.0
    at_once: int = 8
