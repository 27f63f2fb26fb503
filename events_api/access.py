"""Who may do what: bearer tokens with one role each.

A token is 32 random bytes. The database holds its SHA-256 only, which for random tokens is as
good as a slow hash and lets one be found by index.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from events_api.errors import ConflictError, ForbiddenError, UnauthenticatedError
from events_api.runtime import RuntimeDep
from events_api.store import tokens
from events_api.store.database import Database
from events_api.store.models import TokenRow

TOKEN_BYTES = 32


class Role(StrEnum):
    """What a token is for."""

    DRONE = "drone"
    OPERATOR = "operator"
    ADMIN = "admin"


SENDERS = (Role.DRONE, Role.OPERATOR, Role.ADMIN)
"""May send reports, evidence and positions."""

READERS = (Role.OPERATOR, Role.ADMIN)
"""May see events, cells and aircraft: a machine in the field may not."""

ADMINS = (Role.ADMIN,)
"""May change cells and tokens."""


@dataclass(frozen=True)
class Principal:
    """Who is asking."""

    name: str
    role: Role


def issue_token(database: Database, name: str, role: Role, now: datetime) -> str:
    """Make a token and return it; it cannot be read again afterwards.

    Raises:
        ConflictError: A token of this name is in force.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = TokenRow(name=name, role=role, sha256=_hash(token), issued_at=now, revoked_at=None)
    with database.write() as session:
        # A revoked name may be given again; one in force would lock its holder out unseen.
        known = tokens.by_name(session, name)
        if known is not None and known.revoked_at is None:
            raise ConflictError(f"A token named {name} is in force; revoke it or choose a name.")
        tokens.add(session, row)
    return token


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
        return Principal(row.name, Role(row.role))


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
