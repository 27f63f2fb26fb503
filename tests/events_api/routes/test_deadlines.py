"""Deadlines of events, what is due next, the rules in force, and monthly figures over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from events_api.access import issue_token
from events_api.roles import Role, Scope
from events_api.settings import ApiSettings
from events_api.store.database import Database
from events_api.timekeeping import adopt_calendar, adopt_catalogue
from tests.events_api.conftest import NOW, RunningApi, running
from tests.events_api.factories import away, make_catalogue, report_json

pytestmark = pytest.mark.both_databases

SHANGHAI = ZoneInfo("Asia/Shanghai")
LITTER = {"standard_ref": "GB/T 47678.5-2026", "code": "06010"}
WAY = ("accept", "dispatch", "start", "finish", "confirm_gone")


@dataclass
class Clock:
    """A clock that a test sets, by the time of Shanghai."""

    now: datetime = field(default_factory=lambda: NOW)

    def set(self, text: str) -> None:
        """Set it to a moment of July 2026, such as `01T17:00`; the first is a Wednesday."""
        self.now = datetime.fromisoformat(f"2026-07-{text}").replace(tzinfo=SHANGHAI)

    def __call__(self) -> datetime:
        """Return what it shows."""
        return self.now


@dataclass(frozen=True)
class Centre:
    """A command centre at work."""

    api: RunningApi
    clock: Clock
    client: httpx.Client

    def report(self, number: int = 1, **changes: Any) -> str:
        """Report litter, 50 m from the one before, and return its event's id."""
        matter = {"matter": LITTER, "position": away(50.0 * number)}
        body = report_json(number, **{**matter, "observed_at": "2026-06-30T00:00:00Z", **changes})
        answer = self.client.post("/reports", json=body)
        assert answer.status_code == 201, answer.text
        event_id: str = answer.json()["event_id"]
        return event_id

    def move(self, event_id: str, *names: str, **wish: Any) -> dict[str, Any]:
        """Move an event and return it."""
        for name in names:
            tag = self.client.get(f"/events/{event_id}").headers["etag"]
            given = {"body": "sanitation"} if name == "dispatch" else wish
            answer = self.client.post(
                f"/events/{event_id}/transitions",
                json={"name": name, "reason": "so", **given},
                headers={"If-Match": tag},
            )
            assert answer.status_code == 201, answer.text
        event: dict[str, Any] = self.client.get(f"/events/{event_id}").json()
        return event

    def get(self, path: str, **parameters: Any) -> Any:
        """Return what a route answers."""
        answer = self.client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, path: str, **parameters: Any) -> list[str]:
        """Return the ids of the events that a route lists."""
        return [event["event_id"] for event in self.get(path, **parameters)["events"]]


@pytest.fixture
def centre(settings: ApiSettings, tokens: dict[Role, str]) -> Iterator[Centre]:
    """A supervisor on Wednesday the first of July 2026 at nine."""
    clock = Clock()
    clock.set("01T09:00")
    with (
        running(replace(settings, clock=clock), tokens) as api,
        api.client(Role.SUPERVISOR) as client,
    ):
        yield Centre(api, clock, client)


def shown(deadline: dict[str, Any] | None) -> tuple[str, str, str | None] | None:
    """Return a deadline's step, state and due moment by the clock of Shanghai."""
    if deadline is None:
        return None
    due = deadline["due_at"]
    local = due and datetime.fromisoformat(due).astimezone(SHANGHAI).strftime("%dT%H:%M")
    return deadline["step"], deadline["state"], local


def test_an_event_carries_its_deadline_through_its_life(centre: Centre) -> None:
    """Accepting and dispatching are not limited by the shipped catalogue; handling is."""
    event_id = centre.report()
    assert shown(centre.get(f"/events/{event_id}")["deadline"]) == ("accept", "unlimited", None)
    assert shown(centre.move(event_id, "accept")["deadline"]) == ("dispatch", "unlimited", None)
    centre.clock.set("01T16:00")
    dispatched = centre.move(event_id, "dispatch")
    assert shown(dispatched["deadline"]) == ("handle", "in_time", "02T10:00")
    assert dispatched["deadline"]["responsible"] == "sanitation"
    centre.clock.set("02T09:00")
    assert shown(centre.get("/events")["events"][0]["deadline"]) == (
        "handle",
        "warning",
        "02T10:00",
    )
    centre.clock.set("02T10:01")
    assert shown(centre.move(event_id, "start")["deadline"]) == ("handle", "overdue", "02T10:00")
    assert centre.move(event_id, "finish", "confirm_gone")["deadline"] is None
    clocks = centre.get(f"/events/{event_id}")["clocks"]
    assert [(clock["step"], clock["overran"]) for clock in clocks] == [
        ("accept", False),
        ("dispatch", False),
        ("handle", True),
        ("verify", False),
    ]
    assert clocks[2]["limit"] == {"amount": 4.0, "unit": "working_hours"}


def test_a_suspension_stops_the_clock_and_an_extension_moves_it(centre: Centre) -> None:
    """Both by the moments that their transitions name."""
    event_id = centre.report()
    centre.move(event_id, "accept", "dispatch", "start")
    centre.clock.set("01T11:00")
    suspended = centre.move(event_id, "suspend", until="2026-07-02T03:00:00Z")
    assert shown(suspended["deadline"]) == ("handle", "paused", "02T15:00")
    centre.clock.set("01T14:00")
    assert shown(centre.move(event_id, "resume")["deadline"]) == ("handle", "in_time", "01T16:00")
    extended = centre.move(event_id, "extend", until="2026-07-03T02:00:00Z")
    assert shown(extended["deadline"]) == ("handle", "in_time", "03T10:00")


def test_found_still_there_is_handled_on_the_time_that_was_left(centre: Centre) -> None:
    """Also when a drone's report says so."""
    event_id = centre.report()
    centre.move(event_id, "accept", "dispatch", "start")
    centre.clock.set("01T11:00")
    centre.move(event_id, "finish")
    centre.clock.set("01T16:00")
    again = {"pass_id": "pass-2", "track_id": 9, "position": away(50.0)}
    body = report_json(2, matter=LITTER, **again, observed_at="2026-07-01T04:00:00Z")
    assert centre.client.post("/reports", json=body).json()["event_id"] == event_id
    event = centre.get(f"/events/{event_id}")
    assert shown(event["deadline"]) == ("handle", "in_time", "01T18:00")


def test_events_are_found_by_how_their_deadline_stands(centre: Centre) -> None:
    """With body and town beside; every open event is in exactly one state."""
    ids = {}
    for number, name in enumerate(("overdue", "warning", "in_time", "paused", "unlimited")):
        ids[name] = centre.report(number, cell_code=f"34129900{number % 2}001001")
        if name != "unlimited":
            centre.move(ids[name], "accept")
    for name, at in (("overdue", "01T09:00"), ("warning", "01T10:30"), ("in_time", "01T14:00")):
        centre.clock.set(at)
        centre.move(ids[name], "dispatch")
    centre.move(ids["paused"], "dispatch", "start")
    centre.move(ids["paused"], "suspend", until="2026-07-09T02:00:00Z")
    centre.clock.set("01T15:30")
    assert {name: centre.ids("/events", deadline=name) for name in ids} == {
        name: [event_id] for name, event_id in ids.items()
    }
    assert centre.ids("/events", deadline="overdue", body="sanitation", town="341299000") == [
        ids["overdue"]
    ]
    assert centre.ids("/events", deadline="overdue", body="water") == []
    assert centre.ids("/events", deadline="overdue", town="341299001") == []
    due = [ids[name] for name in ("overdue", "warning", "in_time", "paused")]
    assert centre.ids("/deadlines") == due, "the most urgent first"
    assert centre.ids("/deadlines", state="warning", town="341299001") == [ids["warning"]]
    assert centre.ids("/deadlines", step="verify") == []
    assert centre.ids("/deadlines", body="sanitation", step="handle") == due
    assert centre.ids("/deadlines", body="water") == []
    assert centre.ids(
        "/events", responsible="sanitation", town="341299001", status="dispatched"
    ) == [ids["warning"]]


def test_a_body_means_the_same_wherever_it_is_asked_for(centre: Centre) -> None:
    """Whom it was dispatched to; `responsible` takes in what is about to be theirs."""
    sent, waiting = centre.report(1), centre.report(2)
    rule = "{body: town-one}"
    adopt(
        centre,
        make_catalogue(
            LITTER["code"],
            (
                "{amount: 9, unit: urgent_hours, step: accept, source: us}",
                "{amount: 1, unit: urgent_hours, source: us}",
            ),
            rule,
        ),
    )
    centre.move(sent, "accept")
    address = f"/events/{sent}/transitions"
    wish = {"name": "dispatch", "body": "town-one"}
    centre.client.post(address, json=wish, headers={"If-Match": '"2"'})
    for path in ("/events", "/deadlines"):
        assert centre.ids(path, body="town-one") == [sent]
        assert set(centre.ids(path, responsible="town-one")) == {sent, waiting}
        assert centre.ids(path, body="town-one", responsible="roads") == []


def test_an_extension_does_not_make_good_what_was_late(centre: Centre) -> None:
    """The event is in time again, and the month counts that it was not; one in time stays so."""
    late, early = centre.report(1), centre.report(2)
    for event_id in (late, early):
        centre.move(event_id, "accept", "dispatch", "start")
    centre.clock.set("01T11:00")
    centre.move(early, "extend", until="2026-07-03T09:00:00Z")
    centre.clock.set("01T15:30")
    extended = centre.move(late, "extend", until="2026-07-03T09:00:00Z")
    assert extended["deadline"]["state"] == "in_time"
    for event_id in (late, early):
        centre.move(event_id, "finish", "confirm_gone")
    total = centre.get("/figures", month="2026-07")["total"]
    assert (total["closed"], total["in_time"], total["overtime"]) == (2, 1, 1)
    clocks = centre.get(f"/events/{late}")["clocks"]
    assert [clock["overran"] for clock in clocks if clock["step"] == "handle"] == [True]


def test_what_is_due_comes_in_pages(centre: Centre) -> None:
    """Also where many are due at one moment."""
    ids = [centre.report(number) for number in range(5)]
    for event_id in ids:
        centre.move(event_id, "accept", "dispatch")
    seen: list[str] = []
    parameters: dict[str, Any] = {"limit": 2}
    while True:
        page = centre.get("/deadlines", **parameters)
        seen += [event["event_id"] for event in page["events"]]
        if page["next_cursor"] is None:
            break
        parameters["cursor"] = page["next_cursor"]
    assert seen == ids


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/events", {"deadline": "late"}),
        ("/events", {"town": "341299"}),
        ("/deadlines", {"cursor": "eyJiZWZvcmUiOiAxfQ"}),  # one of GET /events
        ("/deadlines", {"cursor": "eyJkdWUiOiAiMjAyNi0wNy0wMSIsICJhZnRlciI6IDF9"}),  # no zone
        ("/deadlines", {"cursor": "W10"}),
        ("/deadlines", {"step": "sleep"}),
        ("/figures", {"month": "2026-13"}),
        ("/figures", {"month": "0000-01"}),
        ("/figures", {"month": "2026-07-01"}),
        ("/figures", {"month": "2026-07", "by": "colour"}),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(
    shared_api: RunningApi, path: str, parameters: dict[str, str]
) -> None:
    """422 with a sentence."""
    with shared_api.client() as client:
        answer = client.get(path, params=parameters)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]


def test_figures_and_deadlines_are_of_ones_own_scope(centre: Centre) -> None:
    """A town counts and sees what lies in it."""
    for number, cell in enumerate(("341299001001001", "341299002001001", "341299002001001")):
        event_id = centre.report(number, cell_code=cell)
        centre.move(event_id, "accept", "dispatch")
    database = Database(centre.api.settings.database_url)
    scope = Scope.parse("town:341299002")
    token = issue_token(database, "town", Role.SUPERVISOR, NOW, scope=scope)
    database.close()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=centre.api.url, headers=headers) as town:
        assert len(town.get("/deadlines").json()["events"]) == 2
        assert town.get("/figures", params={"month": "2026-07"}).json()["total"]["reported"] == 2
    assert centre.get("/figures", month="2026-07")["total"]["reported"] == 3


def test_a_month_of_work_is_counted(centre: Centre) -> None:
    """By town: one in time, one late, one back within thirty days."""
    first = centre.report(1, cell_code="341299001001001")
    centre.move(first, *WAY)
    centre.clock.set("02T09:00")
    again = centre.report(2, position=away(55.0), cell_code="341299001001001", pass_id="later")
    assert again != first
    centre.move(again, "accept", "dispatch", "start")
    centre.clock.set("03T09:00")
    centre.move(again, "finish", "confirm_gone")
    centre.report(3, position=None, cell_code=None, place="the market", ce50_m=None, ce90_m=None)
    counted = centre.get("/figures", by="town")
    assert (counted["month"], counted["time_zone"]) == ("2026-07", "Asia/Shanghai")
    names = ("key", "reported", "closed", "in_time", "overtime", "repeat", "median_handling_hours")
    assert [tuple(group[name] for name in names) for group in counted["groups"]] == [
        ("341299001", 2, 2, 1, 1, 1, 12.0),
        (None, 1, 0, 0, 0, 0, None),
    ]
    assert counted["total"]["reported"] == 3
    june = centre.get("/figures", month="2026-06", by="body")
    assert (june["total"]["reported"], june["groups"]) == (0, [])


def adopt(centre: Centre, text: str) -> None:
    """Bring a catalogue into force while the server runs, as the command line does."""
    database = Database(centre.api.settings.database_url)
    with database.write() as session:
        adopt_catalogue(session, text, "ours.yaml", "us", centre.clock())
    database.close()


def test_a_new_catalogue_holds_at_once_and_for_what_is_open(centre: Centre) -> None:
    """A running server follows it, limits per place and responsible bodies included."""
    event_id = centre.report(1)
    centre.move(event_id, "accept", "dispatch")
    done = centre.report(2)
    centre.move(done, *WAY)
    before = centre.get(f"/events/{done}")["clocks"]
    adopt(
        centre,
        make_catalogue(
            LITTER["code"],
            limits=(
                "{amount: 1, unit: urgent_hours, source: us}",
                '{amount: 3, unit: urgent_hours, cells: ["341299001"], source: us}',
                "{amount: 30, unit: urgent_hours, step: accept, source: us}",
            ),
            rules='{body: town-one, cells: ["341299001"]}',
        ),
    )
    assert shown(centre.get(f"/events/{event_id}")["deadline"]) == ("handle", "in_time", "01T12:00")
    assert centre.get(f"/events/{done}")["clocks"] == before, "what is closed stays as it was"
    new = centre.get(f"/events/{centre.report(3)}")["deadline"]
    assert (shown(new), new["responsible"]) == (("accept", "in_time", "02T15:00"), "town-one")
    other = centre.report(4, cell_code="341299002001001")
    assert centre.get(f"/events/{other}")["deadline"]["responsible"] is None
    assert shown(centre.move(other, "accept", "dispatch")["deadline"]) == (
        "handle",
        "in_time",
        "01T10:00",
    )
    of_town = [centre.ids("/events")[1]]
    for path in ("/deadlines", "/events"):
        assert centre.ids(path, responsible="town-one") == of_town
        assert centre.ids(path, body="town-one") == [], "nobody dispatched it to them"
    (matter,) = centre.get("/matters")
    served = centre.get("/catalogue")
    assert (matter["code"], served["put_by"]) == ("06010", "us")
    assert served["catalogue"]["matters"] == [matter]


def test_a_surer_look_in_another_cell_brings_its_limit(centre: Centre) -> None:
    """The place decides, as soon as it is known better."""
    here = '{amount: 3, unit: urgent_hours, step: accept, cells: ["341299001"], source: us}'
    everywhere = "{amount: 1, unit: urgent_hours, step: accept, source: us}"
    adopt(centre, make_catalogue(LITTER["code"], (everywhere, here)))
    event_id = centre.report(1, cell_code="341299002001001", ce90_m=9.0)
    assert shown(centre.get(f"/events/{event_id}")["deadline"]) == ("accept", "in_time", "01T10:00")
    again = {"position": away(50.0), "pass_id": "pass-2", "track_id": 7}
    body = report_json(2, matter=LITTER, cell_code="341299001001001", **again)
    body["observed_at"] = "2026-06-30T01:00:00Z"
    assert centre.client.post("/reports", json=body).json()["event_id"] == event_id
    event = centre.get(f"/events/{event_id}")
    assert event["cell_code"] == "341299001001001"
    assert shown(event["deadline"]) == ("accept", "in_time", "01T12:00")
    assert centre.ids("/deadlines", town="341299001") == [event_id]


def test_an_event_whose_matter_was_dropped_goes_on(centre: Centre) -> None:
    """Without limits of its own, and a new report of it is refused."""
    event_id = centre.report(1)
    adopt(centre, make_catalogue("06011"))
    assert shown(centre.move(event_id, "accept", "dispatch")["deadline"]) == (
        "handle",
        "unlimited",
        None,
    )
    refused = centre.client.post("/reports", json=report_json(2, matter=LITTER))
    assert refused.status_code == 422
    assert "06010" in refused.json()["detail"]


def test_a_new_calendar_moves_what_is_open(centre: Centre) -> None:
    """A day off that was not known before."""
    event_id = centre.report(1)
    centre.clock.set("01T16:00")
    centre.move(event_id, "accept", "dispatch")
    (shipped,) = centre.get("/calendars")
    assert (shipped["year"], shipped["is_example"]) == (2026, True)
    text = "version: 1\nyear: 2026\nsource: Ours.\ntime_zone: Asia/Shanghai\nnight: 22:00-06:00\n"
    text += "week:\n" + "".join(f"  {day}: [09:00-17:00]\n" for day in ("wednesday", "friday"))
    database = Database(centre.api.settings.database_url)
    with database.write() as session:
        adopt_calendar(session, text, "ours.yaml", "us", centre.clock())
    database.close()
    due = ("handle", "in_time", "03T12:00")
    assert shown(centre.get(f"/events/{event_id}")["deadline"]) == due


def test_the_feed_tells_that_rules_changed(centre: Centre) -> None:
    """So that a page asks for them again."""
    adopt(centre, make_catalogue("06010"))
    headers = {"Last-Event-ID": "0"}
    told = ""
    with centre.client.stream("GET", "/stream", headers=headers) as stream:
        for piece in stream.iter_text():
            told += piece
            if "still here" in piece:
                break
    assert "event: rules" in told


def test_only_bodies_of_the_catalogue_are_sent_out_to(centre: Centre) -> None:
    """A word that is mistyped would leave the event with nobody."""
    event_id = centre.report(1)
    centre.move(event_id, "accept")
    rules = '{body: town-one, cells: ["341299001"]}'
    adopt(centre, make_catalogue(LITTER["code"], rules=rules))
    answers = [
        centre.client.post(
            f"/events/{event_id}/transitions",
            json={"name": "dispatch", "body": body},
            headers={"If-Match": '"2"'},
        )
        for body in ("town-oen", "town-one")
    ]
    assert [answer.status_code for answer in answers] == [422, 201]
    assert "names no body town-oen; it names town-one, sanitation" in answers[0].json()["detail"]


def test_an_extension_that_extends_nothing_is_refused(centre: Centre) -> None:
    """Before the event is due anyway: it would be shown as a time that was given."""
    event_id = centre.report(1)
    centre.move(event_id, "accept", "dispatch", "start")
    before = centre.get(f"/events/{event_id}")
    wish = {"name": "extend", "reason": "rain", "until": "2026-07-01T03:00:00Z"}
    tag = {"If-Match": f'"{before["version"]}"'}
    refused = centre.client.post(f"/events/{event_id}/transitions", json=wish, headers=tag)
    assert refused.status_code == 422
    assert before["deadline"]["due_at"][:16] in refused.json()["detail"]
    assert centre.get(f"/events/{event_id}") == before


def test_a_graded_event_follows_the_limits_of_its_grade(centre: Centre) -> None:
    """Whatever the catalogue says for A, B and C, and lists and exports show the grade."""
    adopt(
        centre,
        make_catalogue(
            LITTER["code"],
            limits=(
                "{amount: 4, unit: urgent_hours, source: us}",
                "{amount: 1, unit: urgent_hours, grade: A, source: us}",
            ),
        ),
    )
    event_id = centre.report(1)
    assert centre.move(event_id, "accept", "dispatch")["grade"] is None
    assert shown(centre.get(f"/events/{event_id}")["deadline"]) == ("handle", "in_time", "01T13:00")
    graded = centre.move(event_id, "grade", grade="A")
    assert (graded["grade"], shown(graded["deadline"])) == ("A", ("handle", "in_time", "01T10:00"))
    (listed,) = centre.get("/events")["events"]
    assert listed["grade"] == "A"
    (feature,) = centre.get("/ogc/collections/events/items")["features"]
    assert feature["properties"]["grade"] == "A"
    *_, last = centre.get(f"/events/{event_id}/history")
    assert (last["name"], last["grade"], last["to_status"]) == ("grade", "A", "dispatched")
    again = centre.move(event_id, "grade", grade="C")
    assert (again["grade"], shown(again["deadline"])) == ("C", ("handle", "in_time", "01T13:00"))
