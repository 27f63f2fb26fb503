"""What is shown of a county: in numbers, as lists, and one thing at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

import shapely
from rich.markup import escape

from geofences.cells import Cell
from geofences.county import County
from geofences.formats.zone_layer import zone_fields
from geofences.geodesy import LocalFrame, LonLat
from geofences.zones import Zone
from patrol.cli.console import print_json, table, terminal

Row = dict[str, object]

_DECIMALS = {"longitude": 6, "latitude": 6, "extent": 6, "area_ha": 2}
_NUMBERS = ("cells", "number", "area_ha", "longitude", "latitude", "alt_amsl_m", "length_m")


class ListAsked(StrEnum):
    """What can be listed."""

    CELLS = "cells"
    VILLAGES = "villages"
    ZONES = "zones"
    DOCKS = "docks"
    ROADS = "roads"


def show_county(
    county: County, *, as_json: bool, beside: Mapping[str, object] | None = None
) -> None:
    """Print how much of everything there is, and how far it reaches."""
    if as_json:
        print_json({**county_row(county), **(beside or {})})
        return
    row = county_row(county)
    west, south, east, north = _extent(county.grid.cells)
    width_m, height_m = _size_m((west, south, east, north))
    made = table(escape(county.name), {"what": "left", "number": "right"})
    for what in ("cells", "villages"):
        made.add_row(what, str(row[what]))
    made.add_row("docks", str(len(county.docks)))
    made.add_row("roads", str(len(county.roads)))
    for kind, count in _kinds(county).items():
        made.add_row(f"zones: {kind}", str(count))
    made.add_row("area of the cells", f"{row['area_km2']} km2")
    made.add_row("longitude", f"{west:.5f} to {east:.5f}")
    made.add_row("latitude", f"{south:.5f} to {north:.5f}")
    made.add_row("width by height", f"{width_m / 1000:.1f} by {height_m / 1000:.1f} km")
    terminal().print(made)


def county_row(county: County) -> Row:
    """Return a county's numbers for a machine."""
    cells = county.grid.cells
    return {
        "county": county.name,
        "cells": len(cells),
        "villages": len({cell.village_code for cell in cells}),
        "zones": _kinds(county),
        "docks": [dock.dock_id for dock in county.docks],
        "roads": len(county.roads),
        "area_km2": round(sum(_areas_m2([cell.polygon for cell in cells])) / 1e6, 2),
        "extent": list(_extent(cells)),
    }


def show_list(county: County, asked: ListAsked, *, as_json: bool) -> None:
    """Print all things of one kind, a line each."""
    rows = _ROWS[asked](county)
    if as_json:
        print_json(rows)
        return
    if not rows:
        terminal().print(f"{county.name} has no {asked.value}.", markup=False)
        return
    headings = {key: "right" if key in _NUMBERS else "left" for key in rows[0]}
    made = table(f"{asked.value} of {escape(county.name)} ({len(rows)})", headings)
    made.columns[0].no_wrap = True  # what identifies a thing is typed again, so never cut
    for row in rows:
        made.add_row(*(escape(_text(value, key)) for key, value in row.items()))
    terminal().print(made)


def show_cell(county: County, cell: Cell, *, as_json: bool) -> None:
    """Print one cell, with its neighbours."""
    row = _cell_row(cell, _areas_m2([cell.polygon])[0]) | {
        "corners": int(shapely.get_num_coordinates(cell.polygon)) - 1,
        "neighbours": list(_neighbours(county, cell)),
    }
    _show_one(f"cell {cell.code}", row, cell.polygon, as_json=as_json)


def show_village(cells: Sequence[Cell], *, as_json: bool) -> None:
    """Print one village, with the codes of its cells."""
    (row,) = _village_rows({cells[0].village_code: list(cells)})
    row |= {"codes": [cell.code for cell in cells], "extent": list(_extent(cells))}
    outline = shapely.union_all([cell.polygon for cell in cells])
    _show_one(f"village {cells[0].village_code}", row, outline, as_json=as_json)


def show_zone(zone: Zone, *, as_json: bool) -> None:
    """Print one zone, with its heights and times."""
    row = zone_fields(zone) | _placed(zone.polygon, _areas_m2([zone.polygon])[0])
    if not as_json:  # for people a height says what it is above
        row = {"ceiling m above ground" if k == "ceiling_m" else k: v for k, v in row.items()}
    _show_one(f"zone {zone.zone_id}", dict(row), zone.polygon, as_json=as_json)


def _show_one(title: str, row: Row, outline: shapely.Geometry, *, as_json: bool) -> None:
    if as_json:
        print_json(row | {"geometry": shapely.geometry.mapping(outline)})
        return
    made = table(escape(title), {"what": "left", "": "left"})
    for key, value in row.items():
        if value not in (None, "", []):
            made.add_row(key.replace("_", " "), escape(_text(value, key)))
    terminal().print(made)


def _kinds(county: County) -> dict[str, int]:
    return dict(sorted(Counter(zone.kind.value for zone in county.zones.zones).items()))


def _cell_rows(county: County) -> list[Row]:
    cells = county.grid.cells
    areas_m2 = _areas_m2([cell.polygon for cell in cells])
    return [_cell_row(cell, area) for cell, area in zip(cells, areas_m2, strict=True)]


def _cell_row(cell: Cell, area_m2: float) -> Row:
    names: Row = {"code": cell.code, "name": cell.name, "town": cell.town, "village": cell.village}
    return names | _placed(cell.polygon, area_m2)


def _villages(county: County) -> list[Row]:
    villages: dict[str, list[Cell]] = {}
    for cell in county.grid.cells:
        villages.setdefault(cell.village_code, []).append(cell)
    return _village_rows(villages)


def _village_rows(villages: Mapping[str, Sequence[Cell]]) -> list[Row]:
    return [
        {
            "code": code,
            "village": cells[0].village,
            "town": cells[0].town,
            "cells": len(cells),
            "area_ha": round(sum(_areas_m2([cell.polygon for cell in cells])) / 1e4, 2),
        }
        for code, cells in villages.items()
    ]


def _zone_rows(county: County) -> list[Row]:
    zones = county.zones.zones
    areas_m2 = _areas_m2([zone.polygon for zone in zones])
    return [
        {"zone_id": zone.zone_id, "kind": zone.kind.value, "name": zone.name or zone.name_zh}
        | _placed(zone.polygon, area)
        for zone, area in zip(zones, areas_m2, strict=True)
    ]


def _dock_rows(county: County) -> list[Row]:
    return [
        {
            "dock_id": dock.dock_id,
            "name": dock.name,
            "longitude": round(dock.position.lon_deg, 6),
            "latitude": round(dock.position.lat_deg, 6),
            "alt_amsl_m": dock.alt_amsl_m,
        }
        for dock in county.docks
    ]


def _road_rows(county: County) -> list[Row]:
    return [
        {
            "road_id": road.road_id,
            "name": road.name,
            "width_m": road.width_m,
            "length_m": round(_frame(road.line).geometry_to_local(road.line).length),
        }
        for road in county.roads
    ]


_ROWS = {
    ListAsked.CELLS: _cell_rows,
    ListAsked.VILLAGES: _villages,
    ListAsked.ZONES: _zone_rows,
    ListAsked.DOCKS: _dock_rows,
    ListAsked.ROADS: _road_rows,
}


def _placed(shape: shapely.Geometry, area_m2: float) -> Row:
    point = shape.representative_point()
    return {
        "area_ha": round(area_m2 / 1e4, 2),
        "longitude": round(point.x, 6),
        "latitude": round(point.y, 6),
    }


def _neighbours(county: County, cell: Cell) -> tuple[str, ...]:
    others = (other for other in county.grid.cells if other.code != cell.code)
    return tuple(other.code for other in others if other.polygon.intersects(cell.polygon))


def _areas_m2(shapes: Sequence[shapely.Polygon]) -> list[float]:
    if not shapes:
        return []
    local = _frame(*shapes).geometry_to_local(list(shapes))
    return [float(area) for area in shapely.area(local)]


def _frame(*shapes: shapely.Geometry) -> LocalFrame:
    west, south, east, north = shapely.total_bounds(list(shapes)).tolist()
    return LocalFrame(LonLat((west + east) / 2.0, (south + north) / 2.0))


def _extent(cells: Sequence[Cell]) -> tuple[float, float, float, float]:
    west, south, east, north = shapely.total_bounds([cell.polygon for cell in cells]).tolist()
    return west, south, east, north


def _size_m(extent: tuple[float, float, float, float]) -> tuple[float, float]:
    west, south, east, north = (
        _frame(shapely.box(*extent)).geometry_to_local(shapely.box(*extent)).bounds
    )
    return east - west, north - south


def _text(value: object, key: str) -> str:
    if isinstance(value, list):
        return ", ".join(_text(each, key) for each in value)
    if isinstance(value, float) and key in _DECIMALS:
        return f"{value:.{_DECIMALS[key]}f}"
    return "" if value is None else str(value)
