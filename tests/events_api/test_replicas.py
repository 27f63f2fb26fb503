"""Two servers on one PostgreSQL database: whatever happens at one is true at both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from events_api.audit import walk
from events_api.roles import Role
from events_api.store import audit
from events_api.store.database import Database
from events_api.webhooks.settings import WebhookSettings
from tests.events_api.conftest import RunningApi, running, settings_in
from tests.events_api.databases import STAFFED, PostgresStock
from tests.events_api.factories import away, report_json
from tests.events_api.routes.test_stream import Message, listening
from tests.events_api.webhooks.receiving import receiving
from tests.events_api.webhooks.test_worker import LOOPBACK, eventually, subscribe

SILENCE_S = 600.0
"""Streams look into the feed by themselves after this long: far later than any test waits."""


@dataclass(frozen=True)
class Pair:
    """Two servers and the database that they share."""

    here: RunningApi
    there: RunningApi
    database: Database

    @property
    def both(self) -> tuple[RunningApi, RunningApi]:
        """The two."""
        return self.here, self.there


@pytest.fixture
def pair(postgres_stock: PostgresStock, tokens: dict[Role, str], tmp_path: Path) -> Iterator[Pair]:
    """Two servers that tell each other everything, or nobody hears of it."""
    with postgres_stock.take(tmp_path, STAFFED) as url:
        settings = replace(
            settings_in(tmp_path, url),
            keep_alive_s=SILENCE_S,
            webhooks=WebhookSettings(LOOPBACK, look_s=0.05),
        )
        database = Database(url)
        with running(settings, tokens) as here, running(settings, tokens) as there:
            for api in (here, there):
                # The first request builds the routes, which two threads must not do at once.
                httpx.get(f"{api.url}/nothing")
            yield Pair(here, there, database)
        database.close()


def post(api: RunningApi, report: dict[str, Any]) -> httpx.Response:
    """Send a report as a drone."""
    with api.client(Role.MACHINE) as drone:
        return drone.post("/reports", json=report)


def at_once(calls: Sequence[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """Make calls side by side, and return their answers in the same order."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result() for each in [pool.submit(call) for call in calls]]


def posts(pair: Pair, reports: Sequence[dict[str, Any]]) -> list[Callable[[], httpx.Response]]:
    """Return the posting of reports, to one server and the other by turns."""
    return [partial(post, pair.both[n % 2], report) for n, report in enumerate(reports)]


def kinds(told: Sequence[Message]) -> list[tuple[int | None, str]]:
    """Return the numbers and kinds of messages."""
    return [(each.number, each.kind) for each in told]


def test_an_event_at_one_is_told_at_the_other(pair: Pair) -> None:
    """At once, and the other way round too."""
    with listening(pair.here) as here, listening(pair.there) as there:
        for number, api in enumerate(pair.both, start=1):
            post(api, report_json(number, position=away(50.0 * number)))
        for told in (here, there):
            expected = [(0, "ready"), (1, "event.opened"), (2, "event.opened")]
            assert kinds(list(islice(told, 3))) == expected


def test_nothing_is_missed_and_everything_comes_in_order(pair: Pair) -> None:
    """Of thirty reports to both at the same time, by listeners at both and one that comes back."""
    reports = [report_json(n, position=away(50.0 * n)) for n in range(30)]
    with listening(pair.here) as here, listening(pair.there) as there:
        answers = at_once(posts(pair, reports))
        told = [list(islice(each, 31))[1:] for each in (here, there)]
    assert {answer.status_code for answer in answers} == {201}
    with listening(pair.there, last_id=12) as again:
        late = list(islice(again, 19))[1:]
    assert [each.number for each in told[0]] == list(range(1, 31))
    assert told[0] == told[1]
    assert late == told[0][12:]


def test_one_thing_seen_by_many_is_one_event(pair: Pair) -> None:
    """Twelve drones look at once, and half of them speak to each server."""
    reports = [report_json(n, pass_id=f"pass-{n}", position=away(0.1 * n)) for n in range(12)]
    receipts = [answer.json() for answer in at_once(posts(pair, reports))]
    assert len({receipt["event_id"] for receipt in receipts}) == 1
    assert [receipt["created"] for receipt in receipts].count(True) == 1
    with pair.here.client() as client:
        (event,) = client.get("/events").json()["events"]
    assert event["observation_count"] == 12


def test_one_report_sent_to_both_counts_once(pair: Pair) -> None:
    """A drone that hears no answer from one server tries the other."""
    answers = at_once(posts(pair, [report_json(1)] * 8))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["event_id"] for answer in answers}) == 1
    with pair.there.client() as client:
        (event,) = client.get("/events").json()["events"]
    assert event["observation_count"] == 1


def test_the_audit_stays_one_chain(pair: Pair) -> None:
    """Whoever appends has read what was appended before, wherever that was."""
    before = verdict(pair)
    assert at_once(posts(pair, [report_json(n, position=away(50.0 * n)) for n in range(16)]))
    assert verdict(pair) == (before[0] + 16, None)


def verdict(pair: Pair) -> tuple[int, str | None]:
    """Walk the audit: its last sound row, and what is wrong with the next."""
    with pair.database.read() as session:
        found = walk(audit.entries(session), audit.head(session))
    return found.end.number, found.broken


def test_one_of_two_operators_is_told_that_the_event_has_moved(pair: Pair) -> None:
    """Each sits at another server, and both have seen the same version."""
    event_id = post(pair.here, report_json(1)).json()["event_id"]

    def accept(api: RunningApi) -> httpx.Response:
        with api.client(Role.ACCEPTOR) as desk:
            return desk.post(
                f"/events/{event_id}/transitions",
                json={"name": "accept", "reason": "seen"},
                headers={"If-Match": '"1"'},
            )

    answers = at_once([partial(accept, api) for api in pair.both])
    assert sorted(answer.status_code for answer in answers) == [201, 412]


def test_a_token_revoked_at_one_is_dead_at_the_other(pair: Pair) -> None:
    """For requests, and for a stream at the next thing that is to be told."""
    with listening(pair.there) as told:
        next(told)
        with pair.here.client() as client:
            client.delete(f"/tokens/{Role.ACCEPTOR}-1").raise_for_status()
        post(pair.here, report_json(1))
        assert list(told) == []
    with pair.there.client(Role.ACCEPTOR) as desk:
        assert desk.get("/events").status_code == 401


def test_who_guesses_at_both_is_counted_once(pair: Pair) -> None:
    """Each server would grant eight by itself; then both refuse."""
    guess = {"name": "lin", "password": "a guess"}
    answers = []
    for turn in range(10):
        with pair.both[turn % 2].client(None) as client:
            answers.append(client.post("/sessions", json=guess).status_code)
    assert answers == [401] * 8 + [429] * 2


def test_an_aircraft_that_speaks_to_one_is_shown_at_both(pair: Pair) -> None:
    """Told once, and listed from then on."""
    position = {"position": away(1), "observed_at": "2026-07-01T08:00:00Z"}
    with listening(pair.here) as here, listening(pair.there) as there:
        for told in (here, there):
            next(told)
        with pair.here.client(Role.MACHINE) as drone:
            for name in ("falcon-1", "falcon-2"):
                drone.put(f"/vehicles/{name}/position", json=position).raise_for_status()
        for told in (here, there):
            assert [next(told).data["name"] for _ in range(2)] == ["falcon-1", "falcon-2"]
    listed = []
    for api in pair.both:
        with api.client() as client:
            listed.append(client.get("/vehicles").json())
    assert listed[0] == listed[1]
    assert [each["name"] for each in listed[0]] == ["falcon-1", "falcon-2"]


def test_a_receiver_hears_of_each_event_from_one_of_the_two(pair: Pair) -> None:
    """Both carry messages out, and none is carried twice."""
    with receiving() as receiver:
        subscribe(pair.here, receiver.url)
        at_once(posts(pair, [report_json(n, position=away(50.0 * n)) for n in range(12)]))
        with pair.there.client() as desk:
            receiver.wait(12)
            eventually(lambda: desk.get("/webhooks").json()[0]["waiting"] == 0)
    assert sorted(said["feed_id"] for said in receiver.bodies()) == list(range(1, 13))


def test_what_came_while_nobody_was_heard_is_told(pair: Pair) -> None:
    """The database cuts every line; the servers connect again, and look what they have missed."""
    with listening(pair.there) as told:
        next(told)
        with pair.database.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        assert post(pair.here, report_json(1)).status_code == 201
        assert next(told).kind == "event.opened"
