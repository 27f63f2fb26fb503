"""The imported county: where it lies and how it gets there."""

from pathlib import Path

from geofences.county import County
from geofences.formats.county_files import read_county, write_county
from patrol.errors import NoCountyError, SettingsError
from patrol.settings import Settings


def load_county(settings: Settings) -> County:
    """Read the imported county.

    Raises:
        NoCountyError: none was imported.
        GroundError: the stored file was damaged.
    """
    if not settings.county_file.exists():
        raise NoCountyError(
            f"No county was imported into {settings.home}: give one with "
            "`patrol grid import FILE`, or try `patrol grid import --sample`."
        )
    return read_county(settings.county_file)


def import_county(file: Path, settings: Settings) -> County:
    """Check a file of cells and zones and keep it; what was kept before stays if anything is wrong.

    Raises:
        GroundError: the file cannot be used; the message names what is wrong and where.
        SettingsError: the home folder cannot be made.
    """
    county = read_county(file)
    keep_county(county, settings)
    return county


def keep_county(county: County, settings: Settings) -> None:
    """Keep a county in place of the one before, whole or not at all.

    Raises:
        SettingsError: the home folder cannot be made.
        FileFormatError: the file cannot be written.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"GRIDPATROL_HOME is {settings.home}, which is no folder that can be used: "
            f"{error.strerror}. Name another."
        ) from error
    write_county(county, settings.county_file)
