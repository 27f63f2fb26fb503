"""How a detector model is run, whatever runs it."""

from dataclasses import dataclass

from vision.errors import ModelError

LEAST_TILE_PX = 64
"""Smaller ones are thousands a frame, each made large for the model: hours for a second of film."""


@dataclass(frozen=True)
class EngineSettings:
    """How a model is run.

    Attributes:
        input_width_px: longer side of the model's input; 0 takes what the model was made for, or
            what `vision.detector.longest_input_px` says where frames are smaller.
        tile_px: side of the tiles a large frame is cut into, `LEAST_TILE_PX` or more; 0 looks at
            the whole frame at once.
        continue_share: share of a class's threshold above which a weaker box still continues an
            object that is already tracked.
        most_iou: overlap above which the weaker of two boxes of a class is dropped.
        device: what it runs on, by a name of `vision.engine.devices`.
        threads: CPU threads, 0 for all.
        every_class: tells a box as each class that it may be, not as its likeliest alone: for
            scoring classes one by one, as average precision does.

    Raises:
        ModelError: the tiles are too small.
    """

    input_width_px: int = 0
    tile_px: int = 0
    continue_share: float = 0.5
    most_iou: float = 0.6
    device: str = "CPU"
    threads: int = 0
    every_class: bool = False

    def __post_init__(self) -> None:
        """Refuse what nobody can wait for."""
        if 0 < self.tile_px < LEAST_TILE_PX:
            raise ModelError(
                f"Tiles of {self.tile_px} px are too small: give a side of {LEAST_TILE_PX} px or "
                "more, such as 640, or 0 to look at whole pictures."
            )
