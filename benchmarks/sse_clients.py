"""How long an event takes to reach a thousand clients of the live stream."""

import asyncio
import resource
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np

from benchmarks.local_api import LocalApi, running_api
from benchmarks.result import Benchmark, BenchmarkUnavailableError, Figure, Result
from events_api.access import issue_token
from events_api.roles import Role
from patrol.serving import own_database
from patrol.settings import Settings

CLIENTS = 1000
EVENTS = 10
BOUND_MS = 1000.0
SPARE_FILES = 200
PATIENCE_S = 60.0
END = b"\n\n"


def run() -> Result:
    """Open a thousand streams in one process, and post ten events that open one by one."""
    _need_files(CLIENTS + SPARE_FILES)
    with tempfile.TemporaryDirectory() as folder, running_api(Path(folder)) as api:
        with own_database(Settings(Path(folder))) as database:
            token = issue_token(database, "reader", Role.SUPERVISOR, datetime.now(UTC))
        waits_ms, answers_ms = asyncio.run(_measure(api, token))
    last_ms = waits_ms.max(axis=1)
    return Result(
        name=BENCHMARK.name,
        figures={
            "clients": Figure(CLIENTS, "clients"),
            "events": Figure(EVENTS, "events"),
            "p50": Figure(float(np.median(waits_ms)), "ms"),
            "reached all, median": Figure(float(np.median(last_ms)), "ms"),
            "reached all, slowest": Figure(float(last_ms.max()), "ms"),
            "POST answered, median": Figure(float(np.median(answers_ms)), "ms"),
        },
        ratio=float(last_ms.max()) / BOUND_MS,
        against="one second from sending the report to the last of the clients",
        reach="at most 1",
        met=float(last_ms.max()) <= BOUND_MS,
    )


def _need_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise BenchmarkUnavailableError(f"{count} open files are needed, and {hard} are allowed.")
    # The server is started by this process and may open as many.
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))


async def _measure(
    api: LocalApi, token: str
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], list[float]]:
    waits_ms, answers_ms = np.zeros((EVENTS, CLIENTS)), []
    async with asyncio.timeout(PATIENCE_S):
        streams = [await _listen(api.url, token) for _ in range(CLIENTS)]
        headers = {"Authorization": f"Bearer {api.drone_token}"}
        async with httpx.AsyncClient(base_url=api.url, headers=headers, trust_env=False) as http:
            for number in range(EVENTS):
                began_s = time.perf_counter()
                told = asyncio.gather(*(_moment(stream) for stream in streams))
                (await http.post("/reports", json=_report(number))).raise_for_status()
                answers_ms.append((time.perf_counter() - began_s) * 1000.0)
                waits_ms[number] = [(moment_s - began_s) * 1000.0 for moment_s in await told]
    for stream in streams:
        stream.close()
    return waits_ms, answers_ms


class _Stream:
    """One client's connection."""

    def __init__(self, read: Callable[[], Awaitable[bytes]], close: Callable[[], None]) -> None:
        self.read = read
        self.close = close


async def _listen(url: str, token: str) -> _Stream:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    request = f"GET /stream HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {token}"
    writer.write(f"{request}\r\n\r\n".encode())

    async def read() -> bytes:
        return await reader.readuntil(END)

    stream = _Stream(read, writer.close)
    while b"event: ready" not in await stream.read():
        pass
    return stream


async def _moment(stream: _Stream) -> float:
    while b"event: event.opened" not in await stream.read():
        pass
    return time.perf_counter()


def _report(number: int) -> dict[str, object]:
    # A hundred metres apart: each report opens an event of its own.
    return {
        "report_id": str(uuid.UUID(int=number + 1)),
        "kind": "drone",
        "source": "uav-1",
        "matter": {"standard_ref": "GB/T 47678.5-2026", "code": "06010"},
        "class_name": "garbage",
        "score": 0.8,
        "observed_at": datetime.now(UTC).isoformat(),
        "position": {"lon_deg": 115.6 + 1e-3 * number, "lat_deg": 33.1},
        "ce50_m": 1.0,
        "ce90_m": 2.0,
        "why": "seen in 12 frames with a median score of 0.80",
    }


BENCHMARK = Benchmark("sse-clients", "time until an event has reached 1,000 live clients", run)
