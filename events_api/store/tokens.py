"""Bearer tokens: issue, look up, revoke. Only hashes are stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from events_api.store.models import TokenRow

# Built once: every request passes here.
_IN_FORCE = select(TokenRow).where(
    TokenRow.sha256 == bindparam("sha256"), TokenRow.revoked_at.is_(None)
)


def add(session: Session, row: TokenRow) -> None:
    """Store a token; one of the same name that was revoked gives way to it."""
    session.merge(row)


def by_hash(session: Session, sha256: str) -> TokenRow | None:
    """Return the token in force that has this hash."""
    return session.scalars(_IN_FORCE, {"sha256": sha256}).one_or_none()


def in_force(session: Session, hashes: frozenset[str]) -> frozenset[str]:
    """Return those of these hashes that are of tokens in force."""
    query = select(TokenRow.sha256).where(
        TokenRow.sha256.in_(hashes), TokenRow.revoked_at.is_(None)
    )
    return frozenset(session.scalars(query))


def by_name(session: Session, name: str) -> TokenRow | None:
    """Return the token of this name, revoked or not."""
    return session.get(TokenRow, name)


def all_tokens(session: Session) -> Sequence[TokenRow]:
    """Return every token, by name."""
    return session.scalars(select(TokenRow).order_by(TokenRow.name)).all()


def revoke(session: Session, name: str, now: datetime) -> bool:
    """Take a token out of force; false when there is none in force of this name."""
    row = by_name(session, name)
    if row is None or row.revoked_at is not None:
        return False
    row.revoked_at = now
    return True
