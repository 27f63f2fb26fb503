"""Tests of `vision.telemetry.track`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.telemetry.builders import track
from vision.errors import PoseError
from vision.telemetry.track import MOST_BEYOND_S, HeightAbove, Heights


def test_between_records_all_is_interpolated() -> None:
    """Half-way in time is half-way in place; angles turn the short way over north."""
    moment = track().at(0.5)
    assert moment.position.lat_deg == pytest.approx(33.16 + 5.0 / 110_900.0)
    assert moment.heading_deg % 360 == pytest.approx(355.0)
    assert moment.heights_m[HeightAbove.TAKE_OFF] == 40.0
    assert moment.speed_mps == pytest.approx(10.0, rel=0.01)
    assert moment.course_deg % 360 == pytest.approx(0.0, abs=1e-6)
    assert moment.turn_dps == pytest.approx(10.0)


def test_a_little_beyond_the_ends_the_last_record_holds_less_surely() -> None:
    """An aircraft that flies on may be as far away as its speed tells."""
    late = track().at(3.0 + MOST_BEYOND_S)
    assert late.position.lat_deg == pytest.approx(33.16 + 30.0 / 110_900.0)
    assert late.apart_m == pytest.approx(5.0, rel=0.02)
    with pytest.raises(PoseError, match=r"0\.0 to 3\.0 s, none at 3\.6 s"):
        track().at(3.6)


def test_a_gap_is_no_place_to_guess() -> None:
    """Beside a gap the record holds; inside it nothing is told."""
    gapped = track(time_s=np.array([0.0, 1.0, 4.0, 5.0]))
    assert gapped.at(4.0).heading_deg == pytest.approx(10.0)
    assert gapped.at(1.0).heading_deg % 360 == pytest.approx(0.0)
    with pytest.raises(PoseError, match=r"nothing between 1\.0 and 4\.0 s"):
        gapped.at(2.0)


def test_the_middle_between_two_records_is_least_sure() -> None:
    """An aircraft may bend its way; at the records themselves it cannot have."""
    assert track().at(1.0).apart_m == 0.0
    assert track().at(1.5).apart_m == pytest.approx(0.25)


def test_an_angle_that_one_neighbour_lacks_is_not_told() -> None:
    """Interpolating towards nothing would invent it."""
    lacking = track(pitch_deg=np.array([-60.0, np.nan, -60.0, -60.0]))
    assert np.isnan(lacking.at(0.5).pitch_deg)
    assert lacking.at(2.5).pitch_deg == -60.0


def test_the_date_line_is_crossed_the_short_way() -> None:
    """From 179.9999 to -179.9999 degrees the middle is at 180."""
    crossing = track(lon_deg=np.array([179.9999, -179.9999, -179.9998, -179.9997]))
    assert abs(crossing.at(0.5).position.lon_deg) == pytest.approx(180.0)
    assert crossing.at(0.5).speed_mps < 100


@given(st.lists(st.floats(0, 359.99), min_size=4, max_size=4), st.floats(0, 3))
def test_no_heading_lies_outside_the_short_arc(headings: list[float], time_s: float) -> None:
    """It is never further from its neighbours than they are apart."""

    def apart(a: float, b: float) -> float:
        return abs((a - b + 180) % 360 - 180)

    before = min(int(time_s), 2)
    first, second = headings[before : before + 2]
    heading = track(heading_deg=np.array(headings)).at(time_s).heading_deg
    assert apart(heading, first) <= apart(first, second) + 1e-6
    assert apart(heading, second) <= apart(first, second) + 1e-6


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time_s": np.array([0.0, 1.0, 1.0, 2.0])}, "do not ascend"),
        ({"time_s": np.zeros(1)}, "two make a track"),
        ({"heights": {}}, "no height"),
        ({"lat_deg": np.full(4, 95.0)}, "not on Earth"),
        ({"lon_deg": np.full(4, np.nan)}, "not on Earth"),
    ],
)
def test_what_is_no_track_is_refused(changes: dict[str, object], message: str) -> None:
    """Each by its reason."""
    with pytest.raises(PoseError, match=message):
        track(**changes)


def test_heights_keep_what_they_are_measured_from() -> None:
    """Two references never mix."""
    both = track(
        heights={
            HeightAbove.TAKE_OFF: Heights(np.full(4, 40.0), 1.0),
            HeightAbove.SEA_LEVEL: Heights(np.full(4, 72.0), 5.0),
        }
    )
    assert both.at(0.5).heights_m == {HeightAbove.TAKE_OFF: 40.0, HeightAbove.SEA_LEVEL: 72.0}
