"""Users: who may sign in, kept by administrators within their own scope."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field, SecretStr, model_validator

from events_api.access import ADMINISTRATORS, Asking, allow
from events_api.errors import ForbiddenError
from events_api.passwords import made_password
from events_api.problems import Problem
from events_api.roles import EVERYWHERE, Role, Scope
from events_api.routes.tokens import ScopeText, TokenName
from events_api.runtime import RuntimeDep
from events_api.schemas import Utc, Wire
from events_api.store import users as stored
from events_api.users import NewUser, UserChange, add_user, change_user, set_password

router = APIRouter(tags=["users"], dependencies=[Depends(allow(ADMINISTRATORS))])

ChosenPassword = Annotated[
    SecretStr | None,
    Field(max_length=1000, description="Made up, and shown once, when it is left out"),
]


class UserRequest(Wire):
    """Who is to be let in: what they do, and where."""

    name: TokenName
    role: Role
    scope: ScopeText = str(EVERYWHERE)
    password: ChosenPassword = None


class PasswordRequest(Wire):
    """Another password for a user."""

    password: ChosenPassword = None


class PasswordShown(Wire):
    """A user's password, if it was made up here; shown this once."""

    name: str
    password: str | None


class UserPatch(Wire):
    """What is to become of a user; what is left out stays as it is."""

    disabled: bool | None = None
    role: Role | None = None
    scope: ScopeText | None = None

    @model_validator(mode="after")
    def _says_what(self) -> UserPatch:
        if self.disabled is None and self.role is None and self.scope is None:
            raise ValueError("say what is to change: disabled, role or scope")
        return self


class UserInfo(Wire):
    """What is kept of a user, without the password."""

    name: str
    role: Role
    scope: str
    added_at: Utc
    disabled_at: Utc | None


@router.post(
    "/users",
    status_code=201,
    responses={409: {"description": "The name is taken", "model": Problem}},
)
def post_user(
    wish: UserRequest, runtime: RuntimeDep, asking: Asking, response: Response
) -> PasswordShown:
    """Let somebody in, within your own scope; a password that is made up cannot be read again."""
    response.headers["Cache-Control"] = "no-store"
    scope = Scope.parse(wish.scope)
    if not asking.scope.covers(scope):
        raise ForbiddenError(
            f"The token {asking.name} is for {asking.scope}, and cannot give what lies beyond it: "
            f"{scope}."
        )
    password, shown = _chosen(wish.password)
    user = NewUser(wish.name, wish.role, scope, password)
    now = runtime.settings.clock()
    add_user(runtime.database, user, runtime.passwords, now, by=asking.name)
    return PasswordShown(name=wish.name, password=shown)


@router.get("/users")
def list_users(runtime: RuntimeDep, asking: Asking) -> tuple[UserInfo, ...]:
    """List the users within your own scope, those who are disabled too."""
    with runtime.database.read() as session:
        return tuple(
            UserInfo(
                name=row.name,
                role=Role(row.role),
                scope=row.scope,
                added_at=row.added_at,
                disabled_at=row.disabled_at,
            )
            for row in stored.all_users(session)
            if asking.scope.covers(Scope.parse(row.scope))
        )


@router.patch("/users/{name}", status_code=204)
def patch_user(name: str, patch: UserPatch, runtime: RuntimeDep, asking: Asking) -> None:
    """Disable a user within your own scope, let them in again, or give them other work.

    Their sessions are over at once: they sign in as what they are from then on.
    """
    scope = None if patch.scope is None else Scope.parse(patch.scope)
    change = UserChange(patch.role, scope, patch.disabled)
    now = runtime.settings.clock()
    change_user(runtime.database, name, change, now, within=asking.scope, by=asking.name)


@router.put("/users/{name}/password")
def put_password(
    name: str, wish: PasswordRequest, runtime: RuntimeDep, asking: Asking, response: Response
) -> PasswordShown:
    """Give a user within your own scope another password; every session of theirs ends."""
    response.headers["Cache-Control"] = "no-store"
    password, shown = _chosen(wish.password)
    set_password(
        runtime.database,
        name,
        password,
        runtime.passwords,
        runtime.settings.clock(),
        within=asking.scope,
        by=asking.name,
    )
    return PasswordShown(name=name, password=shown)


def _chosen(wish: SecretStr | None) -> tuple[str, str | None]:
    if wish is not None:
        return wish.get_secret_value(), None
    made = made_password()
    return made, made
