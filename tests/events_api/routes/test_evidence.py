"""PUT and GET /evidence."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from events_api.roles import Role
from events_api.settings import ApiSettings
from events_api.store import audit
from events_api.store.database import Database
from tests.events_api.conftest import NOW, RunningApi, running
from tests.events_api.factories import JPEG, PNG, report_json

MP4 = b"\x00\x00\x00\x18ftypmp42 not much of a clip"
JPEG_TYPE = {"Content-Type": "image/jpeg"}


def address(data: bytes) -> str:
    """Return where some bytes are put."""
    return f"/evidence/{hashlib.sha256(data).hexdigest()}"


@pytest.mark.parametrize(
    ("data", "media_type"), [(JPEG, "image/jpeg"), (PNG, "image/png"), (MP4, "video/mp4")]
)
def test_what_is_put_can_be_got(api: RunningApi, data: bytes, media_type: str) -> None:
    """The same bytes of the same type, the second time without storing again."""
    headers = {"Content-Type": media_type}
    with api.client() as client:
        first = client.put(address(data), content=data, headers=headers)
        again = client.put(address(data), content=data, headers=headers)
        got = client.get(address(data))
    assert (first.status_code, again.status_code) == (201, 200)
    assert (got.content, got.headers["content-type"]) == (data, media_type)
    assert first.json()["size_bytes"] == len(data)


def test_a_part_of_a_clip_can_be_got(api: RunningApi) -> None:
    """A player that jumps asks for a range."""
    with api.client() as client:
        client.put(address(MP4), content=MP4, headers={"Content-Type": "video/mp4"})
        got = client.get(address(MP4), headers={"Range": "bytes=4-7"})
    assert (got.status_code, got.content) == (206, b"ftyp")


@pytest.mark.parametrize(
    ("path", "data", "media_type", "status"),
    [
        (address(PNG), JPEG, "image/jpeg", 422),  # other bytes than announced
        (address(JPEG), JPEG, "image/png", 422),  # not of its type
        (address(b""), b"", "image/jpeg", 422),
        (address(JPEG), JPEG, "text/html", 415),
        (address(JPEG), JPEG, "", 415),
        ("/evidence/abc", JPEG, "image/jpeg", 422),
        (address(JPEG).upper().replace("EVIDENCE", "evidence"), JPEG, "image/jpeg", 422),
    ],
)
def test_what_is_refused_leaves_nothing(
    shared_api: RunningApi, path: str, data: bytes, media_type: str, status: int
) -> None:
    """No row, no file, and no half of one."""
    with shared_api.client() as client:
        answer = client.put(path, content=data, headers={"Content-Type": media_type})
        assert client.get(address(data)).status_code == 404
    assert answer.status_code == status, answer.text
    assert [path for path in shared_api.settings.evidence_folder.rglob("*") if path.is_file()] == []


def test_a_file_over_the_limit_is_refused(settings: ApiSettings, tokens: dict[Role, str]) -> None:
    """Counted while it arrives, since a length need not be announced."""
    settings = replace(settings, evidence_limit_bytes=20)
    with running(settings, tokens) as api, api.client() as client:
        pieces = iter([JPEG[:15], JPEG[15:]])
        answer = client.put(address(JPEG), content=pieces, headers=JPEG_TYPE)
    assert answer.status_code == 413
    assert "20 bytes" in answer.json()["detail"]
    assert [path for path in settings.evidence_folder.rglob("*") if path.is_file()] == []


def opened(api: RunningApi) -> list[tuple[str, str]]:
    """Return who opened what, by the audit."""
    database = Database(api.settings.database_url)
    with database.read() as session:
        deeds = [entry.deed for entry in audit.entries(session)]
    database.close()
    return [(deed.actor, deed.subject) for deed in deeds if deed.action == "evidence.opened"]


def test_every_opening_is_in_the_audit(api: RunningApi) -> None:
    """Who looked at what; what was refused was not seen, and nothing is kept on the way."""
    with api.client() as client:
        client.put(address(JPEG), content=JPEG, headers=JPEG_TYPE)
        client.get(address(PNG))
        answer = client.get(address(JPEG))
    with api.client(Role.HANDLER) as client:
        client.get(address(JPEG))
    name = hashlib.sha256(JPEG).hexdigest()
    assert opened(api) == [(who, f"evidence:{name}") for who in ("administrator-1", "handler-1")]
    assert answer.headers["cache-control"] == "private, no-store"


def test_what_belongs_to_no_event_is_opened_by_no_area(api: RunningApi) -> None:
    """It is nobody's yet but of those whom no scope bounds."""
    wish = {"name": "town", "role": "supervisor", "scope": "town:341299001"}
    with api.client() as client:
        client.put(address(JPEG), content=JPEG, headers=JPEG_TYPE)
        token = client.post("/tokens", json=wish).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.get(api.url + address(JPEG), headers=headers).status_code == 404
        client.post("/reports", json=report_json(evidence=[address(JPEG).rsplit("/", 1)[1]]))
        assert httpx.get(api.url + address(JPEG), headers=headers).content == JPEG


def event_with_picture(api: RunningApi, number: int = 1) -> dict[str, Any]:
    """Report a car with a picture, and return its event as an acceptor is shown it."""
    name = hashlib.sha256(JPEG).hexdigest()
    with api.client() as client:
        client.put(address(JPEG), content=JPEG, headers=JPEG_TYPE)
        report = report_json(number, evidence=[name])
        event_id = client.post("/reports", json=report).json()["event_id"]
    with api.client(Role.ACCEPTOR) as acceptor:
        shown: dict[str, Any] = acceptor.get(f"/events/{event_id}").json()
        return shown


def test_events_are_shown_with_links_to_their_pictures(api: RunningApi) -> None:
    """They open without a token, and the audit knows for whom they were made."""
    event = event_with_picture(api)
    (evidence,) = event["evidence"]
    with api.client(Role.ACCEPTOR) as acceptor:
        listed = [
            acceptor.get("/events").json()["events"][0]["snapshot_url"],
            acceptor.get("/events.geojson").json()["features"][0]["properties"]["snapshot_url"],
        ]
    for link in (event["snapshot_url"], evidence["url"], *listed):
        assert httpx.get(api.url + link).content == JPEG
    assert {who for who, _ in opened(api)} == {"acceptor-1"}


def test_a_link_is_over_after_five_minutes(settings: ApiSettings, tokens: dict[Role, str]) -> None:
    """And says how to get another."""
    times = [NOW]
    with running(replace(settings, clock=lambda: times[-1]), tokens) as api:
        link = event_with_picture(api)["snapshot_url"]
        times.append(NOW + timedelta(minutes=4, seconds=59))
        assert httpx.get(api.url + link).status_code == 200
        times.append(NOW + timedelta(minutes=5))
        answer = httpx.get(api.url + link)
    assert answer.status_code == 403
    assert "read the event for another" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("holder=acceptor-1", "holder=administrator-1"),
        ("expires=1", "expires=2"),
        ("signature=", "signature=A"),
        (hashlib.sha256(JPEG).hexdigest(), hashlib.sha256(PNG).hexdigest()),
    ],
)
def test_a_link_that_was_changed_opens_nothing(api: RunningApi, before: str, after: str) -> None:
    """For somebody else, for longer, or for another picture."""
    with api.client() as client:
        client.put(address(PNG), content=PNG, headers={"Content-Type": "image/png"})
    link = event_with_picture(api)["snapshot_url"]
    assert before in link
    assert httpx.get(api.url + link.replace(before, after)).status_code == 403


def test_a_link_dies_with_the_token_it_was_made_for(api: RunningApi) -> None:
    """What it opens is what its holder may open now."""
    link = event_with_picture(api)["snapshot_url"]
    with api.client() as admin:
        admin.delete("/tokens/acceptor-1")
        assert httpx.get(api.url + link).status_code == 401
        wish = {"name": "acceptor-1", "role": "acceptor", "scope": "town:341299002"}
        admin.post("/tokens", json=wish)
        assert httpx.get(api.url + link).status_code == 404


def sealed_original(api: RunningApi) -> str:
    """Store a picture and its sealed original with an event, and return the event's id."""
    names = [hashlib.sha256(data).hexdigest() for data in (PNG, JPEG)]
    with api.client(Role.MACHINE) as drone:
        path, png = address(PNG), {"Content-Type": "image/png"}
        made = drone.put(f"{path}?sealed=true", content=PNG, headers=png)
        assert made.json()["sealed"]
        assert drone.put(path, content=PNG, headers=png).json()["sealed"], "for ever"
        drone.put(address(JPEG), content=JPEG, headers=JPEG_TYPE)
        receipt = drone.post("/reports", json=report_json(evidence=names)).json()
        return str(receipt["event_id"])


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MACHINE])
def test_a_sealed_original_is_opened_by_named_roles_only(api: RunningApi, role: Role) -> None:
    """It is named to all who see the event, linked for nobody, and never the snapshot."""
    event_id = sealed_original(api)
    with api.client(role) as client:
        event = client.get(f"/events/{event_id}").json()
        assert {each["sha256"]: each["url"] is None for each in event["evidence"]} == {
            hashlib.sha256(PNG).hexdigest(): True,
            hashlib.sha256(JPEG).hexdigest(): False,
        }
        assert event["snapshot"] == hashlib.sha256(JPEG).hexdigest()
        status = client.get(address(PNG)).status_code
    may = role in {Role.SUPERVISOR, Role.ADMINISTRATOR}
    assert status == (200 if may else 403)
    assert len(opened(api)) == may


def test_no_link_opens_a_sealed_original(api: RunningApi) -> None:
    """Not even one that was made before it was sealed."""
    event = event_with_picture(api)
    with api.client(Role.SUPERVISOR) as supervisor:
        link = supervisor.get(f"/events/{event['event_id']}").json()["snapshot_url"]
        path = address(JPEG)
        supervisor.put(f"{path}?sealed=true", content=JPEG, headers=JPEG_TYPE)
        assert httpx.get(api.url + link).status_code == 403
        assert supervisor.get(path).content == JPEG


def test_a_county_names_who_opens_what_is_sealed(
    settings: ApiSettings, tokens: dict[Role, str]
) -> None:
    """By a setting of the server."""
    with running(replace(settings, sealed_roles=(Role.HANDLER,)), tokens) as api:
        sealed_original(api)
        for role, status in ((Role.HANDLER, 200), (Role.SUPERVISOR, 403)):
            with api.client(role) as client:
                assert client.get(address(PNG)).status_code == status
