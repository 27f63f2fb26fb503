"""The API on a bucket: links, parts of clips, and a store that is away."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from events_api.backups.making import Source, make_backup
from events_api.client import EventApiClient
from events_api.errors import ApiDownError
from events_api.outbox import Blob, Outbox
from events_api.roles import Role
from events_api.settings import ApiSettings
from events_api.store import audit
from events_api.store.database import Database
from events_api.store.evidence_place import open_evidence
from geofences.findings import tell_nobody
from tests.events_api.backups.conftest import Home
from tests.events_api.conftest import NOW, RunningApi, running
from tests.events_api.factories import JPEG, make_report
from tests.events_api.stores import Store, store

PICTURE = Blob(JPEG + b"0123456789", "image/jpeg")


@pytest.fixture
def served() -> Iterator[Store]:
    """A store of the test's own."""
    with store() as served:
        yield served


@pytest.fixture
def bucket_api(
    served: Store, settings: ApiSettings, tokens: dict[Role, str]
) -> Iterator[RunningApi]:
    """An API that keeps its evidence in that store."""
    prefix = f"{settings.evidence_folder.parent.name}/"
    bucket = replace(served.bucket, prefix=prefix)
    with running(replace(settings, evidence_bucket=bucket), tokens) as api:
        yield api


def shown_url(api: RunningApi) -> str:
    """Report an event with a picture, and return the signed link to it."""
    with EventApiClient(api.url, api.tokens[Role.MACHINE]) as client:
        sha256 = client.put_evidence(PICTURE.data, PICTURE.media_type)
        client.submit_report(make_report(1, evidence=[sha256]))
    with api.client(Role.ACCEPTOR) as client:
        path: str = client.get("/events").json()["events"][0]["snapshot_url"]
    return f"{api.url}{path}"


def test_signed_links_lead_into_the_bucket(bucket_api: RunningApi) -> None:
    """Without a token, and without showing where the bytes lie; no file is left on this disk."""
    url = shown_url(bucket_api)
    answer = httpx.get(url)
    assert (answer.status_code, answer.content) == (200, PICTURE.data)
    assert answer.headers["content-type"] == "image/jpeg"
    assert "location" not in answer.headers
    assert httpx.get(url.replace("signature=", "signature=x")).status_code == 403
    folder = bucket_api.settings.evidence_folder
    assert [each for each in folder.rglob("*") if each.is_file()] == []


@pytest.mark.parametrize(
    ("span", "status", "part"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=-4", 206, slice(-4, None)),
        ("bytes=5-9999", 206, slice(5, None)),
        ("bytes=-", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
    ],
)
def test_a_player_gets_the_part_that_it_asks_for(
    bucket_api: RunningApi, span: str, status: int, part: slice
) -> None:
    """As from a file on this disk."""
    answer = httpx.get(shown_url(bucket_api), headers={"Range": span})
    assert (answer.status_code, answer.content) == (status, PICTURE.data[part])
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("where", ["bucket_api", "api"])
def test_a_part_that_is_not_there_is_refused_and_a_wrong_range_is_none(
    where: str, request: pytest.FixtureRequest
) -> None:
    """In the same way from a bucket and from a file."""
    url = shown_url(request.getfixturevalue(where))
    answer = httpx.get(url, headers={"Range": "bytes=9999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(PICTURE.data)}"
    assert answer.headers["content-type"] == "application/problem+json"
    for wrong in ("bytes=", "bytes=a-b", "x", "bytes=0-1,4-5"):
        assert httpx.get(url, headers={"Range": wrong}).content == PICTURE.data
    assert httpx.get(url, headers={"Range": "bytes=1-2"}).content == PICTURE.data[1:3]


def test_while_the_store_is_away_everything_waits_and_nothing_is_lost(
    served: Store, bucket_api: RunningApi, tmp_path: Path
) -> None:
    """The client keeps what it could not send, and sends it when the store is back."""
    url = shown_url(bucket_api)
    other = Blob(JPEG + b"other", "image/jpeg")
    with (
        Outbox(tmp_path / "outbox") as outbox,
        EventApiClient(bucket_api.url, bucket_api.tokens[Role.MACHINE]) as client,
    ):
        outbox.put(make_report(2, evidence=[other.sha256]), [other])
        with served.away():
            delivery = outbox.deliver(client)
            assert isinstance(delivery.stopped, ApiDownError)
            assert delivery.waiting == 1
            answer = httpx.get(url)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
            assert served.bucket.host not in answer.text
            assert httpx.get(f"{bucket_api.url}/readyz").json()["checks"]["evidence"] == "failed"
            assert httpx.get(f"{bucket_api.url}/healthz").status_code == 200
        assert len(outbox.deliver(client, at_once=True).receipts) == 1
        assert httpx.get(url).content == PICTURE.data
        assert httpx.get(f"{bucket_api.url}/readyz").status_code == 200


def test_a_bucket_is_backed_up_and_brought_back_to_a_folder(
    bucket_api: RunningApi, tmp_path: Path
) -> None:
    """A backup does not mind where things lay."""
    shown_url(bucket_api)
    settings, other = bucket_api.settings, Home(tmp_path / "other")
    store = open_evidence(settings.evidence_folder, settings.evidence_bucket)
    with Home(tmp_path).database() as database:
        source = Source(database, store, "tester")
        manifest = make_backup(source, tmp_path / "backup.zip", NOW, tell_nobody)
    assert manifest.lacking == ()
    other.restore(tmp_path / "backup.zip")
    assert list(other.evidence.hashes()) == [PICTURE.sha256]


def openings(api: RunningApi) -> int:
    """How many openings of evidence the audit knows."""
    database = Database(api.settings.database_url)
    with database.read() as session:
        actions = [entry.deed.action for entry in audit.entries(session)]
    database.close()
    return actions.count("evidence.opened")


def test_a_picture_that_is_lost_is_told_as_that(api: RunningApi) -> None:
    """It is ours that went wrong; the next backup check finds it."""
    url = shown_url(api)
    sha256 = hashlib.sha256(PICTURE.data).hexdigest()
    (api.settings.evidence_folder / sha256[:2] / sha256).unlink()
    lost = httpx.get(url)
    assert (lost.status_code, "Retry-After" in lost.headers) == (503, False)
    assert "restore it from a backup" in lost.json()["detail"]
    assert openings(api) == 0


ALTERED = PICTURE.data.replace(b"5", b"6")


def altered_file(api: RunningApi) -> Path:
    """Write other bytes of the same length over a stored picture, at what time it was stored."""
    path = api.settings.evidence_folder / PICTURE.sha256[:2] / PICTURE.sha256
    stored = path.stat()
    # A new file, whose change the coarsest of clocks tells from the old one's.
    path.unlink()
    path.write_bytes(ALTERED)
    os.utime(path, ns=(stored.st_atime_ns, stored.st_mtime_ns))
    return path


@pytest.mark.parametrize("was_opened", [False, True])
@pytest.mark.parametrize("span", [None, "bytes=0-3"])
def test_a_picture_that_was_altered_is_not_shown(
    api: RunningApi, was_opened: bool, span: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """As a whole or in part, opened before or not: it is told, logged, and not opened."""
    url = shown_url(api)
    if was_opened:
        assert httpx.get(url).content == PICTURE.data
    path = altered_file(api)
    answer = httpx.get(url, headers={"Range": span} if span else {})
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, False)
    told = answer.json()
    assert (told["title"], told["evidence"]) == ("Evidence altered", "altered")
    assert "no longer have its SHA-256" in told["detail"]
    assert hashlib.sha256(ALTERED).hexdigest() in caplog.text
    assert openings(api) == was_opened
    path.write_bytes(PICTURE.data)
    assert httpx.get(url).content == PICTURE.data


def test_a_picture_that_was_altered_in_the_bucket_is_not_shown(
    served: Store, bucket_api: RunningApi
) -> None:
    """A bucket tells as a disk does that somebody wrote there."""
    url = shown_url(bucket_api)
    assert httpx.get(url).content == PICTURE.data
    served.overwrite(PICTURE.sha256, ALTERED)
    assert httpx.get(url).json()["evidence"] == "altered"
