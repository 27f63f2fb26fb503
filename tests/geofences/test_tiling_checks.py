"""Tests of `geofences.tiling_checks`."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences import tiling_checks
from geofences.cells import Cell
from geofences.findings import MapFinding, tell_nobody
from geofences.geodesy import LocalFrame
from geofences.land import Land, land_of
from geofences.tiling_checks import gaps, overlaps, slivers
from tests.geofences.shapes import block, box, cell


def _land(cells: list[Cell]) -> Land:
    land = land_of(cells)
    assert land is not None
    return land


def _area_m2(found: MapFinding) -> float:
    """Of its shape, measured again in metres."""
    assert found.shape is not None
    assert found.position is not None
    return float(LocalFrame(found.position).geometry_to_local(found.shape).area)


@given(wide_m=st.floats(0.5, 90.0))
def test_an_overlap_shows_the_disputed_land(wide_m: float) -> None:
    """The shape has the area that is told."""
    cells = [cell(1, box(0, 0, 100, 100)), cell(2, box(100 - wide_m, 0, 200, 100))]
    (found,) = overlaps(_land(cells), tell_nobody)
    assert found.area_m2 == pytest.approx(100 * wide_m, rel=1e-4)
    assert _area_m2(found) == pytest.approx(100 * wide_m, rel=1e-4)
    assert found.position is not None
    assert found.shape is not None
    assert found.shape.covers(shapely.Point(found.position.lon_deg, found.position.lat_deg))


@given(wide_m=st.floats(0.2, 1.9))
def test_a_gap_shows_the_land_of_nobody(wide_m: float) -> None:
    """A slit between neighbours, with its area."""
    cells = [cell(1, box(0, 0, 100, 100)), cell(2, box(100 + wide_m, 0, 200, 100))]
    (found,) = gaps(_land(cells), tell_nobody)
    assert found.area_m2 == pytest.approx(100 * wide_m, rel=1e-3)
    assert _area_m2(found) == pytest.approx(100 * wide_m, rel=1e-3)


def test_a_sliver_shows_itself() -> None:
    """With its own outline and area."""
    thin = cell(1, box(0, 0, 100, 0.5))
    (found,) = slivers(_land([thin]))
    assert found.shape == thin.polygon
    assert found.area_m2 == pytest.approx(50.0, rel=1e-4)


def test_long_checks_tell_how_far_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """From nothing to everything, and what is found does not depend on the parts."""
    cells = [*block(3, 3), cell(20, box(250, 250, 350, 350))]
    whole = [*overlaps(_land(cells), tell_nobody), *gaps(_land(cells), tell_nobody)]
    told: list[tuple[str, int, int]] = []
    monkeypatch.setattr(tiling_checks, "_CHUNK", 3)

    def tell(step: str, done: int, of: int) -> None:
        told.append((step, done, of))

    assert [*overlaps(_land(cells), tell), *gaps(_land(cells), tell)] == whole
    assert told == [(step, n, 10) for step in ("overlaps", "gaps") for n in (0, 3, 6, 9, 10)]
