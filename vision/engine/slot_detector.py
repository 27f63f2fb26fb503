"""One model, looking at pictures that lie in shared slots, as many at once as the device likes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from vision.detections import Detections
from vision.detector import Letterbox
from vision.engine.model_detector import Job, ModelDetector
from vision.engine.requests import Request
from vision.engine.settings import EngineSettings
from vision.errors import ModelError
from vision.frames import Frame
from vision.models.registry import ModelFiles


@dataclass(frozen=True, eq=False)
class SlotPicture:
    """A picture to look at.

    Attributes:
        pixels: uint8 (1, h, w, 3), in the slot.
        done: called with the detections in pixels of the input, or with why there are none.
    """

    pixels: NDArray[np.uint8]
    done: Callable[[Detections | ModelError], None]


class Turn:
    """A place in the row of those who wait; until it is called, its picture may be renewed."""

    def __init__(self, picture: SlotPicture) -> None:
        self._picture = picture
        self._changing = threading.Lock()
        self._is_called = False

    def renew(self, picture: SlotPicture) -> bool:
        """Have another picture looked at instead; false if it is too late for that."""
        with self._changing:
            if not self._is_called and picture.pixels.shape == self._picture.pixels.shape:
                self._picture = picture
                return True
            return False

    def call(self) -> SlotPicture:
        """The picture whose turn it is now."""
        with self._changing:
            self._is_called = True
            return self._picture


class SlotDetector(ModelDetector):
    """Looks at pictures of one input size after another, in threads of its own.

    Each thread has one request of the engine and works on the picture where it lies. Pictures are
    taken in the order in which they came, whosever they are, so that no source starves. There are
    no more requests than work at once: what waits inside the engine cannot be renewed.
    """

    def __init__(self, files: ModelFiles, settings: EngineSettings | None = None) -> None:
        super().__init__(files, settings)
        self._waiting: dict[tuple[int, int], SimpleQueue[Turn | None]] = {}
        self._threads: dict[tuple[int, int], list[threading.Thread]] = {}
        self._changing = threading.Lock()
        self.looked = 0

    def begin(self, input_wh_px: tuple[int, int]) -> None:
        """Be ready for pictures of an input size.

        Raises:
            ModelError: the model cannot be compiled for it.
        """
        with self._changing:
            if input_wh_px in self._waiting:
                return
            waiting: SimpleQueue[Turn | None] = SimpleQueue()
            threads = [
                threading.Thread(
                    target=self._run, args=(request, waiting, input_wh_px), daemon=True
                )
                for request in self._runner.requests(input_wh_px)
            ]
            self._waiting[input_wh_px], self._threads[input_wh_px] = waiting, threads
            for thread in threads:
                thread.start()

    def look(self, picture: SlotPicture) -> Turn:
        """Look at a picture of a size that was begun; returns at once, with its turn."""
        height_px, width_px = picture.pixels.shape[1:3]
        turn = Turn(picture)
        self._waiting[width_px, height_px].put(turn)
        return turn

    def close(self) -> None:
        """End the threads after what waits."""
        with self._changing:
            for size, threads in self._threads.items():
                for _ in threads:
                    self._waiting[size].put(None)
            for threads in self._threads.values():
                for thread in threads:
                    thread.join()
            self._waiting.clear()
            self._threads.clear()

    def _run(
        self,
        request: Request,
        waiting: SimpleQueue[Turn | None],
        input_wh_px: tuple[int, int],
    ) -> None:
        whole = Letterbox((0, 0, *input_wh_px), input_wh_px)
        while (turn := waiting.get()) is not None:
            picture = turn.call()
            try:
                request.begin(picture.pixels)
                frame = Frame(self.looked, 0.0, picture.pixels[0])
                picture.done(self._finish(Job(frame, whole, request, last_of_frame=True)))
            except (RuntimeError, ModelError) as error:
                picture.done(ModelError(str(error)))
            self.looked += 1
