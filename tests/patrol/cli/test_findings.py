"""How what the checks found is told."""

import pytest

from geofences.checks import Finding, Severity
from geofences.geodesy import LonLat
from patrol.cli.findings import finding_row, show_findings

HIGH = Finding("ceiling.exceeded", Severity.ERROR, "m1", "Too high.", LonLat(115.62, 33.16))
CLOSE = Finding("zone.close", Severity.WARNING, "m1", "Passes close to Mast [a/b].", None)


def test_each_finding_is_a_line_beside_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    """Severity, code and sentence, on standard error, brackets as they are."""
    show_findings((HIGH, CLOSE))
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "error ceiling.exceeded: Too high.\nwarning zone.close: Passes close to Mast [a/b].\n"
    )


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
