"""Which elevation a command knows the ground from: what is named, or what the home folder keeps."""

from collections.abc import Sequence
from pathlib import Path

from geofences.terrain import Terrain
from patrol.settings import Settings

_ELEVATION_SUFFIXES = (".tif", ".tiff", ".vrt")


def load_terrain(paths: Sequence[Path], settings: Settings) -> Terrain | None:
    """The elevation that was named, or else what lies in the home folder; None without either.

    Raises:
        ElevationFileError: a file cannot be used.
    """
    if paths:
        return Terrain.from_files(list(paths))
    kept = settings.terrain_folder
    if kept.is_dir() and any(file.suffix.lower() in _ELEVATION_SUFFIXES for file in kept.iterdir()):
        return Terrain.from_files(kept)
    return None
