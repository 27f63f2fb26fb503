"""What was backed up comes back, whatever went on meanwhile; and what is damaged does not."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from events_api.backups.making import Source, make_backup
from events_api.backups.places import SqlitePlace
from events_api.backups.restoring import FEED_LEAP, Target, check_backup, restore
from events_api.client import EventApiClient
from events_api.errors import BackupError
from events_api.roles import Role
from events_api.settings import ApiSettings
from geofences.findings import tell_nobody
from tests.events_api.backups.conftest import Home, keep_picture, picture, send
from tests.events_api.conftest import NOW, RunningApi, running, settings_in

SAME = (
    "events",
    "observations",
    "transitions",
    "deadlines",
    "tokens",
    "users",
    "secrets",
    "evidence",
    "evidence_uses",
)


@contextmanager
def posting(api: RunningApi) -> Iterator[list[int]]:
    """Post reports without a pause until the context is left; gives the numbers that arrived."""
    arrived: list[int] = []
    ending = threading.Event()

    def post() -> None:
        with EventApiClient(api.url, api.tokens[Role.MACHINE]) as client:
            while not ending.is_set():
                send(client, len(arrived))
                arrived.append(len(arrived))

    thread = threading.Thread(target=post)
    thread.start()
    try:
        yield arrived
    finally:
        ending.set()
        thread.join()


def wait_for(arrived: list[int], count: int) -> None:
    """Return once so many reports have arrived."""
    pause = threading.Event()
    while len(arrived) < count:
        pause.wait(0.01)


def test_a_backup_made_while_reports_come_in_is_of_one_moment(
    settings: ApiSettings, tokens: dict[Role, str], tmp_path: Path
) -> None:
    """Nobody is held up, and what comes back is the beginning of what the server went on with."""
    live, other = Home(tmp_path), Home(tmp_path / "other")
    file = tmp_path / "backup.zip"
    with running(settings, tokens) as api, posting(api) as arrived:
        wait_for(arrived, 20)
        manifest = live.back_up(file)
        wait_for(arrived, len(arrived) + 5)  # it goes on
    other.folder.mkdir()
    other.restore(file)
    assert manifest.lacking == ()
    assert manifest.database.rows["observations"] >= 20
    audit = other.rows("audit")
    assert len(audit) == manifest.database.audit_number + 1  # that it was restored
    assert audit[:-1] == live.rows("audit")[: len(audit) - 1]
    for table in SAME:
        assert set(map(repr, other.rows(table))) <= set(map(repr, live.rows(table))), table
    assert len(other.rows("observations")) == manifest.database.rows["observations"]
    assert set(other.evidence.hashes()) == {row[0] for row in other.rows("evidence")}


def test_a_restored_server_goes_on(
    settings: ApiSettings, tokens: dict[Role, str], tmp_path: Path
) -> None:
    """The same token, the same events and pictures; what is sent again counts once."""
    file, other = tmp_path / "backup.zip", Home(tmp_path / "other")
    with running(settings, tokens) as api:
        with EventApiClient(api.url, tokens[Role.MACHINE]) as client:
            for number in range(3):
                send(client, number)
        Home(tmp_path).back_up(file)
        with EventApiClient(api.url, tokens[Role.ACCEPTOR]) as client:
            shown = [event.event_id for event in client.events()]
    other.folder.mkdir()
    other.restore(file)
    with running(settings_in(other.folder), tokens) as api:
        with EventApiClient(api.url, tokens[Role.MACHINE]) as client:
            send(client, 2)
            send(client, 3)
        with EventApiClient(api.url, tokens[Role.ACCEPTOR]) as client:
            events = list(client.events())
            assert [each.event_id for each in events[1:]] == shown
            assert client.evidence(str(events[0].snapshot)) == picture(3)
            assert client.evidence(str(events[-1].snapshot)) == picture(0)


def test_whoever_follows_the_feed_misses_nothing_after_a_restore(
    home: Home, tmp_path: Path
) -> None:
    """Numbers that were given out since the backup are never given to other messages."""
    before = home.rows("feed_head")[0][1]
    home.back_up(tmp_path / "backup.zip")
    home.restore(tmp_path / "backup.zip")
    (message,) = home.rows("feed")
    assert message[:2] == (before + FEED_LEAP + 1, "rules")


def test_the_audit_says_that_a_backup_was_made_and_brought_back(home: Home, tmp_path: Path) -> None:
    """By whom, and which."""
    home.back_up(tmp_path / "backup.zip")
    assert home.rows("audit")[-1][2:5] == ("tester", "backup.made", "file:backup.zip")
    home.restore(tmp_path / "backup.zip")
    assert home.rows("audit")[-1][2:5] == ("tester", "backup.restored", "database")


def test_a_backup_is_for_its_owner_only_and_overwrites_nothing(home: Home, tmp_path: Path) -> None:
    """Hashes of passwords and secrets are in it."""
    file = tmp_path / "backup.zip"
    home.back_up(file)
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(BackupError, match="is there already"):
        home.back_up(file)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["backup.zip", "home"]


def test_missing_and_damaged_evidence_is_told_and_left_out(home: Home, tmp_path: Path) -> None:
    """The rest is backed up all the same, and comes back."""
    whole, damaged, missing = (keep_picture(home, number) for number in range(3))
    home.evidence.path(damaged).write_bytes(b"rotten")
    home.evidence.path(missing).unlink()
    manifest = home.back_up(tmp_path / "backup.zip")
    assert [part.sha256 for part in manifest.evidence] == [whole]
    why = {each.sha256: each.why for each in manifest.lacking}
    assert ("no longer those" in why[damaged], "missing" in why[missing]) == (True, True)
    other = Home(tmp_path / "other")
    other.folder.mkdir()
    other.restore(tmp_path / "backup.zip")
    assert list(other.evidence.hashes()) == [whole]


def test_a_damaged_picture_is_mended_by_a_restore(home: Home, tmp_path: Path) -> None:
    """Even if one of its size lies where it should."""
    sha256 = keep_picture(home, 1)
    home.back_up(tmp_path / "backup.zip")
    home.evidence.path(sha256).write_bytes(b"x" * len(picture(1)))
    home.restore(tmp_path / "backup.zip")
    assert home.evidence.path(sha256).read_bytes() == picture(1)


@pytest.fixture
def filled(settings: ApiSettings, tokens: dict[Role, str], tmp_path: Path) -> Home:
    """A home with one event."""
    with running(settings, tokens) as api, EventApiClient(api.url, tokens[Role.MACHINE]) as client:
        send(client, 1)
    return Home(tmp_path)


def test_events_are_replaced_only_on_request_and_kept_aside(filled: Home, tmp_path: Path) -> None:
    """And can be put back from there by hand."""
    filled.back_up(tmp_path / "backup.zip")
    before = filled.rows("audit")
    with pytest.raises(BackupError, match=r"There is 1 event\(s\) here already"):
        filled.restore(tmp_path / "backup.zip")
    assert filled.rows("audit") == before
    kept = filled.restore(tmp_path / "backup.zip", replace=True).kept
    assert kept is not None
    shutil.copy(kept, filled.database_file)
    assert filled.rows("audit") == before


def test_a_database_that_cannot_be_read_is_replaced_only_on_request(
    filled: Home, tmp_path: Path
) -> None:
    """It is the usual reason for a restore, and may still be worth a look."""
    filled.back_up(tmp_path / "backup.zip")
    events = filled.rows("events")
    filled.database_file.write_bytes(b"no database" * 1000)
    with pytest.raises(BackupError, match="cannot be read"):
        filled.restore(tmp_path / "backup.zip")
    kept = filled.restore(tmp_path / "backup.zip", replace=True).kept
    assert kept is not None
    assert Path(kept).read_bytes().startswith(b"no database")
    assert filled.rows("events") == events


@pytest.mark.parametrize("step", ["Checking the backup", "Restoring evidence"])
def test_a_restore_that_is_stopped_leaves_everything_as_it_was(
    filled: Home, tmp_path: Path, step: str
) -> None:
    """At whatever it is: what is in force is touched by the last step only."""
    file = tmp_path / "backup.zip"
    filled.back_up(file)
    before = filled.rows("audit")

    def stop(told: str, _done: int, _of: int) -> None:
        if told == step:
            raise KeyboardInterrupt

    target = Target(SqlitePlace(filled.database_file), filled.evidence, tmp_path, "tester")
    with pytest.raises(KeyboardInterrupt):
        restore(file, target, NOW, stop, replace=True)
    assert filled.rows("audit") == before
    assert not list(tmp_path.glob(".restoring-*"))


def rewritten(file: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Write a backup anew with its parts changed; a part that becomes none is left out."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            changed = change(name, data)
            if changed is not None:
                archive.writestr(name, changed)


def manifest_with(**changes: object) -> Callable[[str, bytes], bytes]:
    """Return a change of the manifest's keys, or of its database's."""

    def change(name: str, data: bytes) -> bytes:
        if name != "manifest.json":
            return data
        content = json.loads(data)
        for key, value in changes.items():
            (content if key in content else content["database"])[key] = value
        return json.dumps(content).encode()

    return change


def without(beginning: str) -> Callable[[str, bytes], bytes | None]:
    """Leave a part out."""
    return lambda name, data: None if name.startswith(beginning) else data


def flipped(beginning: str) -> Callable[[str, bytes], bytes]:
    """Change one byte of a part."""

    def change(name: str, data: bytes) -> bytes:
        is_meant = name.startswith(beginning)
        return data[:-1] + bytes([data[-1] ^ 1]) if is_meant else data

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("manifest"), "has no manifest.json"),
        (without("evidence/"), "damaged at evidence/.*: it is missing"),
        (without("database"), "damaged at database.sqlite: it is missing"),
        (flipped("evidence/"), "damaged at evidence/.*another SHA-256"),
        (flipped("database"), "damaged at database.sqlite: its bytes have another SHA-256"),
        (manifest_with(schema_revision="9999"), "newer version of the program"),
        (manifest_with(version=2), "newer version of the program"),
        (manifest_with(kind="postgresql"), "does not list its database once"),
        (manifest_with(audit_number=7), "and its manifest says"),
        (manifest_with(parts=[]), "does not list its database once"),
    ],
)
def test_what_is_not_whole_is_refused_before_anything_is_touched(
    filled: Home, tmp_path: Path, change: Callable[[str, bytes], bytes | None], said: str
) -> None:
    """The sentence names the part."""
    file = tmp_path / "backup.zip"
    filled.back_up(file)
    rewritten(file, change)
    before = filled.rows("audit")
    with pytest.raises(BackupError, match=said):
        filled.restore(file, replace=True)
    assert filled.rows("audit") == before
    assert not list(tmp_path.glob("before-restore-*"))
    assert not list(tmp_path.glob(".restoring-*"))


@pytest.mark.parametrize("kept", [0, 1, 100, -30])
def test_a_file_that_was_cut_off_is_refused(home: Home, tmp_path: Path, kept: int) -> None:
    """As is one that never was a backup."""
    file = tmp_path / "backup.zip"
    home.back_up(file)
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(BackupError, match="is no backup"):
        check_backup(file, tell_nobody)


def test_an_audit_that_was_tampered_with_is_not_brought_back(home: Home, tmp_path: Path) -> None:
    """Though every part has the hash that the manifest names."""
    connection = sqlite3.connect(home.database_file)
    connection.execute("DROP TRIGGER audit_keeps_update")
    connection.execute("UPDATE audit SET actor = 'somebody'")
    connection.commit()
    connection.close()
    home.back_up(tmp_path / "backup.zip")
    with pytest.raises(BackupError, match="tampered with: row 1 was changed"):
        home.restore(tmp_path / "backup.zip")


def test_a_backup_that_fails_leaves_nothing(home: Home, tmp_path: Path) -> None:
    """Neither half a file nor a copy of the database."""
    (home.folder / "events.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(BackupError), home.database() as database:
        make_backup(Source(database, home.evidence, "x"), tmp_path / "b.zip", NOW, tell_nobody)
    assert [each.name for each in tmp_path.iterdir()] == ["home"]
