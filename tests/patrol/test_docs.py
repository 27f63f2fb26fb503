"""What a person can read about the commands is complete."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from patrol.cli.main import make_app

README = Path(__file__).parents[2] / "README.md"


def commands(command: Any = None, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name, groups included."""
    command = command or get_command(make_app())
    if name:
        yield name, command
    for part, below in getattr(command, "commands", {}).items():
        yield from commands(below, f"{name} {part}".strip())


ALL = dict(commands())


def test_there_are_the_commands_of_the_three_users() -> None:
    """Operator, command centre and tester."""
    assert {name for name in ALL if " " not in name} == {
        "grid",
        "zones",
        "plan",
        "token",
        "user",
        "audit",
        "catalogue",
        "calendar",
        "figures",
        "model",
        "fly",
        "link",
        "order",
        "watch",
        "replay",
        "rules",
        "evidence",
        "events",
        "passes",
        "serve",
        "retention",
        "backup",
        "restore",
        "doctor",
        "simulate",
        "deliver",
        "demo",
    }


@pytest.mark.parametrize("name", [name for name in ALL if " " not in name])
def test_the_readme_shows_every_command(name: str) -> None:
    """As it is typed; the demo by its make target."""
    text = README.read_text(encoding="utf-8")
    assert f"patrol {name}" in text or f"make {name}" in text


@pytest.mark.parametrize("name", ALL)
def test_every_command_says_what_it_does(name: str) -> None:
    """In a sentence that begins in the list of commands."""
    assert (ALL[name].help or "").strip().endswith(".")


@pytest.mark.parametrize("name", ALL)
def test_every_option_says_what_it_is_for(name: str) -> None:
    """Arguments too."""
    silent = [each.name for each in ALL[name].params if not getattr(each, "help", None)]
    assert silent == []
