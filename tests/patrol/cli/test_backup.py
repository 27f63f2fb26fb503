"""`patrol backup` and `patrol restore`: one file out, the same things in."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events_api.store.evidence_models import EvidenceRow
from patrol.home_lock import home_alone, home_shared
from patrol.serving import own_database
from patrol.settings import Settings
from tests.patrol.conftest import Terminal


@pytest.fixture
def kept(terminal: Terminal) -> Terminal:
    """A terminal at a machine with a token."""
    terminal("token", "add", "uav-1", "--role", "machine")
    return terminal


def test_what_was_backed_up_comes_back(
    kept: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another home, with the same tokens; what both print of the audit is an anchor."""
    said = kept("backup", "all.zip")
    assert (said.code, "1 tokens" in said.out) == (0, True)
    anchor = said.out.split("audit ends at ")[1].strip()
    monkeypatch.setenv("GRIDPATROL_HOME", str(tmp_path / "other"))
    assert kept("restore", "all.zip").code == 0
    assert "uav-1" in kept("token", "list").out
    assert kept("audit", "verify", "--anchor", anchor).code == 0


def test_a_folder_gets_a_file_named_by_the_time(kept: Terminal) -> None:
    """So that a daily job needs no names; nothing is restored to look at it."""
    (kept.folder / "backups").mkdir()
    (row,) = kept("backup", "backups", "--json").lines
    file = str(row["file"])
    assert file.startswith("backups/gridpatrol-20")
    (checked,) = kept("restore", file, "--check", "--json").lines
    assert {**checked, "file": file} == row


def test_missing_evidence_is_told_by_the_exit_code(kept: Terminal) -> None:
    """The backup is there all the same."""
    row = EvidenceRow(
        sha256=hashlib.sha256(b"").hexdigest(),
        media_type="image/jpeg",
        size_bytes=0,
        stored_at=datetime(2026, 7, 1, tzinfo=UTC),
        stored_by="uav-1",
    )
    with own_database(Settings(kept.home)) as database, database.write() as session:
        session.add(row)
    said = kept("backup", "all.zip")
    assert (said.code, "Not in the backup: e3b0c442" in said.err) == (3, True)
    assert (kept.folder / "all.zip").exists()


def test_nothing_is_restored_while_a_server_runs(kept: Terminal) -> None:
    """A backup is made all the same."""
    with home_shared(kept.home):
        assert kept("backup", "all.zip").code == 0
        said = kept("restore", "all.zip")
    assert (said.code, "stop `patrol serve` there first" in said.err) == (1, True)
    assert kept("restore", "all.zip").code == 0


def test_nothing_starts_while_a_backup_is_restored(kept: Terminal) -> None:
    """Neither a server nor another command would see one and the same database."""
    with home_alone(kept.home):
        for command in (("token", "list"), ("backup", "x.zip"), ("restore", "x.zip"), ("serve",)):
            said = kept(*command)
            assert (said.code, "Traceback" in said.err) == (1, False), command


@pytest.mark.parametrize("command", [("backup", "all.zip"), ("restore", "all.zip")])
def test_what_is_not_there_is_told(terminal: Terminal, command: tuple[str, ...]) -> None:
    """No database, or no backup; nothing is made."""
    said = terminal(*command)
    assert said.code == 1
    assert "all.zip" in said.err or "no database" in said.err
    assert not (terminal.home / "events.sqlite").exists()
