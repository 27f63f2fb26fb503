"""The map of a plan's picture: cells, zones, fences, lanes, docks, scale and north arrow."""

import itertools
from typing import Any

import numpy as np
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from flight.missions import Mission, PatrolPlan
from flight.planning.camera_lanes import filmed_route
from flight.planning.palette import CELL_COLOURS, ZONE_COLOURS, aircraft_colour
from flight.planning.picture_page import INK
from flight.planning.picture_words import Words, label
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
_MOST_CELL_LABELS = 60
_SHORTEST_ARROW_SHARE = 0.06  # of the map's width
_HALO = (patheffects.withStroke(linewidth=2.5, foreground="white", alpha=0.9),)


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
        cells = [county.grid.by_code(code) for code in plan.cell_codes]
        ground = shapely.union_all([cell.polygon for cell in cells])
        self._frame = LocalFrame(LonLat(ground.centroid.x, ground.centroid.y))
        fences = [mission.fence.inclusion for mission in plan.missions]
        body = self._frame.geometry_to_local(shapely.union_all([ground, *fences]))
        self._box = _page_box(shapely.buffer(body, _MARGIN_M), axes)

    def draw(self) -> list[ZoneKind]:
        """Draw the map.

        Returns:
            The kinds of zones that are to be seen on it, each once.
        """
        self._cells()
        zones = self._county.zones.zones
        shown = [zone for zone in zones if shapely.intersects(self._local(zone.polygon), self._box)]
        for zone in shown:
            self._zone(zone)
        for index, mission in enumerate(self._plan.missions):
            self._mission(index, mission)
        self._docks()
        self._scale()
        self._north()
        return list(dict.fromkeys(zone.kind for zone in shown))

    def _cells(self) -> None:
        view = self._frame.geometry_to_lonlat(self._box)
        codes = set(self._plan.cell_codes)
        near = [c for c in self._county.grid.cells if shapely.intersects(c.polygon, view)]
        for cell in sorted(near, key=lambda cell: cell.code in codes):
            polygon = self._local(cell.polygon)
            if cell.code in codes:
                self._fill(polygon, *CELL_COLOURS, linewidth=1.3)
                if len(codes) <= _MOST_CELL_LABELS:
                    self._cell_name(cell, polygon)
            else:
                self._fill(polygon, "#FAFAF8", "#DEDEDA", linewidth=0.7)

    def _cell_name(self, cell: Cell, polygon: shapely.Geometry) -> None:
        at = shapely.point_on_surface(polygon)
        name = label(cell.name.partition(" ")[0], chinese=self._words.chinese)
        text = f"{name}\n…{cell.code[-6:]}".strip()
        self._text((at.x, at.y), text, size=8.5, color="#44603C", zorder=8)

    def _zone(self, zone: Zone) -> None:
        polygon, colour = self._local(zone.polygon), ZONE_COLOURS[zone.kind]
        if zone.kind is not ZoneKind.NO_FLY:
            self._fill(polygon, colour, colour, alpha=0.55, linewidth=0.8, zorder=3)
            return
        self._fill(polygon, NO_FLY_FACE, colour, hatch="////", linewidth=2.0, zorder=4)
        at = shapely.point_on_surface(shapely.intersection(polygon, self._box))
        plate = {"facecolor": "white", "edgecolor": colour, "boxstyle": "round,pad=0.3"}
        self._text((at.x, at.y), self._words.zone(zone), color=colour, zorder=9, bbox=plate)

    def _mission(self, index: int, mission: Mission) -> None:
        colour = aircraft_colour(index)
        fence = shapely.get_coordinates(self._local(mission.fence.inclusion))
        route = np.array([self._frame.to_local(p.lon_deg, p.lat_deg) for p in mission.route])
        filmed = filmed_route(mission, self._frame)
        self._line(fence, colour, linewidth=1.0, linestyle=FENCE_STYLE, alpha=0.8, zorder=5)
        self._line(route, colour, linewidth=1.3, linestyle=TRANSIT_STYLE, alpha=0.8, zorder=6)
        self._line(filmed, "white", linewidth=5.0, alpha=0.85, zorder=6)
        self._line(filmed, colour, linewidth=2.6, zorder=7)
        self._arrows(filmed, colour)
        for point, marker in ((filmed[:1], "o"), (filmed[-1:], "s")):
            self._line(
                point, colour, marker=marker, markersize=9, markeredgecolor="white", zorder=9
            )

    def _arrows(self, filmed: FloatArray, colour: str) -> None:
        west, _, east, _ = self._box.bounds
        for a, b in itertools.pairwise(filmed):
            length_m = float(np.hypot(*(b - a)))
            if length_m >= _SHORTEST_ARROW_SHARE * (east - west):
                middle, step = (2.0 * a + b) / 3.0, (b - a) / length_m
                style: Style = {
                    "arrowstyle": "-|>",
                    "color": colour,
                    "mutation_scale": 17,
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
            name = label(dock.name, chinese=self._words.chinese)
            below: Style = {"xytext": (0, -19), "textcoords": "offset points", "va": "top"}
            style: Style = {"ha": "center", "size": 10, "path_effects": _HALO, "zorder": 11}
            self._axes.annotate(name, (x, y), **below, **style)

    def _scale(self) -> None:
        west, south, east, north = self._box.bounds
        frameless = {"xticks": [], "yticks": [], "aspect": "equal"}
        self._axes.set(xlim=(west, east), ylim=(south, north), **frameless)
        for spine in self._axes.spines.values():
            spine.set(color="#8A949E", linewidth=1.0)
        length_m = _round_length(0.18 * (east - west))
        x, y = west + 0.03 * (east - west), south + 0.035 * (north - south)
        thick_m = 0.007 * (north - south)
        for part, colour in ((0, INK), (1, "white")):
            left = x + part * length_m / 2.0
            half = shapely.box(left, y, left + length_m / 2.0, y + thick_m)
            self._fill(half, colour, INK, linewidth=1.0, zorder=12)
        for share, text in ((0.0, "0"), (0.5, f"{length_m / 2:g}"), (1.0, f"{length_m:g} m")):
            self._text((x + share * length_m, y + 3.2 * thick_m), text, zorder=12)

    def _north(self) -> None:
        arrow: Style = {"arrowstyle": "-|>", "color": INK, "linewidth": 2.2, "mutation_scale": 22}
        style: Style = {
            "size": 15,
            "ha": "center",
            "va": "center",
            "zorder": 12,
            "arrowprops": arrow,
        }
        ends: Style = {"xy": (0.965, 0.965), "xytext": (0.965, 0.885), "xycoords": "axes fraction"}
        self._axes.annotate("N", **ends, **style)

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
