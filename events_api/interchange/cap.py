"""Hazards as alerts of the Common Alerting Protocol (OASIS CAP 1.2).

A case becomes a chain of messages: an Alert once a person accepted it, an Update with each later
step, and a Cancel when it ends. All follow from the history alone, so a message that was given once
is given again word for word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from uuid import UUID

from lxml import etree

from events_api.cases import Status
from events_api.catalogue.matters import Matter
from events_api.interchange.hazards import OTHER, hazard_of
from events_api.interchange.xml_text import xml_text
from events_api.merging import ASSUMED_CE90_M
from events_api.schemas import Report, Transition

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"

ALIVE = frozenset(
    {
        Status.ACCEPTED,
        Status.DISPATCHED,
        Status.HANDLING,
        Status.SUSPENDED,
        Status.AWAITING_VERIFICATION,
    }
)
"""States in which an alert is in force: what only a machine has seen is no alert yet."""

RESTRICTION = "For holders of a token of the event API that sent it; not a warning of the public."

LANGUAGES = ("zh-CN", "en-US")

STATUS_WORDS = {
    Status.REPORTED: ("待受理", "to be accepted"),
    Status.ACCEPTED: ("已立案", "accepted"),
    Status.DISPATCHED: ("已派遣", "dispatched"),
    Status.HANDLING: ("处置中", "being handled"),
    Status.SUSPENDED: ("已挂起", "suspended"),
    Status.AWAITING_VERIFICATION: ("待核查", "awaiting verification"),
    Status.CLOSED: ("已结案", "closed"),
    Status.REJECTED: ("不予受理", "rejected"),
    Status.DUPLICATE: ("重复", "a duplicate"),
}


class MessageKind(StrEnum):
    """What a message does (CAP 1.2, msgType)."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the chain of an event.

    Attributes:
        version: The event's version after the step that it tells of.
        kind: What it does.
        sent_at: When the step was made.
        status: Where the event stands after it.
        references: Version and time of each message before it that was in force.
    """

    version: int
    kind: MessageKind
    sent_at: datetime
    status: Status
    references: tuple[tuple[int, datetime], ...]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and the zone of the clock that its times are told by."""

    name: str
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of an event at the time of a message.

    Attributes:
        event_id: Which event.
        matter: Its matter.
        report: The report that places it best of those received until then.
        area_description: Where it is, in words.
        cell_ring: Longitudes and latitudes of its cell, for an event without a position.
    """

    event_id: UUID
    matter: Matter
    report: Report
    area_description: str
    cell_ring: Sequence[tuple[float, float]] = ()


def messages(history: Iterable[Transition]) -> list[Message]:
    """Return the messages of an event, oldest first; none for one that nobody accepted."""
    found: list[Message] = []
    chain: list[tuple[int, datetime]] = []
    in_force = False
    for step in history:
        goes_on = step.to_status in ALIVE
        if not in_force and not goes_on:
            continue
        if not in_force:
            # A case that is opened again is a new alert: what was cancelled cannot be updated.
            kind, chain = MessageKind.ALERT, []
        else:
            kind = MessageKind.UPDATE if goes_on else MessageKind.CANCEL
        found.append(Message(step.version, kind, step.at, step.to_status, tuple(chain)))
        chain.append((step.version, step.at))
        in_force = goes_on
    return found


def surest(reports: Sequence[Report]) -> Report:
    """Return the report that places an event best, of one or more in the order they came."""
    best = reports[0]
    for report in reports[1:]:
        if report.position is not None and _error_m(report) < _error_m(best):
            best = report
    return best


def _error_m(report: Report) -> float:
    if report.position is None:
        return float("inf")
    return ASSUMED_CE90_M if report.ce90_m is None else report.ce90_m


def identifier(event_id: UUID, version: int) -> str:
    """Return the identifier of a message: it has none of the signs that CAP forbids."""
    return f"{event_id}.{version}"


def write_alert(message: Message, subject: Subject, sender: Sender) -> bytes:
    """Write a message as an XML document, with one block in Chinese and one in English."""
    alert = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _add(alert, "identifier", identifier(subject.event_id, message.version))
    _add(alert, "sender", sender.name)
    _add(alert, "sent", _time(message.sent_at, sender.zone))
    _add(alert, "status", "Actual")
    _add(alert, "msgType", message.kind)
    _add(alert, "scope", "Restricted")
    _add(alert, "restriction", RESTRICTION)
    if message.references:
        named = (
            f"{sender.name},{identifier(subject.event_id, version)},{_time(at, sender.zone)}"
            for version, at in message.references
        )
        _add(alert, "references", " ".join(named))
    _add(alert, "incidents", str(subject.event_id))
    for language in LANGUAGES:
        _add_info(alert, language, message, subject, sender)
    written: bytes = etree.tostring(alert, xml_declaration=True, encoding="UTF-8")
    return written


def _add_info(
    alert: etree._Element, language: str, message: Message, subject: Subject, sender: Sender
) -> None:
    matter, report = subject.matter, subject.report
    is_chinese = language == LANGUAGES[0]
    name = matter.zh if is_chinese else matter.en
    state = STATUS_WORDS[message.status][0 if is_chinese else 1]
    info = etree.SubElement(alert, f"{{{NAMESPACE}}}info")
    _add(info, "language", language)
    _add(info, "category", (hazard_of(matter) or OTHER).cap_category)
    _add(info, "event", name)
    is_over = message.kind is MessageKind.CANCEL
    _add(info, "urgency", "Past" if is_over else "Immediate")
    # Nobody has judged how bad it is; a person has seen that it is so.
    _add(info, "severity", "Unknown")
    _add(info, "certainty", "Unlikely" if message.status is Status.REJECTED else "Observed")
    _add_pair(info, "eventCode", matter.standard_ref, matter.code)
    _add(info, "onset", _time(report.observed_at, sender.zone))
    _add(info, "headline", f"{name}：{state}" if is_chinese else f"{name}: {state}")
    _add(info, "description", report.why or name)
    if report.ce90_m is not None:
        _add_pair(info, "parameter", "ce90_m", f"{report.ce90_m:g}")
    _add_area(info, subject)


def _add_area(info: etree._Element, subject: Subject) -> None:
    area = etree.SubElement(info, f"{{{NAMESPACE}}}area")
    _add(area, "areaDesc", subject.area_description)
    position = subject.report.position
    if position is not None:
        # The thing itself is somewhere within the error, and reaches out by its own size.
        radius_km = (_error_m(subject.report) + subject.matter.extent_m) / 1000.0
        _add(area, "circle", f"{position.lat_deg:.6f},{position.lon_deg:.6f} {radius_km:.4f}")
    elif subject.cell_ring:
        pairs = (f"{lat_deg:.6f},{lon_deg:.6f}" for lon_deg, lat_deg in subject.cell_ring)
        _add(area, "polygon", " ".join(pairs))
    if subject.report.cell_code is not None:
        _add_pair(area, "geocode", "unit-grid-cell", subject.report.cell_code)


def _time(moment: datetime, zone: tzinfo) -> str:
    # CAP wants the offset always, and UTC as -00:00.
    text = moment.astimezone(zone).isoformat(timespec="seconds")
    return f"{text[:-6]}-00:00" if text.endswith("+00:00") else text


def _add_pair(parent: etree._Element, name: str, value_name: str, value: str) -> None:
    pair = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    _add(pair, "valueName", value_name)
    _add(pair, "value", value)


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = xml_text(text)
