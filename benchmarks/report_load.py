"""Reports to send, and senders that cost little: HTTP/1.1 over plain sockets, in one process."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import numpy as np

from benchmarks.event_store import sample_matters

WEST_DEG, SOUTH_DEG, WIDE_DEG, HIGH_DEG = 115.35, 32.96, 0.5, 0.38
SEEN_AGAIN = 0.5
"""The share of reports that look at what an earlier one saw."""


def reports(count: int, seed: int) -> Iterator[dict[str, object]]:
    """Give reports of drones all over the county, half of them of things seen before."""
    rng = np.random.default_rng(seed)
    matters = sample_matters()
    began = datetime.now(UTC) - timedelta(hours=1)
    seen: list[tuple[float, float, int]] = []
    for number in range(count):
        if seen and rng.uniform() < SEEN_AGAIN:
            lon_deg, lat_deg, matter = seen[rng.integers(len(seen))]
        else:
            lon_deg = WEST_DEG + WIDE_DEG * rng.uniform()
            lat_deg = SOUTH_DEG + HIGH_DEG * rng.uniform()
            matter = int(rng.integers(len(matters)))
            seen.append((lon_deg, lat_deg, matter))
        lon_deg, lat_deg = lon_deg + 1e-5 * rng.normal(), lat_deg + 1e-5 * rng.normal()
        ref, code = matters[matter]
        yield {
            "report_id": str(uuid.UUID(bytes=rng.bytes(16), version=4)),
            "kind": "drone",
            "source": f"uav-{number % 8}",
            "pass_id": f"pass-{seed}-{number % 8}-{number // 400}",
            "track_id": number,
            "matter": {"standard_ref": ref, "code": code},
            "class_name": "thing",
            "score": 0.8,
            "observed_at": (began + timedelta(milliseconds=number)).isoformat(),
            "position": {"lon_deg": lon_deg, "lat_deg": lat_deg},
            "ce50_m": 1.6,
            "ce90_m": 3.0,
            "cell_code": "341299001001001",
            "cells": [{"code": "341299001001001", "probability": 0.97}],
            "why": "seen in 12 frames with a median score of 0.80",
        }


@dataclass(frozen=True)
class Sent:
    """What sending took: each wait, and all together."""

    waits_ms: list[float]
    took_s: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waits_ms) / self.took_s


def written(url: str, path: str, token: str, bodies: Sequence[object]) -> list[bytes]:
    """Write requests as they go over the wire, before any clock runs."""
    host = urlsplit(url).netloc
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: "
    found = []
    for body in bodies:
        content = json.dumps(body).encode()
        found.append(f"{head}{len(content)}\r\n\r\n".encode() + content)
    return found


def closed_loop(url: str, requests: Sequence[bytes], clients: int) -> Sent:
    """Send requests by clients that each wait for the answer before they send the next."""

    async def client(share: Sequence[bytes], waits_ms: list[float]) -> None:
        connection = await _Connection.open(url)
        for request in share:
            began_s = time.perf_counter()
            await connection.ask(request)
            waits_ms.append((time.perf_counter() - began_s) * 1000.0)
        connection.close()

    async def run() -> Sent:
        waits_ms: list[float] = []
        began_s = time.perf_counter()
        await asyncio.gather(*(client(requests[n::clients], waits_ms) for n in range(clients)))
        return Sent(waits_ms, time.perf_counter() - began_s)

    return asyncio.run(run())


def open_loop(url: str, requests: Sequence[bytes], rate: float) -> Sent:
    """Send requests at a rate, whether or not those before are answered.

    A wait is counted from when its request was due, so that a stall counts for all who met it.
    """

    async def run() -> Sent:
        free: list[_Connection] = []
        waits_ms: list[float] = []

        async def one(request: bytes, due_s: float) -> None:
            connection = free.pop() if free else await _Connection.open(url)
            try:
                await connection.ask(request)
            except (asyncio.IncompleteReadError, ConnectionError):
                # The server closes what is idle for some seconds; a report may be sent again.
                connection = await _Connection.open(url)
                await connection.ask(request)
            waits_ms.append((time.perf_counter() - due_s) * 1000.0)
            free.append(connection)

        began_s = time.perf_counter()
        asked = []
        for number, request in enumerate(requests):
            due_s = began_s + number / rate
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            asked.append(asyncio.create_task(one(request, due_s)))
        await asyncio.gather(*asked)
        for connection in free:
            connection.close()
        return Sent(waits_ms, time.perf_counter() - began_s)

    return asyncio.run(run())


class _Connection:
    """One connection that is kept alive."""

    def __init__(
        self, ask: Callable[[bytes], "asyncio.Future[None]"], close: Callable[[], None]
    ) -> None:
        self._ask = ask
        self.close = close

    @classmethod
    async def open(cls, url: str) -> "_Connection":
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)

        async def ask(request: bytes) -> None:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head.split(b" ", 2)[1])
            at = head.lower().index(b"content-length:") + len(b"content-length:")
            body = await reader.readexactly(int(head[at : head.index(b"\r", at)]))
            if status not in {200, 201}:
                raise RuntimeError(f"the server answered {status}: {body[:300]!r}")

        return cls(lambda request: asyncio.ensure_future(ask(request)), writer.close)

    async def ask(self, request: bytes) -> None:
        """Send a request and wait for its answer."""
        await self._ask(request)
