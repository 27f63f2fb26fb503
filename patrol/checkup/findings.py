"""What a look at an installation finds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from events_api.errors import ApiError
from geofences.errors import GroundError
from geofences.findings import Tell
from patrol.errors import PatrolError
from patrol.settings import Settings
from vision.errors import VisionError


class State(StrEnum):
    """How something stands."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Found:
    """How one thing stands.

    Attributes:
        what: The thing, such as `audit`.
        state: How it stands.
        said: In a sentence.
        remedy: What to do; empty where nothing is.
    """

    what: str
    state: State
    said: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at an installation.

    Attributes:
        settings: Where everything is.
        now: By this machine's clock.
        tell: Is told how far it is.
        is_quick: Whether files are only counted and measured, and not read.
    """

    settings: Settings
    now: datetime
    tell: Tell
    is_quick: bool = False


Look = Callable[[Visit], Iterable[Found]]
"""Looks at one part of an installation."""


def looked(what: str, look: Look, visit: Visit) -> Iterator[Found]:
    """Give what a look finds; one that cannot be finished finds that."""
    try:
        yield from look(visit)
    except (PatrolError, ApiError, GroundError, VisionError) as error:
        yield Found(what, State.BROKEN, str(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        said = f"{place}{error.strerror or error}"
        yield Found(what, State.BROKEN, said, "Check the path and its permissions.")
