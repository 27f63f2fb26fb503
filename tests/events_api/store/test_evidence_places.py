"""Evidence in a folder and in a bucket: the same promises, kept by both."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from events_api.errors import EvidenceLostError, EvidenceStoreError, UnprocessableError
from events_api.store.evidence import EvidenceFolder, EvidenceStore
from events_api.store.evidence_bucket import EvidenceBucket
from events_api.store.evidence_place import open_evidence
from tests.events_api.factories import JPEG
from tests.events_api.stores import Store, store

LONG = JPEG + b"x" * 3_000_000


@pytest.fixture(scope="module")
def served() -> Iterator[Store]:
    """A store for all tests of this file."""
    with store() as served:
        yield served


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, served: Store, tmp_path: Path) -> EvidenceStore:
    """An empty place of either kind."""
    if request.param == "folder":
        return open_evidence(tmp_path, None)
    return open_evidence(tmp_path, replace(served.bucket, prefix=f"{tmp_path.name}/"))


def put(place: EvidenceStore, data: bytes, sha256: str | None = None) -> str:
    """Store some bytes and return their hash."""
    sha256 = sha256 or hashlib.sha256(data).hexdigest()
    with place.receive(sha256, "image/jpeg", len(data)) as arrival:
        arrival.write(data)
        arrival.keep()
    return sha256


def test_what_was_stored_is_read_again_whole_or_in_part(place: EvidenceStore) -> None:
    """Of any length, and as often as wished."""
    sha256 = put(place, LONG)
    assert put(place, LONG) == sha256
    stored = place.find(sha256)
    assert stored is not None
    assert stored.size_bytes == len(LONG)
    assert b"".join(place.read(sha256)) == LONG
    assert b"".join(place.read(sha256, 2, 5)) == LONG[2:7]
    assert b"".join(place.read(sha256, 1_000_000, 1_500_000)) == LONG[1_000_000:2_500_000]
    assert list(place.hashes()) == [sha256]


def test_what_is_not_there_is_told(place: EvidenceStore) -> None:
    """By its size, and by a reading."""
    assert place.find("0" * 64) is None
    with pytest.raises(EvidenceLostError, match="000 "):
        list(place.read("0" * 64))
    assert list(place.hashes()) == []


def test_what_was_removed_is_gone(place: EvidenceStore) -> None:
    """A second removal does no harm, and others stay."""
    first, second = put(place, JPEG), put(place, JPEG + b"2")
    place.remove(first)
    place.remove(first)
    assert list(place.hashes()) == [second]


def test_nothing_wrong_is_kept(place: EvidenceStore, tmp_path: Path) -> None:
    """Other bytes than were announced, or half a file."""
    with pytest.raises(UnprocessableError):
        put(place, JPEG, "0" * 64)
    with place.receive("1" * 64, "image/jpeg", 100) as arrival:
        arrival.write(b"half")
    assert list(place.hashes()) == []
    assert list((tmp_path / "arriving").iterdir()) == []


def test_a_place_that_works_says_so(place: EvidenceStore) -> None:
    """By saying nothing."""
    place.check_writable()


def test_only_a_folder_has_files_on_this_disk(place: EvidenceStore) -> None:
    """Which are sent without being read by us."""
    assert (place.local_file("0" * 64) is None) == (not isinstance(place, EvidenceFolder))


def test_a_store_that_is_away_is_told_by_every_question(tmp_path: Path) -> None:
    """With its name; and what was stored is there when it comes back."""
    with store() as served:
        place = EvidenceBucket(served.bucket, tmp_path)
        sha256 = put(place, JPEG)
        with served.away():
            for ask in (
                lambda: place.find(sha256),
                lambda: list(place.read(sha256)),
                lambda: list(place.hashes()),
                lambda: place.remove(sha256),
                place.check_writable,
                lambda: put(place, JPEG + b"2"),
            ):
                with pytest.raises(EvidenceStoreError, match=r"127\.0\.0\.1.* does not answer"):
                    ask()
        assert b"".join(place.read(sha256)) == JPEG


def test_a_bucket_that_is_not_there_is_told(served: Store, tmp_path: Path) -> None:
    """By its name, and with what to correct."""
    place = EvidenceBucket(replace(served.bucket, name="other"), tmp_path)
    with pytest.raises(EvidenceStoreError, match="no bucket other"):
        place.check_writable()
    with pytest.raises(EvidenceStoreError, match="NoSuchBucket"):
        put(place, JPEG)
