"""Alerts of CAP 1.2: their chains, and documents that follow its schema."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from events_api.cases import Status, TransitionName
from events_api.catalogue.catalogue_files import SHIPPED_CATALOGUE, parse_catalogue
from events_api.interchange.cap import (
    NAMESPACE,
    Message,
    MessageKind,
    Sender,
    Subject,
    messages,
    surest,
    write_alert,
)
from events_api.roles import Role
from events_api.schemas import MatterKey, Report, Transition
from tests.events_api.factories import MARKET, away, make_report, report_id

AT = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
SHANGHAI = Sender("gridpatrol.example", ZoneInfo("Asia/Shanghai"))
FIRE = {"standard_ref": "GRIDPATROL-EXT", "code": "EXT-FIRE"}
CATALOGUE = parse_catalogue(SHIPPED_CATALOGUE.read_text("utf-8"), "shipped")

MOMENT = r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[-,+]\d\d:\d\d"
WORDS = {
    "status": ("Actual", "Exercise", "System", "Test", "Draft"),
    "msgType": ("Alert", "Update", "Cancel", "Ack", "Error"),
    "scope": ("Public", "Restricted", "Private"),
    "category": (
        *("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport"),
        *("Infra", "CBRNE", "Other"),
    ),
    "urgency": ("Immediate", "Expected", "Future", "Past", "Unknown"),
    "severity": ("Extreme", "Severe", "Moderate", "Minor", "Unknown"),
    "certainty": ("Observed", "Likely", "Possible", "Unlikely", "Unknown"),
}
"""The words that CAP 1.2 allows, from its section 3.2."""


def schema() -> etree.XMLSchema:
    """Return the parts of the schema of CAP 1.2 that we use: names, order, numbers and forms."""

    def one(name: str, low: int = 1, high: str = "1") -> str:
        kind = 'type="xs:string"'
        inner = ""
        if name in WORDS or name in {"sent", "onset", "circle", "polygon"}:
            kind = ""
            number = r"-?\d+\.?\d*"
            pair = f"{number},{number}"
            forms = {
                "sent": MOMENT,
                "onset": MOMENT,
                "circle": f"{pair} {number}",
                "polygon": f"{pair}( {pair}){{3,}}",
            }
            facets = (
                "".join(f'<xs:enumeration value="{word}"/>' for word in WORDS[name])
                if name in WORDS
                else f'<xs:pattern value="{forms[name]}"/>'
            )
            base = f'<xs:restriction base="xs:string">{facets}</xs:restriction>'
            inner = f"<xs:simpleType>{base}</xs:simpleType>"
        bounds = f'minOccurs="{low}" maxOccurs="{high}"'
        return f'<xs:element name="{name}" {kind} {bounds}>{inner}</xs:element>'

    def pair(name: str) -> str:
        return group(name, one("valueName") + one("value"), 0, "unbounded")

    def group(name: str, inner: str, low: int, high: str) -> str:
        return (
            f'<xs:element name="{name}" minOccurs="{low}" maxOccurs="{high}"><xs:complexType>'
            f"<xs:sequence>{inner}</xs:sequence></xs:complexType></xs:element>"
        )

    shapes = one("polygon", 0, "unbounded") + one("circle", 0, "unbounded")
    area = group("area", one("areaDesc") + shapes + pair("geocode"), 0, "unbounded")
    info = "".join(
        [
            one("language", 0),
            one("category", 1, "unbounded"),
            one("event"),
            *(one(name) for name in ("urgency", "severity", "certainty")),
            pair("eventCode"),
            *(one(name, 0) for name in ("onset", "headline", "description")),
            pair("parameter"),
            area,
        ]
    )
    alert = "".join(
        [
            *(one(name) for name in ("identifier", "sender", "sent", "status", "msgType", "scope")),
            *(one(name, 0) for name in ("restriction", "references", "incidents")),
            group("info", info, 0, "unbounded"),
        ]
    )
    text = (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}" '
        f'elementFormDefault="qualified"><xs:element name="alert"><xs:complexType><xs:sequence>'
        f"{alert}</xs:sequence></xs:complexType></xs:element></xs:schema>"
    )
    return etree.XMLSchema(etree.fromstring(text))


def history(*statuses: Status) -> list[Transition]:
    """Return a history through these states, a minute each."""
    steps = zip((Status.REPORTED, *statuses), statuses, strict=False)
    return [
        Transition(
            version=version,
            name=TransitionName.ACCEPT,
            from_status=before,
            to_status=after,
            actor="lin",
            role=Role.ACCEPTOR,
            reason="",
            at=AT + timedelta(minutes=version),
        )
        for version, (before, after) in enumerate(steps, start=2)
    ]


def written(message: Message, report: Report, ring: Sequence[tuple[float, float]] = ()) -> Any:
    """Write an alert, check it against the schema, and return its elements by name."""
    matter = CATALOGUE.find(MatterKey(**FIRE))
    subject = Subject(report_id(1), matter, report, "Market", ring)
    document = etree.fromstring(write_alert(message, subject, SHANGHAI))
    schema().assertValid(document)
    return document


def texts(document: Any, name: str) -> list[str]:
    """Return the texts of all elements of a name."""
    return [each.text for each in document.iter(f"{{{NAMESPACE}}}{name}")]


def test_a_case_is_a_chain_of_messages() -> None:
    """Alert, updates that name what came before, and a cancel at the end."""
    steps = history(Status.ACCEPTED, Status.DISPATCHED, Status.HANDLING, Status.CLOSED)
    chain = messages(steps)
    assert [each.kind for each in chain] == ["Alert", "Update", "Update", "Cancel"]
    assert [[version for version, _ in each.references] for each in chain] == [
        [],
        [2],
        [2, 3],
        [2, 3, 4],
    ]


def test_nobody_is_alerted_of_what_nobody_accepted() -> None:
    """A machine alone alarms no one; what is reopened is a new alert."""
    assert messages(history(Status.REJECTED)) == []
    chain = messages(history(Status.REJECTED, Status.ACCEPTED, Status.REPORTED, Status.ACCEPTED))
    assert [each.kind for each in chain] == ["Alert", "Cancel", "Alert"]
    assert chain[-1].references == ()


@given(st.lists(st.sampled_from(Status), max_size=12))
def test_every_chain_begins_with_an_alert_and_ends_with_a_cancel(statuses: list[Status]) -> None:
    """Whatever happens to a case; nothing is updated or cancelled that is not in force."""
    in_force = False
    for message in messages(history(*statuses)):
        assert (message.kind is MessageKind.ALERT) == (not in_force)
        assert bool(message.references) == in_force
        in_force = message.kind is not MessageKind.CANCEL


def test_an_alert_says_everything_in_two_languages() -> None:
    """Its time has the county's offset, and its circle the error and the size of the thing."""
    chain = messages(history(Status.ACCEPTED, Status.CLOSED))
    report = make_report(matter=FIRE, ce90_m=12.0, why="flames", observed_at=AT)
    alert = written(chain[0], report)
    assert texts(alert, "identifier") == [f"{report_id(1)}.2"]
    assert texts(alert, "sent") == ["2026-07-01T16:02:00+08:00"]
    assert texts(alert, "language") == ["zh-CN", "en-US"]
    assert texts(alert, "event") == ["明火", "Open fire"]
    assert texts(alert, "circle") == [f"{MARKET.lat_deg:.6f},{MARKET.lon_deg:.6f} 0.0200"] * 2
    assert texts(alert, "certainty") == ["Observed"] * 2
    cancel = written(chain[1], report)
    assert texts(cancel, "urgency") == ["Past"] * 2
    (reference,) = texts(cancel, "references")
    assert reference == f"gridpatrol.example,{report_id(1)}.2,2026-07-01T16:02:00+08:00"


def test_utc_is_written_as_cap_wants_it() -> None:
    """With a sign that says no place on Earth is meant, and never with a Z."""
    (message,) = messages(history(Status.ACCEPTED))
    subject = Subject(report_id(1), CATALOGUE.find(MatterKey(**FIRE)), make_report(), "Market")
    document = etree.fromstring(write_alert(message, subject, Sender("s", UTC)))
    assert texts(document, "sent") == ["2026-07-01T08:02:00-00:00"]


def test_an_event_without_a_position_is_as_large_as_its_cell() -> None:
    """The polygon goes latitude first."""
    (message,) = messages(history(Status.ACCEPTED))
    ring = [(115.0, 33.0), (115.1, 33.0), (115.1, 33.1), (115.0, 33.0)]
    alert = written(message, make_report(matter=FIRE, position=None), ring)
    assert texts(alert, "polygon")[0].startswith("33.000000,115.000000 ")
    assert texts(alert, "circle") == []


@example("\ufffe\uffff\x1b")
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_no_words_of_a_report_break_a_document(why: str) -> None:
    """Neither markup nor signs that XML does not have."""
    (message,) = messages(history(Status.ACCEPTED))
    written(message, make_report(matter=FIRE, why=why[:2000]))


def test_the_surest_report_places_an_event() -> None:
    """As the event itself: a later one only if it is better; any place is better than none."""
    vague, sure = make_report(1, ce90_m=30.0), make_report(2, ce90_m=5.0, position=away(3.0))
    unplaced = make_report(3, position=None, ce90_m=None, ce50_m=None)
    assert surest([vague, sure, vague]) is sure
    assert surest([unplaced, vague]) is vague
    assert surest([sure, unplaced]) is sure


@pytest.mark.parametrize("name", ["status", "msgType", "category"])
def test_the_schema_refuses_other_words(name: str) -> None:
    """What the tests above rely on."""
    (message,) = messages(history(Status.ACCEPTED))
    alert = written(message, make_report(matter=FIRE))
    next(alert.iter(f"{{{NAMESPACE}}}{name}")).text = "Perhaps"
    assert not schema().validate(alert)
