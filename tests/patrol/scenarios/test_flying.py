"""A day is flown by our own client, in simulated time, the same every time."""

import time
from pathlib import Path

import pytest

from flight.states import PatrolState
from patrol.scenarios.flying import FlownDay, fly_day
from tests.patrol.scenarios.conftest import day_with

BAD_LINK = {"loss": 0.1, "duplicate": 0.1, "reorder": 0.1, "delay_s": 0.03, "away": 0.1}
TRUTH = Path("truth") / "uav-1.truth.jsonl"


def test_a_day_ends_with_a_landing_and_all_its_files(short_day: FlownDay) -> None:
    """One sortie, its news in order of time, truth and record on disk."""
    (end,) = short_day.ends
    assert end.completed
    times = [at_s for at_s, _ in short_day.news]
    assert times == sorted(times)
    assert short_day.news[-1][1].state is PatrolState.LANDED
    assert (short_day.folder / TRUTH).read_text().endswith('{"end": true}\n')
    assert {path.name for path in (short_day.folder / "flights").iterdir()} >= {
        "uav-1.tlog",
        "uav-1.flight.jsonl",
    }


def test_the_same_day_is_the_same_to_the_last_byte(tmp_path: Path) -> None:
    """Chance comes from the seed alone, whatever the machine does meanwhile."""
    day = day_with(link=BAD_LINK, weather={"wind": {"speed_mps": 4, "gust_mps": 2}})
    one = fly_day(day, tmp_path / "one")

    def dawdle(at_s: float, news: object) -> None:
        del news
        if int(at_s * 10) % 200 == 0:
            time.sleep(0.002)

    other = fly_day(day, tmp_path / "other", dawdle)
    assert one.lasted_s == other.lasted_s
    assert (one.folder / TRUTH).read_bytes() == (other.folder / TRUTH).read_bytes()
    assert [(at_s, news.text) for at_s, news in one.news] == [
        (at_s, news.text) for at_s, news in other.news
    ]


def test_another_seed_is_another_day(tmp_path: Path, short_day: FlownDay) -> None:
    """The wander of the sensors differs."""
    other = fly_day(day_with(seed=2), tmp_path)
    assert (other.folder / TRUTH).read_bytes() != (short_day.folder / TRUTH).read_bytes()


def test_the_operator_calls_back_by_the_signal_of_ctrl_c(empty_folder: Path) -> None:
    """The signal reaches the fleet as it does in `patrol fly`, and nobody else afterwards."""
    flown = fly_day(day_with(recall_at_s=20), empty_folder)
    (end,) = flown.ends
    assert end.result is not None
    assert end.result.outcome == "recalled"


def test_a_day_that_does_not_end_has_no_ends(empty_folder: Path) -> None:
    """A stuck aircraft hovers until the day's time is up."""
    stuck = {"mishaps": [{"what": "stuck", "since": "waypoint", "waypoint": 1}]}
    flown = fly_day(day_with(craft=stuck, longest_s=60), empty_folder)
    assert flown.ends == ()


@pytest.mark.parametrize("personality", ["ardupilot", "px4"])
def test_both_autopilots_fly_the_day(empty_folder: Path, personality: str) -> None:
    """The outcome is the same."""
    (end,) = fly_day(day_with(autopilot=personality), empty_folder).ends
    assert end.completed
