"""PUT and GET /evidence."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import httpx
import pytest

from events_api.roles import Role
from events_api.settings import ApiSettings
from events_api.store import audit
from events_api.store.database import Database
from tests.events_api.conftest import RunningApi, running
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
