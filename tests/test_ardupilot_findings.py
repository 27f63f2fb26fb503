"""The table of ArduPilot's habits names tests that exist, for both sides of each."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_each_finding_is_tested_on_both_sides() -> None:
    """All thirty-five, by tests that can be found."""
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)\(", file.read_text(encoding="utf-8"))
    }
    table = (ROOT / "docs" / "ardupilot-findings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|[^|]*\|([^|]*)\|([^|]*)\|$", table, flags=re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, 36))
    for number, *sides in rows:
        for side in sides:
            named = re.findall(r"`(test_\w+)`", side)
            assert named, f"finding {number} has a side without a test"
            assert set(named) <= there, f"finding {number}: {set(named) - there} do not exist"
