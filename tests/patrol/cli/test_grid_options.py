"""What may be said about a file of cells is understood or refused with an example."""

from pathlib import Path

import pytest

from geofences.datum import Datum
from geofences.formats.county_files import write_county
from patrol.cli.grid_options import Said, known_land, older_county, reading_of
from patrol.errors import UsageError
from patrol.settings import Settings
from tests.patrol.builders import small_county


def test_all_that_is_said_is_handed_on() -> None:
    """Nothing is lost between the command line and the reader."""
    said = Said("EPSG:4547", Datum.BD09, True, ("code=BGCODE", "town=街道"), "格", "GBK", r"\d+")
    reading = reading_of(said)
    assert (reading.crs, reading.datum, reading.axes_swapped) == ("EPSG:4547", Datum.BD09, True)
    assert reading.columns == {"code": "BGCODE", "town": "街道"}
    assert (reading.layer, reading.encoding, reading.code_pattern) == ("格", "GBK", r"\d+")


@pytest.mark.parametrize("field", ["code", "=BGCODE", "code=", "height=H", ""])
def test_a_field_without_both_sides_is_refused(field: str) -> None:
    """The sentence shows how to write one."""
    with pytest.raises(UsageError, match="--field code=BGCODE"):
        reading_of(Said(fields=(field,)))


def test_a_pattern_that_is_none_is_refused() -> None:
    """With the usual one as an example."""
    with pytest.raises(UsageError, match=r"no regular expression .*\\d\{15\}"):
        reading_of(Said(code_pattern="(["))


def test_an_unknown_encoding_is_refused() -> None:
    """With those that occur."""
    with pytest.raises(UsageError, match="UTF-8 or GBK"):
        reading_of(Said(encoding="klingon"))


def test_the_imported_county_is_known_land(tmp_path: Path) -> None:
    """Unless a map is given; nothing at all on a new machine."""
    settings = Settings(tmp_path / "home")
    assert known_land(None, settings) is None
    settings.home.mkdir()
    write_county(small_county(), settings.county_file)
    known = known_land(None, settings)
    assert known is not None
    assert known.called == "the county imported before"
    write_county(small_county(), tmp_path / "right.gpkg")
    given = known_land(tmp_path / "right.gpkg", settings)
    assert given is not None
    assert given.called == str(tmp_path / "right.gpkg")
    assert given.landmarks.places.keys() == known.landmarks.places.keys()


def test_a_damaged_county_is_no_known_land(tmp_path: Path) -> None:
    """It must not stand in the way of the import that replaces it."""
    settings = Settings(tmp_path)
    settings.county_file.write_bytes(b"broken")
    assert older_county(settings) is None
    assert known_land(None, settings) is None
