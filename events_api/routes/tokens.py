"""Tokens: who may speak to this API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from events_api.access import ADMINS, Role, allow, issue_token
from events_api.errors import NotFoundError
from events_api.runtime import RuntimeDep
from events_api.schemas import Wire
from events_api.store import tokens

router = APIRouter(tags=["tokens"], dependencies=[Depends(allow(ADMINS))])

TokenName = Annotated[str, Field(pattern=r"^[\w.-]{1,100}$")]


class TokenRequest(Wire):
    """A wish for a token."""

    name: TokenName
    role: Role


class NewToken(TokenRequest):
    """A token, shown this once."""

    token: str


class TokenInfo(Wire):
    """What is kept of a token."""

    name: str
    role: Role
    issued_at: datetime
    revoked_at: datetime | None


@router.post("/tokens", status_code=201)
def post_token(wish: TokenRequest, runtime: RuntimeDep) -> NewToken:
    """Issue a token; it cannot be read again later."""
    token = issue_token(runtime.database, wish.name, wish.role, runtime.settings.clock())
    return NewToken(name=wish.name, role=wish.role, token=token)


@router.get("/tokens")
def list_tokens(runtime: RuntimeDep) -> tuple[TokenInfo, ...]:
    """List all tokens, without the tokens themselves."""
    with runtime.database.read() as session:
        return tuple(
            TokenInfo(
                name=row.name,
                role=Role(row.role),
                issued_at=row.issued_at,
                revoked_at=row.revoked_at,
            )
            for row in tokens.all_tokens(session)
        )


@router.delete("/tokens/{name}", status_code=204)
def delete_token(name: str, runtime: RuntimeDep) -> None:
    """Take a token out of force, at once."""
    with runtime.database.write() as session:
        if not tokens.revoke(session, name, runtime.settings.clock()):
            raise NotFoundError(f"There is no token named {name} in force.")
