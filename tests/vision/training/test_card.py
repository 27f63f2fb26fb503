"""The card is complete: every place of its template is filled."""

import re

import numpy as np

from vision.training.card import card_text
from vision.training.classes import CLASS_NAMES
from vision.training.evaluate import Trial
from vision.training.figures import Scoring
from vision.training.labels import TABLE
from vision.training.precision import Outcomes

FOUND = Outcomes(np.array([0.8], np.float32), np.array([True]), 1, 1)
SHIPPED = Scoring("int8", 960, (Trial("fire", "fire_smoke_mix", True, FOUND),))
RECIPE: dict[str, int | str] = {
    "REAL_STEPS": 11,
    "MIXED_STEPS": 22,
    "COMPLETED_STEPS": 55,
    "RENDERED_TRAIN": 33,
    "CALIBRATION": 44,
    "BLENDED_LAYERS": "5 to 8",
    "JOINED_STEPS": 7,
    "BLENDED_SHARE": 66,
}
CARD = card_text(SHIPPED, [Scoring("float", 960, SHIPPED.trials)],
                 dict.fromkeys(CLASS_NAMES, 0.4), RECIPE)  # fmt: skip


def test_no_place_of_the_template_is_left_open() -> None:
    """Nothing in braces is left."""
    assert not re.findall(r"\{[A-Z_]+\}", CARD)


def test_the_recipes_numbers_are_told() -> None:
    """How long each stage learnt, from what."""
    assert "| real | 11 batches" in CARD
    assert "| mixed | 22 batches of real pictures and 33 rendered ones |" in CARD


def test_the_way_back_is_told() -> None:
    """Which layers lie nearer to COCO than they were learned, and by how much."""
    assert "(layers 5 to 8) moved 66 % of the way back" in CARD


def test_every_set_and_its_reasons_are_told() -> None:
    """What was masked and why is part of the card."""
    for row in TABLE:
        assert f"| {row.dataset} |" in CARD
        assert all(reason in CARD for reason in (*row.absent.values(), *row.unknown.values()))


def test_the_columns_of_all_scorings_are_there() -> None:
    """What ships stands beside the float model."""
    assert "| class | pictures | int8 960 | float 960 |" in CARD


def test_licence_and_origin_are_told() -> None:
    """Where the weights started and under which licence they ship."""
    assert "AGPL-3.0" in CARD
    assert "COCO" in CARD
