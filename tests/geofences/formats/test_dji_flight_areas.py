"""Tests of `geofences.formats.dji_flight_areas`."""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from dataclasses import replace
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geofences.circles import Circle
from geofences.county import Dock
from geofences.errors import InvalidGeometryError
from geofences.formats.dji_flight_areas import FlightAreaFile, flight_area_file
from geofences.geodesy import LonLat, distance_m
from geofences.zones import Zone, ZoneIndex, ZoneKind
from tests.geofences.shapes import FRAME, HOME, box, place
from tests.geofences.zone_examples import SCHOOL

DOCK = Dock("dock-1", "Dock", HOME, 30.0)
TOWN = Zone("town", ZoneKind.KEEP_IN, box(-500, -500, 500, 500), "Town")
PLANT = Zone("plant", ZoneKind.NO_FLY, box(100, 100, 200, 200), "Plant")


def written(*zones: Zone, docks: tuple[Dock, ...] = (DOCK,)) -> FlightAreaFile:
    """The file for these zones."""
    return flight_area_file(ZoneIndex(zones), docks)


def features(*zones: Zone, docks: tuple[Dock, ...] = (DOCK,)) -> list[dict[str, Any]]:
    """What the file holds."""
    collection = json.loads(written(*zones, docks=docks).content)
    assert collection.pop("type") == "FeatureCollection"
    assert list(collection) == ["features"]
    found: list[dict[str, Any]] = collection["features"]
    return found


def refusal(*zones: Zone, docks: tuple[Dock, ...] = (DOCK,)) -> str:
    """What is said when docks would refuse them."""
    with pytest.raises(InvalidGeometryError) as caught:
        written(*zones, docks=docks)
    return str(caught.value)


def star(zone_id: str, kind: ZoneKind, corners: int, deep_m: float) -> Zone:
    """A zone of 400 m about home with that many corners, half of them drawn in."""
    angles = [2 * math.pi * k / corners for k in range(corners)]
    radii = [400.0 - deep_m * (k % 2) for k in range(corners)]
    local = shapely.Polygon([(r * math.cos(a), r * math.sin(a))
                             for r, a in zip(radii, angles, strict=True)])  # fmt: skip
    return Zone(zone_id, kind, FRAME.geometry_to_lonlat(local), "Star")


def test_polygons_have_exactly_the_keys_of_the_cloud_api() -> None:
    """`dfence` may not be left and `nfz` may not be entered; rings are closed."""
    fence, closed = features(TOWN, PLANT)
    assert list(fence) == ["id", "type", "geofence_type", "properties", "geometry"]
    assert (fence["geofence_type"], closed["geofence_type"]) == ("dfence", "nfz")
    assert fence["type"] == "Feature"
    assert fence["properties"] == {"radius": 0, "enable": True}
    ring = fence["geometry"]["coordinates"][0]
    assert fence["geometry"]["type"] == "Polygon"
    assert ring[0] == ring[-1]
    assert shapely.Polygon(ring).equals_exact(
        shapely.orient_polygons(TOWN.polygon), 1e-7, normalize=True
    )
    assert str(uuid.UUID(fence["id"])) == fence["id"]


def test_a_circle_is_a_point_with_its_radius() -> None:
    """In whole metres, and never smaller than the zone."""
    [outline] = Circle(place(200, 200), 50.0).outlines()
    [feature] = features(replace(PLANT, polygon=outline))
    assert feature["properties"] == {"subType": "Circle", "radius": 51, "enable": True}
    assert feature["geometry"]["type"] == "Point"
    assert distance_m(LonLat(*feature["geometry"]["coordinates"]), place(200, 200)) < 0.01


def test_a_circle_that_permits_flight_is_never_wider() -> None:
    """The largest circle within the zone."""
    [outline] = Circle(HOME, 800.0).outlines()
    [feature] = features(replace(TOWN, polygon=outline))
    assert feature["properties"]["radius"] == 800


def test_the_dock_is_told_name_and_checksum() -> None:
    """SHA-256, and a name that changes with the content and not otherwise."""
    file = written(TOWN, PLANT)
    assert file.checksum == hashlib.sha256(file.content).hexdigest()
    assert file.name == f"geofence_{file.checksum[:16]}.json"
    assert file.size_bytes == len(file.content)
    assert written(TOWN, PLANT) == file
    assert written(TOWN).name != file.name


def test_areas_that_permit_flight_are_joined_where_they_overlap() -> None:
    """A dock refuses areas that overlap."""
    east = replace(TOWN, zone_id="east", polygon=box(400, -500, 900, 500))
    far = replace(TOWN, zone_id="far", polygon=box(3000, 0, 3100, 100))
    assert [f["geofence_type"] for f in features(TOWN, east, far)] == ["dfence", "dfence"]


def test_a_hole_in_what_permits_flight_may_not_be_entered() -> None:
    """Flight areas have no holes of their own."""
    ring = replace(TOWN, polygon=TOWN.polygon.difference(box(100, 100, 200, 200)))
    assert [f["geofence_type"] for f in features(ring)] == ["dfence", "nfz"]


def test_a_hole_in_a_no_fly_zone_is_closed_and_said() -> None:
    """The safe side."""
    ring = replace(PLANT, polygon=PLANT.polygon.difference(box(140, 140, 160, 160)))
    file = written(ring)
    assert "plant has holes; as a flight area they are closed too." in file.notes
    assert len(json.loads(file.content)["features"][0]["geometry"]["coordinates"]) == 1


def test_limits_of_time_and_height_are_said() -> None:
    """A no-fly zone holds always then; a keep-in zone is left out, so that it opens nothing."""
    morning = replace(SCHOOL, zone_id="approved", kind=ZoneKind.KEEP_IN)
    file = written(TOWN, morning, SCHOOL)
    assert [f["geofence_type"] for f in json.loads(file.content)["features"]] == ["dfence", "nfz"]
    assert file.notes == (
        "approved permits flight at some times or heights only; it is left out.",
        "school holds at times; as a flight area it holds always.",
        "school has limits of height; as a flight area it holds at all heights.",
    )
    assert "All keep-in zones are limited in time or height" in refusal(morning, SCHOOL)


@given(
    kind=st.sampled_from([ZoneKind.NO_FLY, ZoneKind.KEEP_IN]),
    corners=st.integers(256, 900),
    deep_m=st.floats(0.5, 12.0),
)
@settings(max_examples=25)
def test_outlines_are_simplified_to_the_safe_side(
    kind: ZoneKind, corners: int, deep_m: float
) -> None:
    """At most 255 corners, around a no-fly zone and within a keep-in zone."""
    zone = star("star", kind, corners, deep_m)
    [feature] = features(zone, docks=())
    if feature["geometry"]["type"] == "Point":
        return
    shape = shapely.Polygon(feature["geometry"]["coordinates"][0])
    assert len(shape.exterior.coords) - 1 <= 255
    outer, inner = (shape, zone.polygon) if kind is ZoneKind.NO_FLY else (zone.polygon, shape)
    assert outer.buffer(2e-8).covers(inner)
    assert outer.area < 1.2 * inner.area


def test_other_kinds_of_zones_are_left_out() -> None:
    """Roads and ceilings are no flight areas, and nothing else is no file."""
    road = replace(PLANT, zone_id="road", kind=ZoneKind.ROADWAY)
    assert len(features(PLANT, road)) == 1
    assert "no keep-in and no no-fly zones" in refusal(road)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (replace(PLANT, polygon=box(-50, -50, 50, 50)), "dock-1: lies in the no-fly zone plant"),
        (replace(PLANT, polygon=box(6, -50, 50, 50)), "dock-1: is 6.0 m from the edge of plant"),
        (replace(TOWN, polygon=box(-8, -50, 50, 50)), "dock-1: is 8.0 m from the edge of town"),
        (replace(TOWN, polygon=box(50, 50, 90, 90)), "dock-1: lies in no keep-in zone"),
        (
            replace(TOWN, polygon=Circle(place(0, 0), 9.0).outlines()[0]),
            "town: its radius of 9 m is under the 10 m",
        ),
        (star("comb", ZoneKind.KEEP_IN, 600, 399.0), "comb: has 600 vertices, and 255 do not draw"),
    ],
)
def test_what_docks_refuse_is_refused_here(zone: Zone, words: str) -> None:
    """Before it is sent, with the zone or the dock by its name."""
    said = refusal(zone, docks=() if "comb" in words else (DOCK,))
    assert words in said
    assert "nothing was written" in said
