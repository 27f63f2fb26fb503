"""The comparison of angles is between equals, on areas that are what their names say."""

import shapely

from benchmarks.cell_angles import HOLES, LANES_SQUARED, LEAST_HOLES, SPACING_M, compared, holed


def test_generated_areas_have_their_holes_and_size() -> None:
    """So many holes, in one part, some 20 lanes across, the same every time."""
    for seed, holes in enumerate(HOLES):
        area = holed(seed, holes)
        assert shapely.is_valid(area)
        assert holes >= LEAST_HOLES
        assert len(shapely.get_rings(area)) == holes + 1
        assert abs(area.area / SPACING_M**2 - LANES_SQUARED) < 1e-6
        assert area.equals(holed(seed, holes))


def test_both_ways_cover_the_area_and_are_told() -> None:
    """The ratio is of the two flight times that stand beside it."""
    result = compared([("one", holed(0, HOLES[0]))], angles=1)
    both = [result.figures[f"{name}, flight"].value for name in ("own angles", "one angle")]
    assert result.ratio == both[0] / both[1]
    assert result.each == {"one": result.ratio}
    assert result.figures["coverage"].value >= 0.999
    assert result.figures["outside"].value == 0.0
