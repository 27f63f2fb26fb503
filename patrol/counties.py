"""The imported county and the heights of its ground: where they lie and how they get there."""

from pathlib import Path

from geofences.county import County
from geofences.formats.county_files import read_county, write_county
from geofences.sample_county.location import sample_terrain_path
from patrol.errors import NoCountyError, SettingsError
from patrol.settings import Settings

SAMPLE_TERRAIN = "sample-county.tif"


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


def keep_sample_terrain(settings: Settings) -> str:
    """Keep the heights of the sample county's ground, for plans to follow.

    Returns:
        What was kept, as a sentence.

    Raises:
        SettingsError: the folder cannot be made or written to.
    """
    kept = settings.terrain_folder / SAMPLE_TERRAIN
    part = kept.with_suffix(".part")
    try:
        settings.terrain_folder.mkdir(parents=True, exist_ok=True)
        part.write_bytes(sample_terrain_path().read_bytes())
        part.replace(kept)
    except OSError as error:
        raise SettingsError(
            f"The heights of the sample's ground cannot be kept in {kept}: {error.strerror}. "
            "Check the folder's permissions and the space left."
        ) from error
    return f"The heights of its ground are in {settings.terrain_folder}; plans know hills by them."


def leave_other_terrain(settings: Settings) -> str:
    """Take away the sample's ground, which says nothing about another county.

    Returns:
        What is gone, and what stays in use and may not fit, as sentences; empty without either.

    Raises:
        SettingsError: the file cannot be removed.
    """
    sample = settings.terrain_folder / SAMPLE_TERRAIN
    gone = sample.exists()
    try:
        sample.unlink(missing_ok=True)
        others = sorted(settings.terrain_folder.iterdir()) if gone or _has_terrain(settings) else []
    except OSError as error:
        raise SettingsError(
            f"{sample} holds the sample's ground and cannot be removed: {error.strerror}."
        ) from error
    said = ["The sample county's heights of the ground were removed."] if gone else []
    if others:
        said.append(
            f"Plans go on using the heights of the ground in {settings.terrain_folder}: remove "
            "those files if they are of elsewhere."
        )
    return " ".join(said)


def _has_terrain(settings: Settings) -> bool:
    return settings.terrain_folder.is_dir()
