"""The areas that planning is timed on are what their names say."""

import shapely

from benchmarks.planning_time import BOUNDS_S, HOLES, outline, run, with_holes


def test_areas_are_sound_and_as_large_as_named() -> None:
    """Vertices and holes are counted."""
    for vertices in (20, 1000, 5000):
        area = outline(vertices)
        assert shapely.is_valid(area)
        assert shapely.get_num_coordinates(area) == vertices + 1
    assert sum(len(part.interiors) for part in shapely.get_parts(with_holes(HOLES))) >= 12


def test_every_area_is_timed_against_its_bound() -> None:
    """And its coverage is told beside."""
    result = run()
    assert set(BOUNDS_S) <= set(result.figures)
    assert all(result.figures[f"{name}, coverage"].value >= 0.999 for name in BOUNDS_S)
