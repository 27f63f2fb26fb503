"""The map of a plan's picture: cells, zones, fences, lanes and docks, with scale and north."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from flight.missions import Action, Mission, PatrolPlan
from flight.planning.camera_lanes import filmed_route
from flight.planning.palette import CELL_COLOURS, ZONE_COLOURS, aircraft_colour, shade
from flight.planning.picture_page import INK
from flight.planning.picture_words import Words
from flight.planning.summary import middle_of
from geofences.cells import Cell
from geofences.county import County
from geofences.geodesy import LocalFrame, LonLat
from geofences.zones import Zone, ZoneKind

FloatArray = NDArray[np.float64]
StyleValue = Any  # each property of a drawn thing has its own type
Style = dict[str, StyleValue]

NO_FLY_FACE = "#FBE9E7"
FENCE_STYLE = (0, (1, 2.5))
TRANSIT_STYLE = (0, (5, 3))

_MARGIN_M = 45.0
_MANY = 6  # missions: more are drawn finer, without fences and ends
_MOST_ARROWS = 5  # of one mission, where there are many
_SHORTEST_ARROW_SHARE = 0.06  # of the map's width
_LABEL_PX = (36.0, 20.0)  # what a cell's number needs
_WHOLE_PX = (130.0, 60.0)  # what its name and the end of its code need beside lanes
_NUMBER_DIGITS = 3
_PLATE_PX = 150.0  # narrower zones have their name above them
_NAMED_PX = 16.0  # smaller zones would be hidden, and much beside them, by their names
_SEEN_PX = 8.0  # what is smaller is not worth a line of the legend
_HALO = (patheffects.withStroke(linewidth=2.5, foreground="white", alpha=0.9),)
_PLATE: Style = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 2.0}


@dataclass
class Shown:
    """What is to be seen on a map, for its legend: zones, and marks by their words' keys."""

    kinds: set[ZoneKind] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)


class PlanMap:
    """Draws everything that has a place, from the ground up."""

    def __init__(self, axes: Axes, county: County, plan: PatrolPlan, words: Words) -> None:
        """Choose the part of the county that is shown.

        Args:
            axes: Where to draw; the map takes their shape.
            county: Cells, zones and docks.
            plan: What is flown.
            words: The languages that can be drawn.
        """
        self._axes = axes
        self._county = county
        self._plan = plan
        self._words = words
        self._shown = Shown()
        self._many = len(plan.missions) > _MANY
        self._frame = LocalFrame(middle_of(county, plan))
        cells = [county.grid.by_code(code).polygon for code in plan.cell_codes]
        fences = [mission.fence.inclusion for mission in plan.missions]
        ground = shapely.union_all([*cells, *fences] or [county.grid.cells[0].polygon])
        body = shapely.buffer(self._frame.geometry_to_local(ground), _MARGIN_M)
        self._box = _page_box(body, axes)
        self._px_per_m = axes.get_window_extent().width / _width(self._box)

    def draw(self) -> Shown:
        """Draw the map.

        Returns:
            What is to be seen on it.
        """
        self._cells()
        for zone in self._county.zones.zones:
            if shapely.intersects(self._local(zone.polygon), self._box):
                self._zone(zone)
                if self._large(zone, _SEEN_PX) or zone.kind is ZoneKind.NO_FLY:
                    self._shown.kinds.add(zone.kind)
        crew = list(dict.fromkeys(mission.vehicle_name for mission in self._plan.missions))
        flown: dict[str, int] = {}
        for mission in self._plan.missions:
            flown[mission.vehicle_name] = flown.get(mission.vehicle_name, 0) + 1
            colour = aircraft_colour(crew.index(mission.vehicle_name))
            self._mission(mission, colour, flown[mission.vehicle_name])
        self._docks()
        self._scale()
        self._north()
        return self._shown

    def _cells(self) -> None:
        view = self._frame.geometry_to_lonlat(self._box)
        codes = set(self._plan.cell_codes)
        near = [c for c in self._county.grid.cells if shapely.intersects(c.polygon, view)]
        for cell in sorted(near, key=lambda cell: cell.code in codes):
            polygon = self._local(cell.polygon)
            if cell.code in codes:
                self._fill(polygon, *CELL_COLOURS, linewidth=1.3 if self._roomy(polygon) else 0.7)
                if self._roomy(polygon):
                    self._cell_name(cell, polygon)
            else:
                self._fill(polygon, "#FAFAF8", "#DEDEDA", linewidth=0.7)

    def _roomy(self, polygon: shapely.Geometry, needed_px: tuple[float, float] = _LABEL_PX) -> bool:
        """Whether a cell is drawn large enough to hold a text; its number if not said."""
        west, south, east, north = shapely.bounds(polygon)
        wide, high = (east - west) * self._px_per_m, (north - south) * self._px_per_m
        return bool(wide >= needed_px[0] and high >= needed_px[1])

    def _cell_name(self, cell: Cell, polygon: shapely.Geometry) -> None:
        at = shapely.point_on_surface(polygon)
        text = cell.code[-_NUMBER_DIGITS:]
        if self._roomy(polygon, _WHOLE_PX):
            text = f"{self._words.label(cell.name.partition(' ')[0])}\n…{cell.code[-6:]}".strip()
        self._text((at.x, at.y), text, size=8.5, color="#44603C", zorder=8)

    def _large(self, zone: Zone, least_px: float) -> bool:
        """Whether a zone is at least so long or wide on the page."""
        west, south, east, north = shapely.bounds(self._local(zone.polygon))
        return bool(max(east - west, north - south) * self._px_per_m >= least_px)

    def _zone(self, zone: Zone) -> None:
        polygon, colour = self._local(zone.polygon), ZONE_COLOURS[zone.kind]
        if zone.kind is ZoneKind.NO_FLY:
            self._fill(polygon, NO_FLY_FACE, colour, hatch="////", linewidth=2.0, zorder=4)
        else:
            self._fill(polygon, colour, colour, alpha=0.45, linewidth=0.8, zorder=3)
        if zone.kind in {ZoneKind.NO_FLY, ZoneKind.CEILING} and self._large(zone, _NAMED_PX):
            self._zone_name(zone, shapely.intersection(polygon, self._box), colour)

    def _zone_name(self, zone: Zone, shown: shapely.Geometry, colour: str) -> None:
        west, _, east, north = shapely.bounds(shown)
        plate = {"facecolor": "white", "edgecolor": colour, "boxstyle": "round,pad=0.3"}
        style: Style = {"color": colour, "zorder": 9, "bbox": plate, "size": 9.5}
        # In the middle of a small zone the name would hide it, in that of a ceiling what is below.
        if (east - west) * self._px_per_m < _PLATE_PX or zone.kind is ZoneKind.CEILING:
            above = north + 14.0 / self._px_per_m
            top = shapely.bounds(self._box)[3] - 14.0 / self._px_per_m
            self._text(((west + east) / 2.0, min(above, top)), self._words.zone(zone), **style)
        else:
            at = shapely.point_on_surface(shown)
            self._text((at.x, at.y), self._words.zone(zone), **style)

    def _mission(self, mission: Mission, base: str, number: int) -> None:
        colour = shade(base, number - 1)
        route = self._points(mission.route)
        filmed = filmed_route(mission, self._frame)
        if not self._many:
            fence = shapely.get_coordinates(self._local(mission.fence.inclusion))
            self._line(fence, colour, linewidth=1.0, linestyle=FENCE_STYLE, alpha=0.8, zorder=5)
            self._shown.marks.add("fence")
        thin, wide = (0.8, 1.8) if self._many else (1.3, 2.6)
        faint = 0.5 if self._many else 0.8
        self._line(route, colour, linewidth=thin, linestyle=TRANSIT_STYLE, alpha=faint, zorder=6)
        self._line(filmed, "white", linewidth=wide + 2.0, alpha=0.85, zorder=6)
        self._line(filmed, colour, linewidth=wide, zorder=7)
        self._shown.marks |= {"lane", "transit"}
        self._arrows(filmed, colour)
        self._stops(mission, colour)
        self._ends(filmed, colour, number)

    def _ends(self, filmed: FloatArray, colour: str, number: int) -> None:
        several = len({m.vehicle_name for m in self._plan.missions}) < len(self._plan.missions)
        if len(filmed) == 0:
            return
        style: Style = {"markeredgecolor": "white", "zorder": 9}
        if not self._many:
            self._line(filmed[-1:], colour, marker="s", markersize=9, **style)
            self._shown.marks.add("last")
        self._line(filmed[:1], colour, marker="o", markersize=14 if several else 9, **style)
        self._shown.marks.add("first")
        if several:
            plain: Style = {"path_effects": (), "color": "white", "zorder": 10, "size": 8}
            self._text((float(filmed[0, 0]), float(filmed[0, 1])), str(number), **plain)

    def _stops(self, mission: Mission, colour: str) -> None:
        """Where the aircraft hovers, and what it looks at meanwhile."""
        place = mission.home
        for item in mission.items:
            place = item.flown_to or place
            if item.action is Action.HOVER:
                self._mark(place, "hover", colour, marker="D", markersize=7, zorder=9)
            elif item.action is Action.LOOK_AT and item.position is not None:
                self._mark(item.position, "target", INK, marker="*", markersize=15, zorder=9)

    def _mark(self, place: LonLat, key: str, colour: str, **style: StyleValue) -> None:
        self._line(self._points((place,)), colour, markeredgecolor="white", **style)
        self._shown.marks.add(key)

    def _arrows(self, filmed: FloatArray, colour: str) -> None:
        legs = [(float(np.hypot(*(b - a))), a, b) for a, b in itertools.pairwise(filmed)]
        shortest_m = _SHORTEST_ARROW_SHARE * _width(self._box)
        long = sorted((leg for leg in legs if leg[0] >= shortest_m), key=lambda leg: -leg[0])
        for length_m, a, b in long[: _MOST_ARROWS if self._many else len(long)]:
            middle, step = (2.0 * a + b) / 3.0, (b - a) / length_m
            style: Style = {
                "arrowstyle": "-|>",
                "color": colour,
                "mutation_scale": 12 if self._many else 17,
                "linewidth": 0,
            }
            tip, tail = tuple(middle + step), tuple(middle - step)
            self._axes.annotate("", tip, tail, zorder=8, arrowprops=style)

    def _docks(self) -> None:
        used = {mission.dock_id for mission in self._plan.missions}
        for dock in self._county.docks:
            x, y = self._frame.to_local(dock.position.lon_deg, dock.position.lat_deg)
            if not shapely.intersects(self._box, shapely.Point(x, y)):
                continue
            face = INK if dock.dock_id in used else "#9AA5B1"
            edge = {"markeredgecolor": "white", "markeredgewidth": 1.8}
            self._line(np.array([[x, y]]), face, marker="H", markersize=21, zorder=10, **edge)
            self._axes.text(x, y, "H", color="white", size=10, ha="center", va="center", zorder=11)
            below: Style = {"xytext": (0, -19), "textcoords": "offset points", "va": "top"}
            style: Style = {"ha": "center", "size": 10, "path_effects": _HALO, "zorder": 11}
            self._axes.annotate(self._words.label(dock.name), (x, y), **below, **style)
            self._shown.marks.add("dock")

    def _scale(self) -> None:
        west, south, east, north = self._box.bounds
        frameless = {"xticks": [], "yticks": [], "aspect": "equal"}
        self._axes.set(xlim=(west, east), ylim=(south, north), **frameless)
        for spine in self._axes.spines.values():
            spine.set(color="#8A949E", linewidth=1.0)
        length_m = _round_length(0.18 * (east - west))
        # Below the map, where no lane runs under it.
        high_m = north - south
        x, y, thick_m = east - 1.15 * length_m, south - 0.043 * high_m, 0.007 * high_m
        for part, colour in ((0, INK), (1, "white")):
            left = x + part * length_m / 2.0
            half = shapely.box(left, y, left + length_m / 2.0, y + thick_m)
            self._fill(half, colour, INK, linewidth=1.0, zorder=12, clip_on=False)
        unit, size = ("km", length_m / 1000.0) if length_m >= 1000.0 else ("m", length_m)
        for share, text in ((0.0, "0"), (0.5, f"{size / 2:g}"), (1.0, f"{size:g} {unit}")):
            self._text((x + share * length_m, y + 3.2 * thick_m), text, zorder=12)

    def _north(self) -> None:
        arrow: Style = {"arrowstyle": "-|>", "color": INK, "linewidth": 2.2, "mutation_scale": 22}
        style: Style = {
            "size": 15,
            "ha": "center",
            "va": "center",
            "zorder": 12,
            "arrowprops": arrow,
            "bbox": _PLATE,
        }
        ends: Style = {"xy": (0.965, 0.965), "xytext": (0.965, 0.885), "xycoords": "axes fraction"}
        self._axes.annotate("N", **ends, **style)

    def _points(self, places: tuple[LonLat, ...]) -> FloatArray:
        return np.array([self._frame.to_local(p.lon_deg, p.lat_deg) for p in places])

    def _local(self, polygon: shapely.Geometry) -> shapely.Geometry:
        return self._frame.geometry_to_local(polygon)

    def _line(self, points: FloatArray, colour: str, **style: StyleValue) -> None:
        self._axes.plot(*points.T, color=colour, solid_joinstyle="round", **style)

    def _text(self, at: tuple[float, float], text: str, **style: StyleValue) -> None:
        plain = {"size": 10, "ha": "center", "va": "center", "path_effects": _HALO}
        self._axes.text(*at, text, **{**plain, **style})

    def _fill(self, polygon: shapely.Geometry, face: str, edge: str, **style: StyleValue) -> None:
        for part in shapely.get_parts(polygon):
            rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(part)]
            outline = Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings))
            self._axes.add_patch(PathPatch(outline, facecolor=face, edgecolor=edge, **style))


def _width(box: shapely.Polygon) -> float:
    west, _, east, _ = shapely.bounds(box)
    return float(east - west)


def _page_box(body: shapely.Geometry, axes: Axes) -> shapely.Polygon:
    """The box round a body that has the shape of the axes, so that the map fills them."""
    west, south, east, north = shapely.bounds(body)
    place = axes.get_window_extent()
    height = max(north - south, (east - west) * place.height / place.width)
    width = height * place.width / place.height
    x, y = (west + east) / 2.0, (south + north) / 2.0
    return shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _round_length(about_m: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that is not above a length."""
    power = 10.0 ** np.floor(np.log10(about_m))
    return float(max(step * power for step in (1, 2, 5) if step * power <= about_m))
