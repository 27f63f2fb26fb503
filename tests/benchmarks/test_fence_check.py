"""The plain check that the live fence check is measured against."""

import math

import pytest
import shapely

from benchmarks.fence_check import Snapshot, plain_check, scene
from flight.breach import Bound
from geofences.geodesy import LocalFrame, LonLat


def test_the_scene_has_one_field_and_many_zones() -> None:
    """Zones that ran together count once."""
    field, *zones = scene()
    assert field.stay_in
    assert len(zones) > 30
    assert not any(zone.stay_in for zone in zones)


def test_the_plain_check_says_what_it_sees() -> None:
    """In the middle of a box, flying east at ten metres a second."""
    place = LonLat(115.6, 33.1)
    bounds = [Bound("box", shapely.box(-50, -80, 50, 80), stay_in=True)]
    shot = Snapshot(place, (10.0, 0.0, 0.0), 40.0)
    inside, distance_m, breach_s = plain_check(bounds, LocalFrame(place), shot)
    assert inside
    assert distance_m == pytest.approx(50.0)
    assert breach_s == pytest.approx(5.0)
    assert math.isinf(plain_check([], LocalFrame(place), shot)[2])
