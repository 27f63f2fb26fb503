"""What people and machines are shown of flights; what is not known is not made up."""

import json
from dataclasses import replace

import pytest

from flight.flight_news import FlightUpdate
from flight.monitor import Foresight
from flight.planning.wind import Wind
from flight.preflight import PreflightFinding, PreflightReport, Verdict
from flight.states import PatrolState, VehicleState
from geofences.geodesy import LonLat
from patrol.cli.console import terminal as console
from patrol.cli.flight_shown import JsonLines, LiveTable, flight_table, json_row

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
    console().print(flight_table((news(), news("heron", known=False))))
    lines = capsys.readouterr().out.splitlines()
    (kite,) = (cells(line) for line in lines if "kite" in line)
    (heron,) = (cells(line) for line in lines if "heron" in line)
    assert kite[:8] == ["kite", "on patrol", "AUTO", "3/9", "118 m", "40 m", "0.0 m/s", "81 %"]
    assert kite[8:] == [
        *("5 m/s 270°", "0.1 s, 3 % lost", "7 s", "33.16000, 115.62000", "[C1]"),
    ]
    assert heron[3:] == ["–/9", "–", "0 m", "0.0 m/s", "?", "?", "0.0 s, ? % lost", "–", "?", ""]


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
    console().print(flight_table((guessed, replace(news("heron"), wind_estimate=west))))
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
    console().print(flight_table((replace(news(), foresight=hill),)))
    console().print(flight_table((replace(news(), foresight=flat),)))
    shown = capsys.readouterr().out
    assert "12 above" in shown
    assert "40 above" not in shown
    assert json_row(replace(news(), foresight=hill))["height_ground_m"] == 12.4
    assert json_row(news())["height_ground_m"] is None
