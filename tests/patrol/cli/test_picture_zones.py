"""Zones are drawn into the picture in a word, and slips are named."""

import pytest

from patrol.cli.picture_zones import parse_zone
from patrol.errors import UsageError
from vision.errors import RulesError


def test_two_corners_are_a_rectangle_and_more_a_polygon() -> None:
    """Shares of the picture's width and height, clockwise from the top left."""
    assert parse_zone("watch=0.1,0.2,0.9,0.8", 1).points_frac == (
        (0.1, 0.2),
        (0.9, 0.2),
        (0.9, 0.8),
        (0.1, 0.8),
    )
    triangle = parse_zone("fire_lane=0,0,1,0,0.5,1", 2)
    assert (triangle.zone_id, triangle.kind) == ("fire_lane-2", "fire_lane")
    assert triangle.points_frac == ((0, 0), (1, 0), (0.5, 1))


@pytest.mark.parametrize(
    "text", ["watch", "watch=", "watch=1,2,3", "watch=a,b,c,d", "watch=0,0,nan,1"]
)
def test_other_texts_are_no_zone(text: str) -> None:
    """The sentence shows one that is."""
    with pytest.raises(UsageError, match=r"as in watch=0\.1,0\.2,0\.9,0\.8"):
        parse_zone(text, 1)


@pytest.mark.parametrize("text", ["watch=0,0,2,1", "watch=0,0,1,1,1,0,0,1"])
def test_a_zone_lies_in_the_picture_and_does_not_cross_itself(text: str) -> None:
    """Pixels instead of shares are the usual slip."""
    with pytest.raises(RulesError):
        parse_zone(text, 1)


@pytest.mark.parametrize("text", ["wacth=0,0,1,1", "=0,0,1,1"])
def test_a_zone_is_of_a_kind_that_rules_know(text: str) -> None:
    """A zone of a misspelt kind would watch nothing, silently; the kinds are named."""
    with pytest.raises(UsageError, match="watch, "):
        parse_zone(text, 1)
