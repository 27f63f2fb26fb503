"""The demo: Liuqiao village of the sample county on a market day, with known truth."""

from __future__ import annotations

from typing import NamedTuple

import shapely

from geofences.county import County
from geofences.geodesy import LocalFrame, LonLat
from vision.simulator.catalogue import known_object
from vision.simulator.demo_scenery import scenery_of
from vision.simulator.expectations import expected_finding
from vision.simulator.scene import Light, Scene, SceneObject

DEMO_VILLAGE = "341299001001"
HALF_EXTENT_M = 205.0
SEED = 20260733


class Placement(NamedTuple):
    """An object of the demo: metres east and north of the village's middle."""

    object_id: str
    class_name: str
    kind: str
    east_m: float
    north_m: float
    heading_deg: float


PLACEMENTS = (
    # Along the south kerb of Liuqiao Street, where parking is forbidden; the third stands 4 m
    # from the border of two cells.
    Placement("truck-kerb-west", "truck_bus", "box_truck", -104.0, 2.9, 95.7),
    Placement("car-kerb-white", "car", "sedan", -86.0, 1.2, 95.7),
    Placement("car-kerb-border", "car", "suv", -42.4, -3.3, 275.7),
    Placement("car-kerb-van", "car", "van", -20.0, -5.5, 95.7),
    # In the fire lane beside the market.
    Placement("car-fire-lane-north", "car", "hatch", -51.2, -26.0, 6.8),
    Placement("car-fire-lane-south", "car", "sedan", -55.0, -59.0, 186.8),
    # Parked where it is allowed, or moving with the traffic.
    Placement("car-park-1", "car", "sedan", 84.0, 8.0, 8.0),
    Placement("car-park-2", "car", "suv", 92.5, 6.8, 188.0),
    Placement("car-park-3", "car", "hatch", 104.0, 5.2, 8.0),
    Placement("car-yard-west", "car", "van", -100.0, 44.0, 100.0),
    Placement("car-yard-north", "car", "sedan", 8.0, 84.0, 8.0),
    Placement("car-street", "car", "suv", 66.0, -10.5, 99.6),
    Placement("bus-street", "truck_bus", "bus", -66.0, 11.5, 275.4),
    Placement("tipper-lane", "truck_bus", "tipper", 29.2, -48.0, 186.5),
    Placement("scooter-street", "two_wheeler", "scooter", -8.0, 6.2, 275.4),
    Placement("motorbike-lane", "two_wheeler", "motorbike", 26.2, -78.0, 6.5),
    Placement("bicycle-street", "two_wheeler", "bicycle", 122.0, -20.5, 99.6),
    # Two people inside the pump station's fence, others where they may be.
    Placement("person-pump-east", "person", "adult", -84.0, 104.0, 210.0),
    Placement("person-pump-west", "person", "adult", -98.0, 107.0, 80.0),
    Placement("person-market", "person", "adult", -8.0, -36.0, 30.0),
    Placement("person-yard-west", "person", "adult", -74.0, 38.0, 300.0),
    Placement("person-north", "person", "adult", 22.0, 112.0, 150.0),
    Placement("person-pond", "person", "adult", 104.0, -68.0, 40.0),
    # Stalls on the market square, where vending is forbidden, and one in a yard.
    Placement("stall-market-umbrella", "stall", "umbrella", -26.0, -25.0, 8.0),
    Placement("stall-market-awning", "stall", "awning", 7.0, -29.0, 98.0),
    Placement("stall-market-tricycle", "stall", "tricycle", -17.0, -58.0, 60.0),
    Placement("stall-yard", "stall", "awning", -88.0, -48.0, 98.0),
    # Litter; the third lies 4 m from the border of two cells.
    Placement("garbage-west", "garbage", "mixed", -70.0, 56.0, 20.0),
    Placement("garbage-north", "garbage", "bags", 61.0, 104.0, 70.0),
    Placement("garbage-border", "garbage", "mixed", 50.5, -90.0, 10.0),
    Placement("garbage-south", "garbage", "scattered", -28.0, -103.0, 140.0),
    Placement("garbage-east", "garbage", "bags", 130.0, 14.0, 40.0),
    # Stubble burns south of the pond road.
    Placement("smoke-field", "smoke", "grey", 70.0, -122.0, 0.0),
    Placement("fire-field", "fire", "fire", 66.4, -125.4, 0.0),
    # Holes in the street and the lane.
    Placement("pothole-street-west", "pothole", "dry", -30.0, 8.0, 95.0),
    Placement("pothole-street-east", "pothole", "puddle", 100.0, -11.0, 60.0),
    Placement("pothole-lane-north", "pothole", "dry", 41.0, 62.0, 20.0),
    Placement("pothole-lane-south", "pothole", "dry", 19.6, -118.0, 150.0),
)


def demo_scene(county: County) -> Scene:
    """Return the demo's scene, with what should be found computed from the county's zones.

    Raises:
        UnknownCellError: If the county has no cells of the demo village.
    """
    cells = county.grid.in_village(DEMO_VILLAGE)
    village = shapely.union_all([cell.polygon for cell in cells])
    origin = LonLat(village.centroid.x, village.centroid.y)
    frame = LocalFrame(origin)
    objects = tuple(_placed(placement, frame, county) for placement in PLACEMENTS)
    kept_clear = [(p.east_m, p.north_m, p.class_name) for p in PLACEMENTS]
    scenery = scenery_of(county, frame, HALF_EXTENT_M, kept_clear, SEED)
    return Scene(
        origin,
        HALF_EXTENT_M,
        objects,
        scenery.surfaces,
        scenery.roads,
        scenery.buildings,
        scenery.trees,
        Light(sun_azimuth_deg=152.0, sun_elevation_deg=54.0, sun_share=0.8, exposure=1.12),
        (1.3, 0.9),
        SEED,
    )


def _placed(placement: Placement, frame: LocalFrame, county: County) -> SceneObject:
    position = LonLat(*frame.to_lonlat(placement.east_m, placement.north_m))
    expected = expected_finding(placement.class_name, position, county)
    return known_object(
        placement.object_id,
        placement.class_name,
        placement.kind,
        position,
        placement.heading_deg,
        expected,
    )
