"""What the rules no longer keep goes, what they keep stays, and everything is in the audit."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from events_api.audit import walk
from events_api.catalogue.retention_files import Kept
from events_api.client import EventApiClient
from events_api.errors import ConflictError, EvidenceStoreError, NotFoundError
from events_api.forwarding.rows import ForwardedRow, ForwardRow, Standing
from events_api.holds import adopt_rules, hold, release
from events_api.retaining import Order, apply_rules
from events_api.roles import Role
from events_api.settings import ApiSettings
from events_api.store import audit
from events_api.store.audit_models import AuditRow
from events_api.store.database import Database
from events_api.store.evidence import EvidenceFolder
from tests.events_api.conftest import NOW, RunningApi, running
from tests.events_api.factories import JPEG, away, report_json

pytestmark = pytest.mark.both_databases

RULES = """\
version: 1
sources: {us: {en: Our own rule.}}
unattached_days: 400
keep:
  - {pictures_days: 30, originals_days: 10, contacts_days: 20, source: us}
"""
JPEG_TYPE = {"Content-Type": "image/jpeg"}


@pytest.fixture
def database(api: RunningApi) -> Iterator[Database]:
    """The server's database, with rules in force."""
    database = Database(api.settings.database_url)
    with database.write() as session:
        adopt_rules(session, RULES, "rules.yaml", "tester", NOW)
    yield database
    database.close()


def after(days: float) -> datetime:
    """Return the time so many days from now."""
    return NOW + timedelta(days=days)


def apply(api: RunningApi, database: Database, days: float, **how: bool) -> Counter[Kept]:
    """Apply the rules so many days from now."""
    return apply_rules(database, evidence_of(api), Order("tester", after(days), **how))


def evidence_of(api: RunningApi) -> EvidenceFolder:
    """Return where the server keeps its evidence."""
    return EvidenceFolder(api.settings.evidence_folder)


def stored(api: RunningApi, number: int, *, sealed: bool = False) -> str:
    """Send the test's n-th picture and return its hash."""
    data = JPEG + str(number).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    query = "?sealed=true" if sealed else ""
    with api.client() as client:
        sent = client.put(f"/evidence/{sha256}{query}", content=data, headers=JPEG_TYPE)
    assert sent.is_success, sent.text
    return sha256


def reported(api: RunningApi, number: int, *hashes: str) -> str:
    """Report the test's n-th event and return its id."""
    place = away(100.0 * number)
    with api.client() as client:
        answer = client.post("/reports", json=report_json(number, position=place, evidence=hashes))
    event_id: str = answer.json()["event_id"]
    return event_id


def moved(api: RunningApi, event_id: str, *names: str, **given: str) -> None:
    """Move an event as a supervisor would."""
    with api.client(Role.SUPERVISOR) as client:
        for name in names:
            wish: dict[str, Any] = {"name": name, "reason": "as it is", **given}
            if name == "dispatch":
                wish["body"] = "sanitation"
            version = client.get(f"/events/{event_id}").json()["version"]
            headers = {"If-Match": f'"{version}"'}
            answer = client.post(f"/events/{event_id}/transitions", json=wish, headers=headers)
            assert answer.status_code == 201, answer.text


def closed(api: RunningApi, number: int, *hashes: str) -> str:
    """Report an event and handle it to its end."""
    event_id = reported(api, number, *hashes)
    moved(api, event_id, "accept", "dispatch", "start", "finish", "confirm_gone")
    return event_id


def deeds(database: Database, action: str) -> list[AuditRow]:
    """Return what was done of one kind."""
    with database.read() as session:
        query = select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.number)
        return list(session.scalars(query))


def test_what_is_over_goes_and_the_audit_says_why(api: RunningApi, database: Database) -> None:
    """Originals first, pictures later; the picture of an event that is open stays for ever."""
    picture, original, other = stored(api, 1), stored(api, 2, sealed=True), stored(api, 3)
    event_id = closed(api, 1, picture, original)
    reported(api, 2, other)
    assert apply(api, database, 9.9) == Counter()
    assert apply(api, database, 10) == Counter({Kept.ORIGINALS: 1})
    assert apply(api, database, 4000) == Counter({Kept.PICTURES: 1})
    assert list(evidence_of(api).hashes()) == [other]
    first, second = deeds(database, "evidence.removed")
    assert (first.subject, second.subject) == (f"evidence:{original}", f"evidence:{picture}")
    assert first.content["events"] == [event_id]
    assert "originals of the matter 09009 are kept 10 days" in first.content["why"]
    with database.read() as session:
        assert walk(audit.entries(session), audit.head(session)).broken is None


def test_what_was_removed_is_said_to_be_removed(api: RunningApi, database: Database) -> None:
    """It is no longer shown, and whoever asks for it is told; its event stays as it was."""
    picture = stored(api, 1)
    event_id = closed(api, 1, picture)
    with api.client(Role.ACCEPTOR) as client:
        before = client.get(f"/events/{event_id}").json()
        apply(api, database, 31)
        answer = client.get(f"/evidence/{picture}")
        shown = client.get(f"/events/{event_id}").json()
    assert (answer.status_code, "retention" in answer.json()["detail"]) == (410, True)
    assert (shown["snapshot"], shown["snapshot_url"], shown["evidence"]) == (None, None, [])
    gone = {"snapshot", "snapshot_url", "evidence"}
    assert {key: shown[key] for key in shown if key not in gone} == {
        key: before[key] for key in before if key not in gone
    }


def test_figures_are_the_same_afterwards(api: RunningApi, database: Database) -> None:
    """They count events, and no event is removed."""
    closed(api, 1, stored(api, 1))
    with api.client() as client:
        before = client.get("/figures?month=2026-07&by=cell").json()
        assert apply(api, database, 31)
        assert client.get("/figures?month=2026-07&by=cell").json() == before
    assert before["total"]["closed"] == 1


def test_a_rehearsal_counts_and_removes_nothing(api: RunningApi, database: Database) -> None:
    """Not even a row says that it was."""
    picture = stored(api, 1)
    closed(api, 1, picture)
    assert apply(api, database, 31, is_rehearsal=True) == Counter({Kept.PICTURES: 1})
    assert list(evidence_of(api).hashes()) == [picture]
    assert deeds(database, "evidence.removed") == []
    assert apply(api, database, 31) == Counter({Kept.PICTURES: 1})
    assert apply(api, database, 31) == Counter()


def test_what_is_held_is_kept_until_it_is_released(api: RunningApi, database: Database) -> None:
    """With who, why and when in the audit."""
    event_id = closed(api, 1, stored(api, 1))
    with database.write() as session:
        hold(session, event_id, "a court asks", "lin", NOW)
        with pytest.raises(ConflictError):
            hold(session, event_id, "again", "lin", NOW)
    assert apply(api, database, 4000) == Counter()
    with database.write() as session:
        release(session, event_id, "the court has decided", "lin", NOW)
        with pytest.raises(NotFoundError):
            release(session, event_id, "again", "lin", NOW)
        with pytest.raises(NotFoundError):
            hold(session, "nothing", "x", "lin", NOW)
    assert apply(api, database, 4000) == Counter({Kept.PICTURES: 1})
    assert [row.content["reason"] for row in deeds(database, "hold.placed")] == ["a court asks"]
    assert len(deeds(database, "hold.released")) == 1


def test_an_event_that_was_opened_again_keeps_its_pictures(
    api: RunningApi, database: Database
) -> None:
    """And one that shares them with an open event does, too."""
    shared, own = stored(api, 1), stored(api, 2)
    reported(api, 1, shared)
    closed(api, 2, shared)
    moved(api, closed(api, 3, own), "reopen")
    assert apply(api, database, 4000) == Counter()


def test_a_duplicate_is_kept_as_long_as_its_original(api: RunningApi, database: Database) -> None:
    """It shows the same thing."""
    original, duplicate = reported(api, 1), reported(api, 2, stored(api, 2))
    moved(api, duplicate, "link_duplicate", duplicate_of=original)
    assert apply(api, database, 4000) == Counter()
    moved(api, original, "accept", "dispatch", "start", "finish", "confirm_gone")
    assert apply(api, database, 31) == Counter({Kept.PICTURES: 1})


def test_contacts_of_citizens_go(api: RunningApi, database: Database) -> None:
    """Once the event is over; the audit names the event and not the contact."""
    message = {"words": "hole", "place": "bridge", "contact": "13800138000"}
    with api.client(Role.ACCEPTOR) as client:
        client.post("/public/reports", data=message)
        event_id = client.get("/events").json()["events"][0]["event_id"]
        assert apply(api, database, 4000) == Counter()
        moved(api, event_id, "reject")
        assert apply(api, database, 20) == Counter({Kept.CONTACTS: 1})
        assert client.get(f"/events/{event_id}/contacts").json() == []
    (deed,) = deeds(database, "contacts.removed")
    assert deed.subject == f"event:{event_id}"
    assert "13800138000" not in str(deed.content)


def forwarded(database: Database, *event_ids: str) -> None:
    """Note that requests for events were forwarded, and answered in words."""
    with database.write() as session:
        forward = ForwardRow(
            forward_id="f",
            url="https://city.example/open311",
            form="xml",
            api_key="",
            body="sanitation",
            services={},
            feed_id=0,
            created_by="tester",
            created_at=NOW,
        )
        session.add(forward)
        session.flush()
        for number, event_id in enumerate(event_ids):
            request = ForwardedRow(
                forward_id="f",
                event_id=event_id,
                version=1,
                fields={"description": "by the house of Mr Wang"},
                standing=Standing.OPEN,
                created_at=NOW,
                attempts=0,
                next_at=NOW,
                foreign_id=f"4711-{number}",
                notes="Mrs Li has seen to it",
            )
            session.add(request)


def left_forwarded(database: Database) -> list[str | None]:
    """Return which requests are still known."""
    with database.read() as session:
        query = select(ForwardedRow.foreign_id).order_by(ForwardedRow.number)
        return list(session.scalars(query))


def test_what_was_forwarded_goes_as_pictures_do(api: RunningApi, database: Database) -> None:
    """Where the rules say nothing else; the audit names the request, and not what it said."""
    over, held, opened = closed(api, 1), closed(api, 2), reported(api, 3)
    forwarded(database, over, held, opened)
    with database.write() as session:
        hold(session, held, "a lawsuit", "tester", NOW)
    assert apply(api, database, 29.9) == Counter()
    assert apply(api, database, 30, is_rehearsal=True) == Counter({Kept.FORWARDS: 1})
    assert apply(api, database, 30) == Counter({Kept.FORWARDS: 1})
    assert left_forwarded(database) == ["4711-1", "4711-2"]
    (deed,) = deeds(database, "forward.removed")
    assert (deed.subject, deed.content["request"]) == (f"event:{over}", "4711-0")
    assert "forwards of the matter 09009 are kept 30 days" in deed.content["why"]
    assert not {"Wang", "Li"} & set(str(deed.content).replace("'", " ").split())


def test_an_event_that_is_opened_again_keeps_what_was_forwarded(
    api: RunningApi, database: Database
) -> None:
    """It may have to be asked for."""
    event_id = closed(api, 1)
    forwarded(database, event_id)
    moved(api, event_id, "reopen")
    assert apply(api, database, 4000) == Counter()
    assert left_forwarded(database) == ["4711-0"]


def test_evidence_of_no_event_goes_too(api: RunningApi, database: Database) -> None:
    """Somebody sent it, and the report never came."""
    stored(api, 1)
    assert apply(api, database, 399) == Counter()
    assert apply(api, database, 400) == Counter({Kept.PICTURES: 1})


def test_what_is_sent_again_is_here_again(api: RunningApi, database: Database) -> None:
    """A drone that was away for a year still has it in its outbox."""
    picture = stored(api, 1)
    closed(api, 1, picture)
    apply(api, database, 31)
    assert stored(api, 1) == picture
    with api.client(Role.ACCEPTOR) as client:
        assert client.get(f"/evidence/{picture}").content == JPEG + b"1"


class FullShelf(EvidenceFolder):
    """A place from which nothing can be removed."""

    def remove(self, sha256: str) -> None:
        """Refuse."""
        raise EvidenceStoreError(f"{sha256} is stuck.")


def test_a_file_that_was_left_behind_goes_the_next_time(
    api: RunningApi, database: Database
) -> None:
    """The database says that it is gone already, and nobody is shown it."""
    picture = stored(api, 1)
    closed(api, 1, picture)
    with pytest.raises(EvidenceStoreError):
        apply_rules(database, FullShelf(api.settings.evidence_folder), Order("tester", after(31)))
    with api.client(Role.ACCEPTOR) as client:
        assert client.get(f"/evidence/{picture}").status_code == 410
    assert list(evidence_of(api).hashes()) == [picture]
    assert apply(api, database, 32) == Counter()
    assert list(evidence_of(api).hashes()) == []


def test_the_server_applies_the_rules_by_itself_once_a_day(
    settings: ApiSettings, tokens: dict[Role, str]
) -> None:
    """And tells in the audit that it was the rules, and nobody else."""
    moment = [NOW]
    quick = replace(settings, clock=lambda: moment[0], retention_look_s=0.05)
    with running(quick, tokens) as api:
        picture = stored(api, 1)
        closed(api, 1, picture)
        moment[0] = after(4000)
        pause = threading.Event()
        while list(evidence_of(api).hashes()):
            pause.wait(0.02)
        with EventApiClient(api.url, tokens[Role.ACCEPTOR]) as client:
            assert client.health().status == "ok"
    database = Database(settings.database_url)
    (deed,) = deeds(database, "evidence.removed")
    database.close()
    assert deed.actor == "retention"
