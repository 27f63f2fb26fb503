"""Tests of `geofences.sample_county.demo_village`."""

from __future__ import annotations

import pytest
import shapely

from geofences.sample_county.demo_village import (
    LANE,
    STREET,
    Drawing,
    placed_line,
    zone_drawings,
)
from geofences.sample_county.settlements import CITY
from geofences.zones import ZoneKind

ZONES = {drawing[0]: drawing for drawing in zone_drawings()}


def _shape(zone_id: str) -> shapely.Polygon:
    return ZONES[zone_id][2]


@pytest.mark.parametrize("drawing", ZONES.values(), ids=ZONES)
def test_zones_are_sound_and_named_in_both_languages(drawing: Drawing) -> None:
    """Each is one valid polygon with an English and a Chinese name."""
    _, _, shape, english, chinese = drawing
    assert shape.geom_type == "Polygon"
    assert shape.is_valid
    assert english.isascii()
    assert not chinese.isascii()


def test_the_zones_are_those_the_demo_needs() -> None:
    """One of each kind, and two roadways."""
    kinds = [drawing[1] for drawing in ZONES.values()]
    assert kinds.count(ZoneKind.ROADWAY) == 2
    assert set(kinds) == set(ZoneKind) - {ZoneKind.KEEP_IN, ZoneKind.CEILING, ZoneKind.ADVISORY}


def test_the_street_and_the_lane_meet_in_the_village() -> None:
    """They cross once, within 40 m of its middle."""
    crossing = placed_line(STREET).intersection(placed_line(LANE))
    assert crossing.geom_type == "Point"
    assert crossing.distance(shapely.Point(0, 0)) < 40


def test_no_parking_runs_along_the_street() -> None:
    """The strip lies at the southern edge of the roadway: it touches it and does not cover it."""
    street, kerb = _shape("demo-roadway-street"), _shape("demo-no-parking")
    assert street.distance(kerb) < 1.0
    assert street.intersection(kerb).area < 0.1 * kerb.area
    assert kerb.centroid.y < street.centroid.y
    assert kerb.area == pytest.approx(145 * 5, rel=0.1)


def test_the_fire_lane_is_wide_enough_for_a_fire_engine() -> None:
    """Six metres wide and a hundred and nine long, beside the market."""
    lane = _shape("demo-fire-lane")
    assert lane.area == pytest.approx(6 * 109)
    assert 5 < lane.distance(_shape("demo-market")) < 15


def test_zones_lie_in_the_directions_of_the_town() -> None:
    """The market's lower left corner is where the drawing says, turned with the lattice."""
    corner = shapely.Point(CITY.to_county(-48.0, -80.0))
    assert corner.distance(_shape("demo-market").exterior) < 1e-9
