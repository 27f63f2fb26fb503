"""The page on JSON lines names every key that is printed, and none besides."""

import json
import re
from pathlib import Path

import pytest

from flight.flight_news import FlightOutcome, FlightUpdate
from flight.preflight import PreflightReport
from flight.states import PatrolState, VehicleState
from patrol.cli.flight_shown import JsonLines
from tests.patrol.cli.test_fly import flown
from tests.patrol.conftest import Terminal

PAGE = (Path(__file__).parents[3] / "docs" / "json-lines.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, str]:
    """Return the keys of one table with their meanings."""
    (_, section) = PAGE.split(f"## {heading}\n")
    table = section.split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", table, flags=re.MULTILINE))


def test_news_have_the_keys_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """Whether anything is known or not."""
    report = PreflightReport()
    with JsonLines() as lines:
        lines.update(
            FlightUpdate("kite", "m1", PatrolState.READY, VehicleState(), 9, preflight=report)
        )
    line = json.loads(capsys.readouterr().out)
    assert line.keys() == rows("News").keys()
    assert all(f"`{key}`" in rows("News")["preflight"] for key in line["preflight"])


def test_every_state_and_outcome_is_named() -> None:
    """A machine must know them all."""
    assert all(f"`{state.value}`" in rows("News")["state"] for state in PatrolState)
    told = rows("The end of a mission")["outcome"]
    assert all(f"`{outcome.value}`" in told for outcome in FlightOutcome)


def test_the_end_of_a_mission_has_the_keys_of_the_page(terminal: Terminal) -> None:
    """Of a real flight."""
    said = flown(terminal, "--json")
    assert said.lines[-1].keys() == rows("The end of a mission").keys()
