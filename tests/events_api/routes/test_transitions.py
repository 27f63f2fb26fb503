"""POST /events/{id}/transitions and /verifications, and GET /events/{id}/history."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from events_api.access import issue_token
from events_api.audit import walk
from events_api.roles import Role, Scope
from events_api.store import audit
from events_api.store.database import Database
from tests.events_api.conftest import NOW, RunningApi
from tests.events_api.factories import JPEG, away, report_json

pytestmark = pytest.mark.both_databases

LATER = "2026-07-03T08:00:00Z"
HASH = hashlib.sha256(JPEG).hexdigest()
WAY = ("accept", "dispatch", "start", "finish")
LOOK = {"gone": True, "source": "falcon-1", "observed_at": "2026-07-01T08:00:00Z"}


@dataclass(frozen=True)
class Desk:
    """Somebody at the API, and an event."""

    client: httpx.Client
    event_id: str

    @property
    def path(self) -> str:
        """The event's address."""
        return f"/events/{self.event_id}"

    def event(self) -> dict[str, Any]:
        """Return the event as it is now."""
        found: dict[str, Any] = self.client.get(self.path).json()
        return found

    def move(self, name: str, *, tag: str | None = None, **wish: Any) -> httpx.Response:
        """Ask for a transition of the event as it is now, or as it was in a version."""
        tag = tag if tag is not None else self.client.get(self.path).headers["etag"]
        headers = {"If-Match": tag, **wish.pop("headers", {})}
        body = {"name": name, **wish}
        return self.client.post(f"{self.path}/transitions", json=body, headers=headers)

    def go(self, *names: str) -> None:
        """Bring the event along, with what each step needs."""
        for name in names:
            wish = {"body": "sanitation"} if name == "dispatch" else {}
            answer = self.move(name, reason="because", **wish)
            assert answer.status_code == 201, answer.text

    def look(self, number: int = 1, **changes: Any) -> httpx.Response:
        """Send what a second look found."""
        body = {"verification_id": str(UUID(int=number)), **LOOK, **changes}
        return self.client.post(f"{self.path}/verifications", json=body)

    def history(self) -> list[dict[str, Any]]:
        """Return what was done with the event."""
        steps: list[dict[str, Any]] = self.client.get(f"{self.path}/history").json()
        return steps


def post(api: RunningApi, number: int, **changes: Any) -> str:
    """Send the n-th report, 50 m from the one before, and return its event's id."""
    report = report_json(number, **{"position": away(50.0 * number), **changes})
    with api.client(Role.MACHINE) as drone:
        answer = drone.post("/reports", json=report)
    assert answer.status_code == 201, answer.text
    event_id: str = answer.json()["event_id"]
    return event_id


@pytest.fixture
def desk(api: RunningApi) -> Iterator[Desk]:
    """A supervisor, and an event that was just reported."""
    with api.client(Role.SUPERVISOR) as client:
        yield Desk(client, post(api, 1))


def client_of(api: RunningApi, role: Role, scope: str) -> httpx.Client:
    """Return a client with a token of its own."""
    database = Database(api.settings.database_url)
    token = issue_token(database, "scoped", role, NOW, scope=Scope.parse(scope))
    database.close()
    return httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {token}"})


def test_a_whole_life_is_told_step_by_step(desk: Desk) -> None:
    """Every step with who did it, why and when, and the event shows where it stands."""
    assert desk.history() == []
    desk.move("accept")
    desk.move("dispatch", body="sanitation")
    desk.move("start")
    desk.move("finish", reason="towed away")
    assert desk.look().status_code == 201
    steps = desk.history()
    assert [(step["name"], step["from_status"], step["to_status"]) for step in steps] == [
        ("accept", "reported", "accepted"),
        ("dispatch", "accepted", "dispatched"),
        ("start", "dispatched", "handling"),
        ("finish", "handling", "awaiting_verification"),
        ("confirm_gone", "awaiting_verification", "closed"),
    ]
    assert [step["version"] for step in steps] == [2, 3, 4, 5, 6]
    assert steps[1]["body"] == "sanitation"
    assert steps[3]["reason"] == "towed away"
    assert steps[4]["verification"] == {**LOOK, "evidence": []}
    for step in steps:
        assert (step["actor"], step["role"]) == ("supervisor-1", "supervisor")
        assert step["at"] == NOW.isoformat().replace("+00:00", "Z")
    event = desk.event()
    assert (event["status"], event["version"], event["body"]) == ("closed", 6, "sanitation")


def test_the_answer_is_the_step_and_carries_the_new_version(desk: Desk) -> None:
    """So that the next step needs no reading."""
    answer = desk.move("accept")
    assert (answer.status_code, answer.headers["etag"]) == (201, '"2"')
    assert answer.json() == desk.history()[0]
    assert desk.move("dispatch", tag='"2"', body="roads").status_code == 201


def test_who_saw_an_older_version_moves_nothing(desk: Desk) -> None:
    """412 with where the event stands, by whom, and the tag to go on with."""
    seen = desk.client.get(desk.path).headers["etag"]
    desk.move("accept", tag=seen)
    answer = desk.move("reject", tag=seen, reason="a delivery van")
    assert (answer.status_code, answer.headers["etag"]) == (412, '"2"')
    problem = answer.json()
    assert problem["current"] == {"status": "accepted", "version": 2}
    assert "accepted now, in version 2, by accept of supervisor-1" in problem["detail"]
    assert len(desk.history()) == 1


@pytest.mark.parametrize("tag", ["", "*"])
def test_who_says_no_version_is_asked_for_one(desk: Desk, tag: str) -> None:
    """428; any version will do is no version."""
    assert desk.move("accept", tag=tag).status_code == 428
    bare = desk.client.post(f"{desk.path}/transitions", json={"name": "accept"})
    assert (bare.status_code, "If-Match" in bare.json()["detail"]) == (428, True)
    assert desk.history() == []


@pytest.mark.parametrize(
    ("tag", "status"),
    [('"1"', 201), ('"7", "1"', 201), ('"7"', 412), ('W/"1"', 412), ("1", 412), ('"', 412)],
)
def test_tags_are_compared_strongly(desk: Desk, tag: str, status: int) -> None:
    """As RFC 9110 says: one of a list, and never a weak one."""
    assert desk.move("accept", tag=tag).status_code == status


def test_of_two_operators_at_once_one_is_told(api: RunningApi, desk: Desk) -> None:
    """Eight move the same version: one does, and the others hear of it."""
    answers: list[int] = []

    def operate() -> None:
        with api.client(Role.SUPERVISOR) as client:
            answers.append(Desk(client, desk.event_id).move("accept", tag='"1"').status_code)

    threads = [threading.Thread(target=operate) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201] + [412] * 7
    assert len(desk.history()) == 1


def test_a_transition_that_is_sent_again_counts_once(desk: Desk) -> None:
    """The same key gives the same answer, though the version has moved on by itself."""
    headers = {"Idempotency-Key": "desk-3/17"}
    first = desk.move("accept", tag='"1"', headers=headers)
    again = desk.move("accept", tag='"1"', headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(desk.history()) == 1


def test_a_key_is_for_one_transition(api: RunningApi, desk: Desk) -> None:
    """Another wish, or another person's, is a conflict and moves nothing."""
    headers = {"Idempotency-Key": "17"}
    desk.move("accept", headers=headers)
    assert desk.move("dispatch", body="roads", headers=headers).status_code == 409
    with api.client(Role.ACCEPTOR) as other:
        assert Desk(other, desk.event_id).move("accept", headers=headers).status_code == 409
    assert len(desk.history()) == 1
    with api.client(Role.SUPERVISOR) as client:
        beside = Desk(client, post(api, 2))  # a key is an event's own
        assert beside.move("accept", headers=headers).status_code == 201


def test_who_gave_an_event_away_still_gets_the_answer(api: RunningApi, desk: Desk) -> None:
    """The body's handler returns it, loses it by that, and the answer was lost on the line."""
    desk.go("accept", "dispatch")
    with client_of(api, Role.HANDLER, "body:sanitation") as client:
        handler = Desk(client, desk.event_id)
        headers = {"Idempotency-Key": "1"}
        first, again = (
            handler.move("return_to_dispatcher", tag='"3"', reason="not ours", headers=headers)
            for _ in range(2)
        )
        assert (first.status_code, again.status_code) == (201, 200)
        assert client.get(desk.path).status_code == 404


@pytest.mark.parametrize(
    ("wish", "status", "says"),
    [
        ({"name": "finish"}, 409, "from reported there is accept, reject, link_duplicate"),
        ({"name": "reject"}, 422, "reject takes a reason"),
        ({"name": "accept", "body": "roads"}, 422, "accept does not take the field body"),
        ({"name": "vanish"}, 422, "body.name"),
        ({"name": "accept", "who": "me"}, 422, "body.who"),
        ({"name": "accept", "reason": "x" * 2001}, 422, "body.reason"),
        ({}, 422, "body.name"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    desk: Desk, wish: dict[str, Any], status: int, says: str
) -> None:
    """Each with a sentence that says what was wrong."""
    before = desk.event()
    headers = {"If-Match": '"1"'}
    answer = desk.client.post(f"{desk.path}/transitions", json=wish, headers=headers)
    assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.text
    assert (desk.event(), desk.history()) == (before, [])


def test_a_role_moves_only_what_its_row_says(api: RunningApi, desk: Desk) -> None:
    """The route lets a collector in, the table not."""
    with api.client(Role.COLLECTOR) as client:
        answer = Desk(client, desk.event_id).move("accept")
    assert answer.status_code == 403
    assert "role collector, and accept takes acceptor or supervisor" in answer.json()["detail"]


def test_what_was_escalated_leaves_those_below(api: RunningApi, desk: Desk) -> None:
    """A village's dispatcher hands it up and decides on it no longer, but still sees it."""
    desk.go("accept")
    with client_of(api, Role.DISPATCHER, "village:341299001001") as client:
        village = Desk(client, desk.event_id)
        up = village.move("escalate", level="town", reason="the lamp posts are the town's")
        assert (up.status_code, up.json()["level"]) == (201, "town")
        refused = village.move("dispatch", body="roads")
        assert refused.status_code == 403
        assert "escalated to the level town" in refused.json()["detail"]
    down = desk.move("escalate", level="village", reason="back")
    assert (down.status_code, "higher one only" in down.json()["detail"]) == (409, True)


def test_an_extension_and_a_suspension_say_until_when(desk: Desk) -> None:
    """The event shows both; resuming ends the rest and not the extension."""
    desk.go("accept", "dispatch", "start")
    assert desk.move("extend", until=LATER, reason="the crane comes on Friday").status_code == 201
    assert desk.move("suspend", until=LATER, reason="frost").status_code == 201
    event = desk.event()
    assert (event["status"], event["suspended_until"], event["extended_until"]) == (
        "suspended",
        LATER,
        LATER,
    )
    desk.go("resume")
    event = desk.event()
    assert (event["suspended_until"], event["extended_until"]) == (None, LATER)
    assert desk.history()[3]["until"] == LATER


def test_duplicates_are_linked_to_their_event(api: RunningApi, desk: Desk) -> None:
    """Both ways, and no further than one step."""
    original, other = post(api, 2), post(api, 3)
    linked = desk.move("link_duplicate", duplicate_of=original, reason="the same van")
    assert linked.status_code == 201
    assert desk.event()["duplicate_of"] == original
    assert Desk(desk.client, original).event()["duplicates"] == [desk.event_id]
    for event_id, target, says in (
        (other, other, "no duplicate of itself"),
        (other, desk.event_id, f"itself a duplicate of {original}; name that"),
        (original, other, "1 duplicates are linked to this event"),
        (other, str(UUID(int=0)), "There is no event"),
    ):
        refused = Desk(desk.client, event_id).move(
            "link_duplicate", duplicate_of=target, reason="the same"
        )
        assert (refused.status_code, says in refused.json()["detail"]) == (422, True), says
    desk.go("reopen")
    assert desk.event()["duplicate_of"] is None


def test_a_duplicate_takes_no_further_observation(api: RunningApi, desk: Desk) -> None:
    """The next look at the place joins the event that it repeats."""
    original = post(api, 2, position=away(50.0), pass_id="pass-1", track_id=99)
    desk.move("link_duplicate", duplicate_of=original, reason="the same van")
    assert post(api, 3, position=away(50.0), pass_id="pass-2") == original


@pytest.mark.parametrize(
    ("gone", "name", "status"),
    [(True, "confirm_gone", "closed"), (False, "find_still_there", "handling")],
)
def test_a_drones_second_look_decides(
    api: RunningApi, desk: Desk, gone: bool, name: str, status: str
) -> None:
    """Without a version, by the table that people go by; sent again it counts once."""
    desk.go(*WAY)
    with api.client(Role.MACHINE) as drone:
        drone.put(f"/evidence/{HASH}", content=JPEG, headers={"Content-Type": "image/jpeg"})
        seen = Desk(drone, desk.event_id)
        first, again = (seen.look(gone=gone, evidence=[HASH], note="12 frames") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    step = desk.history()[-1]
    assert (step["name"], step["actor"], step["to_status"]) == (name, "machine-1", status)
    assert step["reason"].startswith("falcon-1 looked again and found it ")
    assert step["reason"].endswith(": 12 frames")
    assert step["verification"]["evidence"] == [HASH]
    assert desk.event()["status"] == status


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"observed_at": "2026-07-01T07:59:59Z"}, 422, "made before the handling"),
        ({"observed_at": "2026-07-01T08:00:01Z"}, 422, "lies in the future"),
        ({"evidence": [HASH]}, 422, f"PUT /evidence/{HASH} first"),
        ({"gone": None}, 422, "body.gone"),
    ],
)
def test_a_look_that_proves_nothing_is_refused(
    desk: Desk, change: dict[str, Any], status: int, says: str
) -> None:
    """Made too early, too late, or without what it cites."""
    desk.go(*WAY)
    answer = desk.look(**change)
    assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.text
    assert len(desk.history()) == len(WAY)


def test_a_look_that_nobody_awaits_moves_nothing(desk: Desk) -> None:
    """What is still being handled is not closed by a drone that passes."""
    desk.go("accept", "dispatch")
    answer = desk.look()
    assert (answer.status_code, "is dispatched" in answer.json()["detail"]) == (409, True)


def test_a_later_report_of_the_same_thing_is_a_look_too(api: RunningApi, desk: Desk) -> None:
    """What is said to be done and is seen again goes back to be handled; an earlier look does not.

    The clock stands still here, so the report's time is set back and forth instead.
    """
    desk.go(*WAY)
    before = {"position": away(50.0), "observed_at": "2026-07-01T08:00:00Z"}
    assert post(api, 2, pass_id="pass-2", **before) == desk.event_id
    assert desk.event()["status"] == "awaiting_verification"
    database = Database(api.settings.database_url)
    with database.write() as session:
        session.connection().exec_driver_sql(
            "UPDATE events SET status_since = '2026-07-01 07:30:00'"
        )
    database.close()
    assert post(api, 3, pass_id="pass-3", **before) == desk.event_id
    step = desk.history()[-1]
    assert (step["name"], step["actor"]) == ("find_still_there", "machine-1")
    assert "shows it again" in step["reason"]
    assert desk.event()["status"] == "handling"


def test_an_unknown_event_is_not_found(api: RunningApi) -> None:
    """On all three routes."""
    with api.client(Role.SUPERVISOR) as client:
        nothing = Desk(client, str(UUID(int=0)))
        assert nothing.move("accept", tag='"1"').status_code == 404
        assert nothing.look().status_code == 404
        assert client.get(f"{nothing.path}/history").status_code == 404


def test_every_step_is_in_the_audit(api: RunningApi, desk: Desk) -> None:
    """In the transaction of the step, with what was said, and in an unbroken chain."""
    desk.go("accept", "dispatch")
    desk.move("start", tag='"1"')  # refused, and so not told
    database = Database(api.settings.database_url)
    with database.read() as session:
        entries = list(audit.entries(session))
        verdict = walk(entries, audit.head(session))
    database.close()
    assert verdict.broken is None
    told = [entry.deed for entry in entries if not entry.deed.action.startswith("token.")]
    assert [deed.action for deed in told] == ["report.received", "event.moved", "event.moved"]
    assert {deed.subject for deed in told} == {f"event:{desk.event_id}"}
    assert told[0].actor == "machine-1"
    assert told[2].actor == "supervisor-1"
    assert told[2].content == {
        "transition": "dispatch",
        "from": "accepted",
        "to": "dispatched",
        "version": 3,
        "reason": "because",
        "details": {"body": "sanitation"},
        "role": "supervisor",
        "scope": "everywhere",
    }


def test_an_acceptor_sorts_what_came_without_a_matter(api: RunningApi) -> None:
    """Limits, bodies and figures are those of the new matter; what was reported stays as it was."""
    unsorted = {"standard_ref": "GRIDPATROL-EXT", "code": "EXT-UNSORTED"}
    litter = {"standard_ref": "GB/T 47678.5-2026", "code": "06010"}
    event_id = post(api, 1, matter=unsorted)
    with api.client(Role.ACCEPTOR) as client:
        desk = Desk(client, event_id)
        moved = desk.move("classify", reason="a heap of bags", matter=litter)
        assert moved.status_code == 201, moved.text
        event = desk.event()
        assert (event["matter"], event["status"], event["version"]) == (litter, "reported", 2)
        assert event["observations"][0]["report"]["matter"] == unsorted
        (step,) = desk.history()
        assert (step["name"], step["matter"], step["reason"]) == (
            "classify",
            litter,
            "a heap of bags",
        )
        for matter, words in (
            (litter, "is of the matter 06010 already"),
            ({**litter, "code": "99999"}, "is not in the catalogue"),
            (None, "classify takes the field matter"),
        ):
            refused = desk.move("classify", reason="again", matter=matter)
            assert (refused.status_code, words in refused.text) == (422, True)
        desk.go("accept")
        late = desk.move("classify", reason="again", matter=unsorted)
        assert (late.status_code, desk.event()["matter"]) == (409, litter)
    with api.client(Role.SUPERVISOR) as chief:
        dispatched = Desk(chief, event_id)
        dispatched.go("dispatch")
        assert dispatched.event()["clocks"][-1]["limit"] == {"amount": 4.0, "unit": "working_hours"}
    # Seen again as what it is, it is the same event.
    assert post(api, 2, matter=litter, position=away(50.0), pass_id="later") == event_id
