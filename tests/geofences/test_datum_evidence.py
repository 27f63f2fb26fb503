"""Tests of `geofences.datum_evidence`."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geofences.datum import Datum, from_wgs84
from geofences.datum_evidence import Landmarks, datum_findings, hint_findings, landmarks_of, match
from geofences.findings import Severity
from geofences.geodesy import LocalFrame, LonLat
from tests.geofences.shapes import FRAME, block, box

KNOWN = landmarks_of({f"cell {c.code}": c.polygon for c in block(12, 12)})
SHIFTED = [Datum.GCJ02, Datum.BD09]


def _written(landmarks: Landmarks, datum: Datum) -> Landmarks:
    """The same land as a file in another datum has it."""
    places = {
        key: (float(x), float(y))
        for key, (x, y) in ((k, from_wgs84(datum, *v)) for k, v in landmarks.places.items())
    }
    lines = shapely.transform(
        landmarks.lines, lambda rows: np.column_stack(from_wgs84(datum, *rows.T))
    )
    return Landmarks(places, lines)


def _irregular() -> Landmarks:
    """Outlines as uneven as real ones, so that no shift lays them upon each other."""
    rng = np.random.default_rng(5)
    corners, sizes = rng.uniform(0, 1500, (150, 2)), rng.uniform(20, 150, (150, 2))
    return landmarks_of({}, [box(*a, *(a + b)) for a, b in zip(corners, sizes, strict=True)])


def _without_codes(landmarks: Landmarks) -> Landmarks:
    return Landmarks({}, landmarks.lines)


@pytest.mark.parametrize("datum", SHIFTED)
def test_cells_of_the_same_codes_give_a_shift_away(datum: Datum) -> None:
    """The warning tells the datum, both distances, the direction and what to type."""
    (found,) = datum_findings(_written(KNOWN, datum), Datum.WGS84, KNOWN, "the county")
    assert (found.code, found.severity, found.subject) == (
        "grid.datum",
        Severity.WARNING,
        datum.value,
    )
    assert "read so, they lie 0.0 m from the county" in found.message
    assert "median over 144 of the same code: cell" in found.message
    assert f"read them with --datum {datum.value}" in found.message
    assert "Nothing was converted" in found.message


def test_the_shift_is_told_in_metres_and_direction() -> None:
    """GCJ-02 lies 542 m south-east here."""
    (found,) = datum_findings(_written(KNOWN, Datum.GCJ02), Datum.WGS84, KNOWN, "the county")
    assert "542 m too far south-east" in found.message
    assert found.shape is not None
    assert FRAME.geometry_to_local(found.shape).length == pytest.approx(542.0, abs=3.0)


@pytest.mark.parametrize("datum", SHIFTED)
def test_outlines_without_codes_give_a_shift_away_too(datum: Datum) -> None:
    """The corners meet the known outlines in one reading only."""
    numbers = _written(_irregular(), datum)
    (found,) = datum_findings(numbers, Datum.WGS84, _irregular(), "the county")
    assert found.subject == datum.value
    assert "the nearest quarter of 750 corners" in found.message


def test_a_map_that_fits_is_not_told() -> None:
    """With codes and without."""
    for numbers in (KNOWN, _without_codes(KNOWN)):
        assert datum_findings(numbers, Datum.WGS84, KNOWN, "the county") == ()


@given(
    lon_deg=st.floats(75.0, 132.0),
    lat_deg=st.floats(18.0, 50.0),
    datum=st.sampled_from(list(Datum)),
    assumed=st.sampled_from(list(Datum)),
)
@settings(max_examples=30)
def test_anywhere_in_china_the_right_reading_is_found(
    lon_deg: float, lat_deg: float, datum: Datum, assumed: Datum
) -> None:
    """Whatever the file is in, and whatever it was read as; nothing is said where that agrees."""
    frame = LocalFrame(LonLat(lon_deg, lat_deg))
    known = landmarks_of(
        {
            f"cell {n}": frame.geometry_to_lonlat(shapely.box(n, 0, n + 90, 80))
            for n in range(0, 900, 90)
        }
    )
    numbers = _written(known, datum)
    best = match(numbers, known)
    assert best is not None
    assert min(best.away_m, key=lambda each: best.away_m[each]) is datum
    assert best.away_m[datum] < 1e-3


def test_a_file_converted_by_mistake_is_told() -> None:
    """It was in WGS-84 already, and a person asked for GCJ-02 to be undone."""
    converted = _written(KNOWN, Datum.WGS84)
    backwards = Landmarks(
        {k: (2 * x - float(a), 2 * y - float(b)) for k, (x, y) in converted.places.items()
         for a, b in [from_wgs84(Datum.GCJ02, x, y)]},
        converted.lines,
    )  # fmt: skip
    (found,) = datum_findings(backwards, Datum.GCJ02, KNOWN, "the county")
    assert found.subject == "wgs84"
    assert "read as GCJ-02" in found.message
    assert "They were converted as asked; read them with --datum wgs84" in found.message


def test_other_land_says_nothing() -> None:
    """Ids like dock-1 are used by every county; one a hundred kilometres away is another."""
    here = landmarks_of({"dock dock-1": shapely.Point(115.62, 33.16)})
    there = landmarks_of({"dock dock-1": shapely.Point(116.62, 33.16)})
    assert match(here, there) is None
    assert datum_findings(here, Datum.WGS84, there, "the county") == ()


def test_roads_that_the_cells_do_not_follow_say_nothing() -> None:
    """The nearest reading of three is no evidence unless it meets the lines."""
    road = shapely.LineString([(0, 137), (900, 154)])
    known = landmarks_of({}, [FRAME.geometry_to_lonlat(road)])
    assert match(_without_codes(KNOWN), known) is None


def test_nothing_compares_with_nothing() -> None:
    """Empty maps have no landmarks."""
    nothing = landmarks_of({"cell 1": shapely.Polygon()}, [])
    assert (dict(nothing.places), len(nothing.lines)) == ({}, 0)
    assert match(nothing, KNOWN) is None
    assert match(KNOWN, nothing) is None


def test_places_alone_are_no_lines() -> None:
    """Docks are compared by their ids."""
    docks = landmarks_of({"dock a": shapely.Point(115.62, 33.16)})
    assert len(docks.lines) == 0
    found = datum_findings(_written(docks, Datum.BD09), Datum.WGS84, docks, "the docks")
    assert [each.subject for each in found] == ["bd09"]


@pytest.mark.parametrize(
    ("words", "datum"),
    [
        ("cells_gcj02.shp", "gcj02"),
        ("GCJ-02", "gcj02"),
        ("火星坐标系", "gcj02"),
        ("高德导出", "gcj02"),
        ("Amap export", "gcj02"),
        ("GCJ02_X", "gcj02"),
        ("bd09ll_lng", "bd09"),
        ("百度坐标", "bd09"),
        ("BD_09", "bd09"),
    ],
)
def test_a_file_that_names_its_datum_is_heard(words: str, datum: str) -> None:
    """In any of the usual spellings, in the name of the file, a layer or a field."""
    (found,) = hint_findings(["cells", words], KNOWN)
    assert (found.code, found.subject) == ("grid.datum_hint", datum)
    assert repr(words) in found.message
    assert f"--datum {datum}, or with --datum wgs84" in found.message


@pytest.mark.parametrize(
    "words", ["cells.shp", "datamap", "seamap_2026", "WGS 84", "CGCS2000", "bd_name", "地图", ""]
)
def test_other_words_hint_at_nothing(words: str) -> None:
    """A name with the same letters in it is no hint."""
    assert hint_findings([words], landmarks_of({"cell 1": box(0, 0, 9, 9)})) == ()
