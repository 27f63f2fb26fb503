"""Make Sample County, always the same one: `python -m geofences.sample_county.generator OUT`."""

from __future__ import annotations

import argparse
from pathlib import Path

import pyogrio

from geofences.cells import Grid
from geofences.county import County, Dock, Road
from geofences.errors import GroundError
from geofences.formats.county_files import write_county
from geofences.geodesy import LocalFrame, LonLat
from geofences.sample_county.demo_village import DOCKS_M, Drawing, zone_drawings
from geofences.sample_county.landscape import county_drawings, road_drawings, roadway_drawings
from geofences.sample_county.lattice import to_lonlat
from geofences.sample_county.settlements import CITY, settle
from geofences.zones import Zone, ZoneIndex

ORIGIN = LonLat(115.62, 33.16)
"""The middle of the demo village."""

SEED = 341299

_NAME = "示例县 Sample County"
_COUNTRY_DOCKS_M = {"dock-3": (-9_850.0, 7_300.0), "dock-4": (10_350.0, -5_350.0)}
_FILE_DATE = "2026-01-01T00:00:00Z"


def build_county(seed: int = SEED) -> County:
    """Sample County as a value; the same seed gives the same county."""
    frame = LocalFrame(ORIGIN)
    return County(
        name=_NAME,
        grid=Grid(cell for village in settle(seed) for cell in village.cells(frame)),
        zones=ZoneIndex(_zones(frame, seed)),
        docks=_docks(frame),
        roads=tuple(
            Road(road_id, name, to_lonlat(frame, line), width_m)
            for road_id, name, line, width_m in road_drawings(seed)
        ),
    )


def _zones(frame: LocalFrame, seed: int) -> list[Zone]:
    drawings: list[tuple[Drawing, float | None]] = [(zone, None) for zone in zone_drawings()]
    drawings += county_drawings()
    drawings += [(zone, None) for zone in roadway_drawings(seed)]
    return [
        Zone(zone_id, kind, to_lonlat(frame, polygon), name, name_zh, ceiling_m)
        for (zone_id, kind, polygon, name, name_zh), ceiling_m in drawings
    ]


def _docks(frame: LocalFrame) -> tuple[Dock, ...]:
    places = {dock_id: CITY.to_county(*place) for dock_id, place in DOCKS_M.items()}
    places |= _COUNTRY_DOCKS_M
    return tuple(
        Dock(
            dock_id,
            f"{number}号机场 Dock {number}",
            LonLat(*(round(degrees, 7) for degrees in frame.to_lonlat(*place))),
            alt_amsl_m=30.0 + number,
        )
        for number, (dock_id, place) in enumerate(places.items(), start=1)
    )


def main() -> None:
    """Write the county to the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the GeoPackage to write")
    # The file carries its date of change; a fixed one keeps the file the same, byte for byte.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FILE_DATE})
    try:
        write_county(build_county(), parser.parse_args().out)
    except GroundError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
