"""Small invented counties, drawn in metres round one place."""

from collections.abc import Sequence

import shapely
from hypothesis import strategies as st
from shapely import affinity

from flight.planning.aircraft import Aircraft
from flight.planning.request import PatrolRequest
from flight.planning.tasks import CoverCells
from geofences.cells import Cell, Grid
from geofences.county import County, Dock
from geofences.geodesy import LocalFrame, LonLat
from geofences.view import Camera
from geofences.zones import Zone, ZoneIndex, ZoneKind

FRAME = LocalFrame(LonLat(115.62, 33.16))
CAMERA = Camera("demo-1280", 1280, 720, 70.0)
VILLAGE = "341299001001"


def place(east_m: float, north_m: float) -> LonLat:
    """A place so many metres from the county's middle."""
    return LonLat(*FRAME.to_lonlat(east_m, north_m))


def zone(
    polygon: shapely.Polygon, kind: ZoneKind = ZoneKind.NO_FLY, ceiling_m: float | None = None
) -> Zone:
    """A zone from a polygon in metres."""
    shape = FRAME.geometry_to_lonlat(polygon)
    return Zone(f"{kind}-1", kind, shape, "Power station", "电站", ceiling_m)


def county(
    zones: Sequence[Zone] = (),
    *,
    rows: int = 2,
    columns: int = 3,
    docks: Sequence[tuple[float, float]] = ((-150.0, -50.0), (450.0, 250.0)),
) -> County:
    """Square cells of 100 m from the middle to the north-east, and docks beside them."""
    squares = [
        shapely.box(100.0 * c, 100.0 * r, 100.0 * c + 100.0, 100.0 * r + 100.0)
        for r in range(rows)
        for c in range(columns)
    ]
    cells = [
        Cell(f"{VILLAGE}{n:03d}", FRAME.geometry_to_lonlat(square), f"Cell {n}", "Town", "Village")
        for n, square in enumerate(squares, start=1)
    ]
    stations = tuple(
        Dock(f"dock-{n}", f"Dock {n}", place(*at), 30.0) for n, at in enumerate(docks, start=1)
    )
    return County("Test County", Grid(cells), ZoneIndex(zones), stations, ())


def request(ground: County, aircraft: int = 2, **changes: object) -> PatrolRequest:
    """A patrol of all cells by some aircraft, one from each dock in turn."""
    docks = ground.docks
    crew = tuple(Aircraft(f"drone-{n + 1}", docks[n % len(docks)].dock_id) for n in range(aircraft))
    codes = tuple(cell.code for cell in ground.grid.cells)
    asked = {"task": CoverCells(codes), **changes}
    return PatrolRequest("Morning patrol", aircraft=crew, camera=CAMERA, **asked)  # type: ignore[arg-type]


@st.composite
def star_polygons(draw: st.DrawFn) -> shapely.Polygon:
    """Simple polygons, many of them concave, 100 to 400 m across."""
    count = draw(st.integers(4, 14))
    radii = draw(st.lists(st.floats(60.0, 200.0), min_size=count, max_size=count))
    spokes = [
        affinity.rotate(shapely.Point(radius, 0.0), 360.0 * i / count, origin=(0.0, 0.0))
        for i, radius in enumerate(radii)
    ]
    return shapely.Polygon([(spoke.x, spoke.y) for spoke in spokes])


@st.composite
def holed_polygons(draw: st.DrawFn) -> shapely.Geometry:
    """Star polygons with one to three discs or boxes cut out; they may fall apart."""
    area: shapely.Geometry = draw(star_polygons())
    for _ in range(draw(st.integers(1, 3))):
        x, y = draw(st.floats(-80.0, 80.0)), draw(st.floats(-80.0, 80.0))
        size = draw(st.floats(8.0, 35.0))
        area = area.difference(shapely.box(x, y, x + size, y + 1.5 * size))
    return area
