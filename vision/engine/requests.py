"""What a detector asks of whatever computes its model: looks that are begun and waited for."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

PAD_GREY = 114


class Request(Protocol):
    """Room for one look at a picture at a time."""

    @property
    def blob(self) -> NDArray[np.uint8]:
        """Its own picture, uint8 (1, h, w, 3) BGR, grey until something is laid into it."""

    def begin(self, blob: NDArray[np.uint8] | None = None) -> None:
        """Look at its own picture, or at another one that stays as it is until it was seen.

        Raises:
            RuntimeError: it cannot begin.
        """

    def output(self) -> NDArray[np.floating]:
        """Wait for the first output of the model, without the batch.

        Raises:
            RuntimeError: the look failed.
        """


class Runner(Protocol):
    """A model on a device."""

    def requests(self, input_wh_px: tuple[int, int], beyond: int = 0) -> list[Request]:
        """New requests for pictures of a size, as many as work at once and so many beyond.

        Raises:
            ModelError: the model cannot be run at this size, or not on this device.
        """
