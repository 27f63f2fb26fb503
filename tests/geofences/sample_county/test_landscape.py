"""Tests of `geofences.sample_county.landscape`."""

from __future__ import annotations

import pytest
import shapely

from geofences.sample_county.landscape import county_drawings, road_drawings, roadway_drawings
from geofences.sample_county.settlements import TOWN_SITES_KM
from geofences.zones import ZoneKind

SEED = 4


def test_roads_are_simple_lines_with_names_in_both_languages() -> None:
    """No road crosses itself."""
    for road_id, name, line, width_m in road_drawings(SEED):
        assert line.is_simple, road_id
        assert 6 < width_m < 20
        chinese, english = name.split(" ", maxsplit=1)
        assert not chinese.isascii()
        assert english.isascii()


@pytest.mark.parametrize("town", range(1, len(TOWN_SITES_KM)))
def test_every_town_is_on_a_road(town: int) -> None:
    """A road passes or ends at the middle of each town."""
    middle = shapely.Point(*(1000.0 * part for part in TOWN_SITES_KM[town]))
    assert min(line.distance(middle) for _, _, line, _ in road_drawings(SEED)) < 1.0


def test_all_roads_hang_together() -> None:
    """One can drive from any town to any other."""
    lines = shapely.union_all([line.buffer(1.0) for _, _, line, _ in road_drawings(SEED)])
    assert lines.geom_type == "Polygon"


def test_every_road_outside_the_demo_village_has_its_roadway() -> None:
    """The zone is as wide as the road."""
    roads = {road_id: (line, width) for road_id, _, line, width in road_drawings(SEED)}
    zones = list(roadway_drawings(SEED))
    assert len(roads) - 2 == len(zones)
    for zone_id, kind, shape, _, _ in zones:
        line, width_m = roads[zone_id.replace("roadway-", "road-")]
        assert kind is ZoneKind.ROADWAY
        assert shape.is_valid
        assert line.length * width_m == pytest.approx(shape.area, rel=0.01)


def test_the_wide_world_has_its_dangers() -> None:
    """No-fly zones, one ceiling with its height, a river and a guarded place."""
    zones = list(county_drawings())
    kinds = [drawing[1] for drawing, _ in zones]
    assert kinds.count(ZoneKind.NO_FLY) == 2
    assert {ZoneKind.WATER, ZoneKind.RESTRICTED, ZoneKind.CEILING} < set(kinds)
    assert [ceiling for drawing, ceiling in zones if drawing[1] is ZoneKind.CEILING] == [60.0]
    assert all(drawing[2].is_valid for drawing, _ in zones)
