"""Tokens: who may speak to this API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field

from events_api.access import ADMINISTRATORS, Asking, allow, issue_token, revoke_token
from events_api.errors import ForbiddenError, NotFoundError, UnprocessableError
from events_api.problems import Problem
from events_api.roles import EVERYWHERE, NAME_FORM, Role, Scope
from events_api.runtime import RuntimeDep
from events_api.schemas import Wire
from events_api.store import tokens

router = APIRouter(tags=["tokens"], dependencies=[Depends(allow(ADMINISTRATORS))])


def _checked_scope(text: str) -> str:
    try:
        return str(Scope.parse(text))
    except UnprocessableError as error:
        raise ValueError(str(error)) from error


TokenName = Annotated[str, Field(pattern=f"^{NAME_FORM}$")]
ScopeText = Annotated[
    str,
    AfterValidator(_checked_scope),
    Field(max_length=60, examples=["everywhere", "town:341299001", "body:sanitation"]),
]


class TokenRequest(Wire):
    """A wish for a token: what its holder does, and where."""

    name: TokenName
    role: Role
    scope: ScopeText = str(EVERYWHERE)


class NewToken(TokenRequest):
    """A token, shown this once."""

    token: str


class TokenInfo(Wire):
    """What is kept of a token."""

    name: str
    role: Role
    scope: str
    issued_at: datetime
    revoked_at: datetime | None


@router.post(
    "/tokens",
    status_code=201,
    responses={409: {"description": "The name is taken", "model": Problem}},
)
def post_token(wish: TokenRequest, runtime: RuntimeDep, asking: Asking) -> NewToken:
    """Issue a token within your own scope; it cannot be read again later."""
    scope = Scope.parse(wish.scope)
    if not asking.scope.covers(scope):
        raise ForbiddenError(
            f"The token {asking.name} is for {asking.scope}, and cannot give what lies beyond it: "
            f"{scope}."
        )
    now = runtime.settings.clock()
    token = issue_token(runtime.database, wish.name, wish.role, now, scope=scope, by=asking.name)
    return NewToken(name=wish.name, role=wish.role, scope=wish.scope, token=token)


@router.get("/tokens")
def list_tokens(runtime: RuntimeDep, asking: Asking) -> tuple[TokenInfo, ...]:
    """List all tokens within your own scope, without the tokens themselves."""
    with runtime.database.read() as session:
        return tuple(
            TokenInfo(
                name=row.name,
                role=Role(row.role),
                scope=row.scope,
                issued_at=row.issued_at,
                revoked_at=row.revoked_at,
            )
            for row in tokens.all_tokens(session)
            if asking.scope.covers(Scope.parse(row.scope))
        )


@router.delete("/tokens/{name}", status_code=204)
def delete_token(name: str, runtime: RuntimeDep, asking: Asking) -> None:
    """Take a token within your own scope out of force, at once."""
    now = runtime.settings.clock()
    if not revoke_token(runtime.database, name, now, within=asking.scope, by=asking.name):
        raise NotFoundError(f"There is no token named {name} in force in your scope.")
