"""Errors point at the line to mend."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from vision.rules.lines import doubled_keys, line_of
from vision.rules.schema import rule_faults

TEXT = """\
# a comment
version: 1
rules:
  - id: litter
    kind: presence
    matter: {standard_ref: S, code: "06010"}
    classes: [garbage]
    min_looks: 0

  - id: litter
    kind: presence
    matter: {standard_ref: S, code: "06010"}
    classes:
      - garbage
    min_score: 2
    min_score: 3
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        ((), 2),
        (("version",), 2),
        (("rules",), 3),
        (("rules", 0), 4),
        (("rules", 0, "presence", "min_looks"), 8),
        (("rules", 1, "presence", "classes", 0), 14),
        (("rules", 1, "presence", "zones", 0), 10),
        (("rules", 7, "id"), 3),
    ],
)
def test_a_value_has_a_line(location: tuple[int | str, ...], line: int) -> None:
    """What is missing has that of what it is missing from."""
    assert line_of(TEXT, location) == line


def test_keys_that_stand_twice_are_found() -> None:
    """YAML alone would take the last of them."""
    assert list(doubled_keys(TEXT)) == [(16, "min_score")]
    assert list(doubled_keys("")) == []


def test_an_alias_that_leads_into_itself_ends() -> None:
    """And what stands behind one is told once."""
    assert list(doubled_keys("rules: &all\n  - *all\n")) == []
    twice = "first: &a {b: 1, b: 2}\nsecond: *a\nthird: *a\n"
    assert list(doubled_keys(twice)) == [(1, "b")]


def test_all_faults_are_told_in_order_of_their_lines() -> None:
    """With the rule and the key."""
    faults = rule_faults(yaml.safe_load(TEXT), TEXT)
    numbers = [int(fault.partition(":")[0].removeprefix("line ")) for fault in faults]
    assert numbers == sorted(numbers)
    assert numbers[0] == 8
    assert any("rule litter, min_looks" in fault for fault in faults)
    assert any("'min_score' is given twice" in fault for fault in faults)


@given(st.lists(st.one_of(st.text(max_size=8), st.integers(0, 9)), max_size=5))
def test_any_location_has_some_line(location: list[int | str]) -> None:
    """Between the first and the last."""
    assert 1 <= line_of(TEXT, location) <= TEXT.count("\n")
