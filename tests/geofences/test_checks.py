"""Tests of `geofences.checks`."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from geofences.cells import Cell
from geofences.checks import Finding, Severity, check_cells, find_errors
from geofences.geodesy import distance_m
from tests.geofences.shapes import FRAME, block, box, cell, place, polygon


def _codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def _only(findings: tuple[Finding, ...]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


@pytest.mark.parametrize("cells", [[], block(1, 1), block(5, 6)])
def test_sound_cells_have_no_findings(cells: list[Cell]) -> None:
    """Cells that share their edges exactly are in order, and so is no cell at all."""
    assert check_cells(cells) == ()


def test_an_overlap_tells_both_codes_its_area_and_its_place() -> None:
    """Ten by a hundred metres in common are about 1000 m2."""
    found = _only(check_cells([cell(2, box(90, 0, 190, 100)), cell(1, box(0, 0, 100, 100))]))
    assert (found.code, found.severity) == ("cells.overlap", Severity.ERROR)
    assert found.subject == "341299001001001"
    assert "Cells 341299001001001 and 341299001001002 overlap by 1000.0 m2" in found.message
    assert found.position is not None
    assert distance_m(place(95, 50), found.position) < 10


@pytest.mark.parametrize(("depth_m", "expected"), [(0.009, 0), (0.011, 1)])
def test_overlaps_up_to_a_square_metre_are_rounding(depth_m: float, expected: int) -> None:
    """A centimetre along a hundred metres is where rounding ends."""
    cells = [cell(1, box(0, 0, 100, 100)), cell(2, box(100 - depth_m, 0, 200, 100))]
    assert expected == len(find_errors(cells))


def test_a_cell_inside_another_overlaps_it() -> None:
    """Containment is an overlap too."""
    found = _only(find_errors([cell(1, box(0, 0, 100, 100)), cell(2, box(40, 40, 50, 50))]))
    assert "overlap by 100.0 m2" in found.message


def test_the_same_outline_twice_is_an_overlap() -> None:
    """Two cells on the same land dispute all of it."""
    found = _only(find_errors([cell(1, box(0, 0, 100, 100)), cell(2, box(0, 0, 100, 100))]))
    assert "overlap by 10000" in found.message


def test_a_bow_tie_is_an_error_with_its_crossing() -> None:
    """The reason and the place of a self-intersection are told."""
    bow_tie = polygon((0, 0), (100, 100), (100, 0), (0, 100))
    found = _only(check_cells([cell(1, bow_tie)]))
    assert found.code == "cells.invalid_outline"
    assert "cell 341299001001001 is not a valid polygon: Self-intersection" in found.message
    assert found.position is not None
    assert distance_m(place(50, 50), found.position) < 1


def test_an_empty_outline_is_an_error() -> None:
    """A cell that lies nowhere is told."""
    found = _only(check_cells([*block(1, 1), cell(2, shapely.Polygon())]))
    assert (found.code, found.subject) == ("cells.invalid_outline", "341299001001002")
    assert "has no outline" in found.message


def test_infinite_coordinates_are_an_error() -> None:
    """A coordinate that is no number makes an invalid outline."""
    endless = shapely.from_wkt("POLYGON ((0 0, 1 Infinity, 1 1, 0 0))")
    assert "cells.invalid_outline" in _codes(check_cells([*block(1, 2), cell(9, endless)]))


def test_an_invalid_cell_does_not_hide_the_others() -> None:
    """Overlaps among the sound cells are still found."""
    cells = [
        cell(1, polygon((0, 0), (100, 100), (100, 0), (0, 100))),
        cell(2, box(200, 0, 300, 100)),
        cell(3, box(250, 0, 350, 100)),
    ]
    assert _codes(find_errors(cells)) == ["cells.invalid_outline", "cells.overlap"]


def test_malformed_codes_are_told_with_their_pattern() -> None:
    """A letter in a code is malformed by default, and fine under another pattern."""
    odd = replace(cell(1, box(0, 0, 100, 100)), code="34129900100100A")
    found = _only(check_cells([odd]))
    assert found.code == "cells.malformed_code"
    assert "'34129900100100A' does not match" in found.message
    assert check_cells([odd], code_pattern=r"\w{15}") == ()


def test_a_code_used_three_times_is_told_once() -> None:
    """The finding counts the uses."""
    cells = [cell(1, box(200 * i, 0, 200 * i + 100, 100)) for i in range(3)]
    found = _only(find_errors(cells))
    assert (found.code, found.subject) == ("cells.duplicate_code", "341299001001001")
    assert "used 3 times" in found.message


def test_a_file_written_latitude_first_is_told_once() -> None:
    """Latitude 115 cannot be: one finding for the whole file says how to import it."""
    swapped = [replace(c, polygon=_swap(c.polygon)) for c in block(1, 3)]
    found = _only(check_cells(swapped))
    assert (found.code, found.severity) == ("cells.swapped_axes", Severity.ERROR)
    assert "3 of 3 cells look like latitude written first" in found.message
    assert "--swap-axes" in found.message


def test_one_cell_with_swapped_axes_is_told_anywhere() -> None:
    """Where both readings are on the globe, the other cells decide."""
    cells = [cell(i, shapely.box(40 + i / 1000, 10, 40.001 + i / 1000, 10.001)) for i in range(5)]
    cells[2] = replace(cells[2], polygon=_swap(cells[2].polygon))
    found = _only(find_errors(cells))
    assert (found.code, found.subject) == ("cells.swapped_axes", cells[2].code)


def test_a_distant_part_of_a_county_is_not_swapped() -> None:
    """Far from the rest alone is no error."""
    cells = [cell(i, shapely.box(40 + i / 1000, 10, 40.001 + i / 1000, 10.001)) for i in range(5)]
    far = cell(9, shapely.box(42, 12, 42.001, 12.001))
    assert find_errors([*cells, far]) == ()


def _swap(outline: shapely.Polygon) -> shapely.Polygon:
    return shapely.transform(outline, lambda rows: rows[:, ::-1])


def test_a_hole_between_cells_is_a_gap() -> None:
    """A small hole is told with its area and place, as a warning."""
    cells = block(3, 3)
    cells[4] = replace(cells[4], polygon=box(100, 100, 200, 195).intersection(cells[4].polygon))
    found = _only(check_cells(cells))
    assert (found.code, found.severity) == ("cells.gap", Severity.WARNING)
    assert "A gap of 500." in found.message
    assert found.position is not None
    east_m, north_m = FRAME.to_local(found.position.lon_deg, found.position.lat_deg)
    assert 100 < east_m < 200
    assert 195 < north_m < 200


def test_a_slit_that_is_open_at_one_end_is_a_gap() -> None:
    """Two neighbours half a metre apart leave a slit."""
    findings = check_cells([cell(1, box(0, 0, 100, 100)), cell(2, box(100.5, 0, 200, 100))])
    assert "A gap of 50." in _only(findings).message


@pytest.mark.parametrize("apart_m", [0.005, 30.0])
def test_rounding_and_streets_are_no_gaps(apart_m: float) -> None:
    """Half a centimetre is rounding; thirty metres is land between villages."""
    cells = [cell(1, box(0, 0, 100, 100)), cell(2, box(100 + apart_m, 0, 200, 100))]
    assert check_cells(cells) == ()


def test_a_lake_is_no_gap() -> None:
    """A hole larger than a cell is meant."""
    ring = [c for index, c in enumerate(block(4, 4)) if index not in {5, 6, 9, 10}]
    assert check_cells(ring) == ()


def test_a_sliver_is_told() -> None:
    """A strip of half a metre along a hundred is left from editing."""
    found = _only(check_cells([*block(1, 1), cell(2, box(0, 100, 100, 100.5))]))
    assert (found.code, found.severity) == ("cells.sliver", Severity.WARNING)
    assert found.subject == "341299001001002"
    assert "a sliver of 50.0 m2 along 100 m" in found.message


def test_errors_come_before_warnings() -> None:
    """What forbids use is read first."""
    cells = [cell(1, box(0, 0, 100, 100)), cell(2, box(50, 0, 150, 100))]
    sliver = cell(3, box(0, 300, 100, 300.5))
    severities = [finding.severity for finding in check_cells([sliver, *cells])]
    assert severities == [Severity.ERROR, Severity.WARNING]
