"""`patrol rules`: try a rule file before it is used."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.markup import escape

from patrol.cli.console import notices, print_json, table, terminal
from patrol.cli.picture_zones import parse_zone
from patrol.defaults import DEFAULT_MODEL
from patrol.errors import UsageError
from patrol.settings import read_settings
from patrol.watching import Watching, WatchRequest, prepare
from vision.ground_context import GroundContext
from vision.pipeline import WatchSettings
from vision.pipeline import watch as watch_source
from vision.rules.schema import (
    DEFAULT_RULES,
    DwellRule,
    PresenceRule,
    Rule,
    RuleFile,
    load_rules,
    rule_faults,
)
from vision.rules.zones import PictureZone
from vision.sightings import Sighting
from vision.synthetic import SyntheticDetector, SyntheticSource, read_looks

app = typer.Typer(help="Check and try rule files.", no_args_is_help=True)
TRIAL = "rules-test"
SOME_TIME = datetime(2000, 1, 1, 4, tzinfo=UTC)


@app.command("schema")
def schema() -> None:
    """Print the JSON schema of rule files, for editors that complete and check as you type."""
    terminal().out(json.dumps(RuleFile.model_json_schema(), ensure_ascii=False, indent=2))


@app.command("test")
def try_rules(
    file: Annotated[Path, typer.Argument(help="A rule file (YAML).")] = DEFAULT_RULES,
    on: Annotated[str, typer.Option(help="Footage to try it on, as of `patrol watch`.")] = "",
    looks: Annotated[
        Path | None, typer.Option(help="A YAML file of made-up things to try it on.")
    ] = None,
    model: Annotated[str, typer.Option(help="A shipped model, or a path to one.")] = DEFAULT_MODEL,
    zone: Annotated[
        list[str] | None, typer.Option(help="KIND=X1,Y1,X2,Y2...: as of `patrol watch`.")
    ] = None,
    fps: Annotated[
        float, typer.Option(help="Frames analysed a second; 0 takes all.", min=0.0)
    ] = 10.0,
    starts: Annotated[
        datetime | None,
        typer.Option(help="When the footage begins, UTC, for rules with hours."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Check a rule file, every fault with its line, and show what each rule would tell.

    Without --on and --looks it is only checked.
    """
    if on and looks:
        raise UsageError("Give --on FOOTAGE or --looks FILE: one thing to try the rules on.")
    faults = _faults(file)
    if faults:
        _show_faults(file, faults, as_json=as_json)
        raise typer.Exit(1)
    rules = load_rules(file)
    zones = list(zone or [])
    start_utc = (starts or SOME_TIME).replace(tzinfo=UTC)
    trial = None
    if looks:
        trial = _on_looks(rules, looks, zones, start_utc)
    elif on:
        request = WatchRequest(
            on, model, rules=file, pass_id=TRIAL, zones=_zones(zones), analysed_fps=fps
        )
        settings = read_settings(os.environ, Path.home())
        trial = _on_footage(prepare(request, settings, start_utc), start_utc)
    if as_json:
        print_json(_for_machine(rules, trial))
    else:
        _show(file, rules, trial)


@dataclass(frozen=True)
class _Trial:
    """What rules told of something."""

    sightings: tuple[Sighting, ...]
    start_utc: datetime
    class_names: tuple[str, ...]
    zone_kinds: frozenset[str]

    def of(self, rule: Rule) -> list[Sighting]:
        return [each for each in self.sightings if each.rule_id == rule.id]

    def why_silent(self, rule: Rule) -> str:
        """What alone keeps a rule from telling anything here."""
        if not set(rule.classes) & set(self.class_names):
            return f"nothing here is ever called {' or '.join(rule.classes)}"
        whole = isinstance(rule, DwellRule | PresenceRule) and rule.whole_picture
        if rule.zones and not whole and not set(rule.zones) & self.zone_kinds:
            return f"there is no zone {' or '.join(rule.zones)}; draw one with --zone"
        return ""

    def time_s(self, sighting: Sighting) -> float:
        return (sighting.observed_at - self.start_utc).total_seconds()


def _faults(file: Path) -> tuple[str, ...]:
    """All faults of a file that is YAML; one that is not has a single one, raised by reading."""
    try:
        text = file.read_text(encoding="utf-8")
        return rule_faults(yaml.safe_load(text), text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        load_rules(file)
        raise


def _zones(texts: Sequence[str]) -> tuple[PictureZone, ...]:
    return tuple(parse_zone(text, n) for n, text in enumerate(texts, start=1))


def _on_looks(rules: tuple[Rule, ...], path: Path, zones: list[str], start_utc: datetime) -> _Trial:
    looks = read_looks(path)
    drawn = _zones([*looks.zones, *zones])
    found = watch_source(
        SyntheticSource(looks),
        SyntheticDetector(looks, looks.class_names),
        rules,
        GroundContext(picture_zones=drawn),
        WatchSettings(pass_id=TRIAL, start_utc=start_utc),
    )
    kinds = frozenset(each.kind for each in drawn)
    return _Trial(tuple(found), start_utc, looks.class_names, kinds)


def _on_footage(watching: Watching, start_utc: datetime) -> _Trial:
    if watching.notice:
        notices().print(watching.notice, soft_wrap=True, markup=False)
    settings = watching.settings
    if not watching.has_poses:
        settings = replace(settings, start_utc=start_utc)
    try:
        found = tuple(
            watch_source(
                watching.source, watching.detector, watching.rules, watching.ground, settings
            )
        )
    finally:
        watching.source.close()
    ground = watching.ground
    kinds = {each.kind for each in ground.picture_zones}
    if watching.has_poses and ground.zones:
        kinds |= {str(each.kind) for each in ground.zones.zones}
    return _Trial(found, settings.start_utc, watching.detector.class_names, frozenset(kinds))


def _show_faults(file: Path, faults: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        print_json({"file": str(file), "faults": list(faults)})
        return
    for fault in faults:
        terminal().print(f"{file}: {fault}.", markup=False, soft_wrap=True)


def _for_machine(rules: Sequence[Rule], trial: _Trial | None) -> dict[str, object]:
    rows: list[dict[str, object]] = []
    for rule in rules:
        row: dict[str, object] = {
            "rule": rule.id,
            "kind": rule.kind,
            "matter": rule.matter.code,
            "classes": list(rule.classes),
            "zones": list(rule.zones),
        }
        if trial:
            row["told"] = [
                {"time_s": round(trial.time_s(each), 3), "why": each.why} for each in trial.of(rule)
            ]
            row["silent_because"] = trial.why_silent(rule) or None
        rows.append(row)
    return {"faults": [], "rules": rows}


def _show(file: Path, rules: Sequence[Rule], trial: _Trial | None) -> None:
    out = terminal()
    if trial is None:
        made = table(f"{file.name}: {len(rules)} rules are sound", {"rule": "left", "kind": "left"})
        for heading in ("matter", "classes", "zones"):
            made.add_column(heading, overflow="fold")
        for rule in rules:
            zones = ", ".join(rule.zones) or "anywhere"
            made.add_row(rule.id, rule.kind, rule.matter.code, ", ".join(rule.classes), zones)
        out.print(made)
        return
    for rule in rules:
        told = trial.of(rule)
        if told:
            out.print(f"[green]●[/] {rule.id}: told {len(told)} times", soft_wrap=True)
            for each in told:
                line = f"  {trial.time_s(each):6.1f} s  {escape(each.why)}"
                out.print(line, soft_wrap=True)
        else:
            why = trial.why_silent(rule)
            out.print(f"○ {rule.id}: silent" + (f", {why}" if why else ""), soft_wrap=True)
