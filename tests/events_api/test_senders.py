"""Who was let through lately, and no more."""

from __future__ import annotations

import pytest

from events_api import senders
from events_api.roles import Principal, Role
from events_api.senders import Sender, Senders

FALCON, EAGLE = (Principal(name, Role.MACHINE) for name in ("falcon-1", "eagle-1"))


def test_nobody_is_known_who_was_not_let_through() -> None:
    """And not any more once they are forgotten."""
    known = Senders()
    assert known.known("a") is None
    known.note("a", FALCON)
    assert known.known("a") == Sender(FALCON, "a")
    known.note("a", EAGLE)
    assert known.known("a") == Sender(EAGLE, "a")
    known.forget("a")
    known.forget("a")
    assert known.known("a") is None


def test_the_first_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a million tokens fill no memory."""
    monkeypatch.setattr(senders, "MOST_KEPT", 2)
    known = Senders()
    for name in ("a", "b", "b", "c"):
        known.note(name, FALCON)
    assert [known.known(name) is not None for name in ("a", "b", "c")] == [False, True, True]
