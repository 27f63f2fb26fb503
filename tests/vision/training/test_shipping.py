"""What ships is small, whole, and described truly."""

import hashlib
from pathlib import Path

import openvino as ov
import pytest
import yaml

from vision.training.classes import CLASS_NAMES

SHIPPED = Path("vision/models/patrol9")
METADATA = yaml.safe_load((SHIPPED / "metadata.yaml").read_text())


def test_what_ships_is_below_eight_megabytes() -> None:
    """The whole folder, card included, stays below 8 MB."""
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 8_000_000


@pytest.mark.parametrize("name", ["model.xml", "model.bin"])
def test_the_hashes_are_those_of_the_files(name: str) -> None:
    """An exchanged file would be noticed."""
    found = hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest()
    assert METADATA["sha256"][name] == found


def test_the_classes_are_those_of_the_recipe() -> None:
    """Names come with the model, in the order of its scores."""
    assert METADATA["names"] == list(CLASS_NAMES)
    assert set(METADATA["thresholds"]) == set(CLASS_NAMES)
    assert all(0 < value < 1 for value in METADATA["thresholds"].values())


@pytest.mark.parametrize("size_wh_px", [(640, 384), (960, 544), (1280, 736)])
def test_the_model_can_be_reshaped(size_wh_px: tuple[int, int]) -> None:
    """One file serves every input size, decoding included."""
    model = ov.Core().read_model(SHIPPED / "model.xml")
    width, height = size_wh_px
    model.reshape([1, 3, height, width])
    anchors = sum((width // stride) * (height // stride) for stride in (8, 16, 32))
    assert model.output(0).shape == ov.Shape([1, 4 + len(CLASS_NAMES), anchors])


def test_the_card_is_there() -> None:
    """Weights do not ship without saying where they come from."""
    assert "COCO" in (SHIPPED / "CARD.md").read_text()
