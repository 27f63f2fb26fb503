"""How what the checks found is told."""

import dataclasses

import pytest
from rich.console import Console

from geofences.checks import Finding, MapFinding, Severity
from geofences.geodesy import LonLat
from patrol.cli.findings import (
    count_by_severity,
    finding_row,
    show_by_kind,
    show_findings,
)

HIGH = Finding("ceiling.exceeded", Severity.ERROR, "m1", "Too high.", LonLat(115.62, 33.16))
CLOSE = Finding("zone.close", Severity.WARNING, "m1", "Passes close to Mast [a/b].", None)


def test_each_finding_is_a_line_beside_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    """Severity, code, sentence, what it is about and where, on standard error."""
    show_findings((HIGH, CLOSE))
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "error ceiling.exceeded: Too high. (m1 at 115.620000,33.160000)\n"
        "warning zone.close: Passes close to Mast [a/b]. (m1)\n"
    )


def test_what_the_sentence_says_is_not_said_again(capsys: pytest.CaptureFixture[str]) -> None:
    """A mission that is named in it, and a finding without a place."""
    show_findings((Finding("time.night", Severity.WARNING, "m1", "Mission m1 is late.", None),))
    assert capsys.readouterr().err == "warning time.night: Mission m1 is late.\n"


def test_nothing_found_is_nothing_said(capsys: pytest.CaptureFixture[str]) -> None:
    """No heading, no empty table."""
    show_findings(())
    assert tuple(capsys.readouterr()) == ("", "")


@pytest.mark.parametrize(("finding", "position"), [(HIGH, [115.62, 33.16]), (CLOSE, None)])
def test_a_machine_gets_all_of_it(finding: Finding, position: list[float] | None) -> None:
    """Longitude first where it is somewhere."""
    assert finding_row(finding) == {
        "code": finding.code,
        "severity": finding.severity.value,
        "subject": "m1",
        "message": finding.message,
        "position": position,
    }


def test_a_machine_gets_the_area_of_land() -> None:
    """Rounded to a square decimetre; none where the finding is not about an area."""
    gap = MapFinding("cells.gap", Severity.WARNING, "x", "A gap.", None, None, 12.3456)
    assert finding_row(gap)["area_m2"] == 12.35
    assert "area_m2" not in finding_row(HIGH)


def test_findings_are_told_kind_by_kind(capsys: pytest.CaptureFixture[str]) -> None:
    """How many of each, the first few, and that there are more."""
    console = Console(width=80)
    assert not show_by_kind([HIGH, *[CLOSE] * 4], console, 2)
    out = capsys.readouterr().out
    assert "error ceiling.exceeded (1)" in out
    assert "warning zone.close (4)" in out
    assert out.count("Passes close to Mast [a/b].") == 2
    assert "… and 2 more" in out


@pytest.mark.parametrize("most", [4, None])
def test_all_findings_are_told_where_there_is_room(
    most: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then nothing is said of more."""
    assert show_by_kind([CLOSE] * 4, Console(width=80), most)
    assert "more" not in capsys.readouterr().out


def test_findings_are_counted_by_severity() -> None:
    """Errors and warnings, also where there are none."""
    assert count_by_severity([HIGH, CLOSE, CLOSE]) == {"errors": 1, "warnings": 2}
    assert count_by_severity([]) == {"errors": 0, "warnings": 0}


def test_a_kind_is_told_once_by_its_worst(capsys: pytest.CaptureFixture[str]) -> None:
    """With how often it occurs, and in how many flights."""
    again = [
        dataclasses.replace(CLOSE, subject=f"m{n}", message=f"Passes {n} m away.", excess=10.0 - n)
        for n in (7, 2, 4)
    ]
    show_findings((HIGH, *again))
    assert capsys.readouterr().err == (
        "error ceiling.exceeded: Too high. (m1 at 115.620000,33.160000)\n"
        "warning zone.close (3 times in 3 flights, the worst told): "
        "Passes 2 m away. (m2)\n"
    )


def test_errors_and_warnings_of_a_kind_are_two_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    """What forbids a flight is not hidden behind a warning."""
    show_findings((dataclasses.replace(HIGH, severity=Severity.WARNING, excess=9.0), HIGH, HIGH))
    assert "error ceiling.exceeded (2 times, the worst" in capsys.readouterr().err
