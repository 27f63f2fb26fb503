"""Canvases from which a network learns beside teachers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra `models` is not installed")
pytest.importorskip("ultralytics", reason="the extra `models` is not installed")

from vision.training.batches import Pool
from vision.training.classes import CLASS_NAMES
from vision.training.dataset import Picture, read_pictures
from vision.training.shown import BATCH_SIZE, Showing, exposed, taught_by_labels

pytestmark = pytest.mark.models


def of_set(folder: Path, dataset: str) -> Picture:
    """A picture as of another set."""
    return replace(read_pictures(folder)[0], dataset=dataset)


def test_only_rendered_pictures_are_taught_by_labels(folder: Path) -> None:
    """Everything else is the teachers' word."""
    assert taught_by_labels(of_set(folder, "rendered")).all()
    for name in ("garbage_street", "fire_smoke_mix", "street_manaus_mix"):
        assert not taught_by_labels(of_set(folder, name)).any()


def test_the_teachers_word_is_not_drowned_by_labels(folder: Path) -> None:
    """Of a fire and of a town no label is left on the canvases, which still show them."""
    canvases = Showing(Pool(read_pictures(folder))).canvases(np.random.default_rng(1))
    assert len(canvases) == BATCH_SIZE
    assert len({canvas.image.shape for canvas in canvases}) == 1
    for canvas in canvases:
        assert not len(canvas.boxes)
        assert not canvas.known.any()
        assert canvas.image.std() > 0


def test_rendered_pictures_keep_their_labels(folder: Path) -> None:
    """Where all is labelled, each thing is a box, and what is no box is known to be absent."""
    rendered = of_set(folder, "rendered").knowing(CLASS_NAMES)
    canvases = Showing(Pool([rendered])).canvases(np.random.default_rng(1))
    assert any(len(canvas.boxes) for canvas in canvases)
    assert all(canvas.known.all() for canvas in canvases)


@pytest.mark.parametrize("seed", range(8))
def test_exposures_keep_the_order_of_brightness(seed: int) -> None:
    """Brighter stays brighter, or both are white; nothing is turned round."""
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    shown = exposed(ramp, np.random.default_rng(seed))[0, :, 0].astype(int)
    assert (np.diff(shown) >= 0).all()
    assert shown[0] == 0
    assert (shown != np.arange(256)).any()
