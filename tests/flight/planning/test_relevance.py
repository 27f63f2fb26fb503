"""Zones count where they bar, or permit, some of a flight, and while they are active."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
import shapely

from flight.planning.relevance import Window, zones_in_force
from geofences.active_times import ActivePeriod, ActiveTimes
from geofences.errors import ClosedAirspaceError
from geofences.heights import Height, HeightReference
from geofences.terrain import FlatTerrain, Terrain
from geofences.zones import Zone, ZoneIndex, ZoneKind
from tests.flight.planning.scenes import zone

SQUARE = shapely.box(0.0, 0.0, 50.0, 50.0)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def limited(kind: ZoneKind, lower: Height | None, upper: Height | None = None) -> Zone:
    """A zone between two heights."""
    return dataclasses.replace(zone(SQUARE, kind), lower=lower, upper=upper)


def counts(one: Zone, terrain: Terrain | None = None) -> bool:
    """Whether a zone counts for a flight from 30 to 150 m above the sea."""
    found = zones_in_force(
        ZoneIndex([one]), lowest_alt_amsl_m=30.0, highest_alt_amsl_m=150.0, terrain=terrain
    )
    return bool(found.zones)


@pytest.mark.parametrize(
    ("lower", "terrain", "expected"),
    [
        (None, None, True),
        (Height(149.0, HeightReference.SEA_LEVEL), None, True),
        (Height(151.0, HeightReference.SEA_LEVEL), None, False),
        (Height(125.0, HeightReference.GROUND), FlatTerrain(30.0), False),
        (Height(125.0, HeightReference.GROUND), None, True),
    ],
)
def test_a_no_fly_zone_above_the_flight_bars_nothing(
    lower: Height | None, terrain: Terrain | None, *, expected: bool
) -> None:
    """Unless nobody can tell that it is above."""
    assert counts(limited(ZoneKind.NO_FLY, lower), terrain) is expected


def test_zones_about_the_ground_are_kept() -> None:
    """A fire lane is looked at from any height."""
    assert counts(limited(ZoneKind.FIRE_LANE, Height(500.0, HeightReference.SEA_LEVEL)))


def test_a_permission_must_hold_at_all_heights_of_the_flight() -> None:
    """One up to 100 m above the sea does not permit 150 m."""
    low = limited(ZoneKind.KEEP_IN, None, Height(100.0, HeightReference.SEA_LEVEL))
    with pytest.raises(ClosedAirspaceError, match="permitted in Power station only"):
        counts(low)
    high = limited(ZoneKind.KEEP_IN, None, Height(200.0, HeightReference.SEA_LEVEL))
    assert counts(high)


@pytest.mark.parametrize(("begins", "expected"), [(NOON, True), (NOON + 2 * HOUR, False)])
def test_a_zone_counts_while_it_is_active(begins: datetime, *, expected: bool) -> None:
    """During any moment of the window."""
    times = ActiveTimes((ActivePeriod(begins, begins + HOUR),))
    timed = ZoneIndex([dataclasses.replace(zone(SQUARE), times=times)])
    window = Window(NOON - HOUR / 2, NOON + HOUR / 2)
    assert bool(zones_in_force(timed, window=window).zones) is expected
    assert zones_in_force(timed).zones
