"""Pictures and clips that reports cite: whether they are here, and which one everybody sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from events_api.errors import UnprocessableError
from events_api.schemas import Report
from events_api.store import events
from events_api.store.evidence_models import EvidenceRow


def check_evidence(session: Session, hashes: Sequence[str]) -> dict[str, EvidenceRow]:
    """Return what is stored of each of these pictures and clips.

    Raises:
        UnprocessableError: One is not stored here.
    """
    known = events.evidence_known(session, hashes) if hashes else {}
    check_stored(hashes, known)
    return known


def check_stored(hashes: Sequence[str], known: Mapping[str, EvidenceRow]) -> None:
    """Look whether all that is cited is among what is known.

    Raises:
        UnprocessableError: One is not stored here.
    """
    missing = [sha256 for sha256 in hashes if sha256 not in known]
    if missing:
        raise UnprocessableError(
            f"The evidence {missing[0]} is not stored here; PUT /evidence/{missing[0]} first."
        )


def snapshot_of(session: Session, report: Report) -> str | None:
    """Return the picture that stands for a report; none when it has none.

    Raises:
        UnprocessableError: Its evidence is not stored here.
    """
    return shown_of(report, check_evidence(session, report.evidence))


def shown_of(report: Report, known: Mapping[str, EvidenceRow]) -> str | None:
    """Return which of its pictures stands for a report; none when it has none."""
    # What everybody who reads sees first is never one that is sealed.
    return next((each for each in report.evidence if known[each].is_shown_picture), None)
