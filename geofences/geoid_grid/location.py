"""Where the shipped geoid grid lies."""

from __future__ import annotations

from pathlib import Path


def geoid_grid_path() -> Path:
    """The GeoTIFF of EGM96: 15 minutes of arc, int16 centimetres, 895 kB."""
    return Path(__file__).with_name("egm96_15.tif")
