"""Tests of `geofences.formats.ed269` and what all published zones share."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geofences.active_times import (
    EVERY_DAY,
    ActivePeriod,
    ActiveTimes,
    Weekday,
    WeeklyHours,
)
from geofences.circles import circle_round
from geofences.errors import FileFormatError, GroundError, InvalidGeometryError
from geofences.formats.geozone_files import Reading, read_geozones
from geofences.formats.geozones import Axes, Geozones
from geofences.geodesy import distance_m
from geofences.heights import Height, HeightReference
from geofences.zones import Zone, ZoneKind
from tests.geofences.formats.geozone_examples import (
    COUNTY,
    RING,
    Json,
    ed269_feature,
    volume,
    write_ed269,
)
from tests.geofences.shapes import HOME, box

GROUND, SEA, _ = HeightReference
SWAPPED_RING = [[lat, lon] for lon, lat in RING]


def read(path: Path, *features: Json, reading: Reading | None = None) -> Geozones:
    """The zones of a file with these features."""
    return read_geozones(write_ed269(path / "a.json", *features), COUNTY, reading or Reading())


def read_one(path: Path, **changes: Any) -> Zone:
    """The zone of a feature that differs from the ordinary one."""
    [zone] = read(path, ed269_feature(**changes)).zones
    return zone


def refusal(path: Path, *features: Json, reading: Reading | None = None) -> str:
    """What is said when a file is refused."""
    with pytest.raises(InvalidGeometryError) as caught:
        read(path, *features, reading=reading)
    return str(caught.value)


def test_a_prohibited_zone_is_no_fly(tmp_path: Path) -> None:
    """Its id has the country, and authorities are not looked at."""
    zone = read_one(tmp_path)
    assert (zone.zone_id, zone.kind, zone.name) == ("CHN-AB12345", ZoneKind.NO_FLY, "Substation")
    assert (zone.lower, zone.upper) == (Height(0, GROUND), Height(120, GROUND))
    assert zone.times.always
    assert zone.polygon.equals(box(0, 0, 200, 100))


@pytest.mark.parametrize(
    ("restriction", "kind", "kind_when_granted"),
    [
        ("REQ_AUTHORISATION", ZoneKind.NO_FLY, ZoneKind.ADVISORY),
        ("REQ_AUTHORIZATION", ZoneKind.NO_FLY, ZoneKind.ADVISORY),
        ("CONDITIONAL", ZoneKind.NO_FLY, ZoneKind.ADVISORY),
        ("USPACE", ZoneKind.NO_FLY, ZoneKind.ADVISORY),
    ],
)
def test_what_needs_leave_is_closed_until_it_was_granted(
    tmp_path: Path, restriction: str, kind: ZoneKind, kind_when_granted: ZoneKind
) -> None:
    """By either spelling; conditions are words, which nobody here can check."""
    feature = ed269_feature(restriction=restriction)
    [closed] = read(tmp_path, feature).zones
    [opened] = read(tmp_path, feature, reading=Reading(granted={"CHN-AB12345"})).zones
    assert (closed.kind, opened.kind) == (kind, kind_when_granted)


def test_no_restriction_is_advice(tmp_path: Path) -> None:
    """It opens nothing that another zone closes."""
    assert read_one(tmp_path, restriction="NO_RESTRICTION").kind is ZoneKind.ADVISORY


def test_leave_is_refused_for_what_is_prohibited_or_not_there(tmp_path: Path) -> None:
    """A misspelt id must not leave the operator believing that a zone is open."""
    said = refusal(tmp_path, ed269_feature(), reading=Reading(granted={"CHN-AB12345", "CHN-X"}))
    assert "CHN-AB12345: is PROHIBITED, for which nothing can be granted" in said
    assert "CHN-X: is not in the file" in said


@pytest.mark.parametrize(
    ("changes", "lower", "upper"),
    [
        ({"uomDimensions": "FT", "upperLimit": 400}, Height(0, GROUND), Height(121.92, GROUND)),
        ({"lowerLimit": None, "upperLimit": None}, None, None),
        ({"upperLimit": 120.7}, Height(0, GROUND), Height(120.7, GROUND)),
        ({"upperVerticalReference": "AMSL"}, Height(0, GROUND), Height(120, SEA)),
    ],
)
def test_limits_keep_their_reference_and_are_in_metres(
    tmp_path: Path, changes: Json, lower: Height | None, upper: Height | None
) -> None:
    """Feet are converted, fractions kept, and what is not given is no limit."""
    zone = read_one(tmp_path, geometry=[volume(**changes)])
    assert (lower, upper) == (zone.lower, zone.upper)


def test_a_circle_becomes_a_polygon_round_it(tmp_path: Path) -> None:
    """Its radius is in metres."""
    shape = {"type": "Circle", "center": [HOME.lon_deg, HOME.lat_deg], "radius": 300}
    circle = circle_round(read_one(tmp_path, geometry=[volume(horizontalProjection=shape)]).polygon)
    assert circle is not None
    assert distance_m(circle.centre, HOME) < 0.01
    assert 300.0 < circle.radius_m < 301.0


def test_volumes_are_zones_of_their_own(tmp_path: Path) -> None:
    """Numbered after the published id."""
    high = volume(lowerLimit=120, upperLimit=300)
    found = read(tmp_path, ed269_feature(geometry=[volume(), high]))
    assert [zone.zone_id for zone in found.zones] == ["CHN-AB12345/1", "CHN-AB12345/2"]
    assert found.published_ids == ("CHN-AB12345",)
    assert found.zones[1].lower == Height(120, GROUND)


def test_a_second_ring_is_a_hole(tmp_path: Path) -> None:
    """As in GeoJSON."""
    hole = shapely.get_coordinates(box(50, 20, 60, 30)).tolist()
    shape = {"type": "Polygon", "coordinates": [RING, hole]}
    zone = read_one(tmp_path, geometry=[volume(horizontalProjection=shape)])
    assert len(zone.polygon.interiors) == 1


LIMITED = {
    "permanent": "NO",
    "startDateTime": "2026-05-01T00:00:00Z",
    "endDateTime": "2026-06-01T00:00:00.00+08:00",
    "schedule": [
        {"day": ["MON", "SUN"], "startTime": "22:00Z", "endTime": "06:00:00.00Z"},
        {"day": ["ANY"], "startTime": "08:00:00+08:00", "endTime": "24:00:00+08:00"},
        {"day": ["TUE"], "startTime": "08:00+02:00", "endTime": "09:30Z"},
    ],
}


def test_dates_and_daily_hours_are_read(tmp_path: Path) -> None:
    """Short and long times, offsets of every sort, and midnight as 24:00."""
    nights = WeeklyHours(frozenset({Weekday.MONDAY, Weekday.SUNDAY}), time(22), time(6))
    days = WeeklyHours(EVERY_DAY, time(8), time(0), "+08:00")
    mixed = WeeklyHours(frozenset({Weekday.TUESDAY}), time(8), time(11, 30), "+02:00")
    period = ActivePeriod(
        datetime(2026, 5, 1, tzinfo=UTC),
        datetime(2026, 5, 31, 16, tzinfo=UTC),
        (nights, days, mixed),
    )
    assert read_one(tmp_path, applicability=[LIMITED]).times == ActiveTimes((period,))


def test_permanent_with_dates_is_always_and_said(tmp_path: Path) -> None:
    """The safe reading of a contradiction."""
    found = read(tmp_path, ed269_feature(applicability=[{**LIMITED, "permanent": "YES"}]))
    assert found.zones[0].times.always
    assert any("CHN-AB12345 is permanent and has dates" in note for note in found.notes)


def test_no_applicability_is_always(tmp_path: Path) -> None:
    """What is not limited holds."""
    assert read_one(tmp_path, applicability=[]).times.always


def test_the_order_of_coordinates_is_told_from_the_county(tmp_path: Path) -> None:
    """Both orders are in use; only one puts a zone where the county is."""
    shape = {"type": "Polygon", "coordinates": [SWAPPED_RING]}
    swapped = read(tmp_path, ed269_feature(geometry=[volume(horizontalProjection=shape)]))
    plain = read(tmp_path, ed269_feature())
    assert swapped.zones[0].polygon.equals(plain.zones[0].polygon)
    assert swapped.notes[0].startswith("Coordinates are read as lat-lon: only so")
    assert plain.notes[0].startswith("Coordinates are read as lon-lat: only so")


def test_the_order_is_asked_for_where_it_cannot_be_told(tmp_path: Path) -> None:
    """Far from the county, or where longitude and latitude are alike."""
    path = write_ed269(tmp_path / "a.json", ed269_feature(geometry=_circle(33.5, 34.5)))
    for county, where in (((7.0, 46.0, 8.0, 47.0), "neither"), ((33.0, 33.0, 35.0, 35.0), "both")):
        with pytest.raises(InvalidGeometryError, match=f"in {where} order.* say --axes lon-lat or"):
            read_geozones(path, county, Reading())
        [zone] = read_geozones(path, county, Reading(axes=Axes.LAT_LON)).zones
        assert (zone.place.lon_deg, zone.place.lat_deg) == pytest.approx((34.5, 33.5), abs=1e-6)


def _circle(*centre: Any, radius: Any = 100) -> list[Json]:
    return [volume(horizontalProjection={"type": "Circle", "center": centre, "radius": radius})]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"restriction": "FORBIDDEN"}, "the restriction 'FORBIDDEN' is unknown"),
        ({"identifier": ""}, "identifier is missing"),
        ({"country": None}, "country is missing"),
        ({"geometry": []}, "has no outline"),
        ({"geometry": [volume(upperLimit="120 ft")]}, "upperLimit"),
        ({"geometry": [volume(upperLimit=True)]}, "geometry[0].upperLimit is True, not a number"),
        ({"geometry": [volume(uomDimensions="KM")]}, "At geometry[0].uomDimensions"),
        ({"geometry": [volume(lowerVerticalReference="QNH")]}, "lowerVerticalReference"),
        ({"geometry": [volume(lowerLimit=200)]}, "lower limit of 200 m is above"),
        ({"geometry": _circle(115.6)}, "geometry[0].center has no two coordinates"),
        ({"geometry": _circle(115.6, 33.1, radius=-5)}, "The radius of -5 m"),
        ({"geometry": _circle(115.6, 33.1, radius=None)}, "geometry[0].radius is None"),
        ({"applicability": [{"permanent": "MAYBE"}]}, "permanent"),
        ({"applicability": [{"permanent": "NO", "startDateTime": "2026-05-01"}]}, "its offset"),
        (
            {"applicability": [{**LIMITED, "endDateTime": "2026-04-01T00:00:00Z"}]},
            "not after its start",
        ),
        (
            {"applicability": [{**LIMITED, "schedule": [{"day": ["MON"], "startTime": "08:00",
                                                         "endTime": "09:00Z"}]}]},
            "'08:00' is no time of day with its offset",
        ),
        (
            {"applicability": [{**LIMITED, "schedule": [{"day": ["MO"], "startTime": "08:00Z",
                                                         "endTime": "09:00Z"}]}]},
            "schedule[0].day[0]",
        ),
    ],
)  # fmt: skip
def test_bad_features_are_refused_with_their_key(tmp_path: Path, changes: Json, words: str) -> None:
    """One bad feature, and none of the file is taken."""
    said = refusal(tmp_path, ed269_feature("GOOD"), ed269_feature(**changes))
    assert words in said
    assert "1 problem(s) with the zones, nothing was imported" in said


def test_bad_features_are_listed_one_by_one(tmp_path: Path) -> None:
    """Each with its number and id, so that all can be mended at once."""
    bad = [ed269_feature(f"BAD{n}", restriction="?") for n in range(25)]
    lines = refusal(tmp_path, ed269_feature(), *bad).splitlines()
    assert "25 problem(s)" in lines[0]
    assert lines[1].startswith("  - feature 2 (BAD0): the restriction '?'")
    assert lines[-1] == "  and 5 more"


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    """Zones are merged by their ids."""
    assert "CHN-AB12345: is used more than once" in refusal(
        tmp_path, ed269_feature(), ed269_feature()
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not JSON"),
        ('{"features": [{"x": NaN}]}', "NaN is no number in JSON"),
        ("[1, 2]", "has no list of features"),
        ('{"features": []}', "has no features"),
        ('{"features": [{"geometry": {}}]}', "neither ED-269 nor ED-318; say which"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_files_that_are_none_are_refused(tmp_path: Path, content: str, words: str) -> None:
    """Cut short, of another kind, empty, or made to exhaust the parser."""
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(FileFormatError, match=r"give|check|say") as caught:
        read_geozones(path, COUNTY, Reading())
    assert words in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(FileFormatError, match=r"none\.json cannot be read"):
        read_geozones(tmp_path / "none.json", COUNTY, Reading())


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["MON", "ANY", "YES", "NO", "AGL", "M", "Circle", "2026-01-01T00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)  # fmt: skip


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The steps to everything inside a JSON value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for step, inner in steps:
        found.append((*path, step))
        if isinstance(inner, dict | list):
            found += places_in(inner, (*path, step))
    return found


@given(data=st.data())
@settings(max_examples=150)
def test_garbage_anywhere_gives_typed_errors(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any value put in any place of a good feature."""
    feature = json.loads(json.dumps(ed269_feature(applicability=[LIMITED])))
    *path, last = data.draw(st.sampled_from(places_in(feature)))
    target = feature
    for step in path:
        target = target[step]
    target[last] = data.draw(JUNK)
    file = tmp_path_factory.mktemp("junk") / "a.json"
    with suppress(GroundError):
        zones = read_geozones(write_ed269(file, feature), COUNTY, Reading()).zones
        assert all(isinstance(zone, Zone) for zone in zones)
