"""Tests of `geofences.formats.ed318`, and round trips through both standards' own types."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uas_standards.eurocae_ed269 import ED269Schema

from geofences.active_times import EVERY_DAY, ActivePeriod, ActiveTimes, Weekday, WeeklyHours
from geofences.circles import circle_round
from geofences.daylight import DaylightEvent
from geofences.errors import FileFormatError, GroundError, InvalidGeometryError
from geofences.formats.geozone_documents import GeozoneFormat
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
    ed318_feature,
    ed318_geometry,
    volume,
    write_ed269,
    write_ed318,
)
from tests.geofences.formats.test_ed269 import JUNK, places_in
from tests.geofences.shapes import HOME, box

GROUND, SEA, ELLIPSOID = HeightReference
MORNING, SUNRISE, SUNSET, EVENING = DaylightEvent


def read(path: Path, *features: Json, **metadata: Any) -> Geozones:
    """The zones of a file with these features."""
    return read_geozones(write_ed318(path / "a.json", *features, **metadata), COUNTY, Reading())


def refusal(path: Path, *features: Json) -> str:
    """What is said when a file is refused."""
    with pytest.raises(InvalidGeometryError) as caught:
        read(path, *features)
    return str(caught.value)


def test_a_zone_has_its_names_in_both_languages(tmp_path: Path) -> None:
    """And is told to be ED-318 by its form."""
    [zone] = read(tmp_path, ed318_feature()).zones
    assert (zone.zone_id, zone.kind) == ("CHN-AB12345", ZoneKind.NO_FLY)
    assert (zone.name, zone.name_zh) == ("Substation", "变电站")
    assert (zone.lower, zone.upper) == (Height(0, GROUND), Height(120, GROUND))
    assert zone.polygon.equals(box(0, 0, 200, 100))
    assert zone.times.always


@pytest.mark.parametrize("spelling", ["REQ_AUTHORIZATION", "REQ_AUTHORISATION", "USPACE"])
def test_what_needs_leave_is_closed(tmp_path: Path, spelling: str) -> None:
    """By either spelling, and where services have to be joined."""
    [zone] = read(tmp_path, ed318_feature(type=spelling)).zones
    assert zone.kind is ZoneKind.NO_FLY


@pytest.mark.parametrize(
    ("layer", "lower", "upper"),
    [
        (
            {"upper": 400, "upperReference": "WGS84", "lower": 100, "lowerReference": "AMSL",
             "uom": "ft"},
            Height(30.48, SEA),
            Height(121.92, ELLIPSOID),
        ),
        ({"lower": 50, "lowerReference": "AGL", "uom": "m"}, Height(50, GROUND), None),
        (None, None, None),
    ],
)  # fmt: skip
def test_layers_keep_their_references(
    tmp_path: Path, layer: Json | None, lower: Height | None, upper: Height | None
) -> None:
    """Three references, two units, and limits that are left out."""
    [zone] = read(tmp_path, ed318_feature(geometry=ed318_geometry(layer=layer))).zones
    assert zone.lower == lower
    assert zone.upper == upper


def test_a_point_with_an_extent_is_a_circle(tmp_path: Path) -> None:
    """A polygon round it."""
    geometry = {
        "type": "Point",
        "coordinates": [HOME.lon_deg, HOME.lat_deg],
        "extent": {"subType": "Circle", "radius": 300},
    }
    circle = circle_round(read(tmp_path, ed318_feature(geometry=geometry)).zones[0].polygon)
    assert circle is not None
    assert distance_m(circle.centre, HOME) < 0.01
    assert 300.0 < circle.radius_m < 301.0


def test_collections_and_multipolygons_are_several_zones(tmp_path: Path) -> None:
    """Each with its own limits."""
    far = [[[lon + 0.01, lat] for lon, lat in RING]]
    several = ed318_geometry(type="MultiPolygon", coordinates=[[RING], far], layer=None)
    collection = {"type": "GeometryCollection", "geometries": [ed318_geometry(), several]}
    zones = read(tmp_path, ed318_feature(geometry=collection)).zones
    assert [zone.zone_id for zone in zones] == [f"CHN-AB12345/{n}" for n in (1, 2, 3)]
    assert [zone.upper for zone in zones] == [Height(120, GROUND), None, None]


def test_an_outline_over_the_180th_meridian_is_cut(tmp_path: Path) -> None:
    """Into a zone on each side."""
    ring = [[179.9, -16.6], [-179.9, -16.6], [-179.9, -16.4], [179.9, -16.4], [179.9, -16.6]]
    zones = read(tmp_path, ed318_feature(geometry=ed318_geometry(coordinates=[ring]))).zones
    assert sorted(zone.polygon.bounds[0] for zone in zones) == [-180.0, 179.9]


def test_daylight_hours_are_read(tmp_path: Path) -> None:
    """Events of the sun, alone and against the clock."""
    schedule = [
        {"day": ["ANY"], "startEvent": "SS", "endEvent": "SR"},
        {"day": ["SAT"], "startTime": "08:00:00+08:00", "endEvent": "EECT"},
        {"day": ["SUN"], "startEvent": "BMCT", "endTime": "10:00:00Z"},
    ]
    [zone] = read(tmp_path, ed318_feature(limitedApplicability=[{"schedule": schedule}])).zones
    assert zone.times == ActiveTimes(
        (
            ActivePeriod(
                hours=(
                    WeeklyHours(EVERY_DAY, SUNSET, SUNRISE),
                    WeeklyHours(frozenset({Weekday.SATURDAY}), time(8), EVENING, "+08:00"),
                    WeeklyHours(frozenset({Weekday.SUNDAY}), MORNING, time(10)),
                )
            ),
        )
    )


def test_what_the_data_set_says_of_itself_is_passed_on(tmp_path: Path) -> None:
    """Its validity, and a geoid that is not ours."""
    notes = read(
        tmp_path, ed318_feature(), validTo="2026-12-31T00:00:00Z", otherGeoid="urn:x"
    ).notes
    assert any("valid from open to 2026-12-31T00:00:00Z" in note for note in notes)
    assert any("geoid urn:x, not EGM96" in note for note in notes)


def test_swapped_coordinates_are_refused(tmp_path: Path) -> None:
    """GeoJSON has longitude first; only the operator may say otherwise."""
    geometry = ed318_geometry(coordinates=[[[lat, lon] for lon, lat in RING]])
    said = refusal(tmp_path, ed318_feature(geometry=geometry))
    assert "only read as lat-lon does a zone lie" in said
    asked = Reading(axes=Axes.LAT_LON)
    assert (
        read_geozones(tmp_path / "a.json", COUNTY, asked)
        .zones[0]
        .polygon.equals(box(0, 0, 200, 100))
    )


def test_zones_far_from_the_county_are_said(tmp_path: Path) -> None:
    """They are taken, since the format says how they are to be read."""
    path = write_ed318(tmp_path / "a.json", ed318_feature())
    [note] = read_geozones(path, (7.0, 46.0, 8.0, 47.0), Reading()).notes
    assert "no zone lies within 300 km" in note


SCHEDULE = {"day": ["MON"], "startTime": "08:00:00Z", "endTime": "09:00:00Z"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "CLOSED"}, "the restriction 'CLOSED' is unknown"),
        ({"country": None}, "country is missing"),
        ({"variant": "RARE"}, "At variant"),
        ({"name": "Substation"}, "name is str, not a list"),
        ({"limitedApplicability": [{"schedule": [{**SCHEDULE, "day": ["MO"]}]}]}, "day 'MO' is"),
        ({"limitedApplicability": [{"schedule": [{**SCHEDULE, "day": []}]}]}, "without days"),
        ({"limitedApplicability": [{"schedule": [{**SCHEDULE, "startEvent": "SR"}]}]}, "has both"),
        ({"limitedApplicability": [{"schedule": [{"day": ["MON"]}]}]}, "or neither"),
        (
            {"limitedApplicability": [{"schedule": [{"day": ["MON"], "startEvent": "NOON",
                                                     "endEvent": "SS"}]}]},
            "startEvent 'NOON' is unknown",
        ),
        ({"limitedApplicability": [{"endDateTime": "2026-13-01T00:00Z"}]}, "no date and time"),
    ],
)  # fmt: skip
def test_bad_properties_are_refused(tmp_path: Path, changes: Json, words: str) -> None:
    """The message names the feature and the key."""
    said = refusal(tmp_path, ed318_feature("GOOD"), ed318_feature("BAD", **changes))
    assert "feature 2 (" in said
    assert words in said


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        ({"type": "Point", "coordinates": [115.6, 33.1]}, "a point without an extent"),
        ({"type": "LineString", "coordinates": RING}, "is a LineString, which has no area"),
        ({"type": "GeometryCollection", "geometries": []}, "has no outline"),
        ({"type": "GeometryCollection", "geometries": [{"type": "Hexagon"}]}, "geometries[0] is a"),
        (ed318_geometry(coordinates=[[[0, 0], [1, "x"], [1, 1]]]), "coordinates"),
        (ed318_geometry(coordinates=[[[0, 0], [200, 1], [1, 1]]]), "is not on Earth"),
        (ed318_geometry(coordinates=[[[0, 0], [1, 1], [1, 0], [0, 1]]]), "Self-intersection"),
        (ed318_geometry(layer={"lower": 5, "uom": "m"}), "layer.lower does not say what it is"),
        (ed318_geometry(layer={"lower": 5, "lowerReference": "AGL"}), "uom"),
    ],
)
def test_bad_geometries_are_refused(tmp_path: Path, geometry: Json, words: str) -> None:
    """Whatever has no area, no inside or half a height."""
    assert words in refusal(tmp_path, ed318_feature(geometry=geometry))


def test_a_format_may_be_insisted_on(tmp_path: Path) -> None:
    """A document of the other is then refused feature by feature."""
    path = write_ed318(tmp_path / "a.json", ed318_feature())
    with pytest.raises(InvalidGeometryError, match=r"feature 1 \(AB12345\)"):
        read_geozones(path, COUNTY, Reading(standard=GeozoneFormat.ED269))


UTC_CLOCKS = st.builds(time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
DAYS = st.frozensets(st.sampled_from(Weekday), min_size=1)
METRES = st.integers(0, 100), st.integers(101, 9000)
MOMENTS = st.integers(0, 2_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))


@given(
    days=DAYS, start=UTC_CLOCKS, end=UTC_CLOCKS, since=MOMENTS, lower=METRES[0], upper=METRES[1],
    references=st.tuples(st.sampled_from(["AGL", "AMSL"]), st.sampled_from(["AGL", "AMSL"])),
)  # fmt: skip
@settings(max_examples=40)
def test_what_both_standards_can_say_is_read_alike(
    tmp_path_factory: pytest.TempPathFactory,
    days: frozenset[Weekday],
    start: time,
    end: time,
    since: datetime,
    lower: int,
    upper: int,
    references: tuple[str, str],
) -> None:
    """Written through the types of each, and read back as the zone that was meant."""
    folder = tmp_path_factory.mktemp("both")
    until = since + timedelta(days=30)
    dates = {"startDateTime": since.isoformat(), "endDateTime": until.isoformat()}
    clocks = {"startTime": f"{start.isoformat()}.00Z", "endTime": f"{end.isoformat()}.00Z"}
    schedule = [{"day": sorted(days), **clocks}]
    limits = {"lowerVerticalReference": references[0], "upperVerticalReference": references[1],
              "lowerLimit": lower, "upperLimit": upper}  # fmt: skip
    layer = {"lower": lower, "lowerReference": references[0], "upper": upper,
             "upperReference": references[1], "uom": "m"}  # fmt: skip
    period = {"permanent": "NO", **dates, "schedule": schedule}
    feature_269 = ed269_feature(applicability=[period], geometry=[volume(**limits)])
    typed = ED269Schema.from_dict({"features": [feature_269]})
    feature_318 = ed318_feature(
        geometry=ed318_geometry(layer=layer), limitedApplicability=[{**dates, "schedule": schedule}]
    )
    file_269 = write_ed269(folder / "269.json", *json.loads(json.dumps(typed))["features"])
    file_318 = write_ed318(folder / "318.json", feature_318)
    [zone_269] = read_geozones(file_269, COUNTY, Reading()).zones
    [zone_318] = read_geozones(file_318, COUNTY, Reading()).zones
    hours = WeeklyHours(days, start, end)
    meant = {"AGL": GROUND, "AMSL": SEA}
    for zone in (zone_269, zone_318):
        assert zone.times == ActiveTimes((ActivePeriod(since, until, (hours,)),))
        assert zone.lower == Height(lower, meant[references[0]])
        assert zone.upper == Height(upper, meant[references[1]])
    assert zone_269.polygon.equals(zone_318.polygon)


@given(data=st.data())
@settings(max_examples=150)
def test_garbage_anywhere_gives_typed_errors(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any value put in any place of a good document."""
    feature = ed318_feature(limitedApplicability=[{"schedule": [SCHEDULE]}])
    feature["geometry"] = {"type": "GeometryCollection", "geometries": [feature["geometry"]]}
    document = json.loads(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    *path, last = data.draw(st.sampled_from(places_in(document)))
    target: Any = document
    for step in path:
        target = target[step]
    target[last] = data.draw(JUNK)
    file = tmp_path_factory.mktemp("junk") / "a.json"
    file.write_text(json.dumps(document))
    with suppress(GroundError):
        zones = read_geozones(file, COUNTY, Reading()).zones
        assert all(isinstance(zone, Zone) for zone in zones)


@given(content=st.binary(max_size=60))
def test_any_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """What is no document gives one error, whatever it is."""
    file = tmp_path_factory.mktemp("bytes") / "a.json"
    file.write_bytes(content)
    with pytest.raises(FileFormatError):
        read_geozones(file, COUNTY, Reading())
