"""`patrol simulate --scenario`: days flown and judged at the command line."""

import pytest

from patrol.scenarios.reading import shipped_days
from tests.patrol.conftest import Terminal

DAY = """\
title: A short day
aircraft:
  - name: uav-1
    missions:
      - {height_m: 15, waypoints_m: [[30, 0]]}
    expect:
      outcomes: [OUTCOME]
"""


@pytest.fixture
def good(terminal: Terminal) -> str:
    """Return a scenario that holds."""
    (terminal.folder / "good.yaml").write_text(DAY.replace("OUTCOME", "completed"))
    return "good.yaml"


def test_a_day_that_holds_ends_with_zero(terminal: Terminal, good: str) -> None:
    """A table of days, and the truth and the records where they were wanted."""
    said = terminal("simulate", "--scenario", good, "--keep", "kept")
    assert said.code == 0
    assert "good" in said.out
    assert "yes" in said.out
    kept = terminal.folder / "kept" / "good"
    assert (kept / "truth" / "uav-1.truth.jsonl").exists()
    assert (kept / "flights" / "uav-1.tlog").exists()


def test_a_day_that_does_not_hold_ends_with_one_and_says_what(
    terminal: Terminal, good: str
) -> None:
    """What was wanted, what was found, and the story; the other day is flown all the same."""
    (terminal.folder / "bad.yaml").write_text(DAY.replace("OUTCOME", "pilot"))
    said = terminal("simulate", "--scenario", "bad.yaml", good)
    assert said.code == 1
    assert "ends: pilot" in said.out
    assert "on patrol" in said.out
    assert "NO" in said.out
    assert "yes" in said.out


def test_a_machine_reads_a_line_for_each_day(terminal: Terminal, good: str) -> None:
    """Every check and all news."""
    said = terminal("simulate", "--scenario", good, "--json")
    (row,) = said.lines
    assert (row["scenario"], row["holds"]) == ("good", True)
    checks, news = row["checks"], row["news"]
    assert isinstance(checks, list)
    assert {
        "aircraft": "uav-1",
        "what": "ends: completed",
        "holds": True,
        "found": "completed",
    } in (checks)
    assert isinstance(news, list)
    assert news[-1]["state"] == "landed"


def test_the_shipped_days_are_listed(terminal: Terminal) -> None:
    """By the names that --scenario takes."""
    rows = terminal("simulate", "--list-scenarios", "--json").lines[0]
    assert [row["name"] for row in rows] == list(shipped_days())  # type: ignore[index]
    assert "A calm day" in terminal("simulate", "--list-scenarios").out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (("--scenario", "nowhere"), "There is no scenario nowhere"),
        (("good.yaml",), "Write --scenario before good.yaml"),
        (("--scenario", "good.yaml", "--keep", "."), "is there already"),
    ],
)
def test_what_cannot_be_flown_is_told_before_anything_flies(
    terminal: Terminal, good: str, line: tuple[str, ...], says: str
) -> None:
    """In a sentence; nothing is kept."""
    assert good
    (terminal.folder / "good").mkdir()
    said = terminal("simulate", *line)
    assert said.code == 1
    assert says in " ".join(said.err.split())
    assert not (terminal.folder / "good" / "truth").exists()
