"""What was told is held against what was expected: hits, misses, false alarms, place errors."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geofences.cells import CellProbability
from geofences.geodesy import LocalFrame, LonLat
from patrol.demo.score import Expected
from patrol.errors import UsageError
from patrol.expectations import Expectations, ShownEvent
from patrol.replaying import LATE_S, find_clips, judge, undrawn
from vision.rules.schema import MatterRef, load_rules
from vision.sightings import Sighting

START = datetime(2026, 5, 18, tzinfo=UTC)
HOME = LonLat(115.62, 33.16)
FRAME = LocalFrame(HOME)


def sighting(code: str, time_s: float, name: str = "car", east_m: float | None = None) -> Sighting:
    """A sighting of a matter at a time, some metres east of home or without a place."""
    place = None if east_m is None else LonLat(*FRAME.to_lonlat(east_m, 0.0))
    return Sighting(
        sighting_id=f"{code}-{time_s}",
        rule_id="rule",
        matter=MatterRef(standard_ref="S", code=code),
        class_name=name,
        score=0.8,
        observed_at=START + timedelta(seconds=time_s),
        position=place,
        ce50_m=None if place is None else 1.0,
        ce90_m=None if place is None else 2.0,
        cells=(CellProbability("C1", 1.0),) if place else (),
        zone_id="",
        source="s",
        pass_id="p",
        track_id=1,
        why="because",
        xyxy_frac=(0.0, 0.0, 1.0, 1.0),
        evidence=(),
    )


FIRE = ShownEvent("fire", 2.0, 6.0, is_clear=True)
CAR = Expected("car-1", "car", "09009", HOME, "C1")


def test_an_event_is_found_by_a_sighting_of_its_kind_in_its_time() -> None:
    """Told again within its time, it is still that event."""
    told = [sighting("EXT-FIRE", 3.0), sighting("EXT-FIRE", 6.0 + LATE_S)]
    verdict = judge(Expectations(shown=(FIRE,)), told, START)
    assert verdict.is_passed
    assert (verdict.recall, verdict.precision) == (1.0, 1.0)


@pytest.mark.parametrize(("code", "time_s"), [("EXT-FIRE", 1.9), ("EXT-FIRE", 8.1), ("X", 3.0)])
def test_another_time_or_kind_does_not_find_it(code: str, time_s: float) -> None:
    """It is missed, and the sighting explained by nothing."""
    verdict = judge(Expectations(shown=(FIRE,)), [sighting(code, time_s)], START)
    assert verdict.missed == (FIRE,)
    assert not verdict.is_passed
    assert (verdict.recall, verdict.precision) == (0.0, 0.0)


def test_what_is_not_clear_may_be_overlooked() -> None:
    """And explains a sighting where it is not."""
    faint = replace(FIRE, is_clear=False)
    assert judge(Expectations(shown=(faint,)), [], START).is_passed
    assert judge(Expectations(shown=(faint,)), [sighting("EXT-FIRE", 3.0)], START).precision == 1.0


def test_a_lorry_is_no_car() -> None:
    """Kinds ask for the class where one matter stands for several."""
    lorry = ShownEvent("truck_passes", 0.0, 9.0, is_clear=True)
    told = sighting("EXT-PRESENCE", 3.0)
    assert not judge(Expectations(shown=(lorry,)), [told], START).is_passed
    assert judge(Expectations(shown=(lorry,)), [replace(told, class_name="truck_bus")], START).found


def test_an_absent_kind_must_not_be_told() -> None:
    """Other unexplained sightings cost precision only."""
    expected = Expectations(absent=frozenset({"smoke"}))
    assert judge(expected, [sighting("06010", 1.0)], START).is_passed
    verdict = judge(expected, [sighting("EXT-SMOKE", 1.0)], START)
    assert [each.time_s for each in verdict.forbidden] == [1.0]
    assert not verdict.is_passed


def test_things_on_the_ground_are_paired_by_place() -> None:
    """With their errors, as the demo does it; one further away is another thing."""
    expected = Expectations(placed=(CAR,), is_complete=True)
    near, far = sighting("09009", 1.0, east_m=1.5), sighting("09009", 2.0, east_m=30.0)
    verdict = judge(expected, [far, near], START)
    assert verdict.score.error_quantile_m(1.0) == pytest.approx(1.5, abs=0.01)
    assert [each.sighting for each in verdict.unexplained] == [far]
    assert verdict.is_passed
    assert verdict.precision == 0.5
    assert not judge(expected, [far], START).is_passed


def test_where_nothing_is_expected_silence_is_right() -> None:
    """Neither share is undefined."""
    verdict = judge(Expectations(is_complete=True), [], START)
    assert (verdict.recall, verdict.precision, verdict.is_passed) == (1.0, 1.0, True)


def test_a_folder_gives_its_films_and_its_simulated_flights(tmp_path: Path) -> None:
    """Each with the flight log of its name, wherever in the folder that lies."""
    (tmp_path / "flights").mkdir()
    (tmp_path / "truth").mkdir()
    for name in ("b.mp4", "a.MOV", "notes.txt", "truth/heron.truth.jsonl", "truth/b.truth.jsonl"):
        (tmp_path / name).touch()
    for name in ("heron", "b"):
        (tmp_path / "flights" / f"{name}.flight.jsonl").touch()
    clips = find_clips(tmp_path)
    assert [each.name for each in clips] == ["a.MOV", "b.mp4", "heron"]
    film, logged, simulated = clips
    assert film.flight_log is None
    assert logged.flight_log == tmp_path / "flights" / "b.flight.jsonl"
    assert simulated.address == f"virtual:{tmp_path / 'truth' / 'heron.truth.jsonl'}"
    assert simulated.beside.name == "heron.expected.json"


def test_a_place_without_films_is_told(tmp_path: Path) -> None:
    """An empty folder, and none at all."""
    with pytest.raises(UsageError, match="holds no film"):
        find_clips(tmp_path)
    with pytest.raises(UsageError, match="no such film or folder"):
        find_clips(tmp_path / "none")


@pytest.mark.parametrize(
    ("kind", "drawn", "lacks"),
    [
        ("illegal_parking", [], ("fire_lane", "no_parking")),
        ("illegal_parking", ["watch"], ("fire_lane", "no_parking")),
        ("illegal_parking", ["fire_lane"], ()),
        ("vehicle_passes", [], ()),
        ("fire", [], ()),
        ("pothole", ["watch"], ()),
    ],
)
def test_what_no_rule_can_tell_without_a_zone_says_which(
    kind: str, drawn: list[str], lacks: tuple[str, ...]
) -> None:
    """By the shipped rules."""
    assert undrawn(ShownEvent(kind, 0.0, 1.0, True), load_rules(), drawn) == lacks
