"""What is no longer to be kept: judged for each thing by the events that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from events_api.cases import Status
from events_api.catalogue.retention_files import Kept, Retention


@dataclass(frozen=True, slots=True)
class Use:
    """An event that a thing belongs to.

    Attributes:
        event_id: Which.
        code: The code of its matter.
        status: Where it stands.
        since: Since when.
        is_held: Whether a legal hold keeps everything of it.
    """

    event_id: str
    code: str
    status: Status
    since: datetime
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """A picture, a clip, a contact, or a forwarded request.

    Attributes:
        kept: What kind of thing it is.
        stored_at: Since when it is here.
        uses: The events that it belongs to.
    """

    kept: Kept
    stored_at: datetime
    uses: tuple[Use, ...]


def over_since(thing: Thing, rules: Retention) -> datetime | None:
    """Return when a thing is, or was, to be removed; none while nothing says so."""
    if not thing.uses:
        lasts = rules.unattached_lasts
        return None if lasts is None else thing.stored_at + lasts
    ends = [_end(use, thing.kept, rules) for use in thing.uses]
    known = [end for end in ends if end is not None]
    # One event that is open, held or kept for ever keeps it for all.
    return max(known) if len(known) == len(ends) else None


def is_over(thing: Thing, rules: Retention, now: datetime) -> bool:
    """Whether a thing is to be removed."""
    end = over_since(thing, rules)
    return end is not None and end <= now


def why(thing: Thing, rules: Retention) -> str:
    """Say by what rule a thing is removed."""
    if not thing.uses:
        return f"It belonged to no event, and such is kept {rules.unattached_days} days"
    return "; ".join(_said(use, thing.kept, rules) for use in thing.uses)


def event_ids(things: Sequence[Thing]) -> tuple[str, ...]:
    """Return the events that things belong to, each once."""
    return tuple(dict.fromkeys(use.event_id for thing in things for use in thing.uses))


def _end(use: Use, kept: Kept, rules: Retention) -> datetime | None:
    lasts = rules.lasts(kept, use.code, use.status)
    return None if lasts is None or use.is_held else use.since + lasts


def _said(use: Use, kept: Kept, rules: Retention) -> str:
    lasts = rules.lasts(kept, use.code, use.status)
    days = 0 if lasts is None else lasts.days
    return (
        f"{kept} of the matter {use.code} are kept {days} days, and the event {use.event_id} is "
        f"{use.status} since {use.since.date()}"
    )
