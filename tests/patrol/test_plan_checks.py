"""A plan against the county as it is on its day."""

import functools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import shapely

from flight.missions import PatrolPlan
from flight.planning.planner import plan_patrol
from geofences.county import County
from geofences.heights import Height, HeightReference
from geofences.terrain import FlatTerrain
from geofences.zones import Zone, ZoneIndex, ZoneKind
from patrol.errors import UsageError
from patrol.plan_checks import Day, check_on
from tests.flight.planning.scenes import county, request, zone

DAY = datetime.fromisoformat("2026-11-23T10:00+08:00")


@functools.cache
def planned() -> PatrolPlan:
    """A plan over the square county without zones, whose docks lie at 30 m."""
    return plan_patrol(county(), request(county()))


def with_zone(changed: Zone) -> County:
    """The county with one zone."""
    return replace(county(), zones=ZoneIndex([changed]))


def codes(plan: PatrolPlan, ground: County, day: Day | None = None) -> set[str]:
    """What the checks say."""
    return {finding.code for finding in check_on(plan, ground, day or Day())}


@pytest.mark.parametrize(
    ("alt_m", "barred"), [(300.0, False), (100.0, True)], ids=["above the fence", "below its top"]
)
def test_a_zone_that_begins_above_the_flight_bars_nothing(alt_m: float, barred: bool) -> None:
    """As it did when the plan was made: 120 m above docks at 30 m are 150 m above the sea."""
    corner = zone(shapely.box(50, 50, 150, 150))
    high = with_zone(replace(corner, lower=Height(alt_m, HeightReference.SEA_LEVEL)))
    assert ("zone.no_fly" in codes(planned(), high)) is barred


def test_without_the_altitude_of_home_every_height_counts() -> None:
    """Nobody knows whether the flight stays below."""
    corner = zone(shapely.box(50, 50, 150, 150))
    high = with_zone(replace(corner, lower=Height(300.0, HeightReference.SEA_LEVEL)))
    plan = planned()
    missions = tuple(replace(mission, home_alt_amsl_m=None) for mission in plan.missions)
    assert "zone.no_fly" in codes(replace(plan, missions=missions), high)


def test_a_zone_above_ground_needs_the_ground() -> None:
    """From 200 m above ground on, a flight below 120 m is free where the ground is known."""
    corner = zone(shapely.box(50, 50, 150, 150))
    high = with_zone(replace(corner, lower=Height(200.0, HeightReference.GROUND)))
    assert "zone.no_fly" in codes(planned(), high)
    assert "zone.no_fly" not in codes(planned(), high, Day(terrain=FlatTerrain(30.0)))


def test_permission_at_other_heights_is_none() -> None:
    """A sentence and no traceback."""
    permit = zone(shapely.box(-900, -900, 900, 900), ZoneKind.KEEP_IN)
    high = with_zone(replace(permit, lower=Height(900.0, HeightReference.SEA_LEVEL)))
    with pytest.raises(UsageError, match="must not fly then: Flight is permitted in"):
        check_on(planned(), high, Day())


def test_a_night_is_found_where_somebody_says_when() -> None:
    """Twelve hours later it is dark."""
    assert codes(planned(), county(), Day(DAY)) == set()
    assert codes(planned(), county(), Day(DAY + timedelta(hours=12))) == {"time.night"}
