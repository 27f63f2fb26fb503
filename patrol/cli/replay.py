"""`patrol replay`: the regression test of the eye."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from patrol.cli.console import notices, print_json, terminal
from patrol.cli.picture_zones import parse_zone
from patrol.cli.watch_lines import sighting_row
from patrol.defaults import DEFAULT_MODEL
from patrol.errors import UsageError
from patrol.event_kinds import untold
from patrol.expectations import (
    Expectations,
    OwnWatching,
    ShownEvent,
    read_expectations,
    tells_of_many,
)
from patrol.replaying import Clip, Told, Verdict, find_clips, judge, undrawn
from patrol.settings import Settings, read_settings
from patrol.watching import Watching, WatchRequest, prepare
from vision.pipeline import watch as watch_source
from vision.rules.schema import DEFAULT_RULES, read_rules
from vision.sightings import Sighting

REPLAY = "replay"
# A clip that does not tell its time has always the same one, whenever its file was copied.
SOME_TIME = datetime(2000, 1, 1, 4, tzinfo=UTC)


def replay(
    inputs: Annotated[
        list[Path], typer.Argument(help="Films, or folders of films or of simulated flights.")
    ],
    expect: Annotated[
        Path | None,
        typer.Option(help="What is expected; without it CLIP.expected.json beside each clip."),
    ] = None,
    model: Annotated[str, typer.Option(help="A shipped model, or a path to one.")] = DEFAULT_MODEL,
    rules: Annotated[Path | None, typer.Option(help="Your own rule file.")] = None,
    zone: Annotated[
        list[str] | None, typer.Option(help="KIND=X1,Y1,X2,Y2...: as of `patrol watch`.")
    ] = None,
    moving_camera: Annotated[
        bool, typer.Option("--moving-camera", help="As of `patrol watch`.")
    ] = False,
    fps: Annotated[
        float, typer.Option(help="Frames analysed a second; 0 takes all.", min=0.0)
    ] = 10.0,
    input_width: Annotated[
        int, typer.Option(help="Detector input; 0: the model's own.", min=0)
    ] = 0,
    tile: Annotated[int, typer.Option(help="Cut large frames into tiles of this size.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Run films through the pipeline and compare what it tells with what is expected.

    The same input gives the same output. Exit code 1: something clear was missed, or something
    was told of a kind that is absent. A clip of several may have zones and rules of its own: in
    the file of --expect, `"watch": {"zones": [{"kind": "no_parking", "box": [0.3, 0.4, 0.7, 0.5]}],
    "rules": "mine.yaml", "moving_camera": true}` beside its `events`.
    """
    clips = [clip for path in inputs for clip in find_clips(path)]
    expected = [_expected(clip, expect, alone=len(clips) == 1) for clip in clips]
    request = WatchRequest(
        address="",
        model=model,
        rules=rules,
        pass_id=REPLAY,
        zones=tuple(parse_zone(text, n) for n, text in enumerate(zone or [], start=1)),
        analysed_fps=fps,
        input_width_px=input_width,
        tile_px=tile,
        moving_camera=moving_camera,
    )
    settings = read_settings(os.environ, Path.home())
    rows = []
    for clip, wanted in zip(clips, expected, strict=True):
        watching = _prepared(clip, request, wanted.watching, settings)
        unheard = _unheard(wanted, watching, wanted.watching.rules or rules or DEFAULT_RULES)
        for kind in sorted(wanted.absent & unheard.keys()):
            told = f"{clip.name}: must_not_fire {kind!r} asks nothing: {unheard[kind]}."
            notices().print(told, soft_wrap=True, markup=False)
        sightings, start_utc = _watched(clip, watching)
        rows.append(_Row(clip, judge(wanted, sightings, start_utc), watching, unheard))
    if as_json:
        print_json(_summary(rows) | {"clips": [row.for_machine() for row in rows]})
    else:
        for row in rows:
            row.show()
        _show_summary(rows)
    if not all(row.verdict.is_passed for row in rows):
        raise typer.Exit(1)


def _expected(clip: Clip, given: Path | None, *, alone: bool) -> Expectations:
    if given is not None and not alone and not tells_of_many(given):
        raise UsageError(
            f"{given}: lists the things of one clip; give one clip, leave --expect out and put "
            "CLIP.expected.json beside each, or name the clips under `videos`."
        )
    path = given or clip.beside
    if given is None and not path.exists():
        raise UsageError(f"{clip.name}: nothing is expected of it; give --expect, or write {path}.")
    found = read_expectations(path, clip.name)
    if found is None:
        raise UsageError(f"{path}: does not name {clip.name}; add it under `videos`.")
    return found


def _prepared(clip: Clip, request: WatchRequest, own: OwnWatching, settings: Settings) -> Watching:
    """A clip as it is to be watched: by its own words first."""
    told = replace(
        request,
        address=clip.address,
        flight_log=clip.flight_log,
        zones=own.zones or request.zones,
        rules=own.rules or request.rules,
        moving_camera=own.moving_camera or request.moving_camera,
    )
    return prepare(told, settings, SOME_TIME)


def _unheard(wanted: Expectations, watching: Watching, rules: Path) -> dict[str, str]:
    """The expected and the absent kinds that nothing here can tell of, each with the reason."""
    off = [rule for rule in read_rules(rules) if not rule.enabled]
    kinds = {event.kind for event in wanted.shown} | wanted.absent
    reasons = {kind: untold(kind, watching.rules, off) for kind in sorted(kinds)}
    return {kind: reason for kind, reason in reasons.items() if reason}


def _watched(clip: Clip, watching: Watching) -> tuple[list[Sighting], datetime]:
    if watching.notice:
        notices().print(f"{clip.name}: {watching.notice}", soft_wrap=True, markup=False)
    start_utc = watching.settings.start_utc if watching.has_poses else SOME_TIME
    try:
        sightings = list(
            watch_source(
                watching.source,
                watching.detector,
                watching.rules,
                watching.ground,
                replace(watching.settings, start_utc=start_utc),
            )
        )
    finally:
        watching.source.close()
    if watching.source.report.warning:
        notices().print(watching.source.report.warning, soft_wrap=True, markup=False)
    return sightings, start_utc


@dataclass(frozen=True)
class _Row:
    """A clip with its verdict, for a person and for a machine."""

    clip: Clip
    verdict: Verdict
    watching: Watching
    unheard: Mapping[str, str]

    def for_machine(self) -> dict[str, object]:
        verdict, score = self.verdict, self.verdict.score
        return {
            "clip": self.clip.name,
            "passed": verdict.is_passed,
            "recall": round(verdict.recall, 4),
            "precision": round(verdict.precision, 4),
            "place_error_m": _errors(verdict),
            "within_ce90": sum(match.within_ce90 for match in score.matches),
            "cells_right": sum(match.cell_right for match in score.matches),
            "placed": len(score.matches),
            "missed": [
                {"object": each.object_id, "matter": each.matter_code} for each in score.missed
            ]
            + [_event(each) for each in verdict.missed],
            "cannot_be_told": dict(self.unheard),
            "absent_told": [each.sighting.sighting_id for each in verdict.forbidden],
            "unexplained": [each.sighting.sighting_id for each in verdict.unexplained],
            "told": [_told(each) for each in verdict.told],
        }

    def show(self) -> None:
        verdict, score = self.verdict, self.verdict.score
        out = terminal()
        mark = "[green]ok[/]" if verdict.is_passed else "[bold red]not as expected[/]"
        text = f"{escape(self.clip.name)}: {mark}, recall {verdict.recall:.2f}, precision "
        text += f"{verdict.precision:.2f}"
        errors = _errors(verdict)
        if errors is not None:
            text += f", place error median {errors['median']:.1f} m, 90 % {errors['p90']:.1f} m"
            inside = sum(match.within_ce90 for match in score.matches)
            text += f", {inside} of {len(score.matches)} inside the stated 90 % circle"
        out.print(text, soft_wrap=True)
        for thing in score.missed:
            out.print(f"  missed: {escape(thing.object_id)} ({thing.matter_code})", soft_wrap=True)
        for event in verdict.missed:
            span = f"{event.start_s:g} to {event.end_s:g} s{self._lacking(event)}"
            out.print(f"  missed: {escape(event.kind)}, {span}", soft_wrap=True)
        for told in verdict.unexplained:
            why = "told though absent" if told in verdict.forbidden else "unexplained"
            out.print(f"  {why}: {escape(_line(told))}", soft_wrap=True)

    def _lacking(self, event: ShownEvent) -> str:
        """What a person has to give before a missed event can be told."""
        if event.kind in self.unheard:
            return f": {self.unheard[event.kind]}"
        if self.watching.has_poses:
            return ""
        drawn = [zone.kind for zone in self.watching.ground.picture_zones]
        kinds = " or ".join(undrawn(event, self.watching.rules, drawn))
        return f": no rule can tell it without a zone, draw {kinds} with --zone" if kinds else ""


def _errors(verdict: Verdict) -> dict[str, float] | None:
    if not verdict.score.matches:
        return None
    shares = {"median": 0.5, "p90": 0.9, "worst": 1.0}
    return {key: round(verdict.score.error_quantile_m(q), 3) for key, q in shares.items()}


def _event(event: ShownEvent) -> dict[str, object]:
    return {"kind": event.kind, "start_s": event.start_s, "end_s": event.end_s}


def _told(told: Told) -> dict[str, object]:
    row = sighting_row(told.sighting)
    del row["observed_at"]
    return row | {"time_s": round(told.time_s, 3)}


def _line(told: Told) -> str:
    sighting = told.sighting
    what = f"{sighting.rule_id} ({sighting.matter.code}, {sighting.class_name})"
    return f"{what} at {told.time_s:.1f} s: {sighting.why}"


def _summary(rows: Sequence[_Row]) -> dict[str, object]:
    verdicts = [row.verdict for row in rows]
    hits = sum(len(each.score.matches) + len(each.found) for each in verdicts)
    missed = sum(len(each.score.missed) + len(each.missed) for each in verdicts)
    told = sum(len(each.told) for each in verdicts)
    unexplained = sum(len(each.unexplained) for each in verdicts)
    return {
        "passed": all(each.is_passed for each in verdicts),
        "recall": round(hits / (hits + missed), 4) if hits + missed else 1.0,
        "precision": round(1 - unexplained / told, 4) if told else 1.0,
    }


def _show_summary(rows: Sequence[_Row]) -> None:
    if len(rows) == 1:
        return
    sums = _summary(rows)
    passed = sum(row.verdict.is_passed for row in rows)
    terminal().print(
        f"{passed} of {len(rows)} clips as expected, recall {sums['recall']:.2f}, "
        f"precision {sums['precision']:.2f}."
    )
