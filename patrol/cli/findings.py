"""How findings of the checks are told."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from geofences.findings import Finding, MapFinding, Severity
from patrol.cli.console import notices

SHOWN_OF_A_KIND = 5


def show_findings(findings: Iterable[Finding]) -> None:
    """Print what the checks found: a line for each kind, about the worst of it."""
    for same in _kinds(findings):
        finding = max(same, key=lambda each: each.excess)
        colour = _colour(finding)
        missions = len({each.subject for each in same})
        of = "" if missions == 1 else f" in {missions} flights"
        often = "" if len(same) == 1 else f" ({len(same)} times{of}, the worst told)"
        said = (
            f"[{colour}]{finding.severity.value}[/] {finding.code}{often}: "
            f"{escape(finding.message)}"
        )
        where = escape(_where(finding))
        notices().print(f"{said} [dim]{where}[/]" if where else said, soft_wrap=True)


def _kinds(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings of the same code and severity together, in the order in which kinds appear."""
    kinds: dict[tuple[str, Severity], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.code, finding.severity), []).append(finding)
    return list(kinds.values())


def _where(finding: Finding) -> str:
    """What a finding is about and where, as far as its sentence does not say."""
    told = [] if finding.subject in finding.message else [finding.subject]
    place = finding.position
    # Longitude first, as every option that takes a place wants it.
    told += [] if place is None else [f"{place.lon_deg:.6f},{place.lat_deg:.6f}"]
    return f"({' at '.join(told)})" if told else ""


def show_by_kind(findings: Iterable[Finding], console: Console, most: int | None) -> bool:
    """Print findings kind by kind, and say how many of each there are.

    Args:
        findings: in the order in which their kinds are told.
        console: to print on.
        most: how many of a kind are printed; None for all.

    Returns:
        Whether all were printed.
    """
    kinds = _kinds(findings)
    for same in kinds:
        shown, first = same[:most], same[0]
        kind = f"[{_colour(first)}]{first.severity.value}[/] [bold]{first.code}[/] ({len(same)})"
        console.print(kind)
        for finding in shown:
            console.print(Padding(escape(finding.message), (0, 0, 0, 2)))
        if len(shown) < len(same):
            console.print(f"  … and {len(same) - len(shown)} more", style="dim")
    return most is None or all(len(same) <= most for same in kinds)


def finding_row(finding: Finding) -> dict[str, object]:
    """Return a finding for a machine."""
    position = finding.position
    row: dict[str, object] = {
        "code": finding.code,
        "severity": finding.severity.value,
        "subject": finding.subject,
        "message": finding.message,
        "position": [position.lon_deg, position.lat_deg] if position else None,
    }
    if isinstance(finding, MapFinding):
        row["area_m2"] = None if finding.area_m2 is None else round(finding.area_m2, 2)
    return row


def count_by_severity(findings: Sequence[Finding]) -> dict[str, int]:
    """Return how many errors and warnings there are."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    return {"errors": errors, "warnings": len(findings) - errors}


def _colour(finding: Finding) -> str:
    return "red" if finding.severity is Severity.ERROR else "yellow"
