"""Judge what a replayed clip told against what was expected of it: pure, and the same each time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from patrol.demo.score import Found, Score, compare
from patrol.errors import UsageError
from patrol.event_kinds import kind_of
from patrol.expectations import Expectations, ShownEvent
from patrol.films import FILM_SUFFIXES
from patrol.watching import VIRTUAL
from vision.rules.schema import Rule
from vision.sightings import Sighting

_FLIGHT_LOG = ".flight.jsonl"
_TRUTH_LOG = ".truth.jsonl"
# A rule tells after it has held for its time, and dwell is told when it has lasted.
LATE_S = 2.0


@dataclass(frozen=True)
class Clip:
    """One input of a replay.

    Attributes:
        name: by which expectations call it.
        address: as `patrol watch` takes it.
        flight_log: log of the flight that carried the camera, None without.
        beside: where its expectations lie if they are beside it.
    """

    name: str
    address: str
    flight_log: Path | None
    beside: Path


@dataclass(frozen=True)
class Told:
    """A sighting as a replay compares it; `time_s` counts from the clip's first frame."""

    sighting: Sighting
    time_s: float


@dataclass(frozen=True)
class Verdict:
    """What a clip told against what was expected.

    Attributes:
        told: everything, in order.
        score: of the things that have a place on the ground.
        found: events of the picture that were told.
        missed: clear ones that were not; others may be overlooked.
        unexplained: sightings that no expectation explains.
        forbidden: those of them whose kind is absent.
    """

    told: tuple[Told, ...]
    score: Score
    found: tuple[ShownEvent, ...]
    missed: tuple[ShownEvent, ...]
    unexplained: tuple[Told, ...]
    forbidden: tuple[Told, ...]

    @property
    def recall(self) -> float:
        """Share of what should be told that was; 1 where nothing should be."""
        hits = len(self.score.matches) + len(self.found)
        wanted = hits + len(self.score.missed) + len(self.missed)
        return hits / wanted if wanted else 1.0

    @property
    def precision(self) -> float:
        """Share of the sightings that an expectation explains; 1 where nothing was told."""
        return 1.0 - len(self.unexplained) / len(self.told) if self.told else 1.0

    @property
    def is_passed(self) -> bool:
        """Whether nothing clear was missed and nothing absent was told."""
        return not (self.score.missed or self.missed or self.forbidden)


def judge(expected: Expectations, sightings: Sequence[Sighting], start_utc: datetime) -> Verdict:
    """Compare the sightings of a clip with what was expected of it.

    Things on the ground are paired with sightings as the demo pairs them (`patrol.demo.score`).
    An event of the picture is found by any sighting of its kind in its time, and explains all of
    them: one event may be told of several vehicles, or again after a rule's silence.
    """
    told = tuple(
        Told(each, (each.observed_at - start_utc).total_seconds())
        for each in sorted(sightings, key=lambda each: (each.observed_at, each.sighting_id))
    )
    score = compare(expected.placed, tuple(_placed(told)))
    matched = {match.found.event_id for match in score.matches}
    shown = [(event, any(_shows(event, each) for each in told)) for event in expected.shown]
    unexplained = tuple(
        each
        for each in told
        if each.sighting.sighting_id not in matched
        and not any(_shows(event, each) for event in expected.shown)
    )
    return Verdict(
        told,
        score,
        tuple(event for event, found in shown if found),
        tuple(event for event, found in shown if not found and event.is_clear),
        unexplained,
        tuple(
            each
            for each in unexplained
            if expected.forbids(each.sighting.matter.code, each.sighting.class_name)
        ),
    )


def _placed(told: Sequence[Told]) -> Iterator[Found]:
    for each in told:
        sighting = each.sighting
        if sighting.position is not None:
            yield Found(
                sighting.sighting_id,
                sighting.matter.code,
                sighting.position,
                sighting.cells[0].code if sighting.cells else "",
                sighting.ce90_m or 0.0,
            )


def undrawn(event: ShownEvent, rules: Sequence[Rule], drawn: Iterable[str]) -> tuple[str, ...]:
    """The kinds of zone without any of which no rule can tell an event; none where one can.

    Args:
        event: what was missed.
        rules: what is looked for.
        drawn: kinds of the zones that are drawn.
    """
    codes, known = kind_of(event.kind).codes, set(drawn)
    telling = [rule for rule in rules if rule.matter.code in codes]
    if any(not rule.zones or known.intersection(rule.zones) for rule in telling):
        return ()
    # Where nobody drew a zone, these take the whole picture.
    if any(getattr(rule, "whole_picture", False) for rule in telling):
        return ()
    return tuple(sorted({kind for rule in telling for kind in rule.zones}))


def _shows(event: ShownEvent, told: Told) -> bool:
    in_time = event.start_s <= told.time_s <= event.end_s + LATE_S
    kind = kind_of(event.kind)
    return in_time and kind.fits(told.sighting.matter.code, told.sighting.class_name)


def find_clips(path: Path) -> tuple[Clip, ...]:
    """The clips at a path: a film, or all of a folder and of the folders in it.

    A flight's log belongs to the film, or to the simulator's truth log, of the same name.

    Raises:
        UsageError: there are none.
    """
    if path.is_file():
        return (_clip(path, {}),)
    if not path.is_dir():
        raise UsageError(f"{path}: there is no such film or folder; check the path.")
    files = sorted(each for each in path.rglob("*") if each.is_file())
    logs = {
        each.name.removesuffix(_FLIGHT_LOG): each
        for each in files
        if each.name.endswith(_FLIGHT_LOG)
    }
    films = [each for each in files if each.suffix.lower() in FILM_SUFFIXES]
    filmed = {each.stem for each in films}
    truths = [
        each
        for each in files
        if each.name.endswith(_TRUTH_LOG)
        and (stem := each.name.removesuffix(_TRUTH_LOG)) in logs
        and stem not in filmed
    ]
    if not films and not truths:
        raise UsageError(
            f"{path}: holds no film, and no simulated flight (NAME{_TRUTH_LOG} with "
            f"NAME{_FLIGHT_LOG}); name another folder."
        )
    return tuple(_clip(each, logs) for each in (*films, *truths))


def _clip(path: Path, logs: dict[str, Path]) -> Clip:
    is_truth = path.name.endswith(_TRUTH_LOG)
    stem = path.name.removesuffix(_TRUTH_LOG) if is_truth else path.stem
    beside = path.with_name(f"{stem}.expected.json")
    address = f"{VIRTUAL}{path}" if is_truth else str(path)
    return Clip(stem if is_truth else path.name, address, logs.get(stem), beside)
