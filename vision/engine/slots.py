"""Pictures side by side in memory that two processes share.

The memory has no name: it is a file that was unlinked as it was made, handed over as an open file.
Whatever kills the processes, nothing of it is left behind once the last of them is gone.
"""

import mmap
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vision.errors import SourceError

_MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - the system's folder of shared memory


@dataclass(frozen=True)
class SlotShape:
    """How pictures lie in the memory.

    Attributes:
        count: how many there is room for.
        input_wh_px: width and height of each, uint8 BGR.
    """

    count: int
    input_wh_px: tuple[int, int]

    @property
    def slot_bytes(self) -> int:
        """Room that one picture takes."""
        return 3 * self.input_wh_px[0] * self.input_wh_px[1]


class SharedSlots:
    """A row of pictures of one size.

    Args:
        shape: how many, how large.
        file_number: open file of memory that another process made; None makes new memory.

    Raises:
        SourceError: there is not so much shared memory.
    """

    def __init__(self, shape: SlotShape, file_number: int | None = None) -> None:
        self.shape = shape
        size_bytes = shape.count * shape.slot_bytes
        if file_number is None:
            folder = _MEMORY_FOLDER if _MEMORY_FOLDER.is_dir() else None
            with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
                self._file_number = os.dup(file.fileno())
        else:
            self._file_number = file_number
        try:
            if file_number is None:
                # Reserved now: memory that runs out later would end the process without a word.
                os.posix_fallocate(self._file_number, 0, size_bytes)
            self._memory = mmap.mmap(self._file_number, size_bytes)
        except OSError as error:
            os.close(self._file_number)
            raise SourceError(
                f"{size_bytes / 1e6:.0f} MB of shared memory cannot be had ({error.strerror}); "
                f"enlarge {_MEMORY_FOLDER}, or watch fewer sources."
            ) from error

    @property
    def file_number(self) -> int:
        """The open file, to be handed to another process."""
        return self._file_number

    def picture(self, slot: int) -> NDArray[np.uint8]:
        """The picture of a slot, uint8 (1, h, w, 3), in place."""
        width_px, height_px = self.shape.input_wh_px
        offset = slot * self.shape.slot_bytes
        return np.ndarray((1, height_px, width_px, 3), np.uint8, self._memory, offset)

    def close(self) -> None:
        """Let go of the file; the memory goes when the last picture of it is let go of."""
        if self._file_number >= 0:
            os.close(self._file_number)
            self._file_number = -1
