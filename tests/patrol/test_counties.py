"""One county is kept, whole, and only a better one takes its place."""

from pathlib import Path

import pytest

from geofences.errors import GroundError, InvalidGeometryError
from geofences.formats.county_files import write_county
from geofences.sample_county.location import sample_terrain_path
from patrol.counties import (
    import_county,
    keep_county,
    keep_sample_terrain,
    leave_other_terrain,
    load_county,
)
from patrol.errors import NoCountyError, SettingsError
from patrol.settings import Settings
from tests.patrol.builders import CODES, small_county, write_cells

CROSSED = ((0.0, 0.0), (50.0, 50.0), (50.0, 0.0), (0.0, 50.0))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A machine without a county."""
    return Settings(tmp_path / "home")


def test_what_was_kept_is_loaded(settings: Settings) -> None:
    """Cells, zones, docks and roads come back as they were."""
    keep_county(small_county(), settings)
    county = load_county(settings)
    assert county.name == "Four Cells"
    assert {cell.code for cell in county.grid.cells} == set(CODES)
    assert [zone.zone_id for zone in county.zones.zones] == ["nf-1", "re-1"]
    assert [dock.alt_amsl_m for dock in county.docks] == [30.0, 31.0]
    assert [road.width_m for road in county.roads] == [7.0]


def test_an_import_is_kept_and_returned(settings: Settings, tmp_path: Path) -> None:
    """The file itself may go away afterwards."""
    file = tmp_path / "own.gpkg"
    write_county(small_county(), file)
    county = import_county(file, settings)
    file.unlink()
    assert load_county(settings).name == county.name


def test_without_an_import_the_person_is_told_how(settings: Settings) -> None:
    """The sentence names the home and both commands."""
    with pytest.raises(NoCountyError, match=r"grid import FILE.*grid import --sample") as error:
        load_county(settings)
    assert str(settings.home) in str(error.value)


def test_a_bad_file_leaves_the_county_before(settings: Settings, tmp_path: Path) -> None:
    """Nothing of it is kept, and no half-written file lies about."""
    keep_county(small_county(), settings)
    before = sorted(settings.home.iterdir())
    with pytest.raises(InvalidGeometryError):
        import_county(write_cells(tmp_path / "bad.geojson", CROSSED), settings)
    assert sorted(settings.home.iterdir()) == before
    assert len(load_county(settings).grid.cells) == 4


def test_a_damaged_county_is_told(settings: Settings) -> None:
    """A file that was cut on disk is not taken for an empty county."""
    keep_county(small_county(), settings)
    settings.county_file.write_bytes(settings.county_file.read_bytes()[:5000])
    with pytest.raises(GroundError, match=r"county\.gpkg"):
        load_county(settings)


def test_a_home_that_is_a_file_is_told(tmp_path: Path) -> None:
    """The sentence names the variable to mend."""
    (tmp_path / "home").touch()
    with pytest.raises(SettingsError, match=r"GRIDPATROL_HOME is .*home, which is no folder"):
        keep_county(small_county(), Settings(tmp_path / "home"))


def test_the_samples_ground_is_kept_and_goes_with_it(settings: Settings) -> None:
    """Another county is not followed or checked over hills that are not its own."""
    said = keep_sample_terrain(settings)
    assert str(settings.terrain_folder) in said
    (file,) = settings.terrain_folder.iterdir()
    assert file.read_bytes() == sample_terrain_path().read_bytes()
    assert "were removed" in leave_other_terrain(settings)
    assert list(settings.terrain_folder.iterdir()) == []
    assert leave_other_terrain(settings) == ""


def test_ground_of_ones_own_stays_and_is_told(settings: Settings) -> None:
    """Nobody knows whether it fits; without any nothing is said."""
    assert leave_other_terrain(settings) == ""
    settings.terrain_folder.mkdir(parents=True)
    (settings.terrain_folder / "own.tif").write_bytes(b"heights")
    said = leave_other_terrain(settings)
    assert "Plans go on using" in said
    assert "removed" not in said.replace("remove those", "")
    assert (settings.terrain_folder / "own.tif").exists()


def test_a_folder_that_cannot_hold_ground_is_named(settings: Settings) -> None:
    """A file in its place, for instance."""
    settings.home.mkdir()
    settings.terrain_folder.write_text("no folder")
    with pytest.raises(SettingsError, match=r"cannot be kept in .*terrain"):
        keep_sample_terrain(settings)
