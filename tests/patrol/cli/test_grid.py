"""`patrol grid`: what is good is kept, what is not changes nothing."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from events_api.client import EventApiClient
from events_api.roles import Role
from geofences.cells import Cell, Grid
from geofences.datum import Datum, from_wgs84
from geofences.formats.county_files import write_county
from geofences.sample_county.location import sample_county_path
from tests.patrol.builders import CODES, box, small_county, write_cells
from tests.patrol.conftest import LiveApi, Terminal

SQUARE = ((0.0, 0.0), (50.0, 0.0), (50.0, 50.0), (0.0, 50.0))
OVER = ((40.0, 0.0), (90.0, 0.0), (90.0, 50.0), (40.0, 50.0))
CROSSED = ((200.0, 0.0), (250.0, 50.0), (250.0, 0.0), (200.0, 50.0))
BESIDE = ((50.0, 0.0), (100.0, 0.0), (100.0, 50.0), (50.0, 50.0))


def county_file(folder: Path) -> Path:
    """Write the county of four cells to a file of the person's own."""
    path = folder / "own.gpkg"
    write_county(small_county(), path)
    return path


def test_a_county_is_imported_and_shown(terminal: Terminal) -> None:
    """Import tells what the file holds and what was found; show tells the same afterwards."""
    imported = terminal("grid", "import", county_file(terminal.folder), "--json")
    assert imported.code == 0
    (row,) = imported.lines
    assert row.pop("findings") == []
    assert row == {
        "county": "Four Cells",
        "cells": 4,
        "villages": 1,
        "zones": {"no_fly": 1, "restricted": 1},
        "docks": ["dock-1", "dock-2"],
        "roads": 1,
        "area_km2": 0.03,
        "extent": pytest.approx([115.61, 33.16, 115.63, 33.17], abs=0.02),
    }
    assert terminal("grid", "show", "--json").lines == [row]


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
    said = terminal("grid", "check", county_file(terminal.folder))
    assert said.code == 0
    assert "4 cells, and nothing is wrong with them" in said.out
    assert not terminal.home.exists()


def test_a_check_tells_all_that_is_wrong(terminal: Terminal) -> None:
    """Kind by kind, with the numbers at the end and code 1."""
    write_cells(terminal.folder / "bad.geojson", SQUARE, OVER, CROSSED)
    said = terminal("grid", "check", "bad.geojson")
    assert said.code == 1
    for words in (
        "error cells.invalid_outline (1)",
        "error cells.overlap (1)",
        f"Cells {CODES[0]} and {CODES[1]} overlap by 500.0 m2",
        "bad.geojson: 3 cells, 2 errors, 0 warnings.",
    ):
        assert words in said.out


def test_a_check_is_one_object_for_a_machine(terminal: Terminal) -> None:
    """With every finding, its place and its area."""
    write_cells(terminal.folder / "bad.geojson", SQUARE, OVER)
    said = terminal("grid", "check", "bad.geojson", "--json")
    assert said.code == 1
    (row,) = said.lines
    assert (row["county"], row["cells"], row["errors"], row["warnings"]) == (None, 2, 1, 0)
    assert [each["area_m2"] for each in row["findings"]] == pytest.approx([500.0], abs=0.1)  # type: ignore[attr-defined]


def test_a_check_writes_a_report_for_the_map(terminal: Terminal) -> None:
    """Errors or not; the terminal says where it is."""
    write_cells(terminal.folder / "bad.geojson", SQUARE, OVER)
    said = terminal("grid", "check", "bad.geojson", "--out", "report.geojson")
    assert "All findings are in report.geojson" in said.out
    report = json.loads((terminal.folder / "report.geojson").read_text())
    assert [each["properties"]["code"] for each in report["features"]] == ["cells.overlap"]


def test_a_report_is_a_geojson(terminal: Terminal) -> None:
    """Another suffix is refused before anything is read."""
    said = terminal("grid", "check", "none.shp", "--out", "report.pdf")
    assert said.code == 1
    assert "give --out a name that ends in .geojson" in said.err


def test_many_findings_are_cut_unless_asked_for(terminal: Terminal) -> None:
    """Five of a kind, and how to see the others."""
    strips = [box(0.0, 90.0 * n, 50.0, 90.0 * n + 0.4) for n in range(7)]
    cells = [Cell(f"341299001001{n:03d}", strip, "", "", "") for n, strip in enumerate(strips)]
    write_county(replace(small_county(), grid=Grid(cells)), terminal.folder / "c.gpkg")
    said = terminal("grid", "check", "c.gpkg")
    assert said.out.count("is a sliver") == 5
    assert "--all prints every finding" in said.out
    assert terminal("grid", "check", "c.gpkg", "--all").out.count("is a sliver") == 7


def test_the_imported_county_can_be_checked(county_terminal: Terminal) -> None:
    """Without a file; on a new machine the person is told how to import one."""
    assert "4 cells, and nothing is wrong" in county_terminal("grid", "check").out


def test_warnings_come_with_the_import_too(terminal: Terminal) -> None:
    """Beside the result, and it is kept all the same."""
    write_cells(terminal.folder / "c.geojson", SQUARE, ((50.5, 0), (99, 0), (99, 50), (50.5, 50)))
    said = terminal("grid", "import", "c.geojson")
    assert said.code == 0
    assert "warning cells.gap (1)" in said.err
    assert terminal("grid", "show").code == 0


def test_gcj02_is_told_and_converted_only_on_request(county_terminal: Terminal) -> None:
    """The same cells, shifted: the warning says what to type, and typing it brings them back."""
    rings = [[(-80, 0), (0, 0), (0, 80), (-80, 80)], [(0, 0), (80, 0), (80, 80), (0, 80)]]
    path = write_cells(county_terminal.folder / "c.geojson", *rings)
    document = json.loads(path.read_text())
    for feature in document["features"]:
        ring = np.array(feature["geometry"]["coordinates"][0])
        feature["geometry"]["coordinates"] = [
            np.column_stack(from_wgs84(Datum.GCJ02, *ring.T)).tolist()
        ]
    path.write_text(json.dumps(document))
    said = county_terminal("grid", "check", "c.geojson")
    assert said.code == 0
    assert "look like GCJ-02" in said.out
    assert "--datum gcj02" in said.out
    before = county_terminal("grid", "show", "--cell", CODES[0], "--json").lines[0]
    converted = county_terminal("grid", "import", "c.geojson", "--datum", "gcj02")
    assert "GCJ-02" not in converted.out + converted.err
    after = county_terminal("grid", "show", "--cell", CODES[0], "--json").lines[0]
    assert after["longitude"] == before["longitude"]
    assert after["latitude"] == before["latitude"]


def test_a_file_without_a_system_can_be_declared(terminal: Terminal) -> None:
    """Metres of EPSG:4547 in a GeoJSON, which declares none; columns of another program."""
    ring = [(651100, 3671600), (651200, 3671600), (651200, 3671700), (651100, 3671700)]
    feature = {"type": "Feature", "properties": {"DYBM": CODES[0]},
               "geometry": shapely.geometry.mapping(shapely.Polygon(ring))}  # fmt: skip
    (terminal.folder / "c.geojson").write_text(json.dumps(feature))
    said = terminal("grid", "import", "c.geojson", "--field", "code=DYBM")
    assert said.code == 1
    assert "--crs EPSG:4547" in said.err
    line = ("grid", "import", "c.geojson", "--crs", "EPSG:4547", "--field", "code=DYBM", "--json")
    (row,) = terminal(*line).lines
    assert row["extent"] == pytest.approx([115.6196, 33.1594, 115.6208, 33.1604], abs=0.001)


def test_a_county_may_be_named(terminal: Terminal) -> None:
    """Where a format has no name for it but that of the file."""
    write_cells(terminal.folder / "cells.geojson", SQUARE)
    terminal("grid", "import", "cells.geojson", "--name", "阜南县")
    assert terminal("grid", "show", "--json").lines[0]["county"] == "阜南县"


def test_what_a_new_file_lacks_is_told_and_may_be_kept(county_terminal: Terminal) -> None:
    """New cells need not cost the docks and zones."""
    write_cells(county_terminal.folder / "cells.geojson", SQUARE)
    kept = county_terminal("grid", "import", "cells.geojson", "--keep")
    assert "Kept of Four Cells: 2 zones, 2 docks, 1 roads." in kept.err
    row = county_terminal("grid", "show", "--json").lines[0]
    assert (row["cells"], row["docks"]) == (1, ["dock-1", "dock-2"])
    lost = county_terminal("grid", "import", "cells.geojson")
    assert "had 2 zones, 2 docks, 1 roads that this file lacks, and they are gone" in lost.err
    assert county_terminal("grid", "show", "--json").lines[0]["docks"] == []


def test_a_county_is_exported_and_imported_again(county_terminal: Terminal) -> None:
    """What one machine wrote another reads."""
    said = county_terminal("grid", "export", "out.kmz")
    assert said.code == 0
    assert "Four Cells written to out.kmz." in said.out
    before = county_terminal("grid", "show", "--json").lines[0]
    county_terminal("grid", "import", "out.kmz", "--name", "Four Cells")
    after = county_terminal("grid", "show", "--json").lines[0]
    assert after.pop("extent") == pytest.approx(before.pop("extent"), abs=1e-9)
    assert after == before


def test_what_a_format_leaves_out_is_told(county_terminal: Terminal) -> None:
    """Beside the result, and to a machine within it."""
    said = county_terminal("grid", "export", "out.shp")
    assert "--layer writes the others" in said.err.replace("\n", " ")
    (row,) = county_terminal("grid", "export", "out.geojson", "--layer", "docks", "--json").lines
    assert row["file"] == "out.geojson"
    assert len(row["remarks"]) == 1  # type: ignore[arg-type]


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
    terminal.speak_to(live_api.url, live_api.tokens[Role.ADMINISTRATOR])
    assert terminal("grid", "import", county_file(terminal.folder), "--publish").code == 0
    with EventApiClient(live_api.url, live_api.tokens[Role.ACCEPTOR]) as client:
        cells = client.cells().features
    assert {each.properties.code for each in cells} == set(CODES)
    assert terminal("grid", "show").code == 0


def test_what_cannot_be_published_is_not_kept_either(
    county_terminal: Terminal, live_api: LiveApi
) -> None:
    """A drone's token may not replace the cells: both sides stay as they were."""
    county_terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    write_cells(county_terminal.folder / "cells.geojson", SQUARE)
    said = county_terminal("grid", "import", "cells.geojson", "--publish")
    assert said.code == 1
    assert "turns this token away" in said.err
    assert county_terminal("grid", "show", "--json").lines[0]["cells"] == 4


def test_the_sample_can_be_planned_above_its_ground_at_once(terminal: Terminal) -> None:
    """Its heights come with it, and go when another county takes its place."""
    said = terminal("grid", "import", "--sample")
    assert "plans know hills by them" in said.err
    line = ["plan", "--height-ground", 50, "--json", "--cell"]
    assert terminal(*line, "341299001001001").code == 0
    write_county(small_county(), terminal.folder / "own.gpkg")
    said = terminal("grid", "import", "own.gpkg")
    assert "heights of the ground were removed" in said.err
    assert "give an elevation model" in terminal(*line, CODES[0]).err
