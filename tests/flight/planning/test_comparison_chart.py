"""The chart of a comparison."""

from dataclasses import replace
from pathlib import Path

import matplotlib.image
import pytest

from flight.errors import PlanFileError
from flight.planning.choosing import Choice, choose
from flight.planning.comparison import Outcome, Variant
from flight.planning.comparison_chart import draw_comparison, variant_name
from flight.planning.picture_words import Language
from tests.flight.planning.test_comparison import ASKED, outcome


def test_the_chart_shows_what_is_best_in_its_colour(tmp_path: Path) -> None:
    """A bar for each way that can be flown."""
    outcomes = [outcome(600.0, speed="6"), outcome(480.0, speed="8")]
    refused = Outcome(Variant({"speed": "20"}, ASKED), refusal="Too fast.")
    choice = choose([*outcomes, refused])
    draw_comparison([*outcomes, refused], choice, "巡查 $5 or $6", tmp_path / "c.png")
    picture = matplotlib.image.imread(tmp_path / "c.png")[..., :3]
    for colour in ((0.0, 114 / 255, 178 / 255), (213 / 255, 94 / 255, 0.0)):
        assert (abs(picture - colour).max(axis=2) < 0.02).mean() > 0.005


def test_a_chart_without_bars_and_one_that_cannot_be_written(tmp_path: Path) -> None:
    """The first is empty, the second is refused by name."""
    nothing = [Outcome(Variant({}, ASKED), refusal="No.")]
    draw_comparison(nothing, None, "empty", tmp_path / "c.png")
    assert (tmp_path / "c.png").exists()
    with pytest.raises(PlanFileError, match=r"The picture .*nowhere/c.png cannot be written"):
        draw_comparison(nothing, None, "empty", tmp_path / "nowhere" / "c.png")


def test_a_variant_is_named_by_its_values() -> None:
    """With their units."""
    assert variant_name(outcome(1.0, speed="6", height="40")) == "speed 6 m/s, height 40 m"
    assert variant_name(outcome(1.0)) == "as it is"
    assert Choice(outcome(1.0), "").holds(outcome(2.0))


def test_each_language_is_another_chart(tmp_path: Path) -> None:
    """And the same chart is the same file."""
    ways = [outcome(600.0, speed="6", wind="0"), replace(outcome(480.0, speed="8", wind="0"))]
    drawn = set()
    for language in (*Language, Language.BOTH):
        draw_comparison(ways, choose(ways), "巡查", tmp_path / "c.png", language)
        drawn.add((tmp_path / "c.png").read_bytes())
    assert len(drawn) in {2, 3}  # without a Chinese font one is as the other
