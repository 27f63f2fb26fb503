"""Hazards and aircraft pushed as Cursor-on-Target, over UDP and TCP."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from lxml import etree

from events_api.cot.settings import CotSettings, CotTarget, Wire
from events_api.errors import AddressError
from events_api.roles import Role
from events_api.settings import ApiSettings
from tests.events_api.conftest import RunningApi, running
from tests.events_api.factories import away, report_json

FIRE = {"standard_ref": "GRIDPATROL-EXT", "code": "EXT-FIRE"}


def read(datagrams: socket.socket) -> etree._Element:
    """Return the next message."""
    return etree.fromstring(datagrams.recv(65_536))


@contextmanager
def datagrams() -> Iterator[socket.socket]:
    """Receive datagrams on loopback, ten seconds each at most."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        yield receiver


def quick(settings: ApiSettings, *targets: CotTarget, **changes: Any) -> ApiSettings:
    """Return settings that tell these often."""
    return replace(settings, cot=CotSettings(targets, **{"look_s": 0.05, **changes}))


def post(api: RunningApi, number: int, **changes: Any) -> str:
    """Send a report and return its event's id."""
    report = report_json(number, **{"matter": FIRE, "position": away(60.0 * number), **changes})
    with api.client(Role.MACHINE) as drone:
        event_id: str = drone.post("/reports", json=report).json()["event_id"]
        return event_id


def at(message: etree._Element, name: str) -> datetime:
    """Return one of the times of a message."""
    return datetime.fromisoformat(str(message.get(name)))


def test_hazards_and_aircraft_are_told_by_datagram(
    settings: ApiSettings, tokens: dict[Role, str]
) -> None:
    """One message each, with its error and its end; what is no hazard is not told."""
    with datagrams() as receiver, ExitStack() as stack:
        target = CotTarget(Wire.UDP, *receiver.getsockname())
        api = stack.enter_context(running(quick(settings, target), tokens))
        post(api, 1, matter={"standard_ref": "GB/T 47678.5-2026", "code": "06010"})
        event_id = post(api, 2)
        told = read(receiver)
        assert (told.tag, told.get("uid")) == ("event", f"gridpatrol.{event_id}")
        assert told.get("type") == "a-u-X-i"
        point = told.find("point")
        assert float(point.get("ce")) == pytest.approx(3.6 / 2.146, abs=0.01)
        assert float(point.get("lat")) == pytest.approx(away(120.0)["lat_deg"], abs=1e-6)
        assert (at(told, "stale") - at(told, "time")).total_seconds() == 600
        with api.client(Role.MACHINE) as drone:
            position = {"position": away(5.0), "observed_at": "2026-07-01T08:00:00Z"}
            drone.put("/vehicles/uav-1/position", json=position)
        flown = read(receiver)
        assert (flown.get("uid"), flown.get("type")) == ("gridpatrol.aircraft.uav-1", "a-f-A-C-H")
        assert (at(flown, "stale") - at(flown, "start")).total_seconds() == 60


def test_a_hazard_that_is_over_vanishes(settings: ApiSettings, tokens: dict[Role, str]) -> None:
    """It is told once more, stale at once, and not again."""
    with datagrams() as receiver, ExitStack() as stack:
        target = CotTarget(Wire.UDP, *receiver.getsockname())
        api = stack.enter_context(running(quick(settings, target), tokens))
        event_id = post(api, 1)
        assert at(read(receiver), "stale") > at(read_again(api, receiver, event_id), "time")
        with api.client(Role.ACCEPTOR) as acceptor:
            seen = {"If-Match": acceptor.get(f"/events/{event_id}").headers["etag"]}
            wish = {"name": "reject", "reason": "steam of a kitchen"}
            path = f"/events/{event_id}/transitions"
            acceptor.post(path, json=wish, headers=seen).raise_for_status()
        over = read(receiver)
        assert over.get("stale") == over.get("time")


def read_again(api: RunningApi, receiver: socket.socket, event_id: str) -> etree._Element:
    """See the hazard once more, and return what is told of it."""
    assert post(api, 2, position=away(60.0), pass_id="pass-2") == event_id
    return read(receiver)


def test_open_hazards_are_told_to_who_comes_later(
    settings: ApiSettings, tokens: dict[Role, str]
) -> None:
    """Again and again, before they are stale; also after a restart."""
    with datagrams() as receiver:
        target = CotTarget(Wire.UDP, *receiver.getsockname())
        with running(settings, tokens) as api:
            event_id = post(api, 1)
        with running(quick(settings, target, refresh_s=0.1), tokens):
            for _ in range(3):
                assert read(receiver).get("uid") == f"gridpatrol.{event_id}"


def test_a_receiver_that_hangs_up_is_told_again(
    settings: ApiSettings, tokens: dict[Role, str]
) -> None:
    """Over TCP one message follows the other; a new connection begins with all that is open."""
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as stack:
        server.settimeout(10)
        target = CotTarget(Wire.TCP, *server.getsockname())
        api = stack.enter_context(running(quick(settings, target, refresh_s=0.1), tokens))
        event_id = post(api, 1)
        for _ in range(3):
            connection, _ = server.accept()
            with connection:
                connection.settimeout(10)
                assert f"gridpatrol.{event_id}".encode() in received(connection)


def received(connection: socket.socket) -> bytes:
    """Return what comes until a message is whole."""
    content = b""
    while b"</event>" not in content:
        piece = connection.recv(65_536)
        assert piece, "hung up"
        content += piece
    return content


def test_nobody_listening_harms_nothing(settings: ApiSettings, tokens: dict[Role, str]) -> None:
    """Neither at a closed port nor at a name that is none."""
    targets = (
        CotTarget(Wire.TCP, "127.0.0.1", 9),
        CotTarget(Wire.UDP, "127.0.0.1", 9),
        CotTarget(Wire.UDP, "no-such-host.invalid", 9),
    )
    with running(quick(settings, *targets, look_s=0.01), tokens) as api:
        for number in range(3):
            post(api, number)
        with api.client() as admin:
            assert len(admin.get("/events").json()["events"]) == 3


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("udp://239.2.3.1:6969", CotTarget(Wire.UDP, "239.2.3.1", 6969)),
        ("tcp://tak.example:8087", CotTarget(Wire.TCP, "tak.example", 8087)),
        ("tcp://[::1]:8087", CotTarget(Wire.TCP, "::1", 8087)),
    ],
)
def test_an_address_is_read_and_written(text: str, target: CotTarget) -> None:
    """As it was given."""
    assert (CotTarget.parse(text), str(target)) == (target, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "239.2.3.1:6969",
        "udp://:1",
        "udp://host",
        "http://host:1",
        "udp://host:99999",
        "tcp://host:0",
        "tcp://host:1/path",
        "tcp://me@host:1",
        "udp://[:1",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """With what to write instead."""
    with pytest.raises(AddressError, match="write udp://host:port"):
        CotTarget.parse(text)
