"""Tests of `geofences.code_checks`."""

from __future__ import annotations

from dataclasses import replace

from geofences.code_checks import bad_codes, bad_village_names
from geofences.findings import Severity
from geofences.identifiers import CODE_PATTERN
from tests.geofences.shapes import block, box, cell, polygon


def test_a_malformed_code_is_told_with_its_land() -> None:
    """So that the surveyor finds the cell on the map."""
    odd = replace(cell(1, box(0, 0, 100, 100)), code="12")
    (found,) = bad_codes([odd, *block(1, 2)[1:]], CODE_PATTERN)
    assert (found.code, found.subject) == ("cells.malformed_code", "12")
    assert found.shape is not None
    assert found.shape.covers(odd.polygon)


def test_all_cells_of_a_duplicate_code_are_shown() -> None:
    """One finding, all the places."""
    cells = [cell(1, box(200 * i, 0, 200 * i + 100, 100)) for i in range(3)]
    (found,) = bad_codes(cells, CODE_PATTERN)
    assert found.severity is Severity.ERROR
    assert found.shape is not None
    assert len(found.shape.geoms) == 3


def test_a_bad_code_of_a_bad_outline_has_no_place() -> None:
    """What is wrong with both is told of both."""
    odd = replace(cell(1, polygon((0, 0), (9, 9), (9, 0), (0, 9))), code="x")
    (found,) = bad_codes([odd], CODE_PATTERN)
    assert (found.position, found.shape) == (None, None)


def test_a_cell_that_names_another_village_is_told() -> None:
    """Most cells of the code are in Liuqiao; one says otherwise."""
    cells = block(2, 3)
    cells[4] = replace(cells[4], village="东庄 Dongzhuang")
    (found,) = bad_village_names(cells)
    assert (found.code, found.severity) == ("cells.village_name", Severity.WARNING)
    assert found.subject == cells[4].code
    assert "Cell 341299001001005 lies in village '东庄 Dongzhuang' by name" in found.message
    assert "'柳桥 Liuqiao' in 5 cells" in found.message


def test_several_cells_of_one_other_name_are_told_together() -> None:
    """A village renamed half-way is one finding, not fifty."""
    cells = [
        replace(c, village="旧 Old" if n < 2 else c.village) for n, c in enumerate(block(2, 3))
    ]
    (found,) = bad_village_names(cells)
    assert "2 cells, the first 341299001001001, lie in village '旧 Old'" in found.message


def test_cells_without_village_names_are_fine() -> None:
    """Many files have codes only."""
    cells = block(2, 3)
    assert list(bad_village_names([replace(cells[0], village=""), *cells[1:]])) == []
