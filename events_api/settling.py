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
        opened: Why it would open an event, with its rival.
        rule: What its matter says about sameness.
    """
    if opened.rival is None:
        return opened
    claim = _surest(report, ground.events.looks(report, opened.rival))
    if claim is None:
        claim = _surest(report, rows.seen_by_pass(ground.session, report, opened.rival))
        reach = None if claim is None else Reach.of_look(claim, rule)
        if claim is None or reach is None:
            return opened
        # Around what came in this transaction everything was looked up when that began.
        ground.take_up(rows.near(ground.session, [(report.matter, reach)]))
    events = ground.events.around(report, claim, rule)
    return pair_up(look_of(report), opened, claim, events, rule)


def _surest(report: Report, looks: Iterable[Look]) -> Look | None:
    """Return of what the report's pass has seen the surest look at another object."""
    others = [
        look
        for look in looks
        if is_known_track(look.track_id)
        and look.track_id != report.track_id
        and look.position is not None
    ]
    return min(others, key=lambda look: look.ce90_m or 0.0, default=None)
