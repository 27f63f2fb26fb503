"""`patrol plan application`: the papers that an airspace application asks for in China."""

import os
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from flight.formats.plan_file import read_plan
from flight.papers.application import application
from flight.papers.content import BLANK, Facts, Table
from flight.papers.details import Details
from flight.papers.word import write_paper
from flight.planning.comparison import Preparation, last_landing_s
from flight.planning.picture import draw_plan
from flight.planning.picture_words import Language
from geofences.checks import Severity
from patrol.cli.console import notices, terminal
from patrol.cli.findings import show_findings
from patrol.cli.plan_options import parse_time
from patrol.counties import load_county
from patrol.elevation import load_terrain
from patrol.errors import UsageError
from patrol.plan_checks import Day, check_on
from patrol.settings import read_settings

app = typer.Typer()

MASS_CLASSES = ("微型", "轻型", "小型", "中型", "大型")
PANEL = "What the applicant says (blank where left out)"


@app.command("application")
def application_(
    file: Annotated[Path, typer.Argument(help="The plan file that `patrol plan` wrote.")],
    out: Annotated[Path, typer.Option(help="The Word document to write.")] = Path("申请.docx"),
    applicant: Annotated[
        str, typer.Option(help="Unit or person that applies.", rich_help_panel=PANEL)
    ] = "",
    identity: Annotated[
        str, typer.Option(help="Its credit code or identity number.", rich_help_panel=PANEL)
    ] = "",
    contact: Annotated[str, typer.Option(help="Contact person.", rich_help_panel=PANEL)] = "",
    phone: Annotated[
        str, typer.Option(help="Telephone during the flights.", rich_help_panel=PANEL)
    ] = "",
    operator: Annotated[
        str, typer.Option(help="Person in charge on site.", rich_help_panel=PANEL)
    ] = "",
    licence: Annotated[str, typer.Option(help="Their licence.", rich_help_panel=PANEL)] = "",
    purpose: Annotated[
        str, typer.Option(help="What the flights are for.", rich_help_panel=PANEL)
    ] = "",
    model: Annotated[str, typer.Option(help="Aircraft model.", rich_help_panel=PANEL)] = "",
    registration: Annotated[
        list[str] | None,
        typer.Option(help="Registration mark; repeat it.", rich_help_panel=PANEL),
    ] = None,
    mass_class: Annotated[
        str, typer.Option(help=f"{', '.join(MASS_CLASSES)}.", rich_help_panel=PANEL)
    ] = "",
    at: Annotated[
        str, typer.Option(help="First take-off, as 2026-11-22T08:30.", rich_help_panel=PANEL)
    ] = "",
    until: Annotated[
        str, typer.Option(help="Last landing at the latest.", rich_help_panel=PANEL)
    ] = "",
    elevation: Annotated[
        list[Path] | None,
        typer.Option("--terrain", help="Elevation GeoTIFF, VRT or folder; repeat it."),
    ] = None,
) -> None:
    """Write an airspace application in Chinese as a Word document, with blanks to fill in."""
    if mass_class and mass_class not in MASS_CLASSES:
        raise UsageError(
            f"{mass_class!r} is no mass class: write one of {', '.join(MASS_CLASSES)}."
        )
    settings = read_settings(os.environ, Path.home())
    county = load_county(settings)
    plan = read_plan(file)
    starts_at, ends_at = parse_time(at), parse_time(until)
    terrain = load_terrain(elevation or [], settings)
    findings = check_on(plan, county, Day(starts_at, terrain=terrain))
    plan = replace(plan, findings=findings)
    show_findings(findings)
    if any(finding.severity is Severity.ERROR for finding in findings):
        notices().print("Nothing was written: this plan must not fly.")
        raise typer.Exit(1)
    if starts_at and not ends_at:
        ends_at = starts_at + timedelta(seconds=last_landing_s(plan, Preparation()))
    details = Details(
        applicant=applicant,
        identity=identity,
        contact=contact,
        phone=phone,
        operator=operator,
        operator_licence=licence,
        purpose=purpose,
        model=model,
        registrations=tuple(registration or []),
        mass_class=mass_class,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    with tempfile.TemporaryDirectory() as folder:
        draw_plan(county, plan, Path(folder) / "plan.png", Language.CHINESE)
        picture = (Path(folder) / "plan.png").read_bytes()
    paper = application(plan, county, details, picture, terrain)
    write_paper(paper, out)
    blanks = sum(
        cell.count(BLANK)
        for block in paper.blocks
        if isinstance(block, Facts | Table)
        for row in block.rows
        for cell in row
    )
    told = f"Application written to {out}; {blanks} blanks are left to fill in, marked yellow."
    terminal().print(told, markup=False, soft_wrap=True)
