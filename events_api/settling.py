"""Looks farther around before a report opens an event only because its own pass was there already.

What `pairing` judges has to be found first: what else the pass has seen near, in this transaction
and before, and the open events around that. Few reports come here, and only they pay for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from events_api.merging import Look, MergeRule, Verdict, is_known_track
from events_api.open_events import OpenEvents, Reach, look_of
from events_api.pairing import pair_up
from events_api.schemas import Report
from events_api.store import intake as rows


@dataclass(frozen=True, slots=True)
class Ground:
    """Where events are found.

    Attributes:
        session: The transaction.
        events: Those known so far.
        take_up: Adds to them those of some numbers, unless it has them.
    """

    session: Session
    events: OpenEvents
    take_up: Callable[[set[int]], None]


def settle(ground: Ground, report: Report, opened: Verdict, rule: MergeRule) -> Verdict:
    """Judge again a report that fits only what its own pass has put other objects into.

    Args:
        ground: Where events are found.
        report: As it came.
        opened: Why it would open an event, with its rivals.
        rule: What its matter says about sameness.
    """
    claims = _claims(ground, report, set(opened.rivals))
    _look_around(ground, report, claims.values(), rule)
    events = ground.events.around(report, claims.values(), rule)
    return pair_up(look_of(report), opened, claims, events, rule)


def _claims(ground: Ground, report: Report, numbers: set[int]) -> dict[int, Look]:
    """Return for events the surest look at what else the report's pass has put into each."""
    before = rows.seen_by_pass(ground.session, report, numbers)
    found: dict[int, Look] = {}
    for number, look in (*before, *ground.events.looks(report, numbers)):
        is_other = is_known_track(look.track_id) and look.track_id != report.track_id
        if not is_other or look.position is None:
            continue
        if number not in found or (look.ce90_m or 0.0) < (found[number].ce90_m or 0.0):
            found[number] = look
    return found


def _look_around(ground: Ground, report: Report, looks: Iterable[Look], rule: MergeRule) -> None:
    reaches = [Reach.of_look(look, rule) for look in looks]
    known = [(report.matter, reach) for reach in reaches if reach is not None]
    ground.take_up(rows.near(ground.session, known))
