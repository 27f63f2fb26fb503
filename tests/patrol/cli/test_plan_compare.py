"""`patrol plan compare`: ways to fly a patrol side by side."""

import json

import pytest

from flight.missions import PatrolPlan
from flight.planning.planner import plan_patrol
from flight.planning.request import PatrolRequest
from geofences.county import County
from geofences.terrain import Terrain
from patrol.cli import plan_compare
from patrol.cli.plan_compare import parse_choices
from patrol.errors import UsageError
from tests.patrol.builders import CODES, VILLAGE
from tests.patrol.conftest import Terminal


def test_a_person_gets_a_table_and_the_best_with_its_reason(county_terminal: Terminal) -> None:
    """And a chart, if asked."""
    said = county_terminal(
        "plan", "compare", "--village", VILLAGE, "--vary", "aircraft=1,2", "--save", "c.png"
    )
    assert said.code == 0
    for words in ("last landing", "set-up", "batteries", "Best: aircraft ", "min before"):
        assert words in said.out.replace("of these", "min before")
    assert (county_terminal.folder / "c.png").read_bytes().startswith(b"\x89PNG")


def test_a_machine_gets_a_row_for_each_way_and_the_best(county_terminal: Terminal) -> None:
    """As JSON lines; a way that cannot be planned says why."""
    options = ["--cell", CODES[0], "--vary", "speed=5,8,fast", "--vary", "height=40,130", "--json"]
    *rows, last = [
        json.loads(line) for line in county_terminal("plan", "compare", *options).out.splitlines()
    ]
    assert [row["values"]["speed"] for row in rows if "refused" not in row] == ["5", "8"]
    said = {tuple(row["values"].values()): row["refused"] for row in rows if "refused" in row}
    assert "above the ceiling of 120 m" in said["5", "130"]
    assert "'fast' is not possible for speed" in said["fast", "40"]
    assert len(said) == 4
    rows = [row for row in rows if "refused" not in row]
    assert rows[1]["total_s"] < rows[0]["total_s"]
    assert rows[0]["setup_s"] == 180.0 * rows[0]["batteries"]
    assert rows[0]["coverage_fraction"] > 0.99
    assert last["best"] == {"speed": "8", "height": "40"}


def test_more_aircraft_than_docks_share_them(county_terminal: Terminal) -> None:
    """As many as the largest number that is asked for."""
    said = county_terminal(
        "plan", "compare", "--village", VILLAGE, "--vary", "aircraft=1,3", "--json"
    )
    assert said.code == 0


def test_ways_that_see_too_coarsely_are_not_the_best(county_terminal: Terminal) -> None:
    """Where none is fine enough the exit code says so."""
    said = county_terminal(
        "plan", "compare", "--cell", CODES[0], "--vary", "height=40", "--gsd", "1"
    )
    assert (said.code, "none sees finely enough" in said.out) == (1, True)


def test_ctrl_c_keeps_what_is_known(
    county_terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table has the ways that were planned."""
    calls = iter([True, False])

    def stopped(county: County, request: PatrolRequest, terrain: Terrain | None) -> PatrolPlan:
        if not next(calls):
            raise KeyboardInterrupt
        return plan_patrol(county, request, terrain)

    monkeypatch.setattr(plan_compare, "plan_patrol", stopped)
    said = county_terminal("plan", "compare", "--cell", CODES[0], "--vary", "speed=5,8,9")
    assert said.code == 130
    assert "Stopped after 1 of 3 ways." in said.err
    assert "Best: speed 5 m/s. It is the only way that can be flown." in said.out


def test_stopped_before_the_first_way_nothing_is_concluded(
    county_terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No empty table, and no word that nothing can be flown."""

    def stopped(*_: object) -> PatrolPlan:
        raise KeyboardInterrupt

    monkeypatch.setattr(plan_compare, "plan_patrol", stopped)
    said = county_terminal("plan", "compare", "--cell", CODES[0], "--vary", "speed=5,8")
    assert (said.code, said.out) == (130, "")
    assert "Stopped after 0 of 2 ways." in said.err


def test_too_many_combinations_are_refused(county_terminal: Terminal) -> None:
    """Before anything is planned."""
    many = ",".join(str(1.0 + n / 10.0) for n in range(201))
    said = county_terminal("plan", "compare", "--cell", CODES[0], "--vary", f"speed={many}")
    assert (said.code, "201 combinations; at most 200" in said.err) == (1, True)


def test_choices_are_read_by_axis() -> None:
    """Repeated axes are joined; anything else is answered with an example."""
    assert parse_choices(["speed=6, 8", "wind=0", "speed=9"]) == {
        "speed": ["6", "8", "9"],
        "wind": ["0"],
    }
    for text in ("speed", "speed=", "speed=,"):
        with pytest.raises(UsageError, match="write AXIS=V1,V2"):
            parse_choices([text])
