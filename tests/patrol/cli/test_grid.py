"""`patrol grid`: what is good is kept, what is not changes nothing."""

from pathlib import Path

from events_api.access import Role
from events_api.client import EventApiClient
from geofences.formats.county_files import write_county
from geofences.sample_county.location import sample_county_path
from tests.patrol.builders import CODES, small_county, write_cells
from tests.patrol.conftest import LiveApi, Terminal

SQUARE = ((0.0, 0.0), (50.0, 0.0), (50.0, 50.0), (0.0, 50.0))
BESIDE = ((50.0, 0.0), (100.0, 0.0), (100.0, 50.0), (50.0, 50.0))


def county_file(folder: Path) -> Path:
    """Write the county of four cells to a file of the person's own."""
    path = folder / "own.gpkg"
    write_county(small_county(), path)
    return path


def test_a_county_is_imported_and_shown(terminal: Terminal) -> None:
    """Import tells what the file holds; show tells the same afterwards."""
    imported = terminal("grid", "import", county_file(terminal.folder), "--json")
    assert imported.code == 0
    assert imported.lines == [
        {
            "county": "Four Cells",
            "cells": 4,
            "villages": 1,
            "zones": {"no_fly": 1, "restricted": 1},
            "docks": ["dock-1", "dock-2"],
            "roads": 1,
        }
    ]
    assert terminal("grid", "show", "--json").out == imported.out


def test_a_person_gets_a_table(county_terminal: Terminal) -> None:
    """The county's name, its numbers and its zones by kind."""
    said = county_terminal("grid", "show")
    for words in ("Four Cells", "villages", "zones: no_fly"):
        assert words in said.out


def test_a_county_may_be_called_anything(terminal: Terminal) -> None:
    """A bracket in a name is shown and not taken for a colour."""
    write_county(small_county("Liu [/old]"), terminal.folder / "own.gpkg")
    assert "Liu [/old]" in terminal("grid", "import", "own.gpkg").out


def test_the_sample_county_comes_with_the_program(terminal: Terminal) -> None:
    """4,747 cells, four docks, and zones to avoid."""
    (row,) = terminal("grid", "import", "--sample", "--json").lines
    assert row["cells"] == 4747
    assert row["docks"] == ["dock-1", "dock-2", "dock-3", "dock-4"]


def test_cells_alone_are_enough(terminal: Terminal) -> None:
    """A GeoJSON of cells is a county without docks."""
    write_cells(terminal.folder / "cells.geojson", SQUARE, BESIDE)
    (row,) = terminal("grid", "import", "cells.geojson", "--json").lines
    assert (row["cells"], row["docks"]) == (2, [])


def test_checking_keeps_nothing(terminal: Terminal) -> None:
    """`check` reads and tells, and the machine has no county afterwards."""
    assert terminal("grid", "check", county_file(terminal.folder)).code == 0
    assert not terminal.home.exists()


def test_a_later_import_replaces_the_earlier(county_terminal: Terminal) -> None:
    """One county is kept at a time."""
    write_cells(county_terminal.folder / "cells.geojson", SQUARE)
    county_terminal("grid", "import", "cells.geojson")
    assert county_terminal("grid", "show", "--json").lines[0]["cells"] == 1


def test_either_a_file_or_the_sample(terminal: Terminal) -> None:
    """Neither and both are refused with what to write."""
    for line in (["grid", "import"], ["grid", "import", str(sample_county_path()), "--sample"]):
        said = terminal(*line)
        assert said.code == 1
        assert "Give a file to import, or --sample" in said.err


def test_publishing_sends_the_cells(terminal: Terminal, live_api: LiveApi) -> None:
    """With an administrator's token the cells are on the map, and kept here."""
    terminal.speak_to(live_api.url, live_api.tokens[Role.ADMIN])
    assert terminal("grid", "import", county_file(terminal.folder), "--publish").code == 0
    with EventApiClient(live_api.url, live_api.tokens[Role.OPERATOR]) as client:
        cells = client._send("GET", "/cells").json()["features"]
    assert {each["properties"]["code"] for each in cells} == set(CODES)
    assert terminal("grid", "show").code == 0


def test_what_cannot_be_published_is_not_kept_either(
    county_terminal: Terminal, live_api: LiveApi
) -> None:
    """A drone's token may not replace the cells: both sides stay as they were."""
    county_terminal.speak_to(live_api.url, live_api.tokens[Role.DRONE])
    write_cells(county_terminal.folder / "cells.geojson", SQUARE)
    said = county_terminal("grid", "import", "cells.geojson", "--publish")
    assert said.code == 1
    assert "turns this token away" in said.err
    assert county_terminal("grid", "show", "--json").lines[0]["cells"] == 4
