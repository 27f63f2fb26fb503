"""`patrol serve`: the API answers, the first start lets one administrator in."""

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from patrol.demo.ports import free_port
from tests.patrol.conftest import Said, Terminal

PATIENCE_S = 60.0


@dataclass
class Visitor:
    """Waits in a thread until a server answers, looks around, and presses Ctrl-C."""

    url: str
    look: Callable[[httpx.Client], None]
    failures: list[Exception] = field(default_factory=list)

    def __call__(self) -> None:
        """Visit."""
        try:
            with httpx.Client(base_url=self.url, trust_env=False) as client:
                self._wait(client)
                self.look(client)
        except Exception as error:  # noqa: BLE001 - told in the test's own thread
            self.failures.append(error)
        os.kill(os.getpid(), signal.SIGINT)

    def _wait(self, client: httpx.Client) -> None:
        deadline_s, pause = time.monotonic() + PATIENCE_S, threading.Event()
        while time.monotonic() < deadline_s:
            try:
                client.get("/healthz").raise_for_status()
            except httpx.TransportError:
                pause.wait(0.02)
            else:
                return
        raise TimeoutError(self.url)


def served(
    terminal: Terminal, look: Callable[[httpx.Client], None] = lambda _: None, *options: str
) -> Said:
    """Serve until a visitor has looked around."""
    port = free_port(socket.SOCK_STREAM)
    visitor = Visitor(f"http://127.0.0.1:{port}", look)
    thread = threading.Thread(target=visitor)
    thread.start()
    said = terminal("serve", "--port", port, *options)
    thread.join()
    assert not visitor.failures
    return said


def test_the_page_and_the_documents_are_where_it_says(terminal: Terminal) -> None:
    """Ctrl-C is how a server ends, so that is no failure."""
    seen: list[int] = []

    def look(client: httpx.Client) -> None:
        seen.extend(client.get(path).status_code for path in ("/", "/docs", "/events"))

    said = served(terminal, look)
    assert said.code == 0
    assert seen == [200, 200, 401]
    url = re.search(r"Map page: (http://127\.0\.0\.1:\d+/)#token=", said.out)
    assert url is not None
    assert f"API documents: {url[1]}docs" in said.out


def test_the_first_start_shows_an_administrators_token_once(terminal: Terminal) -> None:
    """That token opens the API; the second start shows none."""
    first = served(terminal)
    token = re.search(r"#token=(\S+)", first.out)
    assert token is not None
    statuses: list[int] = []

    def look(client: httpx.Client) -> None:
        headers = {"Authorization": f"Bearer {token[1]}"}
        statuses.append(client.get("/events", headers=headers).status_code)

    second = served(terminal, look)
    assert statuses == [200]
    assert "token" not in second.out


def test_a_taken_port_is_told_before_anything_starts(terminal: Terminal) -> None:
    """The sentence names address and port and the option that helps; no token is used up."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = terminal("serve", "--port", port)
    assert said.code == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in said.err
    assert "--port" in said.err
    assert not terminal.home.exists()


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_told(terminal: Terminal, host: str) -> None:
    """One can only listen where one is."""
    said = terminal("serve", "--host", host, "--port", 0)
    assert said.code == 1
    assert f"Cannot listen on {host}:0" in said.err


def test_a_wrong_address_for_cursor_on_target_is_told(terminal: Terminal) -> None:
    """Before anything starts, with the form that is wanted."""
    said = terminal("serve", "--port", 0, "--cot", "239.2.3.1:6969")
    assert said.code == 1
    assert "udp://host:port" in said.err
    assert not terminal.home.exists()


def test_aircraft_are_pushed_where_an_option_says(terminal: Terminal) -> None:
    """Cursor-on-Target by datagram, from the moment that the server has heard of one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(PATIENCE_S)
        first = served(terminal)
        token = re.search(r"#token=(\S+)", first.out)
        assert token is not None
        told: list[bytes] = []

        def look(client: httpx.Client) -> None:
            headers = {"Authorization": f"Bearer {token[1]}"}
            body = {
                "position": {"lon_deg": 115.6, "lat_deg": 33.1},
                "observed_at": "2026-07-01T08:00:00Z",
            }
            client.put("/vehicles/uav-1/position", json=body, headers=headers).raise_for_status()
            told.append(receiver.recv(65_536))

        served(terminal, look, "--cot", f"udp://127.0.0.1:{receiver.getsockname()[1]}")
    assert b'uid="gridpatrol.aircraft.uav-1"' in told[0]
