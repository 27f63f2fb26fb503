"""Tests of `geofences.village_checks`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geofences.cells import Cell
from geofences.findings import MapFinding, Severity
from geofences.land import land_of
from geofences.village_checks import cells_outside_villages
from tests.geofences.shapes import block, box, cell


def _found(cells: list[Cell]) -> list[MapFinding]:
    land = land_of(cells)
    assert land is not None
    return list(cells_outside_villages(land))


def _of_village(village: int, cells: list[Cell]) -> list[Cell]:
    """The same cells with the codes of another village."""
    return [
        replace(c, code=f"341299001{village:03d}{c.code[12:]}", village=f"村 {village}")
        for c in cells
    ]


def _east(cells: list[Cell], metres: float) -> list[Cell]:
    """A block of its own beginning so far in the east."""
    return [cell(100 + n, box(metres + 100 * n, 0, metres + 100 * n + 100, 100)) for n in
            range(len(cells))]  # fmt: skip


def test_one_village_in_one_piece_is_fine() -> None:
    """So are two villages side by side."""
    assert _found([*block(3, 3), *_of_village(2, _east(block(1, 3), 300))]) == []


def test_a_cell_in_the_midst_of_another_village_is_told() -> None:
    """Its code was typed wrongly: the village around it, how much of it, and how far."""
    cells = block(5, 5)
    cells[12:13] = _of_village(2, cells[12:13])
    own = _of_village(2, _east(block(1, 3), 2000))
    (found,) = _found([*cells, *own])
    assert (found.code, found.severity) == ("cells.inside_other_village", Severity.WARNING)
    assert found.subject == "341299001002013"
    for words in (
        "Cell 341299001002013 of village 341299001002 (村 2) lies inside village 341299001001",
        "100% of the outline borders",
        "1.7 km from the rest of its own",
    ):
        assert words in found.message
    assert found.area_m2 == pytest.approx(10_000, rel=1e-3)


def test_two_such_cells_side_by_side_are_told_together() -> None:
    """That they touch each other does not make them a village."""
    cells = block(5, 5)
    cells[11:13] = _of_village(2, cells[11:13])
    (found,) = _found([*cells, *_of_village(2, _east(block(1, 3), 600))])
    assert "2 cells of village 341299001002 (村 2), the first 341299001002012" in found.message
    assert found.shape is not None
    assert len(found.shape.geoms) == 2


def test_a_cell_at_the_edge_of_another_village_is_an_exclave() -> None:
    """One side of four in common is no mistake for sure."""
    cells = [*block(3, 3), *_of_village(2, _east(block(1, 4), 300))]
    stray = _of_village(2, [cell(50, box(0, 300, 100, 400))])
    assert _found([*cells, *stray]) == []


def test_a_cell_a_kilometre_from_its_village_is_told() -> None:
    """Nine hundred metres may be a river; more is worth a look."""
    near, far = cell(50, box(1150, 0, 1250, 100)), cell(51, box(1360, 0, 1460, 100))
    assert _found([*block(3, 3), near]) == []
    (found,) = _found([*block(3, 3), far])
    assert found.code == "cells.apart_from_village"
    assert "1.1 km from the rest of the village" in found.message


def test_cells_half_a_metre_apart_are_joined() -> None:
    """A slit from editing divides no village; it is told as a gap."""
    cells = [*block(1, 3), *_east(block(1, 3), 300.5), *_of_village(2, _east(block(1, 1), 601))]
    assert _found(cells) == []


def test_a_village_of_one_cell_within_another_is_told() -> None:
    """A wrongly typed code makes a village that nobody knows."""
    cells = block(3, 3)
    cells[4:5] = _of_village(2, cells[4:5])
    (found,) = _found(cells)
    assert found.code == "cells.inside_other_village"
    assert "no other cell has that village's code" in found.message


def test_a_small_village_at_the_edge_of_another_is_fine() -> None:
    """As is one of three cells anywhere."""
    cells = block(5, 5)
    cells[2:3] = _of_village(2, cells[2:3])
    cells[11:14] = _of_village(3, cells[11:14])
    assert _found(cells) == []
