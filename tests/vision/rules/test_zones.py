import numpy as np
import pytest
import shapely

from geofences.geodesy import LocalFrame, LonLat
from geofences.zones import Zone, ZoneKind
from tests.vision.builders import HOME, NAMES, boxes
from vision.detections import Detections
from vision.errors import RulesError
from vision.projection import Places
from vision.rules.zones import WHOLE_PICTURE, PictureZone, ZoneMap

SIZE = (1000, 500)
LEFT_HALF = PictureZone("left", "watch", ((0, 0), (0.5, 0), (0.5, 1), (0, 1)))
LOWER = PictureZone("lower", "no_parking", ((0, 0.8), (1, 0.8), (1, 1), (0, 1)))


def test_a_person_stands_at_the_lower_edge_of_the_box() -> None:
    """A tall box whose feet are in the zone is in the zone; one that ends above it is not."""
    zones = ZoneMap.in_picture([LEFT_HALF, LOWER])
    seen = boxes(((100, 100, 150, 450), 0.9, 0), ((100, 100, 150, 300), 0.9, 0))
    assert zones.members(seen, None, SIZE, NAMES) == [frozenset({0, 1}), frozenset({0})]


def test_a_car_seen_from_above_stands_further_up_in_its_box() -> None:
    """Its box reaches into the strip, its middle does not."""
    zones = ZoneMap.in_picture([LOWER])
    seen = boxes(((100, 100, 300, 420), 0.9, 1))
    assert zones.members(seen, None, SIZE, NAMES) == [frozenset()]


def test_the_edge_of_the_picture_belongs_to_it() -> None:
    """A box cut off by the edge is still in the whole picture."""
    zones = ZoneMap.in_picture([WHOLE_PICTURE])
    seen = boxes(((0, 0, 1000, 500), 0.9, 0), ((990, 400, 1010, 520), 0.9, 0))
    assert zones.members(seen, None, SIZE, NAMES) == [frozenset({0})] * 2


def test_nothing_seen_is_in_no_zone() -> None:
    """The empty frame gives the empty list."""
    assert ZoneMap.in_picture([LOWER]).members(Detections.empty(), None, SIZE, NAMES) == []


def test_on_the_ground_the_place_counts() -> None:
    """Metres around the origin, and no place is in no zone."""
    frame = LocalFrame(HOME)
    corners = [LonLat(*frame.to_lonlat(x, y)) for x, y in ((0, 0), (10, 0), (10, 10), (0, 10))]
    polygon = shapely.Polygon([(c.lon_deg, c.lat_deg) for c in corners])
    zones = ZoneMap.on_ground([Zone("lane", ZoneKind.FIRE_LANE, polygon, "Lane")], frame)
    xy_m = np.array([[5.0, 5.0], [5.0, 12.0], [np.nan, np.nan]])
    places = Places(xy_m, np.zeros((3, 2, 6)), np.zeros((3, 2, 2)))
    seen = boxes(*[((0, 0, 9, 9), 0.9, 1)] * 3)
    found = zones.members(seen, places, SIZE, NAMES)
    assert found == [frozenset({0}), frozenset(), frozenset()]
    assert zones.numbers_of(["fire_lane"]) == {0}
    assert zones.numbers_of(["roadway"]) == set()


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (((0, 0), (1, 1)), "not a polygon"),
        (((0, 0), (1, 1), (1, 0), (0, 1)), "not a polygon"),
        (((0, 0), (2, 0), (2, 2)), "leaves the picture"),
    ],
)
def test_impossible_picture_zones_are_refused(
    points: tuple[tuple[float, float], ...], message: str
) -> None:
    """The error names the zone."""
    with pytest.raises(RulesError, match=f"'odd' {message}|'odd' is {message}"):
        PictureZone("odd", "watch", points)
