"""`patrol retention`: rules in and out, applied and held."""

import pytest

from patrol.serving import own_database
from patrol.settings import Settings
from tests.patrol.conftest import Terminal


def test_the_shipped_rules_are_shown_with_their_source(terminal: Terminal) -> None:
    """And that they were never applied."""
    said = terminal("retention", "show")
    assert said.code == 0
    for words in ("Our own choice", "1095", "shipped", "Applied last: never"):
        assert words in said.out


def test_rules_go_out_and_come_back(terminal: Terminal) -> None:
    """Edited between; who brought them into force is told."""
    assert terminal("retention", "export", "ours.yaml").code == 0
    file = terminal.folder / "ours.yaml"
    file.write_text(file.read_text().replace("pictures_days: 1095", "pictures_days: 2000"))
    assert terminal("retention", "check", "ours.yaml").code == 0
    assert "shipped" in terminal("retention", "show").out
    assert terminal("retention", "import", "ours.yaml").code == 0
    said = terminal("retention", "show")
    assert ("2000" in said.out, "imported by" in said.out) == (True, True)
    assert terminal("audit", "verify").code == 0


def test_a_wrong_file_is_refused_and_changes_nothing(terminal: Terminal) -> None:
    """By `check` and by `import` in the same words."""
    (terminal.folder / "wrong.yaml").write_text("version: 1\nkeep: never\n")
    for command in ("check", "import"):
        said = terminal("retention", command, "wrong.yaml")
        assert (said.code, "wrong.yaml:2: keep" in said.err) == (1, True)
    assert "shipped" in terminal("retention", "show").out


def test_applying_says_what_was_removed(terminal: Terminal) -> None:
    """A rehearsal leaves no trace; an application is shown with its time."""
    (row,) = terminal("retention", "apply", "--dry-run", "--json").lines
    assert row == {
        "dry_run": True,
        "removed": {"clips": 0, "pictures": 0, "originals": 0, "contacts": 0, "forwards": 0},
    }
    assert "never" in terminal("retention", "show").out
    assert "Removed: 0 clips" in terminal("retention", "apply").out
    last = terminal("retention", "show").out.splitlines()[-1]
    assert last.startswith("Applied last: 20")
    assert last.endswith("removed: nothing.")


@pytest.mark.parametrize("command", ["hold", "release"])
def test_an_event_that_is_not_there_is_told(terminal: Terminal, command: str) -> None:
    """Nothing is changed."""
    said = terminal("retention", command, "e-1", "--reason", "a court asks")
    assert (said.code, "There is no event e-1" in said.err) == (1, True)
    with own_database(Settings(terminal.home)) as database, database.read() as session:
        query = "SELECT count(*) FROM audit"
        assert session.connection().exec_driver_sql(query).scalar_one() == 0
