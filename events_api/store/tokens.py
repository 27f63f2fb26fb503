"""Bearer tokens: issue, look up, revoke. Only hashes are stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from events_api.store.access_models import TokenRow

# Built once, without objects: every request passes here.
_HOLDERS = select(TokenRow.sha256, TokenRow.name, TokenRow.role, TokenRow.scope).where(
    TokenRow.sha256.in_(bindparam("hashes", expanding=True)), TokenRow.revoked_at.is_(None)
)

Holder = tuple[str, str, str]
"""A name, a role and a scope, as they are written."""


def add(session: Session, row: TokenRow) -> None:
    """Store a token; one of the same name that was revoked gives way to it."""
    session.merge(row)


def holders(session: Session, hashes: Iterable[str]) -> dict[str, Holder]:
    """Return what the tokens in force of these hashes stand for."""
    rows = session.connection().execute(_HOLDERS, {"hashes": list(hashes)})
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


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
