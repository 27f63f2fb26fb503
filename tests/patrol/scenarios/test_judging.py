"""Every check of a day fails when what it checks is not so."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from patrol.scenarios.flying import FlownDay, fly_day
from patrol.scenarios.judging import judge
from patrol.scenarios.schema import Day
from tests.patrol.scenarios.conftest import day_with

Row = dict[str, Any]


def broken(flown: FlownDay) -> list[str]:
    """Return what does not hold."""
    return [check.what for check in judge(flown) if not check.holds]


def expecting(flown: FlownDay, **expect: Any) -> FlownDay:
    """Return the same day with other expectations."""
    craft = {"expect": {"outcomes": ["completed"]} | expect}
    return replace(flown, day=day_with(craft=craft))


def copied(flown: FlownDay, folder: Path) -> FlownDay:
    """Return the day with files that may be changed."""
    shutil.copytree(flown.folder, folder)
    return replace(flown, folder=folder)


def rewrite(path: Path, change: Callable[[Row], Row | None]) -> None:
    """Change every line of a log; None drops it."""
    rows = [change(json.loads(line)) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows if row is not None))


def test_a_good_day_holds(short_day: FlownDay) -> None:
    """Nothing is broken, and enough was checked."""
    assert broken(short_day) == []
    assert len(judge(short_day)) == 6


@pytest.mark.parametrize(
    ("expect", "what"),
    [
        ({"outcomes": ["failsafe"]}, "ends: failsafe"),
        ({"lands": "away"}, "lands: away"),
        ({"lands": "never_flew"}, "lands: never flew"),
        ({"lands": "falls"}, "lands: falls"),
        ({"breach": "told"}, "fence: breach told"),
        ({"told": ["a pilot"]}, "told: a pilot"),
        ({"never_told": ["on patrol"]}, "never told: on patrol"),
        ({"states": ["returning", "on_patrol"]}, "goes through: returning, on_patrol"),
        ({"gap_s": 0.05}, "record: gaps of 0.05 s at most"),
        ({"error_m": 0.01}, "record: within 0.01 m of the truth"),
    ],
)
def test_what_did_not_happen_is_missed(
    short_day: FlownDay, expect: dict[str, Any], what: str
) -> None:
    """Each expectation fails alone on a day that was otherwise good."""
    assert broken(expecting(short_day, **expect)) == [what]


def test_a_day_that_did_not_end_has_failed(short_day: FlownDay) -> None:
    """No sortie came back."""
    assert broken(replace(short_day, ends=())) == ["ends: completed"]


def test_a_hole_in_the_flight_log_is_found(short_day: FlownDay, tmp_path: Path) -> None:
    """Two seconds of poses are missing."""
    flown = copied(short_day, tmp_path / "day")
    path = flown.folder / "flights" / "uav-1.flight.jsonl"
    rewrite(path, lambda row: None if 80 < row.get("time_boot_s", 0) < 82 else row)
    assert broken(flown) == ["record: gaps of 0.5 s at most"]


def test_a_missing_flight_log_is_found(short_day: FlownDay, tmp_path: Path) -> None:
    """The gap is the whole flight."""
    flown = copied(short_day, tmp_path / "day")
    (flown.folder / "flights" / "uav-1.flight.jsonl").unlink()
    assert broken(flown) == ["record: gaps of 0.5 s at most"]


def test_a_pose_in_the_wrong_place_is_found(short_day: FlownDay, tmp_path: Path) -> None:
    """One latitude is ten metres off."""
    flown = copied(short_day, tmp_path / "day")

    def shift(row: Row) -> Row:
        there = 80 < row.get("time_boot_s", 0) < 80.2 and "lat_deg" in row
        return row | ({"lat_deg": row["lat_deg"] + 1e-4} if there else {})

    rewrite(flown.folder / "flights" / "uav-1.flight.jsonl", shift)
    assert broken(flown) == ["record: within 4 m of the truth"]


def test_a_tlog_cut_short_is_found(short_day: FlownDay, tmp_path: Path) -> None:
    """The second half of the packets is missing."""
    flown = copied(short_day, tmp_path / "day")
    path = flown.folder / "flights" / "uav-1.tlog"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert broken(flown) == ["record: tlog holds every pose"]


def test_a_breach_in_truth_is_found_though_nobody_told(short_day: FlownDay) -> None:
    """The same flight, judged against a fence that it left."""
    craft = {"fence": {"inside_m": [[-20, -20], [30, -20], [30, 60], [-20, 60]]}}
    assert broken(replace(short_day, day=day_with(craft=craft))) == ["fence: breach none"]


def test_entering_a_no_fly_zone_or_rising_above_the_ceiling_is_a_breach(
    short_day: FlownDay,
) -> None:
    """Both parts of a fence count."""
    zone = {"fence": {"outside_m": [[[10, -5], [20, -5], [20, 5], [10, 5]]]}}
    low = {"fence": {"ceiling_m": 15}}
    for craft in (zone, low):
        assert broken(replace(short_day, day=day_with(craft=craft))) == ["fence: breach none"]


def test_an_aircraft_left_in_the_air_is_found(short_day: FlownDay, tmp_path: Path) -> None:
    """The truth ends before the landing."""
    flown = copied(short_day, tmp_path / "day")
    path = flown.folder / "truth" / "uav-1.truth.jsonl"
    rewrite(path, lambda row: row if row.get("time_boot_s", 0) < 80 else None)
    assert "lands: home" in broken(flown)


def test_a_fall_is_no_landing(empty_folder: Path) -> None:
    """An autopilot that reboots in flight lets its aircraft fall."""
    reboot = {"what": "reboot", "since": "waypoint", "waypoint": 2}
    flown = fly_day(day_with(craft={"mishaps": [reboot]}), empty_folder)
    assert "lands: home" in broken(flown)
    craft = {"expect": {"outcomes": ["completed"], "lands": "falls"}}
    assert "lands: falls" not in broken(replace(flown, day=day_with(craft=craft)))


def test_aircraft_too_near_each_other_are_found(empty_folder: Path) -> None:
    """Two lanes ten metres apart, at one height."""
    crafts = [
        {
            "name": name,
            "stands_m": [0, east_m],
            "missions": [{"height_m": 20, "waypoints_m": [[30, east_m]]}],
            "expect": {"outcomes": ["completed"]},
        }
        for name, east_m in (("a", 0), ("b", 10))
    ]
    far = Day.model_validate({"title": "two", "aircraft": crafts, "apart_m": 6})
    flown = fly_day(far, empty_folder)
    assert broken(flown) == []
    near = replace(flown, day=far.model_copy(update={"apart_m": 15.0}))
    assert broken(near) == ["apart: 15 m at least"]
