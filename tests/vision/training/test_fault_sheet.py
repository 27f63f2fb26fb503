"""Faults side by side on a sheet."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vision.training.dataset import Picture
from vision.training.fault_sheet import fault_sheet
from vision.training.faults import Fault
from vision.training.labelled import read_labelled

CAR = 2
TILE_WH_PX = (240, 262)


@pytest.fixture
def town(folder: Path) -> Picture:
    """A picture of 400 x 200 px with a white car in its middle, labelled."""
    return next(p for p in read_labelled(folder, "train").pictures if p.path.stem == "town")


def fault(town: Picture, *box: float) -> Fault:
    """A false alarm."""
    return Fault("car", town, np.array(box, np.float32), 0.7, 0.0)


def has(image: NDArray[np.uint8], *, red: bool = False, green: bool = False) -> bool:
    """Whether a colour of boxes is on a tile, which is grey and white but for them."""
    parts = image[:240].astype(int)
    blue_part, green_part, red_part = parts[..., 0], parts[..., 1], parts[..., 2]
    if red:
        return bool((red_part - green_part > 100).any())
    return bool(green and (green_part - blue_part > 100).any())


def test_the_fault_is_red_and_the_label_green(town: Picture) -> None:
    """Of a missed object the label itself is the fault."""
    sheet = fault_sheet([fault(town, 200, 80, 240, 120)], CAR)
    assert sheet.shape[1::-1] == TILE_WH_PX
    assert has(sheet, red=True)
    assert has(sheet, green=True)
    missed = replace(fault(town, 180, 80, 220, 120), score=float("nan"))
    assert has(fault_sheet([missed], CAR), red=True)
    assert not has(fault_sheet([missed], CAR), green=True)


def test_faults_stand_in_rows_of_eight(town: Picture) -> None:
    """The last row is filled with black."""
    width_px, height_px = TILE_WH_PX
    sheet = fault_sheet([fault(town, 10, 10, 60, 60)] * 9, CAR)
    assert sheet.shape == (2 * height_px, 8 * width_px, 3)
    assert sheet[height_px:, 2 * width_px :].max() == 0


@pytest.mark.parametrize("box", [(0, 0, 30, 30), (380, 180, 400, 200), (390, 0, 400, 10)])
def test_at_the_edge_the_picture_fills_its_tile(town: Picture, box: tuple[float, ...]) -> None:
    """What lies beyond it shows nothing."""
    tile = fault_sheet([fault(town, *box)], CAR)[:240]
    assert tile.max(axis=2).min() > 0


def test_a_box_as_large_as_the_picture_shows_all_of_it(town: Picture) -> None:
    """With black above and below, as the picture is no square."""
    tile = fault_sheet([fault(town, 0, 0, 400, 200)], CAR)[:240]
    assert tile[:50].max() == 0
    assert tile[70:170, 5:-5].min() > 0
    assert tile[190:].max() == 0
