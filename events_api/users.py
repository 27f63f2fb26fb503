"""Users: people with a password, one role and one scope each; and their sessions.

Signing in gives a token that lasts an hour and can be renewed until the shift is over. A user who
is disabled or given another password has no session from that moment on.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from events_api.access import CONSOLE, TOKEN_BYTES, token_hash
from events_api.audit import Deed
from events_api.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UnauthenticatedError,
)
from events_api.passwords import Passwords, check_password
from events_api.roles import EVERYWHERE, Role, Scope, check_name
from events_api.store import audit, tokens, users
from events_api.store.access_models import SessionRow, UserRow
from events_api.store.database import Database

SESSION_LASTS = timedelta(hours=1)
SHIFT_LASTS = timedelta(hours=12)
"""However often it is renewed, a session ends this long after the password was typed."""


@dataclass(frozen=True, slots=True)
class NewUser:
    """Who is to be let in."""

    name: str
    role: Role
    scope: Scope
    password: str


@dataclass(frozen=True, slots=True)
class UserChange:
    """What is to become of a user; what is none stays as it is."""

    role: Role | None = None
    scope: Scope | None = None
    is_disabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """A session that has begun or was renewed; the token is shown this once."""

    token: str
    name: str
    role: Role
    scope: Scope
    expires_at: datetime
    ends_at: datetime


def add_user(
    database: Database, user: NewUser, passwords: Passwords, now: datetime, by: str = CONSOLE
) -> None:
    """Let somebody in from now on.

    Raises:
        UnprocessableError: The name is none, or the password is easily guessed.
        ConflictError: The name is a user's already, disabled ones included, or a token's in force.
    """
    check_name(user.name)
    check_password(user.password, user.name)
    hashed = passwords.hash(user.password)
    with database.write() as session:
        known = tokens.by_name(session, user.name)
        # One name is one actor in the audit, for ever.
        if users.by_name(session, user.name) is not None or (known and known.revoked_at is None):
            raise ConflictError(f"The name {user.name} is taken; choose another.")
        session.add(
            UserRow(
                name=user.name,
                role=user.role,
                scope=str(user.scope),
                password_hash=hashed,
                added_at=now,
                disabled_at=None,
            )
        )
        content = {"role": str(user.role), "scope": str(user.scope)}
        audit.append(session, Deed(by, "user.added", f"user:{user.name}", content), now)


def set_password(  # noqa: PLR0913 - what is set, and on whose behalf
    database: Database,
    name: str,
    password: str,
    passwords: Passwords,
    now: datetime,
    *,
    within: Scope = EVERYWHERE,
    by: str = CONSOLE,
) -> None:
    """Give a user another password; every session of theirs ends.

    Raises:
        NotFoundError: There is no such user within the scope.
        UnprocessableError: The password is easily guessed.
    """
    check_password(password, name)
    hashed = passwords.hash(password)
    with database.write() as session:
        _known(session, name, within).password_hash = hashed
        users.end_sessions(session, name)
        audit.append(session, Deed(by, "user.password_set", f"user:{name}"), now)


def change_user(
    database: Database,
    name: str,
    change: UserChange,
    now: datetime,
    *,
    within: Scope = EVERYWHERE,
    by: str = CONSOLE,
) -> None:
    """Let a user in no more or again, or give them other work; every session of theirs ends.

    Raises:
        NotFoundError: There is no such user within the scope.
        ForbiddenError: The scope that they are to have lies beyond it.
    """
    if change.scope is not None and not within.covers(change.scope):
        raise ForbiddenError(
            f"{by} is for {within}, and cannot give what lies beyond it: {change.scope}."
        )
    with database.write() as session:
        row = _known(session, name, within)
        deeds = _changed(row, change, by, now)
        # Who listens was let in as what they were: they sign in anew.
        users.end_sessions(session, name)
        audit.append_all(session, deeds, now)


def sign_in(
    database: Database, name: str, password: str, passwords: Passwords, now: datetime
) -> Signed:
    """Begin a session.

    Raises:
        UnauthenticatedError: Nobody of this name with this password is let in; which of these it
            was is not told, and takes the same time.
    """
    with database.read() as session:
        row = users.by_name(session, name)
        known = row.password_hash if row is not None else None
        is_let_in = row is not None and row.disabled_at is None
    # Outside of any transaction: others need not wait for a hash that is slow on purpose.
    fits = passwords.fits(password, known)
    renewed = None
    if fits and is_let_in and known is not None and passwords.is_outdated(known):
        renewed = passwords.hash(password)
    with database.write() as session:
        row = users.by_name(session, name)
        # What changed while the hash was reckoned counts too.
        if fits and row is not None and row.disabled_at is None and row.password_hash == known:
            row.password_hash = renewed or known
            users.forget_expired(session, now)
            signed = _begin(session, row, now, now + SHIFT_LASTS)
            audit.append(session, Deed(name, "session.begun", f"user:{name}"), now)
            return signed
        # A name that nobody has may be a password that was typed into the wrong field.
        subject = f"user:{name}" if row is not None else "user:unknown"
        audit.append(session, Deed("anybody", "session.refused", subject), now)
    raise UnauthenticatedError(
        "This name and password do not fit, or the user is disabled; an administrator can set "
        "another password."
    )


def renew(database: Database, token: str, now: datetime) -> Signed:
    """Give a session a new token in the place of the old one, and an hour more.

    Raises:
        NotFoundError: The token is no session's in force.
    """
    with database.write() as session:
        found = users.of_session(session, token_hash(token), now)
        if found is None:
            raise NotFoundError(
                "This token is no session's, and cannot be renewed; sign in by name and password."
            )
        user, current = found
        session.delete(current)
        return _begin(session, user, now, current.ends_at)


def sign_out(database: Database, token: str, now: datetime) -> bool:
    """End the session of a token; false when it is no session's."""
    with database.write() as session:
        found = users.of_session(session, token_hash(token), now)
        if found is None:
            return False
        user, current = found
        session.delete(current)
        audit.append(session, Deed(user.name, "session.ended", f"user:{user.name}"), now)
    return True


def _begin(session: Session, user: UserRow, now: datetime, ends_at: datetime) -> Signed:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = min(now + SESSION_LASTS, ends_at)
    session.add(
        SessionRow(
            sha256=token_hash(token),
            user_name=user.name,
            begun_at=now,
            expires_at=expires_at,
            ends_at=ends_at,
        )
    )
    scope = Scope.parse(user.scope)
    return Signed(token, user.name, Role(user.role), scope, expires_at, ends_at)


def _known(session: Session, name: str, within: Scope) -> UserRow:
    row = users.by_name(session, name)
    if row is None or not within.covers(Scope.parse(row.scope)):
        where = "" if within == EVERYWHERE else " in your scope"
        raise NotFoundError(f"There is no user named {name}{where}.")
    return row


def _changed(row: UserRow, change: UserChange, by: str, now: datetime) -> list[Deed]:
    """Change a user, and return what the audit is to tell of it."""
    deeds, subject = [], f"user:{row.name}"
    if change.role is not None or change.scope is not None:
        row.role = change.role or Role(row.role)
        row.scope = row.scope if change.scope is None else str(change.scope)
        content = {"role": str(row.role), "scope": row.scope}
        deeds.append(Deed(by, "user.changed", subject, content))
    if change.is_disabled is not None:
        row.disabled_at = (row.disabled_at or now) if change.is_disabled else None
        done = "user.disabled" if change.is_disabled else "user.enabled"
        deeds.append(Deed(by, done, subject))
    return deeds
