"""Bearer tokens: issue, look up, revoke. Only hashes are stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Table, select
from sqlalchemy.orm import Session

from events_api.store.access_models import TokenRow
from events_api.store.asking import Among, Answer, Question, ask_all, question

_TOKENS = cast("Table", TokenRow.__table__)
# Built once, without objects: every request passes here.
_HOLDERS = select(*(_TOKENS.c[name] for name in ("sha256", "name", "role", "scope"))).where(
    Among(_TOKENS.c.sha256, "hashes"), _TOKENS.c.revoked_at.is_(None)
)

Holder = tuple[str, str, str]
"""A name, a role and a scope, as they are written."""


def add(session: Session, row: TokenRow) -> None:
    """Store a token; one of the same name that was revoked gives way to it."""
    session.merge(row)


def holders(session: Session, hashes: Iterable[str]) -> dict[str, Holder]:
    """Return what the tokens in force of these hashes stand for."""
    connection = session.connection()
    (answer,) = ask_all(connection, [ask_holders(connection, hashes)])
    return holders_of(answer)


def ask_holders(connection: Connection, hashes: Iterable[str]) -> Question:
    """Return what asks for the holders of the tokens of these hashes."""
    return question(connection, _HOLDERS, hashes=sorted(hashes))


def holders_of(answer: Answer) -> dict[str, Holder]:
    """Read the answer to `ask_holders`."""
    return {row[0]: (row[1], row[2], row[3]) for row in answer}


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
