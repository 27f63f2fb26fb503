"""Users and their sessions in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from events_api.store.access_models import SessionRow, UserRow
from events_api.store.tokens import Holder

# Built once: every request of a person passes here.
_IN_FORCE = (
    select(UserRow, SessionRow)
    .join(SessionRow, SessionRow.user_name == UserRow.name)
    .where(
        SessionRow.sha256 == bindparam("sha256"),
        SessionRow.expires_at > bindparam("now"),
        UserRow.disabled_at.is_(None),
    )
)
# The same for many, without objects.
_HOLDERS = (
    select(SessionRow.sha256, UserRow.name, UserRow.role, UserRow.scope)
    .join(UserRow, SessionRow.user_name == UserRow.name)
    .where(
        SessionRow.sha256.in_(bindparam("hashes", expanding=True)),
        SessionRow.expires_at > bindparam("now"),
        UserRow.disabled_at.is_(None),
    )
)


def by_name(session: Session, name: str) -> UserRow | None:
    """Return the user of this name, disabled or not."""
    return session.get(UserRow, name)


def all_users(session: Session) -> Sequence[UserRow]:
    """Return every user, by name."""
    return session.scalars(select(UserRow).order_by(UserRow.name)).all()


def of_session(session: Session, sha256: str, now: datetime) -> tuple[UserRow, SessionRow] | None:
    """Return the session of this hash and whose it is, while it is in force."""
    found = session.execute(_IN_FORCE, {"sha256": sha256, "now": now}).one_or_none()
    return None if found is None else (found[0], found[1])


def holders(session: Session, hashes: Iterable[str], now: datetime) -> dict[str, Holder]:
    """Return whose sessions in force have these hashes."""
    rows = session.connection().execute(_HOLDERS, {"hashes": list(hashes), "now": now})
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def sessions_in_force(session: Session, hashes: frozenset[str], now: datetime) -> frozenset[str]:
    """Return those of these hashes that are of sessions in force."""
    query = (
        select(SessionRow.sha256)
        .join(UserRow, SessionRow.user_name == UserRow.name)
        .where(
            SessionRow.sha256.in_(hashes),
            SessionRow.expires_at > now,
            UserRow.disabled_at.is_(None),
        )
    )
    return frozenset(session.scalars(query))


def end_sessions(session: Session, user_name: str) -> None:
    """End every session of a user."""
    session.execute(delete(SessionRow).where(SessionRow.user_name == user_name))


def forget_expired(session: Session, now: datetime) -> None:
    """Drop the sessions that are over."""
    session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
