"""Who is asking, and whether they may: bearer tokens with one role and one scope each.

A token is a machine's or a script's own, or that of a user's session, which is short-lived.
A token is 32 random bytes. The database holds its SHA-256 only, which for random tokens is as
good as a slow hash and lets one be found by index.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from events_api import principals
from events_api.audit import Deed
from events_api.errors import ConflictError, ForbiddenError, UnauthenticatedError
from events_api.roles import EVERYWHERE, Principal, Role, Scope, check_name
from events_api.runtime import RuntimeDep
from events_api.store import audit, tokens, users
from events_api.store.access_models import TokenRow
from events_api.store.database import Database

TOKEN_BYTES = 32

CONSOLE = "console"
"""Who acts at the machine itself and not over the wire."""

SENDERS = (
    Role.MACHINE,
    Role.COLLECTOR,
    Role.ACCEPTOR,
    Role.SUPERVISOR,
    Role.ADMINISTRATOR,
)
"""May send reports and positions."""

EVERYBODY = tuple(Role)
"""Whoever has a token."""

WITNESSES = (*SENDERS, Role.HANDLER)
"""May send evidence: also of what was done."""

READERS = tuple(role for role in Role if role is not Role.MACHINE)
"""May see what is in their scope: a machine in the field may not."""

VERIFIERS = (Role.MACHINE, Role.COLLECTOR, Role.ACCEPTOR, Role.SUPERVISOR)
"""May say what they saw when they looked again."""

ADMINISTRATORS = (Role.ADMINISTRATOR,)
"""May change cells, users and tokens; and may move no event, so that keys and cases stay apart."""


def issue_token(
    database: Database,
    name: str,
    role: Role,
    now: datetime,
    *,
    scope: Scope = EVERYWHERE,
    by: str = CONSOLE,
) -> str:
    """Make a token and return it; it cannot be read again afterwards.

    Raises:
        UnprocessableError: The name is none.
        ConflictError: A token of this name is in force.
    """
    check_name(name)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = TokenRow(
        name=name,
        role=role,
        scope=str(scope),
        sha256=token_hash(token),
        issued_at=now,
        revoked_at=None,
    )
    with database.write() as session:
        # A revoked name may be given again; one in force would lock its holder out unseen.
        known = tokens.by_name(session, name)
        if known is not None and known.revoked_at is None:
            raise ConflictError(f"A token named {name} is in force; revoke it or choose a name.")
        if users.by_name(session, name) is not None:
            raise ConflictError(f"The name {name} is a user's; choose another for the token.")
        tokens.add(session, row)
        content = {"role": str(role), "scope": str(scope)}
        audit.append(session, Deed(by, "token.issued", f"token:{name}", content), now)
    return token


def revoke_token(
    database: Database, name: str, now: datetime, *, within: Scope = EVERYWHERE, by: str = CONSOLE
) -> bool:
    """Take a token out of force; false when none of this name is in force within the scope."""
    with database.write() as session:
        row = tokens.by_name(session, name)
        if row is None or not within.covers(Scope.parse(row.scope)):
            return False
        if not tokens.revoke(session, name, now):
            return False
        audit.append(session, Deed(by, "token.revoked", f"token:{name}"), now)
    return True


def authenticate(database: Database, token: str, now: datetime) -> Principal:
    """Return whose token this is.

    Raises:
        UnauthenticatedError: The token is unknown, revoked or over, or its user is disabled.
    """
    with database.read() as session:
        return known_by(session, token_hash(token), now)


def known_by(session: Session, sha256: str, now: datetime) -> Principal:
    """Return whose token has this hash.

    Raises:
        UnauthenticatedError: No token in force has it.
    """
    found = principals.find(session, sha256, now)
    if found is None:
        raise principals.unknown_token()
    return found


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


_bearer = HTTPBearer(
    auto_error=False, description="A token from `patrol token`, POST /tokens or POST /sessions"
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


def sent_token(credentials: Credentials) -> str:
    """Return the token that was sent.

    Raises:
        UnauthenticatedError: None was.
    """
    if credentials is None:
        raise UnauthenticatedError("Send the header `Authorization: Bearer <token>`.")
    return credentials.credentials


# Asynchronous, here and below, so that it costs no thread: every request passes.
async def _sent(credentials: Credentials) -> str:
    return sent_token(credentials)


SentToken = Annotated[str, Depends(_sent)]


async def _asking(runtime: RuntimeDep, token: SentToken) -> Principal:
    return await runtime.principals.known_by(token_hash(token))


Asking = Annotated[Principal, Depends(_asking)]

D = TypeVar("D", bound=Callable[..., object])


def allow(roles: tuple[Role, ...]) -> Callable[[Principal], Awaitable[None]]:
    """Return a dependency that lets only these roles pass."""

    # Asynchronous, so that it costs no thread: it only compares.
    async def check(asking: Asking) -> None:
        check_role(asking, roles)

    return declare(check, roles)


def check_role(asking: Principal, roles: tuple[Role, ...]) -> None:
    """Let only these roles pass.

    Raises:
        ForbiddenError: The role is another.
    """
    if asking.role not in roles:
        needed = " or ".join(roles)
        raise ForbiddenError(
            f"The token {asking.name} has the role {asking.role}, and this takes {needed}."
        )


async def anybody() -> None:
    """Declare that a route takes no token."""


def roles_of(dependency: object) -> tuple[Role, ...] | None:
    """Return the roles that a dependency lets pass; none when it declares nothing about roles."""
    if dependency is anybody:
        return ()
    return getattr(dependency, "allowed_roles", None)


def declare(dependency: D, roles: tuple[Role, ...]) -> D:
    """Note on a dependency which roles it lets pass."""
    dependency.allowed_roles = roles  # type: ignore[attr-defined]
    return dependency


def named(session: Session, name: str) -> Principal:
    """Return the user or token of a name, as it is now.

    Raises:
        UnauthenticatedError: None of this name is in force.
    """
    token, user = tokens.by_name(session, name), users.by_name(session, name)
    if token is not None and token.revoked_at is None:
        return Principal(token.name, Role(token.role), Scope.parse(token.scope))
    if user is not None and user.disabled_at is None:
        return Principal(user.name, Role(user.role), Scope.parse(user.scope))
    raise UnauthenticatedError(f"{name} has no token in force and may not sign in.")
