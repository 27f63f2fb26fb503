"""`patrol calendar`: a year's working hours, shown, checked, brought into force, written out."""

import pytest

from events_api.catalogue.calendar_files import SHIPPED_CALENDAR
from tests.patrol.conftest import Terminal


@pytest.mark.parametrize("verb", ["check", "import"])
def test_a_file_with_a_mistake_changes_nothing(terminal: Terminal, verb: str) -> None:
    """It is told with file, line and key."""
    (terminal.folder / "c.yaml").write_text("version: 1\nyear: 26\n")
    said = terminal("calendar", verb, "c.yaml")
    assert said.code == 1
    assert "c.yaml:2: year:" in said.err
    assert "an example" in terminal("calendar", "show").out


def test_a_years_calendar_comes_into_force(terminal: Terminal) -> None:
    """And the example is no longer there."""
    assert "an example" in terminal("calendar", "show").out
    text = SHIPPED_CALENDAR.read_text("utf-8").replace("2026-", "2027-")
    text = text.replace("year: 2026", "year: 2027").replace("is_example: true", "")
    name = "c.yaml"
    (terminal.folder / name).write_text(text, encoding="utf-8")
    (checked,) = terminal("calendar", "check", name, "--json").lines
    assert checked == {"file": "c.yaml", "year": 2027, "holidays": 33, "workdays": 6}
    assert "nothing is wrong" in terminal("calendar", "check", name).out
    assert "c.yaml is in force for 2027." in terminal("calendar", "import", name).out
    shown = terminal("calendar", "show", "--year", "2027").out
    assert "2027-10-01 to 2027-10-07" in shown
    assert "08:00-12:00, 14:00-18:00" in shown
    assert "there is one of 2027" in terminal("calendar", "show", "--year", "2026").err
    assert "there is one of 2027" in terminal("calendar", "export", "o.yaml", "--year", "2030").err
    terminal("calendar", "export", "out.yaml")
    assert (terminal.folder / "out.yaml").read_text("utf-8") == text
    (line,) = terminal("calendar", "show", "--json").out.splitlines()
    assert '"from": "2027-01-01"' in line
