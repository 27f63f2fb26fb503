"""`patrol grid show`: numbers, lists and single things, for people and machines alike."""

import pytest

from geofences.zones import Zone, ZoneKind
from patrol.cli.grid_tables import show_zone
from tests.patrol.builders import CODES, VILLAGE, box
from tests.patrol.conftest import Terminal


@pytest.mark.parametrize(
    ("kind", "key", "values"),
    [
        ("cells", "code", [*CODES]),
        ("villages", "code", [VILLAGE]),
        ("zones", "zone_id", ["nf-1", "re-1"]),
        ("docks", "dock_id", ["dock-1", "dock-2"]),
        ("roads", "road_id", ["road-1"]),
    ],
)
def test_everything_can_be_listed(
    county_terminal: Terminal, kind: str, key: str, values: list[str]
) -> None:
    """As a table with whole ids, and as one JSON array."""
    rows = county_terminal("grid", "show", "--list", kind, "--json").lines[0]
    assert [row[key] for row in rows] == values  # type: ignore[index]
    table = county_terminal("grid", "show", "--list", kind).out
    assert f"{kind} of Four Cells ({len(values)})" in table
    for value in values:
        assert value in table


def test_a_list_of_nothing_says_so(county_terminal: Terminal) -> None:
    """No empty frame."""
    county_terminal("grid", "export", "cells.geojson")
    county_terminal("grid", "import", "cells.geojson")
    assert county_terminal("grid", "show", "--list", "docks").out == "cells has no docks.\n"


def test_one_cell_is_shown_with_its_neighbours(county_terminal: Terminal) -> None:
    """Its names, place, area and outline."""
    (row,) = county_terminal("grid", "show", "--cell", CODES[0], "--json").lines
    assert (row["name"], row["town"], row["village"]) == ("cell 1", "Liu", "Willow Bridge")
    assert (row["area_ha"], row["corners"]) == (0.64, 4)
    assert row["neighbours"] == [*CODES[1:]]
    assert row["geometry"]["type"] == "Polygon"  # type: ignore[index]
    table = county_terminal("grid", "show", "--cell", CODES[0]).out
    assert f"cell {CODES[0]}" in table
    assert "Willow Bridge" in table


def test_the_cell_at_a_place_is_shown(county_terminal: Terminal) -> None:
    """The place of a cell leads back to it."""
    (row,) = county_terminal("grid", "show", "--cell", CODES[2], "--json").lines
    at = f"{row['longitude']},{row['latitude']}"
    assert county_terminal("grid", "show", "--at", at, "--json").lines == [row]


def test_one_village_is_shown_with_its_cells(county_terminal: Terminal) -> None:
    """How many, how large, which."""
    (row,) = county_terminal("grid", "show", "--village", VILLAGE, "--json").lines
    assert (row["cells"], row["area_ha"], row["codes"]) == (4, 2.56, [*CODES])
    assert "Willow Bridge" in county_terminal("grid", "show", "--village", VILLAGE).out


def test_one_zone_is_shown(county_terminal: Terminal) -> None:
    """With its kind and name; what it has not is left out of the table."""
    (row,) = county_terminal("grid", "show", "--zone", "nf-1", "--json").lines
    assert (row["kind"], row["name"], row["area_ha"]) == ("no_fly", "Substation", 0.36)
    table = county_terminal("grid", "show", "--zone", "nf-1").out
    assert "Substation" in table
    assert "ceiling m" not in table


def test_a_ceiling_says_what_it_is_above(capsys: pytest.CaptureFixture[str]) -> None:
    """A machine knows it by the name of the field."""
    outline = box(0.0, 0.0, 50.0, 50.0)
    ceiling = Zone("c-1", ZoneKind.CEILING, outline, "Approach", "", 60.0)
    show_zone(ceiling, as_json=False)
    assert "ceiling m above ground" in capsys.readouterr().out
    show_zone(ceiling, as_json=True)
    assert '"ceiling_m": 60.0' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("--cell", "341299001001999"), "341299001001999"),
        (("--village", "341299009999"), "`patrol grid show --list villages` lists them"),
        (("--zone", "nowhere"), "has no zone 'nowhere'; `patrol grid show --list zones`"),
        (("--at", "115.62"), "write longitude, comma, latitude"),
        (("--at", "north,east"), "write longitude, comma, latitude"),
        (("--at", "1,2"), "No cell of Four Cells lies at longitude 1.0, latitude 2.0"),
        (("--at", "33.16,115.62"), "is not on Earth"),
        (("--cell", CODES[0], "--zone", "nf-1"), "Ask for one thing at a time"),
    ],
)
def test_what_is_not_there_is_told(
    county_terminal: Terminal, line: tuple[str, ...], words: str
) -> None:
    """With what to write instead."""
    said = county_terminal("grid", "show", *line)
    assert said.code == 1
    assert words in said.err
