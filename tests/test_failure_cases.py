"""The table of failure cases names tests and days that exist."""

import re
from pathlib import Path

from patrol.scenarios.reading import shipped_days

ROOT = Path(__file__).parent.parent


def test_each_case_is_tested() -> None:
    """All sixty, by tests and days that can be found."""
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)\(", file.read_text(encoding="utf-8"))
    }
    days = set(shipped_days())
    table = (ROOT / "docs" / "failure-cases.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|[^|]*\|([^|]*)\|([^|]*)\|$", table, flags=re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, 61))
    for number, tests, flown in rows:
        named = set(re.findall(r"`(test_\w+)`", tests))
        assert named, f"case {number} has no test"
        assert named <= there, f"case {number}: {named - there} do not exist"
        missing = {day for day in flown.replace(" ", "").split(",") if day} - days
        assert not missing, f"case {number}: no days {missing}"


def test_a_test_that_bears_a_number_is_in_its_row() -> None:
    """Whoever reads the table finds what was written for the case."""
    table = (ROOT / "docs" / "failure-cases.md").read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip(): line for line in table.splitlines() if line[:2] == "| "}
    for file in (ROOT / "tests" / "flight").rglob("test_failure_cases*.py"):
        for name, number in re.findall(r"def (test_(\d+)_\w+)\(", file.read_text("utf-8")):
            assert f"`{name}`" in rows[number], f"{name} is not in row {number}"
