"""Follows the live stream as a client, over broken lines and restarts of the server."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from events_api.api_link import ApiLink
from events_api.backoff import Backoff
from events_api.errors import ApiDownError


@dataclass(frozen=True, slots=True)
class LiveMessage:
    """One message of the live stream.

    Attributes:
        kind: `event.opened`, `event.changed`, `event.left`, `vehicle`, `cells`; `ready` stands
            first, and again after each break.
        number: Its place in the feed, to go on from; none of an aircraft's position.
        data: What it tells, as GET /stream writes it.
    """

    kind: str
    number: int | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Patience:
    """How a client that follows comes back.

    Attributes:
        backoff: How long it waits after each failure.
        longest_s: How long it tries without success before it says so; none for ever.
        sleep: Waits for so many seconds.
        clock: Gives seconds that only grow.
    """

    backoff: Backoff = field(default=Backoff(first_s=0.2, longest_s=15.0))
    longest_s: float | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


def follow(link: ApiLink, after: int | None, patience: Patience) -> Generator[LiveMessage]:
    """Give the messages after a number, else from now on, without end and without a gap.

    Raises:
        ApiDownError: Nobody answers for longer than the patience lasts.
        WrongTokenError: The token may not follow, or no more.
        RefusedError: The number makes no sense.
    """
    failures, since_s, chance = 0, patience.clock(), random.Random()
    while True:
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        try:
            with link.opened("/stream", {}, headers) as answer:
                for message in messages(answer.iter_lines()):
                    failures, since_s = 0, patience.clock()
                    after = after if message.number is None else message.number
                    yield message
        except ApiDownError:
            silent_s = patience.clock() - since_s
            if patience.longest_s is not None and silent_s >= patience.longest_s:
                raise
        # A stream that ends in order does so because its server does: it comes back, or says why.
        failures += 1
        patience.sleep(patience.backoff.wait_s(failures, chance))


def messages(lines: Iterable[str]) -> Iterator[LiveMessage]:
    """Read server-sent events; one that is cut off by the end was not told."""
    kind, number = "message", None
    data: list[str] = []
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield LiveMessage(kind, number, json.loads("\n".join(data)))
            kind, number, data = "message", None, []
        elif name == "event":
            kind = value
        elif name == "id" and value.isdecimal():
            number = int(value)
        elif name == "data":
            data.append(value)
