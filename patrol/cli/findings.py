"""How findings of the checks are told."""

from rich.markup import escape

from geofences.checks import Finding, Severity
from patrol.cli.console import notices


def show_findings(findings: tuple[Finding, ...]) -> None:
    """Print what the checks found, a line each."""
    for finding in findings:
        colour = "red" if finding.severity is Severity.ERROR else "yellow"
        said = f"[{colour}]{finding.severity.value}[/] {finding.code}: {escape(finding.message)}"
        notices().print(said, soft_wrap=True)


def finding_row(finding: Finding) -> dict[str, object]:
    """Return a finding for a machine."""
    position = finding.position
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "subject": finding.subject,
        "message": finding.message,
        "position": [position.lon_deg, position.lat_deg] if position else None,
    }
