"""A collision-like stop: fast, at rest within a moment, against another that stands."""

import numpy as np
import pytest

from tests.vision.rules.judging import CAR, NAMES, Pass, rule
from vision.projection import Places
from vision.rules.judge import Judge
from vision.rules.setting import Setting
from vision.rules.zones import ZoneMap

RULE = rule("collision", ["car"], min_seconds=4)
STANDING = (2, 360.0, 100.0, CAR)


def drive(
    watch: Pass, stop_after_s: float, *, speed_px_s: float = 100.0, beside: bool = True
) -> None:
    """A car drives right for two seconds, brakes evenly, and stands where x is about 300."""
    slow_px = speed_px_s * stop_after_s / 2
    for frame in range(100):
        time_s = frame / watch.hz - 2.0
        if time_s < 0:
            x_px = 300.0 - slow_px + speed_px_s * time_s
        else:
            left_s = max(0.0, stop_after_s - time_s)
            x_px = 300.0 - (speed_px_s * left_s**2 / 2 / stop_after_s if stop_after_s else 0.0)
        rows = [(1, x_px, 100.0, CAR)] + ([STANDING] if beside else [])
        watch.see(*rows)


def test_a_car_that_stops_dead_against_another_is_told_once() -> None:
    """With its speed, how near the other is, and how long both stand."""
    watch = Pass((RULE,))
    drive(watch, 0.4)
    (finding,) = watch.found
    assert finding.subject.track_id == 1
    assert [each.track_id for each in finding.others] == [2]
    assert "car came to rest from 1.6 boxes/s at once, 1.0 boxes from another" in finding.why


@pytest.mark.parametrize(
    ("stop_after_s", "speed_px_s", "beside"),
    [(4.0, 100.0, True), (0.4, 30.0, True), (0.4, 100.0, False)],
)
def test_what_brakes_slowly_or_creeps_or_stops_alone_is_none(
    stop_after_s: float, speed_px_s: float, beside: bool
) -> None:
    """As cars do at a traffic light, in a car park, and at the kerb."""
    watch = Pass((RULE,))
    drive(watch, stop_after_s, speed_px_s=speed_px_s, beside=beside)
    assert watch.found == []


def test_one_that_drives_on_is_none() -> None:
    """It has to stay."""
    watch = Pass((RULE,))
    for frame in range(100):
        x_px = 100.0 + 20 * frame if not 10 <= frame < 25 else 300.0
        watch.see((1, x_px, 100.0, CAR), STANDING)
    assert watch.found == []


def test_on_the_ground_metres_count() -> None:
    """From a drone, whose picture moves while both stand."""
    watch = Pass((RULE,), passing=True)
    for frame in range(60):
        time_s = frame / watch.hz
        x_m = min(8.0 * time_s, 24.0)
        ground = np.array([[x_m, 0.0], [28.5, 0.0]])
        places = Places(ground, np.zeros((2, 2, 3)), np.zeros((2, 2, 2)))
        watch.see((1, 300 - 5 * frame, 100, CAR), (2, 360 - 5 * frame, 100, CAR), places=places)
    (finding,) = watch.found
    assert "came to rest from 8.0 m/s at once, 4.5 m from another" in finding.why


def test_a_drone_that_knows_no_places_tells_of_none() -> None:
    """What stays in its picture does not stand."""
    watch = Pass((RULE,))
    watch.judge = Judge(watch.rules, Setting(NAMES, (0.3,) * 4, ZoneMap([]), passing=True))
    drive(watch, 0.4)
    assert watch.found == []
