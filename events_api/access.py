"""Who is asking, and whether they may: bearer tokens with one role and one scope each.

A token is 32 random bytes. The database holds its SHA-256 only, which for random tokens is as
good as a slow hash and lets one be found by index.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from events_api.audit import Deed
from events_api.errors import ConflictError, ForbiddenError, UnauthenticatedError
from events_api.roles import EVERYWHERE, Principal, Role, Scope
from events_api.runtime import RuntimeDep
from events_api.store import audit, tokens
from events_api.store.database import Database
from events_api.store.models import TokenRow

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

WITNESSES = (*SENDERS, Role.HANDLER)
"""May send evidence: also of what was done."""

READERS = tuple(role for role in Role if role is not Role.MACHINE)
"""May see what is in their scope: a machine in the field may not."""

VERIFIERS = (Role.MACHINE, Role.COLLECTOR, Role.ACCEPTOR, Role.SUPERVISOR)
"""May say what they saw when they looked again."""

ADMINISTRATORS = (Role.ADMINISTRATOR,)
"""May change cells and tokens; and may move no event, so that keys and cases stay apart."""


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
        ConflictError: A token of this name is in force.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = TokenRow(
        name=name,
        role=role,
        scope=str(scope),
        sha256=_hash(token),
        issued_at=now,
        revoked_at=None,
    )
    with database.write() as session:
        # A revoked name may be given again; one in force would lock its holder out unseen.
        known = tokens.by_name(session, name)
        if known is not None and known.revoked_at is None:
            raise ConflictError(f"A token named {name} is in force; revoke it or choose a name.")
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


def authenticate(database: Database, token: str) -> Principal:
    """Return whose token this is.

    Raises:
        UnauthenticatedError: The token is unknown or revoked.
    """
    with database.read() as session:
        row = tokens.by_hash(session, _hash(token))
        if row is None:
            raise UnauthenticatedError(
                "This token is not known here or was revoked; ask an administrator for another."
            )
        return Principal(row.name, Role(row.role), Scope.parse(row.scope))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_bearer = HTTPBearer(auto_error=False, description="A token from `patrol token` or POST /tokens")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


def _asking(runtime: RuntimeDep, credentials: Credentials) -> Principal:
    if credentials is None:
        raise UnauthenticatedError("Send the header `Authorization: Bearer <token>`.")
    return authenticate(runtime.database, credentials.credentials)


Asking = Annotated[Principal, Depends(_asking)]


def allow(roles: tuple[Role, ...]) -> Callable[[Principal], Awaitable[None]]:
    """Return a dependency that lets only these roles pass."""

    # Asynchronous, so that it costs no thread: it only compares.
    async def check(asking: Asking) -> None:
        if asking.role not in roles:
            needed = " or ".join(roles)
            raise ForbiddenError(
                f"The token {asking.name} has the role {asking.role}, and this takes {needed}."
            )

    return check
