"""What people and machines are shown of flights; what is not known is not made up."""

import io
import json
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from flight.flight_news import FlightUpdate
from flight.monitor import Foresight
from flight.planning.wind import Wind
from flight.preflight import PreflightFinding, PreflightReport, Verdict
from flight.states import PatrolState, VehicleState
from geofences.geodesy import LonLat
from patrol.cli.flight_shown import WIDE, JsonLines, LiveTable, flight_table, json_row

KNOWN = VehicleState(
    mode="AUTO",
    height_home_m=39.6,
    battery_percent=81.4,
    mission_item=3,
    position=LonLat(115.62, 33.16),
    wind_mps=5.2,
    wind_from_deg=270.0,
)
THREAT = Foresight((), 6.6, 42.0, "fence", warning=True)


def news(name: str = "kite", text: str = "", *, known: bool = True) -> FlightUpdate:
    """Return an update of a flight of which all, or next to nothing, is known."""
    if not known:
        state = VehicleState(mode="GUIDED")
        return FlightUpdate(name, "m1", PatrolState.READY, state, item_count=9)
    return FlightUpdate(
        *(name, "m1", PatrolState.ON_PATROL, KNOWN),
        item_count=9,
        cell_code="[C1]",
        text=text,
        foresight=THREAT,
        next_m=118.4,
        silence_s=0.12,
        loss_fraction=0.034,
    )


def cells(line: str) -> list[str]:
    """Return the cells of a row of a table."""
    return [cell.strip() for cell in line.split("│")[1:-1]]


def test_the_live_table_has_a_row_for_each_aircraft(capsys: pytest.CaptureFixture[str]) -> None:
    """Position, battery, next waypoint, wind, link and time to breach."""
    Console(width=WIDE).print(flight_table((news(), news("heron", known=False))))
    lines = capsys.readouterr().out.splitlines()
    (kite,) = (cells(line) for line in lines if "kite" in line)
    (heron,) = (cells(line) for line in lines if "heron" in line)
    assert kite[:7] == ["kite", "on patrol", "AUTO", "3/9", "118 m", "40 m", ""]
    assert kite[7:] == [
        *("0.0 m/s", "81 %", "5 m/s 270°", "0.1 s, −3 %", "7 s", "33.16000,115.62000", "[C1]"),
    ]
    unknown = ["?", "?", "0.0 s, −? %", "–", "?", ""]
    assert heron[3:] == ["–/9", "–", "0 m", "", "0.0 m/s", *unknown]


@pytest.mark.parametrize("name", ["kite-2", "苍鹭一号"])
def test_eighty_columns_hold_all_of_it(name: str) -> None:
    """In two lines for each aircraft, with a code that can be copied, whatever its name is."""
    flown = replace(
        news(name),
        state=PatrolState.PILOT_CONTROL,
        telemetry=replace(KNOWN, mode="AUTO.MISSION", mission_item=140, height_home_m=118.0),
        item_count=160,
        cell_code="341299001001004",
        foresight=replace(THREAT, height_ground_m=61.0, breach_in_s=240.0),
    )
    paper = Console(width=80, file=io.StringIO(), force_terminal=True, color_system=None)
    paper.print(flight_table((flown, flown), paper.width))
    lines = paper.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert max(map(cell_len, lines)) <= 80
    assert len(lines) == 3 + 2 * 2
    shown = "\n".join(lines)
    for told in (name, "pilot control", "AUTO.MISSION", "140/160", "61 m", "341299001001004"):
        assert shown.count(told) == 2
    assert "33.16000,115.62000" in shown


def test_json_lines_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """One object a line, null for what is not known."""
    with JsonLines() as lines:
        lines.update(news())
        lines.update(news("heron", known=False))
    kite, heron = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (kite["next_m"], kite["breach_in_s"], kite["warning"]) == (118.4, 6.6, True)
    assert (kite["wind_mps"], kite["silence_s"], kite["loss_fraction"]) == (5.2, 0.12, 0.034)
    assert heron["position"] is heron["wind_mps"] is heron["breach_in_s"] is None


def test_mere_telemetry_is_a_line_a_second_and_news_is_told_at_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A warning does not wait for the second to be over."""
    with JsonLines() as lines:
        for text in ("", "", "WARNING: breach of fence in 7 s", ""):
            lines.update(news(text=text))
    told = [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()]
    assert told == ["", "WARNING: breach of fence in 7 s"]


def test_the_preflight_report_is_shown_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    """What forbids the start is marked."""
    finding = PreflightFinding("battery", Verdict.BLOCKING, "12 % left.")
    update = FlightUpdate(
        *("kite", "m1", PatrolState.READY, KNOWN, 9), preflight=PreflightReport((finding,))
    )
    with LiveTable() as shown:
        shown.update(update)
    assert "kite: STOP: battery: 12 % left." in capsys.readouterr().out


def test_an_estimated_wind_is_marked_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Only where the autopilot does not tell it."""
    west = Wind.coming_from(270.0, 4.2)
    untold = replace(KNOWN, wind_mps=None, wind_from_deg=None)
    guessed = replace(news(), telemetry=untold, wind_estimate=west)
    Console(width=WIDE).print(flight_table((guessed, replace(news("heron"), wind_estimate=west))))
    shown = capsys.readouterr().out
    assert "~4 m/s 270°" in shown
    assert "~5 m/s" not in shown
    row, told = json_row(guessed), json_row(replace(news(), wind_estimate=west))
    assert (row["wind_mps"], row["wind_from_deg"], row["wind_estimated"]) == (4.2, 270, True)
    assert (told["wind_mps"], told["wind_estimated"]) == (5.2, False)


def test_the_height_above_the_ground_is_shown_where_it_is_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On flat ground one number will do."""
    hill, flat = (replace(THREAT, height_ground_m=height_m) for height_m in (12.4, 39.9))
    Console(width=WIDE).print(flight_table((replace(news(), foresight=hill),)))
    Console(width=WIDE).print(flight_table((replace(news(), foresight=flat),)))
    rows = [cells(line) for line in capsys.readouterr().out.splitlines() if "kite" in line]
    assert [row[5:7] for row in rows] == [["40 m", "12 m"], ["40 m", ""]]
    assert json_row(replace(news(), foresight=hill))["height_ground_m"] == 12.4
    assert json_row(news())["height_ground_m"] is None
