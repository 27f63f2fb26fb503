"""Who may do what, and where: roles crossed with scopes.

Tokens from before there were seven roles say `drone`, `operator` or `admin`; they go on as
machine, acceptor and administrator (an acceptor is the least of those who read and send).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from events_api.errors import UnprocessableError


class Role(StrEnum):
    """What somebody's work is."""

    COLLECTOR = "collector"
    ACCEPTOR = "acceptor"
    DISPATCHER = "dispatcher"
    HANDLER = "handler"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    MACHINE = "machine"

    @classmethod
    def _missing_(cls, value: object) -> Role | None:
        former = {"drone": cls.MACHINE, "operator": cls.ACCEPTOR, "admin": cls.ADMINISTRATOR}
        return former.get(str(value))


class Level(StrEnum):
    """Who answers for an event: each is above the one before."""

    VILLAGE = "village"
    TOWN = "town"
    DISTRICT = "district"

    @property
    def rank(self) -> int:
        """How high it is, from 0."""
        return list(Level).index(self)


class ScopeKind(StrEnum):
    """What a scope is bounded by."""

    EVERYWHERE = "everywhere"
    DISTRICT = "district"
    TOWN = "town"
    VILLAGE = "village"
    BODY = "body"


CODE_FORMS = {
    ScopeKind.EVERYWHERE: r"",
    ScopeKind.DISTRICT: r"[0-9A-Za-z]{6}",
    ScopeKind.TOWN: r"[0-9A-Za-z]{9}",
    ScopeKind.VILLAGE: r"[0-9A-Za-z]{12}",
    ScopeKind.BODY: r"[\w.-]{1,40}",
}
"""Districts, towns and villages are beginnings of cell codes; a body has a code of its own."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is somebody's: every event, those of a district, town or village, or of one body.

    Attributes:
        kind: What bounds it.
        code: The beginning of the cell codes, or the body's code; empty when nothing bounds it.
    """

    kind: ScopeKind
    code: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a scope as `str` writes it: `everywhere`, `town:341299001`, `body:sanitation`.

        Raises:
            UnprocessableError: It is none.
        """
        word, _, code = text.partition(":")
        if word not in set(ScopeKind) or not re.fullmatch(CODE_FORMS[ScopeKind(word)], code):
            raise UnprocessableError(
                f"{text!r} is no scope; write everywhere, district:341299, town:341299001, "
                "village:341299001001 or body:<its code>."
            )
        return cls(ScopeKind(word), code)

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}" if self.code else str(self.kind)

    @property
    def is_area(self) -> bool:
        """Whether it is bounded by cells."""
        return self.kind not in {ScopeKind.EVERYWHERE, ScopeKind.BODY}

    def holds(self, cell_code: str | None, body: str | None) -> bool:
        """Whether an event in this cell, with this responsible body, is in the scope.

        An event without a cell belongs to no area.
        """
        if self.kind is ScopeKind.EVERYWHERE:
            return True
        if self.kind is ScopeKind.BODY:
            return body == self.code
        return cell_code is not None and cell_code.startswith(self.code)

    def covers(self, other: Scope) -> bool:
        """Whether everything that is in `other` is in this one, whatever cells there are."""
        if self.kind is ScopeKind.EVERYWHERE:
            return True
        if self.is_area and other.is_area:
            return other.code.startswith(self.code)
        return self == other

    def reaches(self, level: Level) -> bool:
        """Whether somebody with this scope still decides on an event of this level."""
        # A body has no level: what was given to it is its own.
        return not self.is_area or Level(self.kind).rank >= level.rank


NAME_FORM = r"[\w.-]{1,100}"
"""How the name of a user or of a token's holder looks: it stands in addresses and in the audit."""


def check_name(name: str) -> None:
    """Refuse what cannot name a user or a token's holder.

    Raises:
        UnprocessableError: It is empty or too long, or has a space or another sign.
    """
    if not re.fullmatch(NAME_FORM, name):
        raise UnprocessableError(
            f"{name!r} is no name; one has 1 to 100 letters, digits, dots, hyphens and underscores."
        )


EVERYWHERE = Scope(ScopeKind.EVERYWHERE)
"""The scope that nothing bounds."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking."""

    name: str
    role: Role
    scope: Scope = EVERYWHERE
