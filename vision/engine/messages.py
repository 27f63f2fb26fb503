"""What a watching process and the detector's process say to each other.

Pictures are never in a message: they lie in shared slots. Messages go through a connection of
`multiprocessing`, which is private to the processes that know its key.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.detector import Letterbox
from vision.engine.settings import EngineSettings
from vision.engine.slots import SlotShape
from vision.models.registry import ModelFiles


@dataclass(frozen=True)
class ModelWish:
    """Which model is to look, and how."""

    files: ModelFiles
    settings: EngineSettings


@dataclass(frozen=True)
class ModelTold:
    """What the model is."""

    class_names: tuple[str, ...]
    thresholds: tuple[float, ...]


@dataclass(frozen=True)
class SizeWish:
    """Frames will be of this size: which parts of them are to be looked at?"""

    size_wh_px: tuple[int, int]


@dataclass(frozen=True)
class SizeTold:
    """The parts; all have the same input size."""

    letterboxes: tuple[Letterbox, ...]


@dataclass(frozen=True)
class NewSlots:
    """From now on pictures lie in other memory; its open file follows this message."""

    shape: SlotShape


@dataclass(frozen=True)
class Look:
    """Look at the picture in a slot.

    Attributes:
        job: by which the answer names it.
        slot: where it lies.
        renews: whether it takes the place of the same asker's picture that still waits.
    """

    job: int
    slot: int
    renews: bool = False


@dataclass(frozen=True, eq=False)
class Seen:
    """What was seen, in pixels of the input: float32 (N, 6) of x1 y1 x2 y2 score class."""

    job: int
    rows: NDArray[np.float32]


@dataclass(frozen=True)
class PassedOver:
    """A picture was not looked at, for a newer one took its place."""

    job: int


@dataclass(frozen=True)
class Refused:
    """It cannot be done, and why."""

    why: str
