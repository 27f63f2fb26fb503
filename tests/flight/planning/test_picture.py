"""The picture of a plan shows what it should, and is written whole or not at all."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import shapely

from flight.errors import PlanFileError
from flight.planning.picture import draw_plan
from flight.planning.picture_map import aircraft_colour
from flight.planning.picture_words import Words, duration, label
from flight.planning.planner import plan_patrol
from tests.flight.planning.scenes import county, request, zone

GROUND = county([zone(shapely.box(250.0, 150.0, 330.0, 230.0))])
PLAN = plan_patrol(GROUND, request(GROUND))


def share_of_colour(picture: np.ndarray, colour: str) -> float:
    """Share of a picture's pixels that have a colour."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    return float((np.abs(picture[..., :3] - wanted).max(axis=2) < 0.02).mean())


def test_the_picture_shows_both_aircraft_and_the_zone(tmp_path: Path) -> None:
    """Lanes of each aircraft and the hatching of the zone are there in their colours."""
    draw_plan(GROUND, PLAN, tmp_path / "plan.png")
    picture = matplotlib.image.imread(tmp_path / "plan.png")
    assert picture.shape[1] > 1500
    for colour in (aircraft_colour(0), aircraft_colour(1), "#C0392B"):
        assert share_of_colour(picture, colour) > 0.0005


def test_a_picture_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(PlanFileError, match=r"missing.plan\.png cannot be written"):
        draw_plan(GROUND, PLAN, tmp_path / "missing" / "plan.png")


def test_titles_are_in_both_languages_where_they_can_be_drawn() -> None:
    """Without a Chinese font there are no empty boxes."""
    assert Words(chinese=True).title("东街 East") == "无人机巡查方案  Patrol plan: 东街 East"
    assert Words(chinese=False).title("东街 East") == "Patrol plan: East"
    assert Words(chinese=False)("dock") == "Dock"
    assert Words(chinese=False).zone(GROUND.zones.zones[0]) == "Power station"
    assert Words(chinese=True).zone(GROUND.zones.zones[0]) == "电站 Power station"


def test_labels_lose_only_what_cannot_be_drawn() -> None:
    """Latin names stay as they are."""
    assert label("柳桥001网格 Liuqiao 001", chinese=False) == "001 Liuqiao 001"
    assert label("柳桥", chinese=True) == "柳桥"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0 min 00 s"), (59.6, "1 min 00 s"), (312.2, "5 min 12 s")]
)
def test_times_are_read_in_minutes(seconds: float, text: str) -> None:
    """Seconds are rounded before they are split."""
    assert duration(seconds) == text
