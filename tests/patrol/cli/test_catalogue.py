"""`patrol catalogue`: shown, checked, brought into force, written out."""

import httpx
import pytest

from events_api.catalogue.catalogue_files import SHIPPED_CATALOGUE
from events_api.roles import Role
from tests.events_api.factories import make_catalogue, report_json
from tests.patrol.conftest import LiveApi, Terminal

LIMIT = "{amount: 90, unit: natural_days, step: accept, source: us}"
RULE = '{body: town-one, cells: ["341299001"]}'


def write(terminal: Terminal, name: str, text: str) -> str:
    """Write a file where the commands run, and return its name."""
    (terminal.folder / name).write_text(text, encoding="utf-8")
    return name


def test_the_shipped_catalogue_is_shown_until_there_is_another(terminal: Terminal) -> None:
    """As a table with names, counterparts and limits, and as JSON."""
    said = terminal("catalogue", "show")
    for words in ("06010", "暴露垃圾", "Exposed litter", "handle 4 working hours", "shipped"):
        assert words in said.out
    (line,) = terminal("catalogue", "show", "--json").out.splitlines()
    assert line.count('"standard_ref"') > 100


def test_one_matter_is_shown_with_its_source(terminal: Terminal) -> None:
    """So that whoever relies on a limit knows whose it is."""
    said = terminal("catalogue", "show", "06013")
    for words in ("0.5 m2", "5 working days", "local rule", "03-06"):
        assert words in said.out
    (matter,) = terminal("catalogue", "show", "06013", "--json").lines
    assert matter["codes_2007"] == ["01-10", "03-06"]
    assert "lists them" in terminal("catalogue", "show", "99999").err


def test_a_countys_own_file_comes_into_force(terminal: Terminal) -> None:
    """Exported, edited, checked, imported, shown; then it is what is exported."""
    assert terminal("catalogue", "export", "ours.yaml").code == 0
    assert (terminal.folder / "ours.yaml").read_bytes() == SHIPPED_CATALOGUE.read_bytes()
    name = write(terminal, "ours.yaml", make_catalogue("06010", (LIMIT,), RULE))
    (checked,) = terminal("catalogue", "check", name, "--json").lines
    assert (checked["matters"], checked["matters with limits"], checked["bodies"]) == (1, 1, 2)
    assert "nothing is wrong" in terminal("catalogue", "check", name).out
    assert "ours.yaml is in force: 1 matters." in terminal("catalogue", "import", name).out
    assert "imported by" in terminal("catalogue", "show").out
    assert "Town one" in terminal("catalogue", "show", "--bodies").out
    (bodies,) = terminal("catalogue", "show", "--bodies", "--json").lines
    assert bodies["responsible"] == [{"body": "town-one", "cells": ["341299001"], "matters": []}]
    terminal("catalogue", "export", "again.yml")
    assert (terminal.folder / "again.yml").read_text("utf-8") == make_catalogue(
        "06010", (LIMIT,), RULE
    )


@pytest.mark.parametrize("verb", ["check", "import"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (make_catalogue("06010", ("{amount: -1, source: us}",)), "ours.yaml:18:"),
        ("- a", "ours.yaml:1:"),
    ],
)
def test_a_file_with_a_mistake_changes_nothing(
    terminal: Terminal, verb: str, text: str, words: str
) -> None:
    """One sentence for each, with file, line and key."""
    name = write(terminal, "ours.yaml", text)
    before = terminal("catalogue", "show").out
    said = terminal("catalogue", verb, name)
    assert said.code == 1
    assert words in said.err
    assert terminal("catalogue", "show").out == before


def test_a_missing_file_and_a_wrong_name_are_told(terminal: Terminal) -> None:
    """Reading and writing."""
    assert "none.yaml cannot be read" in terminal("catalogue", "import", "none.yaml").err
    assert "ends in .yaml" in terminal("catalogue", "export", "ours.xlsx").err
    assert "not for both" in terminal("catalogue", "show", "06010", "--bodies").err


def test_open_events_follow_and_the_running_server_too(
    terminal: Terminal, live_api: LiveApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The home of the server is this one's; events of a matter that is gone are told."""
    monkeypatch.setenv("GRIDPATROL_HOME", str(terminal.folder.parent / "api"))
    headers = {"Authorization": f"Bearer {live_api.tokens[Role.SUPERVISOR]}"}
    with httpx.Client(base_url=live_api.url, headers=headers) as client:
        assert client.post("/reports", json=report_json()).status_code == 201
        name = write(terminal, "ours.yaml", make_catalogue("06010"))
        said = terminal("catalogue", "import", name)
        assert "1 open event(s) were reckoned anew" in said.out
        assert "09009" in said.err
        name = write(terminal, "ours.yaml", make_catalogue("09009", (LIMIT,)))
        (row,) = terminal("catalogue", "import", name, "--json").lines
        assert row["events"] == 1
        (event,) = client.get("/deadlines").json()["events"]
    assert event["deadline"]["state"] == "in_time"
