"""`patrol demo`: watch a whole patrol work, on one machine, with nothing else."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from flight.missions import PatrolPlan
from patrol.cli.console import print_json, table, terminal
from patrol.cli.plan_shown import show_plan
from patrol.demo.parts import Line
from patrol.demo.run import DemoListener, DemoOptions, DemoResult, run_demo
from patrol.demo.score import Score


def demo(
    out: Annotated[Path, typer.Option(help="Folder for everything made.")] = Path("demo_output"),
    speedup: Annotated[float, typer.Option(help="Simulated seconds a second.")] = 10.0,
    port: Annotated[int, typer.Option(help="Port of the event API; 0 takes a free one.")] = 0,
    stay: Annotated[
        bool | None,
        typer.Option(help="Keep the map page up until Ctrl-C; by default in a terminal only."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object.")] = False,
) -> None:
    """Plan, fly, see, locate and report one patrol of the sample county with simulated aircraft."""
    console = terminal(stderr=as_json)
    options = DemoOptions(out.resolve(), speedup, port)
    with _terminated_as_interrupted(), run_demo(options, _listener(console, options)) as result:
        _show(console, options, result)
        if as_json:
            print_json(result_row(result))
        if sys.stdout.isatty() if stay is None else stay:
            console.print("The page stays up until Ctrl-C.")
            threading.Event().wait()


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    # Whoever terminates the demo means its parts too, and those stop when the context is left.
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _listener(console: Console, options: DemoOptions) -> DemoListener:
    def step(text: str) -> None:
        console.print(f"[bold cyan]▸[/] {text}", soft_wrap=True)

    def planned(plan: PatrolPlan) -> None:
        show_plan(plan, as_json=False, console=console)
        step(f"The plan is drawn in {options.folder / 'plan.png'}")

    def line(spoken: Line) -> None:
        text = line_text(spoken)
        if text:
            console.print(text, soft_wrap=True)

    return DemoListener(step, planned, line)


def line_text(line: Line) -> str:
    """Return what a person is told of one line of a part; nothing for mere progress."""
    value = line.value or {}
    if "sighting" in value:
        return f"[green]●[/] {value['source']}: {value['text']}"
    if value.get("finished"):
        return f"  {value['source']}: {value['frames']} frames, {value['sightings']} sightings"
    if "state" in value and value.get("changed"):
        return f"[blue]✈[/] {value['vehicle']}: {value['state']}"
    return ""


def _show(console: Console, options: DemoOptions, result: DemoResult) -> None:
    score = result.score
    columns = {"expected": "left", "class": "left", "matter": "left", "found": "left"}
    columns |= {"error": "right", "90 % circle": "right", "cell": "left"}
    rows = table("Expected against found", columns)
    for match in sorted(score.matches, key=lambda each: each.expected.object_id):
        rows.add_row(
            match.expected.object_id,
            match.expected.class_name,
            match.expected.matter_code,
            "[green]found[/]",
            f"{match.error_m:.1f} m",
            f"{match.found.ce90_m:.1f} m",
            "right" if match.cell_right else "[red]wrong[/]",
        )
    for missed in sorted(score.missed, key=lambda each: each.object_id):
        rows.add_row(
            missed.object_id, missed.class_name, missed.matter_code, "[red]missed[/]", "", "", ""
        )
    for event in score.unexpected:
        rows.add_row("—", "", event.matter_code, "[yellow]not in the scene[/]", "", "", "")
    console.print(rows)
    console.print(summary(score), soft_wrap=True)
    console.print(
        f"Took {result.took_s:.0f} s. Everything made lies in {options.folder}", soft_wrap=True
    )
    console.print(f"Map page: {result.page_url}", soft_wrap=True)
    console.print(f"Events:   {result.events_url}", soft_wrap=True)


def summary(score: Score) -> str:
    """Return the comparison in one line."""
    hits, expected = len(score.matches), len(score.matches) + len(score.missed)
    right = sum(match.cell_right for match in score.matches)
    within = sum(match.within_ce90 for match in score.matches)
    return (
        f"Found {hits} of {expected}; {len(score.unexpected)} events not in the scene; position "
        f"error median {score.error_quantile_m(0.5):.1f} m, 90 % within "
        f"{score.error_quantile_m(0.9):.1f} m; inside the stated 90 % circle {within} of {hits}; "
        f"cell right {right}, wrong {hits - right}."
    )


def result_row(result: DemoResult) -> dict[str, object]:
    """Return the comparison for a machine."""
    score = result.score
    return {
        "found": len(score.matches),
        "missed": [each.object_id for each in score.missed],
        "unexpected": [each.event_id for each in score.unexpected],
        "recall": round(score.recall, 4),
        "precision": round(score.precision, 4),
        "position_errors_m": [round(match.error_m, 2) for match in score.matches],
        "cells_right": sum(match.cell_right for match in score.matches),
        "within_ce90": sum(match.within_ce90 for match in score.matches),
        "coverage_fraction": round(result.plan.coverage_fraction, 4),
        "took_s": round(result.took_s, 1),
        "page_url": result.page_url,
    }
