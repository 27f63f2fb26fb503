"""How results and remarks reach people and machines."""

import json
from datetime import UTC, datetime

import pytest

from patrol.cli.console import PIPED_WIDTH, notices, print_json, table, terminal


def test_results_and_remarks_go_separate_ways(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe takes the results alone."""
    terminal().print("result")
    notices().print("remark")
    assert tuple(capsys.readouterr()) == ("result\n", "remark\n")


def test_a_pipe_gets_no_colours(capsys: pytest.CaptureFixture[str]) -> None:
    """What is written to a file holds words only."""
    terminal().print("[bold red]hot[/]")
    assert capsys.readouterr().out == "hot\n"


def test_a_piped_table_is_wide_enough_for_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    """A row of many words is not folded at eighty columns."""
    made = table("Wide", {"name": "left", "number": "right"})
    made.add_row("x" * 100, "7")
    terminal().print(made)
    out = capsys.readouterr().out
    assert "x" * 100 in out
    assert max(map(len, out.splitlines())) <= PIPED_WIDTH


def test_columns_are_aligned_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers stand right, words left."""
    made = table("T", {"name": "left", "number": "right"})
    made.add_row("abc", "7")
    terminal().print(made)
    row = next(line for line in capsys.readouterr().out.splitlines() if "abc" in line)
    assert row == "│ abc  │      7 │"


def test_json_is_one_line_that_keeps_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each, readable as it stands, and what JSON does not know becomes text."""
    at = datetime(2026, 11, 21, tzinfo=UTC)
    print_json({"title": "机动车乱停放", "at": at})
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "机动车乱停放" in out
    assert json.loads(out)["at"] == str(at)
