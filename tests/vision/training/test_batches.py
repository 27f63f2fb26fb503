"""How often each picture is drawn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra `models` is not installed")

from vision.training.batches import Pool
from vision.training.classes import CLASS_NAMES
from vision.training.dataset import Picture, read_pictures
from vision.training.labels import knowledge_of

pytestmark = pytest.mark.models


def showing(picture: Picture, *names: str) -> Picture:
    """Return the picture with one box of each class."""
    ids = np.array([CLASS_NAMES.index(name) for name in names], np.int64)
    return replace(picture, xyxy_px=np.ones((len(ids), 4), np.float32), class_id=ids)


def test_chances_sum_to_one(folder: Path) -> None:
    """Some picture is always drawn."""
    assert Pool(read_pictures(folder)).chances().sum() == pytest.approx(1.0)


def test_a_sets_weight_decides(folder: Path) -> None:
    """The few aerial pictures are drawn more often than others, each."""
    town, blaze = Pool([showing(p, "smoke") for p in read_pictures(folder)]).chances()
    weights = [knowledge_of(name).draw_weight for name in ("minsk_dji_aerial", "fire_smoke_mix")]
    assert town / blaze == pytest.approx(weights[0] / weights[1])


def test_pictures_without_boxes_are_drawn_less_often(folder: Path) -> None:
    """They teach only absence."""
    blaze = read_pictures(folder)[1]
    empty, full = Pool([showing(blaze), showing(blaze, "smoke")]).chances()
    assert empty < full


def test_scarce_classes_are_drawn_more_often(folder: Path) -> None:
    """A real person is worth more than another car; a rendered one is not scarce."""
    blaze = read_pictures(folder)[1]
    car, person = Pool([showing(blaze, "car"), showing(blaze, "car", "person")]).chances()
    assert person > car
    rendered = replace(blaze, dataset="rendered")
    car, person = Pool([showing(rendered, "car"), showing(rendered, "person")]).chances()
    assert person == pytest.approx(car)
