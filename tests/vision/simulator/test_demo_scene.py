"""The demo village: its truth agrees with the county's zones and grid."""

import math

import pytest
import shapely

from geofences.county import County
from geofences.formats.county_files import read_county
from geofences.geodesy import LocalFrame, LonLat
from geofences.sample_county.location import sample_county_path
from geofences.zones import ZoneKind
from vision.simulator.demo_scene import DEMO_VILLAGE, demo_scene
from vision.simulator.demo_scenery import ROOM_M
from vision.simulator.expectations import expected_finding
from vision.simulator.scene import CLASS_NAMES, Scene, SceneObject


@pytest.fixture(scope="module")
def county() -> County:
    """The sample county as shipped."""
    return read_county(sample_county_path())


@pytest.fixture(scope="module")
def scene(county: County) -> Scene:
    """The demo scene."""
    return demo_scene(county)


def kinds_at(item: SceneObject, county: County) -> set[ZoneKind]:
    """Return the kinds of the zones an object is in."""
    return {zone.kind for zone in county.zones.at(item.position)}


def test_every_class_is_there(scene: Scene) -> None:
    """The demo shows each of the nine classes."""
    assert {item.class_name for item in scene.objects} == set(CLASS_NAMES)


def test_ids_are_unique(scene: Scene) -> None:
    """An id names one object."""
    ids = [item.object_id for item in scene.objects]
    assert len(set(ids)) == len(ids)


def test_it_is_the_same_every_time(county: County, scene: Scene) -> None:
    """Objects and scenery follow from the county alone."""
    assert demo_scene(county) == scene


def test_all_objects_stand_in_the_demo_village(county: County, scene: Scene) -> None:
    """Each object lies in a cell of the village."""
    for item in scene.objects:
        cell = county.grid.cell_at(item.position)
        assert cell is not None, item.object_id
        assert cell.village_code == DEMO_VILLAGE, item.object_id


def test_expected_cells_are_those_of_the_grid(county: County, scene: Scene) -> None:
    """The cell of an expected finding is the one that holds the object."""
    for item in scene.objects:
        if item.expected is not None:
            cell = county.grid.cell_at(item.position)
            assert cell is not None
            assert item.expected.cell_code == cell.code


def test_expected_zones_hold_the_object(county: County, scene: Scene) -> None:
    """Where a zone makes the finding, the object is in such a zone."""
    for item in scene.objects:
        if item.expected is not None and item.expected.zone_kind:
            assert ZoneKind(item.expected.zone_kind) in kinds_at(item, county), item.object_id


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        ("car-kerb", "09009"),
        ("truck-kerb", "09009"),
        ("car-fire-lane", "09012"),
        ("person-pump", "EXT-INTRUSION"),
        ("stall-market", "09001"),
        ("garbage", "06010"),
        ("pothole", "06013"),
        ("smoke", "EXT-SMOKE"),
        ("fire", "EXT-FIRE"),
    ],
)
def test_what_was_meant_to_be_found_is(scene: Scene, prefix: str, code: str) -> None:
    """Objects named for a matter are expected as that matter."""
    found = [item for item in scene.objects if item.object_id.startswith(prefix)]
    assert found
    assert all(item.expected is not None and item.expected.matter_code == code for item in found)


@pytest.mark.parametrize(
    "prefix",
    ["car-park", "car-yard", "car-street", "bus", "tipper", "scooter", "motorbike", "bicycle",
     "person-market", "person-yard", "person-north", "person-pond", "stall-yard"],
)  # fmt: skip
def test_what_is_allowed_is_not_expected(scene: Scene, prefix: str) -> None:
    """Decoys stand where nothing forbids them."""
    found = [item for item in scene.objects if item.object_id.startswith(prefix)]
    assert found
    assert all(item.expected is None for item in found)


def test_some_objects_are_near_a_border_and_most_are_not(county: County, scene: Scene) -> None:
    """A few finds are within 5 m of the next cell; most are not."""
    frame = scene.frame
    near = 0
    for item in scene.objects:
        cell = county.grid.cell_at(item.position)
        assert cell is not None
        spot = shapely.Point(frame.to_local(item.position.lon_deg, item.position.lat_deg))
        near += frame.geometry_to_local(cell.polygon).exterior.distance(spot) < 5.0
    assert 2 <= near <= len(scene.objects) // 3


def test_houses_and_trees_keep_clear_of_objects(scene: Scene) -> None:
    """Nothing hides an object from above at a slant."""
    frame = scene.frame
    for item in scene.objects:
        east, north = frame.to_local(item.position.lon_deg, item.position.lat_deg)
        for house in scene.buildings:
            gap = math.hypot(house.centre_m[0] - east, house.centre_m[1] - north)
            assert gap > ROOM_M[item.class_name], (item.object_id, house)
        for tree in scene.trees:
            gap = math.hypot(tree.centre_m[0] - east, tree.centre_m[1] - north)
            assert gap > ROOM_M[item.class_name], (item.object_id, tree)


def test_no_house_stands_in_the_road(county: County, scene: Scene) -> None:
    """Roadways of the county are free of houses."""
    frame: LocalFrame = scene.frame
    roads = shapely.union_all(
        [frame.geometry_to_local(zone.polygon) for zone in county.zones.of_kind(ZoneKind.ROADWAY)]
    )
    assert not any(roads.contains(shapely.Point(house.centre_m)) for house in scene.buildings)
    assert len(scene.buildings) > 40


def test_outside_every_cell_nothing_is_expected(county: County, scene: Scene) -> None:
    """An object in no cell can be reported to nobody."""
    assert expected_finding("garbage", LonLat(0.0, 0.0), county) is None
    assert scene.origin != LonLat(0.0, 0.0)


def test_a_vehicle_in_two_zones_is_the_graver_matter(county: County) -> None:
    """A fire lane outranks a parking ban."""
    zone = county.zones.of_kind(ZoneKind.FIRE_LANE)[0]

    middle = LonLat(zone.polygon.centroid.x, zone.polygon.centroid.y)
    finding = expected_finding("car", middle, county)
    assert finding is not None
    assert finding.matter_code == "09012"
