"""Checks of cells: what a surveyor should correct before anything flies by them.

Errors make a grid unusable and are refused on import; warnings are for a person to judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from geofences.cells import Cell
from geofences.code_checks import bad_codes, bad_village_names
from geofences.findings import Finding, MapFinding, Severity, Tell, tell_nobody
from geofences.identifiers import CODE_PATTERN
from geofences.land import Land, land_of
from geofences.outline_checks import bad_outlines, bad_places, strays
from geofences.tiling_checks import gaps, overlaps, slivers
from geofences.village_checks import cells_outside_villages

__all__ = ["Finding", "MapFinding", "Severity", "check_cells", "find_errors"]


def check_cells(
    cells: Iterable[Cell], code_pattern: str = CODE_PATTERN, tell: Tell = tell_nobody
) -> tuple[MapFinding, ...]:
    """Everything that is wrong or odd with cells, errors first.

    Args:
        cells: in any order.
        code_pattern: what a code must match.
        tell: is told how far the longer checks are.
    """
    all_cells = tuple(cells)
    land = land_of(all_cells)
    odd = [*strays(all_cells), *bad_village_names(all_cells)]
    if land is not None:
        odd += [*slivers(land), *gaps(land, tell), *cells_outside_villages(land)]
    return (*_errors(all_cells, land, code_pattern, tell), *odd)


def find_errors(
    cells: Sequence[Cell], code_pattern: str = CODE_PATTERN, tell: Tell = tell_nobody
) -> tuple[MapFinding, ...]:
    """What makes cells unusable: codes, invalid outlines, swapped axes, overlaps."""
    return _errors(cells, land_of(cells), code_pattern, tell)


def _errors(
    cells: Sequence[Cell], land: Land | None, code_pattern: str, tell: Tell
) -> tuple[MapFinding, ...]:
    findings = [*bad_codes(cells, code_pattern), *bad_places(cells), *bad_outlines(cells)]
    return (*findings, *(overlaps(land, tell) if land is not None else ()))
