"""A detector for a camera that is watched alone: each frame is told as soon as it was looked at."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue

from vision.detector import Letterbox
from vision.engine.model_detector import Job, ModelDetector
from vision.engine.requests import Request
from vision.frames import Frame

_Size = tuple[int, int]


class PromptDetector(ModelDetector):
    """Looks at frames that come by themselves.

    `ModelDetector` takes a frame and gives an earlier one, which is best for films; between a
    camera's frames it would hold back what it knows. Here a thread waits for the camera. It takes a
    frame when the engine has a request free that works at once, so that none grows old in a queue:
    what comes meanwhile is the source's to drop.
    """

    def _started(self, frames: Iterable[Frame], running: deque[Job]) -> Iterator[Job]:
        feed = _Feed(frames, running, self.letterboxes_for, self._runner.requests)
        threading.Thread(target=feed.run, name="feeder", daemon=True).start()
        try:
            while (job := feed.next()) is not None:
                yield job
                feed.give_back(job.request)
        finally:
            feed.abandon()


class _Feed:
    """What passes between the thread that waits for the camera and the one that tells."""

    def __init__(
        self,
        frames: Iterable[Frame],
        running: deque[Job],
        letterboxes_for: Callable[[_Size], tuple[Letterbox, ...]],
        requests: Callable[[_Size], list[Request]],
    ) -> None:
        self._frames = iter(frames)
        self._running = running
        self._letterboxes_for = letterboxes_for
        self._requests = requests
        self._changed = threading.Semaphore(0)
        # None stands for: nobody wants more.
        self._free: SimpleQueue[Request | None] = SimpleQueue()
        self._count = 0
        self._size_wh_px: _Size | None = None
        self._letterboxes: tuple[Letterbox, ...] = ()
        self._failure: BaseException | None = None

    def next(self) -> Job | None:
        """The next job that was started, None after the last.

        Raises:
            BaseException: whatever ended the frames.
        """
        self._changed.acquire()
        if self._running:
            return self._running.popleft()
        if self._failure is not None:
            raise self._failure
        return None

    def give_back(self, request: Request) -> None:
        """A request can be used again."""
        self._free.put(request)

    def abandon(self) -> None:
        """Nobody wants more: the thread ends, at the latest when the next frame has come."""
        self._free.put(None)

    def run(self) -> None:
        """Start jobs until the frames end."""
        try:
            while self._has_free() and (frame := next(self._frames, None)) is not None:
                if not self._start(frame):
                    break
        except BaseException as failure:  # noqa: BLE001 - thread edge: `next` raises it
            self._failure = failure
        finally:
            self._changed.release()

    def _has_free(self) -> bool:
        """Wait for a request before a frame is taken; false when nobody wants more."""
        if not self._count:
            return True
        request = self._free.get()
        self._free.put(request)
        return request is not None

    def _start(self, frame: Frame) -> bool:
        """Start the jobs of a frame; false when nobody wants more."""
        if frame.size_wh_px != self._size_wh_px and not self._resize(frame.size_wh_px):
            return False
        for letterbox in self._letterboxes:
            request = self._free.get()
            if request is None:
                return False
            letterbox.fill(frame, request.blob)
            request.begin()
            is_last = letterbox is self._letterboxes[-1]
            self._running.append(Job(frame, letterbox, request, is_last))
            self._changed.release()
        return True

    def _resize(self, size_wh_px: _Size) -> bool:
        """Take requests for frames of another size, once those before them were given back."""
        if any(self._free.get() is None for _ in range(self._count)):
            return False
        self._size_wh_px, self._letterboxes = size_wh_px, self._letterboxes_for(size_wh_px)
        requests = self._requests(self._letterboxes[0].input_wh_px)
        self._count = len(requests)
        for request in requests:
            self._free.put(request)
        return True
