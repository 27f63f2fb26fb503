"""The API killed in the middle of its work: every report arrives, and counts once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from events_api.client import EventApiClient
from events_api.outbox import Blob, Outbox
from events_api.roles import Role
from events_api.settings import ApiSettings
from tests.events_api.conftest import RunningApi, running
from tests.events_api.factories import JPEG, away, make_report, report_id

pytestmark = pytest.mark.system

SERVE = """
import sys
from pathlib import Path
from events_api.server import ApiServer
from tests.events_api.conftest import settings_in
folder, database_url, port = sys.argv[1:]
ApiServer(settings_in(Path(folder), database_url), port=int(port)).run()
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def process(settings: ApiSettings, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Serve in a process of its own, which is killed at the end if it still lives."""
    folder = settings.evidence_folder.parent
    asked = [str(folder), settings.database_url, str(port)]
    server = subprocess.Popen([sys.executable, "-c", SERVE, *asked])
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}")
        yield server
    finally:
        server.kill()
        server.wait()


def wait_until_it_answers(url: str) -> None:
    """Return once the API lives."""
    deadline_s = time.monotonic() + 30
    while True:
        try:
            httpx.get(f"{url}/healthz")
        except httpx.TransportError:
            assert time.monotonic() < deadline_s, "the server did not start"
        else:
            return


class KillingTransport(httpx.HTTPTransport):
    """Kills the server when a certain request is about to be sent."""

    def __init__(self, server_pid: int, kill_at: int) -> None:
        super().__init__()
        self._server_pid = server_pid
        self._left = kill_at

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, on the way of which the server may die."""
        self._left -= 1
        if self._left == 0:
            os.kill(self._server_pid, signal.SIGKILL)
        return super().handle_request(request)


def fill(outbox: Outbox, count: int) -> set[str]:
    """Put reports with a picture each, 50 m apart, and return their ids."""
    for number in range(count):
        picture = Blob(JPEG + str(number).encode(), "image/jpeg")
        report = make_report(number, position=away(50.0 * number), evidence=[picture.sha256])
        outbox.put(report, [picture])
    return {str(report_id(number)) for number in range(count)}


def reports_in(api: RunningApi) -> list[str]:
    """Return the ids of all reports that the API has, each as often as it has it."""
    with EventApiClient(api.url, api.tokens[Role.ACCEPTOR]) as client:
        return [
            str(seen.report.report_id)
            for event in client.events()
            for seen in client.event(str(event.event_id)).observations
        ]


@pytest.mark.parametrize("kill_at", [1, 4, 7])
def test_every_report_arrives_once_though_the_api_is_killed(
    settings: ApiSettings, tokens: dict[Role, str], tmp_path: Path, kill_at: int
) -> None:
    """Killed while it receives, started again on the same files, and the outbox goes on."""
    port = free_port()
    with Outbox(tmp_path / "outbox") as outbox:
        expected = fill(outbox, 6)
        with process(settings, port) as server:
            url = f"http://127.0.0.1:{port}"
            killing = KillingTransport(server.pid, kill_at)
            with EventApiClient(url, tokens[Role.MACHINE], transport=killing) as client:
                delivery = outbox.deliver(client)
            assert delivery.stopped is not None
            assert delivery.waiting > 0
        with running(settings, tokens) as api:
            with EventApiClient(api.url, tokens[Role.MACHINE]) as client:
                outbox.deliver(client, at_once=True)
            assert sorted(reports_in(api)) == sorted(expected)
        assert (outbox.pending(), outbox.delivered()) == (0, 6)


def test_what_was_answered_is_kept_through_a_kill(
    settings: ApiSettings, tokens: dict[Role, str]
) -> None:
    """Between the answer and the kill there is no time to write anything later."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with process(settings, port) as server, EventApiClient(url, tokens[Role.MACHINE]) as client:
        answered = [
            str(client.submit_report(make_report(n, position=away(50.0 * n))).report_id)
            for n in range(10)
        ]
        os.kill(server.pid, signal.SIGKILL)
    with running(settings, tokens) as api:
        assert sorted(reports_in(api)) == sorted(answered)
