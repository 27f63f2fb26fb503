"""How far planning is, for whoever waits for it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Doing(StrEnum):
    """What planning is at."""

    SEARCHING = "searching"
    LAYING = "laying"
    PARTING = "parting"
    CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class Stage:
    """How far planning is.

    Attributes:
        doing: What it is at.
        done: How much of that is done.
        of: Of how much.
        length_m: While it searches, how long the best flights yet are together; 0 before the first.
    """

    doing: Doing
    done: int
    of: int
    length_m: float = 0.0


Watch = Callable[[Stage], None]
"""Is told how far planning is; it must not change what is planned."""


def unwatched(_stage: Stage) -> None:
    """Let nobody know."""
