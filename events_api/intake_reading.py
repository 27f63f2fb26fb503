"""Reports as they arrive: how they came, and what is asked of each more than once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from events_api import merging
from events_api.fingerprints import fingerprint_of
from events_api.open_events import Reach, look_of
from events_api.roles import Principal
from events_api.schemas import Report
from events_api.store.rulebook import RulesInForce
from geofences.cells import Grid


@dataclass(frozen=True)
class Arrival:
    """How a report came.

    Attributes:
        by: Who sent it.
        now: When it came.
        rules: The catalogue and the calendars in force.
        grid: Gives the cells in force; asked only when the report does not name its cell.
        may_move: Whether the report may send back what was said to be done; nobody knows who an
            unknown citizen is.
    """

    by: Principal
    now: datetime
    rules: RulesInForce
    grid: Callable[[], Grid]
    may_move: bool = True


@dataclass(frozen=True, slots=True)
class Sent:
    """A report, and what is asked of it more than once.

    Attributes:
        report: As it was sent.
        arrival: How it came.
        report_id: Its id in words.
        text: Its JSON.
        fingerprint: Of its content.
        look: What merging needs to know of it.
        rule: What its matter says about sameness; none where the catalogue lacks the matter.
        reach: How far an event may lie that it joins; none where it has no position.
    """

    report: Report
    arrival: Arrival
    report_id: str
    text: str
    fingerprint: str
    look: merging.Look
    rule: merging.MergeRule | None
    reach: Reach | None


def read_all(arrived: Sequence[tuple[Report, Arrival]]) -> list[Sent]:
    """Read reports that came under the same rules."""
    rules: dict[tuple[str, str], merging.MergeRule | None] = {}
    sent = []
    for report, arrival in arrived:
        key = report.matter.standard_ref, report.matter.code
        if key not in rules:
            matter = arrival.rules.catalogue.known(*key)
            rules[key] = None if matter is None else matter.merge_rule
        sent.append(_read(report, arrival, rules[key]))
    return sent


def _read(report: Report, arrival: Arrival, rule: merging.MergeRule | None) -> Sent:
    text, look = report.model_dump_json(), look_of(report)
    return Sent(
        report=report,
        arrival=arrival,
        report_id=str(report.report_id),
        text=text,
        fingerprint=fingerprint_of(text),
        look=look,
        rule=rule,
        reach=None if rule is None else Reach.of_look(look, rule),
    )
