"""Outlines are repaired where they can only mean one thing, and refused with a reason elsewhere."""

import json
import math
import time
from pathlib import Path
from typing import Any

import pytest
import shapely

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.coverage import CoveragePath, cover
from flight.planning.outlines import read_outline

SHAPES = Path(__file__).parents[4] / "shared" / "instances" / "robustness.geojson"
needs_shapes = pytest.mark.skipif(not SHAPES.exists(), reason="../shared/instances is not here")
SPACING_M = 37.0
SQUARE = [[115.0, 33.0], [115.01, 33.0], [115.01, 33.01], [115.0, 33.01]]


def polygon(*rings: list[Any]) -> dict[str, object]:
    """A GeoJSON polygon."""
    return {"type": "Polygon", "coordinates": list(rings)}


def geometry(name: str) -> dict[str, object]:
    """One of the shapes that break planners."""
    features = json.loads(SHAPES.read_text(encoding="utf-8"))["features"]
    return next(f["geometry"] for f in features if f["properties"]["name"] == name)


def planned(name: str, spacing_m: float = SPACING_M) -> tuple[CoveragePath, shapely.Geometry]:
    """The path over such a shape, and its area in metres."""
    outline = read_outline(geometry(name))
    return cover(outline.area, spacing_m), outline.area


def test_an_open_ring_is_closed_and_its_direction_does_not_matter() -> None:
    """Open, closed, and turned round are the same area."""
    areas = [
        read_outline(polygon(ring)).area.area
        for ring in (SQUARE, [*SQUARE, SQUARE[0]], SQUARE[::-1])
    ]
    assert areas == pytest.approx([areas[0]] * 3)
    assert areas[0] == pytest.approx(934.3 * 1109.1, rel=1e-3)


def test_heights_are_ignored() -> None:
    """A third number changes nothing."""
    with_heights = [[*position, 50.0] for position in SQUARE]
    assert read_outline(polygon(with_heights)).area.equals(read_outline(polygon(SQUARE)).area)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"type": "Point", "coordinates": [1, 2]}, "is a Point"),
        ({"type": "Polygon"}, "is a Polygon, not"),
        (polygon(SQUARE[:2]), "2 different corners"),
        (polygon([*SQUARE, None]), "None where a list belongs"),
        (polygon([*SQUARE, "ab"]), "'ab' where a list belongs"),
        (polygon([*SQUARE, [115.0]]), r"\[115.0\], which is no place"),
        (polygon([*SQUARE, [None, 33.0]]), r"\[None, 33.0\], which is no place"),
        (polygon([*SQUARE, [math.inf, 33.0]]), r"\[inf, 33.0\], which is no place"),
        (polygon([position[::-1] for position in SQUARE]), "are they swapped"),
        (polygon([[lon, 89.0 + lat / 100] for lon, lat in SQUARE]), "of a pole"),
    ],
)
def test_an_impossible_outline_is_refused(given: dict[str, object], message: str) -> None:
    """Each refusal says what is wrong."""
    with pytest.raises(PlanningError, match=message):
        read_outline(given)


def test_holes_are_cut_out_wherever_they_lie() -> None:
    """A hole beside the area takes nothing, one over all of it everything."""
    beside = [[lon + 1.0, lat] for lon, lat in SQUARE]
    whole = read_outline(polygon(SQUARE)).area.area
    assert read_outline(polygon(SQUARE, beside)).area.area == pytest.approx(whole, rel=1e-2)
    with pytest.raises(NothingToCoverError):
        read_outline(polygon(SQUARE, SQUARE))


@pytest.mark.shared
@needs_shapes
@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("bow_tie", 2),
        ("unclosed_ring", 1),
        ("clockwise", 1),
        ("duplicate_vertices", 1),
        ("collinear_vertices", 1),
        ("spike", 1),
        ("hairline_spur", 1),
        ("sliver_2m", 1),
        ("tiny_1m2", 1),
        ("hole_touches_edge", 1),
        ("hole_outside", 1),
        ("overlapping_holes", 1),
        ("hole_splits_area", 2),
        ("U_shape", 1),
        ("spiral_corridor", 1),
        ("multipolygon", 2),
        ("antimeridian", 1),
        ("with_altitude", 1),
    ],
)
def test_shapes_that_break_planners_are_covered_from_inside(name: str, runs: int) -> None:
    """No metre outside, as many runs as parts, and at least 99.8 % seen, spurs included."""
    path, area = planned(name)
    lines = [shapely.linestrings(run) for run in path.runs if len(run) > 1]
    assert sum(shapely.difference(line, area).length for line in lines) == 0.0
    assert len(path.runs) == runs
    assert path.covered_fraction >= 0.998


@pytest.mark.shared
@needs_shapes
def test_a_thousand_teeth_are_seen_from_inside() -> None:
    """The path goes into as many needles as 99.9 % of them ask for, and never across a gap."""
    path, area = planned("5000_vertices")
    line = shapely.linestrings(path.runs[0])
    assert shapely.covers(area, line)
    swath = shapely.buffer(line, SPACING_M / 2.0)
    assert shapely.intersection(swath, area).area >= 0.999 * area.area


@pytest.mark.shared
@needs_shapes
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hole_covers_all", "no ground in it"),
        ("near_pole", "of a pole"),
        ("lat_lon_swapped", "are they swapped"),
        ("nan_like_null", "which is no place"),
        ("two_vertices", "2 different corners"),
        ("zero_area", "too thin|no ground"),
    ],
)
def test_shapes_without_sense_are_refused(name: str, message: str) -> None:
    """Each refusal is a typed error with the reason."""
    with pytest.raises(PlanningError, match=message):
        planned(name)


@pytest.mark.shared
@needs_shapes
def test_collinear_vertices_give_the_plan_of_the_square() -> None:
    """The same square in many vertices takes the same path."""
    dense, _ = planned("collinear_vertices")
    plain, _ = planned("clockwise")
    assert dense.length_m == pytest.approx(plain.length_m, rel=0.01)


@pytest.mark.shared
@needs_shapes
def test_a_spike_and_a_hairline_change_nothing() -> None:
    """Their bodies take the path of the plain square."""
    plain, _ = planned("clockwise")
    for name in ("spike", "hairline_spur"):
        path, _ = planned(name)
        assert path.length_m == pytest.approx(plain.length_m, rel=0.02)


@pytest.mark.shared
@needs_shapes
@pytest.mark.parametrize("spacing_m", [20.0, SPACING_M])
@pytest.mark.parametrize("name", ["huge_50km", "5000_vertices"])
def test_no_shape_takes_long(name: str, spacing_m: float) -> None:
    """Processor time stays below 20 s, even while functions are compiled on a slow machine."""
    start_s = time.process_time()
    planned(name, spacing_m)
    assert time.process_time() - start_s < 20.0
