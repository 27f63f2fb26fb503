"""`patrol doctor`: each thing that can be wrong with an installation is found and has a remedy."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from events_api.access import issue_token
from events_api.client import EventApiClient
from events_api.outbox import Outbox
from events_api.roles import Role
from events_api.store.evidence import EvidenceFolder
from patrol.serving import own_database
from patrol.settings import Settings
from tests.patrol.conftest import LiveApi, Terminal
from tests.patrol.reports import PICTURE, report


@pytest.fixture
def centre(county_terminal: Terminal, live_api: LiveApi, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal at the machine of a running event API that has a picture."""
    (county_terminal.home / "county.gpkg").rename(tmp_path / "api" / "county.gpkg")
    county_terminal.home.rmdir()
    county_terminal.home.symlink_to(tmp_path / "api")
    county_terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    with EventApiClient(live_api.url, live_api.tokens[Role.MACHINE]) as client:
        client.put_evidence(PICTURE.data, PICTURE.media_type)
    yield county_terminal
    county_terminal.home.unlink()


def found(terminal: Terminal, *options: str, code: int = 0) -> dict[str, dict[str, str]]:
    """Return what is not as it should be, by what it is."""
    said = terminal("doctor", "--json", *options)
    assert said.code == code, said.out
    return {row["what"]: row for row in json.loads(said.out) if row["state"] != "ok"}


def picture_file(terminal: Terminal) -> Path:
    """Return where the picture lies."""
    return EvidenceFolder(Settings(terminal.home).evidence_folder).path(PICTURE.sha256)


def test_a_sound_installation_is_told_to_make_backups_and_no_more(centre: Terminal) -> None:
    """Every part is named, and one is missing: a backup; once it is made, nothing is."""
    assert list(found(centre)) == ["backup"]
    assert centre("backup", "all.zip").code == 0
    said = centre("doctor")
    assert (said.code, "0 broken, 0 to look at" in said.out) == (0, True)
    for what in ("home", "disk", "database", "audit", "clock", "evidence", "county", "model"):
        assert what in said.out


def test_a_machine_on_which_nothing_was_made_yet_is_told_what_to_do(terminal: Terminal) -> None:
    """Broken is only that nobody answers; and nothing is made by looking."""
    rows = found(terminal, code=1)
    assert {what: row["state"] for what, row in rows.items()} == {
        "home": "warning",
        "county": "warning",
        "api": "broken",
    }
    assert not terminal.home.exists()


@pytest.mark.parametrize(
    ("data", "option", "said"),
    [
        (None, "--quick", "1 pictures or clips are missing"),
        (b"short", "--quick", "1 pictures or clips are damaged"),
        (b"x" * len(PICTURE.data), "--no-quick", "1 pictures or clips are damaged"),
    ],
)
def test_evidence_that_is_missing_or_damaged_is_broken(
    centre: Terminal, data: bytes | None, option: str, said: str
) -> None:
    """By its presence, its size or its hash; a backup is the remedy."""
    if data is None:
        picture_file(centre).unlink()
    else:
        picture_file(centre).write_bytes(data)
    row = found(centre, *([option] if option == "--quick" else []), code=1)["evidence"]
    assert row["said"].startswith(said)
    assert "patrol restore" in row["remedy"]


def test_what_a_restore_has_left_is_told(centre: Terminal) -> None:
    """It was cut off, and takes room."""
    (centre.home / ".restoring-x").mkdir()
    assert "delete" in found(centre)["home"]["remedy"]


def test_evidence_that_nothing_names_is_told(centre: Terminal) -> None:
    """It harms nothing."""
    other = hashlib.sha256(b"other").hexdigest()
    shard = Settings(centre.home).evidence_folder / other[:2]
    shard.mkdir(exist_ok=True)
    (shard / other).write_bytes(b"other")
    row = found(centre)["evidence"]
    assert (row["state"], other in row["said"]) == ("warning", True)


def test_an_audit_that_was_tampered_with_is_broken(centre: Terminal) -> None:
    """With the row from which on."""
    with own_database(Settings(centre.home)) as database, database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("DROP TRIGGER audit_keeps_update")
        connection.exec_driver_sql("UPDATE audit SET actor = 'x' WHERE number = 2")
    assert "row 2 was changed" in found(centre, code=1)["audit"]["said"]


def test_a_clock_that_was_set_back_is_broken(centre: Terminal) -> None:
    """What is done now would stand before what was done."""
    later = datetime.now(UTC) + timedelta(hours=1)
    with own_database(Settings(centre.home)) as database:
        issue_token(database, "later", Role.MACHINE, later)
    assert "the audit has a row of" in found(centre, code=1)["clock"]["said"]


@pytest.mark.parametrize(
    ("revision", "state", "code", "remedy"),
    [("0300", "warning", 0, "patrol serve"), ("9999", "broken", 1, "newer one")],
)
def test_a_database_of_another_version_is_told(
    centre: Terminal, revision: str, state: str, code: int, remedy: str
) -> None:
    """An older one is brought up by the next start; a newer one takes the newer program."""
    with own_database(Settings(centre.home)) as database, database.write() as session:
        statement = text("UPDATE alembic_version SET version_num = :revision")
        session.execute(statement, {"revision": revision})
    row = found(centre, code=code)["database"]
    assert (row["state"], remedy in row["remedy"]) == (state, True)


def test_a_file_that_is_no_database_is_broken_and_left_alone(terminal: Terminal) -> None:
    """With the way out."""
    terminal.home.mkdir()
    file = terminal.home / "events.sqlite"
    file.write_bytes(b"no database" * 1000)
    assert "patrol restore" in found(terminal, code=1)["database"]["remedy"]
    assert file.read_bytes().startswith(b"no database")


def test_what_waits_to_be_sent_is_told(centre: Terminal) -> None:
    """With the command that sends it."""
    with Outbox(centre.home / "outbox") as outbox:
        outbox.put(report(), [PICTURE])
    row = found(centre)["outbox"]
    assert (row["said"], "patrol deliver" in row["remedy"]) == (
        "1 report(s) wait to be sent.",
        True,
    )


def test_a_token_that_is_out_of_force_is_broken_and_a_missing_one_is_told(
    centre: Terminal, live_api: LiveApi
) -> None:
    """Each with what to do."""
    centre.speak_to(live_api.url, "wrong")
    assert found(centre, code=1)["token"]["state"] == "broken"
    centre.speak_to(live_api.url, "")
    assert found(centre)["token"]["state"] == "warning"


def test_a_county_that_is_damaged_is_broken(centre: Terminal) -> None:
    """One that was never imported is only told."""
    county = centre.home / "county.gpkg"
    county.write_bytes(b"no county")
    assert found(centre, code=1)["county"]["state"] == "broken"
    county.unlink()
    assert found(centre)["county"]["state"] == "warning"


def test_a_detector_that_is_not_what_it_says_is_broken(centre: Terminal) -> None:
    """One of a person's own is checked as the shipped ones are."""
    own = Settings(centre.home).models_folder / "own"
    own.mkdir(parents=True)
    (own / "metadata.yaml").write_text("names: [car]\n")
    assert found(centre, code=1)["model"]["state"] == "broken"
