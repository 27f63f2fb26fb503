"""Sessions: people sign in by name and password, and get a token that is soon over."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field, SecretStr

from events_api.access import EVERYBODY, Asking, SentToken, allow, anybody
from events_api.errors import ForbiddenError, NotFoundError
from events_api.limiting import Household
from events_api.problems import Problem
from events_api.roles import Role
from events_api.runtime import RuntimeDep
from events_api.schemas import NO_NUL, Utc, Wire
from events_api.store import users as stored
from events_api.users import Signed, renew, set_password, sign_in, sign_out

router = APIRouter(tags=["sessions"])

Password = Annotated[SecretStr, Field(min_length=1, max_length=1000)]
BY_TOKEN = [Depends(allow(EVERYBODY))]
NO_SESSION: dict[int | str, dict[str, Any]] = {
    404: {"description": "The token is no session of a user", "model": Problem}
}
TOO_MANY: dict[int | str, dict[str, Any]] = {
    429: {"description": "Tried too often; `Retry-After` says when to come", "model": Problem}
}


class SignIn(Wire):
    """Who wants to come in."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL)]
    password: Password


class WhoAmI(Wire):
    """What the token that was sent stands for."""

    name: str
    role: Role
    scope: str


class NewSession(WhoAmI):
    """A session's token, shown this once.

    It holds until `expires_at`; renewed before then it holds on, until `ends_at` at the latest.
    """

    token: str
    expires_at: Utc
    ends_at: Utc


class PasswordChange(Wire):
    """A user's own password, the present one and the next."""

    present: Password
    next: Password


@router.post(
    "/sessions",
    status_code=201,
    dependencies=[Depends(anybody)],
    responses={
        401: {"description": "Name and password do not fit", "model": Problem},
        **TOO_MANY,
    },
)
def post_session(
    wish: SignIn, runtime: RuntimeDep, household: Household, response: Response
) -> NewSession:
    """Sign in: by name and password to a token for an hour, which can be renewed for a shift.

    Each name and each address may try so often only.
    """
    response.headers["Cache-Control"] = "no-store"
    limits = runtime.limits
    limits.login_address.take(household)
    limits.login_name.take(wish.name)
    password = wish.password.get_secret_value()
    now = runtime.settings.clock()
    signed = sign_in(runtime.database, wish.name, password, runtime.passwords, now)
    # Whoever signs in again and again by the right password guesses at nothing.
    limits.login_name.give_back(wish.name)
    return _shown(signed)


@router.get("/sessions/current", dependencies=BY_TOKEN)
async def get_session(asking: Asking) -> WhoAmI:
    """Say whose token this is, and what it may do where."""
    return WhoAmI(name=asking.name, role=asking.role, scope=str(asking.scope))


@router.post(
    "/sessions/current/renewal", status_code=201, dependencies=BY_TOKEN, responses=NO_SESSION
)
def post_renewal(runtime: RuntimeDep, token: SentToken, response: Response) -> NewSession:
    """Exchange a session's token for a new one; the old one is over at once."""
    response.headers["Cache-Control"] = "no-store"
    return _shown(renew(runtime.database, token, runtime.settings.clock()))


@router.put(
    "/sessions/current/password",
    status_code=204,
    dependencies=BY_TOKEN,
    responses={**NO_SESSION, **TOO_MANY},
)
def put_own_password(change: PasswordChange, runtime: RuntimeDep, asking: Asking) -> None:
    """Give yourself another password; every session of yours ends, this one too."""
    with runtime.database.read() as session:
        row = stored.by_name(session, asking.name)
        known = None if row is None else row.password_hash
    if known is None:
        raise _no_session(asking.name)
    runtime.limits.login_name.take(asking.name)
    if not runtime.passwords.fits(change.present.get_secret_value(), known):
        raise ForbiddenError("The present password is another; type it again.")
    now, following = runtime.settings.clock(), change.next.get_secret_value()
    set_password(runtime.database, asking.name, following, runtime.passwords, now, by=asking.name)


@router.delete("/sessions/current", status_code=204, dependencies=BY_TOKEN, responses=NO_SESSION)
def delete_session(runtime: RuntimeDep, token: SentToken, asking: Asking) -> None:
    """Sign out: the session's token is over at once."""
    if not sign_out(runtime.database, token, runtime.settings.clock()):
        raise _no_session(asking.name)


def _no_session(name: str) -> NotFoundError:
    return NotFoundError(
        f"The token {name} is no session of a user; an administrator revokes it by DELETE /tokens."
    )


def _shown(signed: Signed) -> NewSession:
    return NewSession(
        token=signed.token,
        name=signed.name,
        role=signed.role,
        scope=str(signed.scope),
        expires_at=signed.expires_at,
        ends_at=signed.ends_at,
    )
