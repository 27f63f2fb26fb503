"""A command knows the ground from the elevation it is given, or from what the home folder keeps."""

from pathlib import Path

from geofences.terrain import RasterTerrain
from patrol.elevation import load_terrain
from patrol.settings import Settings
from tests.geofences.rasters import slope, write_raster


def test_elevation_is_what_is_named_or_what_the_home_keeps(tmp_path: Path) -> None:
    """Without either, nobody knows the ground."""
    settings = Settings(tmp_path / "home")
    assert load_terrain([], settings) is None
    settings.terrain_folder.mkdir(parents=True)
    assert load_terrain([], settings) is None
    write_raster(settings.terrain_folder / "ground.tif", slope())
    assert isinstance(load_terrain([], settings), RasterTerrain)
    other = write_raster(tmp_path / "other.tif", slope() + 100.0)
    named = load_terrain([other], settings)
    assert named is not None
    assert named.alt_amsl_m(115.605, 33.195)[0] > 200.0
