"""Where the shipped file of the sample county lies."""

from __future__ import annotations

from pathlib import Path


def sample_county_path() -> Path:
    """The GeoPackage of Sample County, as shipped with the package."""
    return Path(__file__).with_name("county.gpkg")


def sample_terrain_path() -> Path:
    """The GeoTIFF of Sample County's ground above mean sea level, as shipped with the package."""
    return Path(__file__).with_name("terrain.tif")
