"""Checks of codes and names: malformed, used twice, and at odds with their village."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import shapely

from geofences.cells import Cell
from geofences.findings import MapFinding, Severity, inner_place
from geofences.identifiers import is_code


def bad_codes(cells: Sequence[Cell], code_pattern: str) -> Iterator[MapFinding]:
    """Codes that do not match the pattern, and codes of several cells; each is told once."""
    users: dict[str, list[Cell]] = {}
    for cell in cells:
        users.setdefault(cell.code, []).append(cell)
    for code in sorted(users):
        if not is_code(code, code_pattern):
            yield _finding(
                "cells.malformed_code",
                Severity.ERROR,
                users[code],
                f"The cell code {code!r} does not match {code_pattern}; "
                "correct it or set another code pattern.",
            )
    for code, same in users.items():
        if len(same) > 1:
            yield _finding(
                "cells.duplicate_code",
                Severity.ERROR,
                same,
                f"The cell code {code} is used {len(same)} times; give each cell its own code.",
            )


def bad_village_names(cells: Sequence[Cell]) -> Iterator[MapFinding]:
    """Cells that name another village than most cells whose codes begin alike."""
    villages: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.village:
            villages.setdefault(cell.village_code, []).append(cell)
    for village_code, members in villages.items():
        (usual, count), *others = Counter(cell.village for cell in members).most_common()
        for name, _ in others:
            odd = [cell for cell in members if cell.village == name]
            yield _finding(
                "cells.village_name",
                Severity.WARNING,
                odd,
                f"{_counted(odd)} in village {name!r} by name, but {village_code} at the "
                f"beginning of the code is {usual!r} in {count} cells; correct the code or the "
                "name.",
            )


def _counted(cells: Sequence[Cell]) -> str:
    if len(cells) == 1:
        return f"Cell {cells[0].code} lies"
    return f"{len(cells)} cells, the first {cells[0].code}, lie"


def _finding(code: str, severity: Severity, cells: Sequence[Cell], message: str) -> MapFinding:
    outlines = [cell.polygon for cell in cells if cell.polygon.is_valid]
    shape = shapely.multipolygons(outlines) if outlines else None
    place = inner_place(outlines[0]) if outlines else None
    return MapFinding(code, severity, cells[0].code, message, place, shape)
