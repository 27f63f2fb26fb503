"""The benchmark of places and cells compares answers, not only times."""

import pytest

from benchmarks import point_to_cell


def test_every_answer_is_shapelys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small run counts no answer that differs, and names our figures and the peer's."""
    monkeypatch.setattr(point_to_cell, "SINGLES", 200)
    monkeypatch.setattr(point_to_cell, "BATCH", 2_000)
    monkeypatch.setattr(point_to_cell, "ROUNDS", 1)
    result = point_to_cell.run()
    assert result.figures["unlike shapely"].value == 0
    assert result.figures["cells"].value == 4747
    assert {"single", "single, shapely tree", "batch", "batch, shapely tree"} <= set(result.figures)
