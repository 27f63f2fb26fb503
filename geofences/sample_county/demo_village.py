"""The demo village: what lies between its houses.

All places are metres right (about east) and up (about north) of the village's middle, in the
directions of the county town's lattice. The village is three by three cells of 100 m without the
north-eastern one; its south-western corner is cut by the safety zone of a substation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import shapely

from geofences.sample_county.settlements import CITY
from geofences.zones import ZoneKind

Point = tuple[float, float]
Drawing = tuple[str, ZoneKind, shapely.Polygon, str, str]
"""Zone id, kind, polygon in the county's frame, English and Chinese name."""

STREET: tuple[Point, ...] = (
    (-2550.0, 60.0),
    (-1500.0, -40.0),
    (-700.0, 5.0),
    (-150.0, -12.0),
    (0.0, -8.0),
    (150.0, -15.0),
    (700.0, 10.0),
    (1250.0, -30.0),
)
STREET_WIDTH_M = 14.0

LANE: tuple[Point, ...] = ((22.0, 280.0), (20.0, 90.0), (22.0, -8.0), (24.0, -330.0))
LANE_WIDTH_M = 7.0

DOCKS_M = {"dock-1": (-215.0, 190.0), "dock-2": (480.0, -390.0)}

_STREET_IN_VILLAGE = slice(3, 6)


def zone_drawings() -> list[Drawing]:
    """The zones of the demo village."""
    street = placed_line(STREET[_STREET_IN_VILLAGE])
    lane = placed_line(((20.5, 150.0), (20.0, 90.0), (22.0, -8.0), (22.8, -150.0)))
    return [
        ("demo-roadway-street", ZoneKind.ROADWAY, _band(street, 0, STREET_WIDTH_M),
         "Liuqiao Street", "柳桥街"),
        ("demo-roadway-lane", ZoneKind.ROADWAY, _band(lane, 0, LANE_WIDTH_M),
         "Market Lane", "集市巷"),
        ("demo-no-parking", ZoneKind.NO_PARKING, _kerb_strip(),
         "Liuqiao Street, south kerb", "柳桥街南侧禁停带"),
        ("demo-market", ZoneKind.NO_VENDING, _box(-48.0, -80.0, 12.0, -26.0),
         "Market square", "集市广场"),
        ("demo-fire-lane", ZoneKind.FIRE_LANE, _box(-62.0, -135.0, -56.0, -26.0),
         "Market fire lane", "集市消防通道"),
        ("demo-pump-station", ZoneKind.RESTRICTED, _box(-132.0, 72.0, -98.0, 100.0),
         "Pump station", "泵站"),
        ("demo-pond", ZoneKind.WATER, _ellipse((98.0, -102.0), 34.0, 22.0, 24),
         "Willow pond", "柳塘"),
        ("demo-substation", ZoneKind.NO_FLY, _ellipse((-158.0, -158.0), 62.0, 62.0, 12),
         "Substation", "变电站禁飞区"),
    ]  # fmt: skip


def placed_line(points: Iterable[Point]) -> shapely.LineString:
    """A line of the village in the county's frame."""
    return shapely.LineString([CITY.to_county(*point) for point in points])


def _band(line: shapely.LineString, offset_m: float, width_m: float) -> shapely.Polygon:
    middle = line.offset_curve(offset_m) if offset_m else line
    return middle.buffer(width_m / 2.0, cap_style="flat", join_style="mitre")


def _kerb_strip() -> shapely.Polygon:
    """Five metres beside the street on its south side, ending before the lane's mouth."""
    west_of_lane = placed_line(((-132.0, -11.5), (0.0, -8.0), (14.0, -8.65)))
    return _band(west_of_lane, -(STREET_WIDTH_M / 2.0 + 2.5), 5.0)


def _box(left_m: float, bottom_m: float, right_m: float, top_m: float) -> shapely.Polygon:
    corners = ((left_m, bottom_m), (right_m, bottom_m), (right_m, top_m), (left_m, top_m))
    return shapely.Polygon([CITY.to_county(*corner) for corner in corners])


def _ellipse(
    centre: Point, half_width_m: float, half_height_m: float, sides: int
) -> shapely.Polygon:
    angles = [2 * math.pi * (side + 0.5) / sides for side in range(sides)]
    return shapely.Polygon(
        CITY.to_county(
            centre[0] + half_width_m * math.cos(angle), centre[1] + half_height_m * math.sin(angle)
        )
        for angle in angles
    )
