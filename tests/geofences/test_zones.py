"""Tests of `geofences.zones`."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences.active_times import EVERY_DAY, ActivePeriod, ActiveTimes, WeeklyHours
from geofences.errors import ClosedAirspaceError, InvalidGeometryError, InvalidTimeError
from geofences.geodesy import LonLat
from geofences.heights import Height, HeightRange, HeightReference
from geofences.zones import Zone, ZoneIndex, ZoneKind
from tests.geofences.shapes import box, place, polygon

ROAD = Zone("road", ZoneKind.ROADWAY, box(-100, -5, 100, 5), "Road", "路")
KERB = Zone("kerb", ZoneKind.NO_PARKING, box(-100, 3, 100, 8), "Kerb")
FIELD = Zone("field", ZoneKind.NO_FLY, box(50, -50, 90, 50), "Field")
INDEX = ZoneIndex([ROAD, KERB, FIELD])


@pytest.mark.parametrize(
    ("east_m", "north_m", "expected"),
    [
        (0.0, 0.0, ["road"]),
        (0.0, 4.0, ["road", "kerb"]),
        (70.0, 4.0, ["road", "kerb", "field"]),
        (70.0, 40.0, ["field"]),
        (0.0, 40.0, []),
    ],
)
def test_a_place_lies_in_all_zones_that_cover_it(
    east_m: float, north_m: float, expected: list[str]
) -> None:
    """Zones may overlap, and come in the order they were given."""
    assert expected == [zone.zone_id for zone in INDEX.at(place(east_m, north_m))]


def test_the_edge_belongs_to_the_zone() -> None:
    """A place on a corner of a no-fly zone is in it."""
    lon_deg, lat_deg = shapely.get_coordinates(FIELD.polygon)[0]
    assert FIELD in INDEX.at(LonLat(lon_deg, lat_deg))


@given(east_m=st.floats(-150.0, 150.0), north_m=st.floats(-80.0, 80.0))
def test_the_index_finds_what_covers_a_place(east_m: float, north_m: float) -> None:
    """The tree gives the same zones as asking each of them."""
    here = place(east_m, north_m)
    point = shapely.Point(here.lon_deg, here.lat_deg)
    assert INDEX.at(here) == tuple(z for z in INDEX.zones if z.polygon.covers(point))


def test_zones_are_found_by_kind() -> None:
    """By one kind, by several, by one that is not there."""
    assert INDEX.of_kind(ZoneKind.NO_FLY) == (FIELD,)
    assert INDEX.of_kind(ZoneKind.NO_PARKING, ZoneKind.ROADWAY) == (ROAD, KERB)
    assert INDEX.of_kind(ZoneKind.WATER) == ()


def test_there_may_be_no_zones() -> None:
    """A county without zones still answers."""
    assert ZoneIndex([]).at(place(0, 0)) == ()


def test_an_id_used_twice_is_refused() -> None:
    """Zones are told apart by their ids."""
    with pytest.raises(InvalidGeometryError, match="'road' is used more than once"):
        ZoneIndex([ROAD, KERB, ROAD])


@pytest.mark.parametrize("height", [None, 0.0, -5.0, math.nan])
def test_a_ceiling_needs_a_height(height: float | None) -> None:
    """A ceiling without a height above zero says nothing."""
    with pytest.raises(InvalidGeometryError, match="'low' has no height"):
        Zone("low", ZoneKind.CEILING, box(0, 0, 9, 9), "Low", ceiling_m=height)


def test_a_ceiling_keeps_its_height() -> None:
    """A sound ceiling is what it was given."""
    zone = Zone("low", ZoneKind.CEILING, box(0, 0, 9, 9), "Low", ceiling_m=60.0)
    assert zone.ceiling_m == 60.0


@pytest.mark.parametrize(
    ("outline", "words"),
    [
        (shapely.Polygon(), "Empty"),
        (polygon((0, 0), (9, 9), (9, 0), (0, 9)), "Self-intersection"),
    ],
)
def test_outlines_that_are_none_are_refused(outline: shapely.Polygon, words: str) -> None:
    """The message names the zone and the reason."""
    with pytest.raises(InvalidGeometryError, match=rf"zone 'bad' .*{words}"):
        Zone("bad", ZoneKind.NO_FLY, outline, "Bad")


MORNINGS = ActiveTimes(
    (ActivePeriod(hours=(WeeklyHours(EVERY_DAY, time(8), time(10), "Asia/Shanghai"),)),)
)


def test_a_zone_is_active_at_its_times() -> None:
    """By default always; else as its times say at its own place."""
    school = replace(FIELD, times=MORNINGS)
    moment = datetime(2026, 6, 1, 1, tzinfo=UTC)
    assert FIELD.active_at(moment)
    assert school.active_at(moment)
    assert not school.active_at(moment + timedelta(hours=1))
    assert school.active_between(moment + timedelta(hours=1), moment + timedelta(hours=23))
    with pytest.raises(InvalidTimeError, match="has no time zone"):
        school.active_at(datetime(2026, 6, 1))  # noqa: DTZ001


def test_an_index_is_narrowed_to_what_is_active() -> None:
    """What is closed then is in the new index, in the same order."""
    school = replace(KERB, times=MORNINGS)
    index = ZoneIndex([ROAD, school, FIELD])
    evening = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert index.active_between(evening, evening + timedelta(hours=1)).zones == (ROAD, FIELD)
    assert index.zones == index.active_between(evening, evening + timedelta(hours=13)).zones


def test_flight_is_permitted_only_where_it_is_throughout() -> None:
    """An approval from eight to ten does not open everything after ten."""
    approved = replace(ROAD, kind=ZoneKind.KEEP_IN, times=MORNINGS)
    depot = replace(KERB, kind=ZoneKind.KEEP_IN)
    eight = datetime(2026, 6, 1, 0, tzinfo=UTC)
    nine, ten = eight + timedelta(hours=1), eight + timedelta(hours=2)
    both = ZoneIndex([approved, depot])
    assert both.active_between(eight, nine).zones == (approved, depot)
    assert both.active_between(nine, ten).zones == (depot,)
    alone = ZoneIndex([approved, FIELD])
    assert alone.active_between(eight, nine).zones == (approved, FIELD)
    with pytest.raises(ClosedAirspaceError, match="None of the 1 keep-in zones is active all"):
        alone.active_between(nine, ten)


GROUND, SEA, ELLIPSOID = HeightReference


def above(reference: HeightReference, low_m: float, high_m: float) -> HeightRange:
    """Flight between two heights."""
    return HeightRange(Height(low_m, reference), Height(high_m, reference))


@pytest.mark.parametrize(
    ("lower", "upper", "flown", "known", "expected"),
    [
        (None, None, above(GROUND, 0, 120), (None, None), True),
        (Height(150, GROUND), None, above(GROUND, 0, 120), (None, None), False),
        (Height(120, GROUND), None, above(GROUND, 0, 120), (None, None), True),
        (None, Height(50, GROUND), above(GROUND, 60, 120), (None, None), False),
        (Height(300, SEA), None, above(GROUND, 0, 120), (None, None), True),
        (Height(300, SEA), None, above(GROUND, 0, 120), ((20.0, 170.0), None), False),
        (Height(300, SEA), None, above(GROUND, 0, 120), ((20.0, 190.0), None), True),
        (Height(300, SEA), None, above(GROUND, 0, 120), ((20.0, math.nan), None), True),
        (Height(150, GROUND), None, above(SEA, 0, 160), ((20.0, 90.0), None), False),
        (Height(150, GROUND), None, above(SEA, 0, 180), ((20.0, 90.0), None), True),
        (Height(150, ELLIPSOID), None, above(SEA, 0, 155), (None, -10.0), False),
        (Height(150, ELLIPSOID), None, above(SEA, 0, 155), (None, 10.0), True),
        (Height(150, ELLIPSOID), None, above(SEA, 0, 120), (None, None), True),
        (Height(0, GROUND), Height(50, SEA), above(SEA, 51, 60), (None, None), False),
    ],
)
def test_a_zone_blocks_unless_flight_is_certainly_above_or_below(
    lower: Height | None,
    upper: Height | None,
    flown: HeightRange,
    known: tuple[tuple[float, float] | None, float | None],
    expected: bool,
) -> None:
    """Limits belong to the zone, and what is not known blocks."""
    assert expected == replace(FIELD, lower=lower, upper=upper).blocks(flown, *known)


@pytest.mark.parametrize(
    ("lower", "upper", "flown", "known", "expected"),
    [
        (None, None, above(GROUND, 0, 120), (None, None), True),
        (None, Height(120, GROUND), above(GROUND, 0, 120), (None, None), True),
        (None, Height(119, GROUND), above(GROUND, 0, 120), (None, None), False),
        (Height(30, GROUND), None, above(GROUND, 20, 120), (None, None), False),
        (None, Height(200, SEA), above(GROUND, 0, 120), ((20.0, 80.0), None), True),
        (None, Height(200, SEA), above(GROUND, 0, 120), ((20.0, 90.0), None), False),
        (None, Height(200, SEA), above(GROUND, 0, 120), (None, None), False),
    ],
)
def test_a_zone_holds_flight_that_certainly_stays_in_it(
    lower: Height | None,
    upper: Height | None,
    flown: HeightRange,
    known: tuple[tuple[float, float] | None, float | None],
    expected: bool,
) -> None:
    """Limits belong to the zone, and what is not known is not permitted."""
    assert expected == replace(FIELD, lower=lower, upper=upper).holds(flown, *known)


def test_limits_the_wrong_way_up_are_refused() -> None:
    """The message names the zone."""
    with pytest.raises(InvalidGeometryError, match="'field': The lower limit of 90 m is above"):
        replace(FIELD, lower=Height(90, SEA), upper=Height(50, SEA))
