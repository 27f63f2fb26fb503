"""A detector that runs in another process, as the pipeline sees it.

Pictures are laid into shared slots by one thread while another judges what came back, so that a
live frame is told as soon as it was looked at. When the other process dies, the pictures still lie
in their slots: they are shown to the one that is started in its place, and no frame is lost.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from multiprocessing.connection import Client, Connection
from multiprocessing.reduction import send_handle
from queue import Empty, SimpleQueue

from vision.detections import Detections
from vision.detector import Letterbox
from vision.engine.messages import (
    Look,
    ModelTold,
    ModelWish,
    NewSlots,
    PassedOver,
    Refused,
    Seen,
    SizeTold,
    SizeWish,
)
from vision.engine.on_way import PendingFrame, ShownPicture, merged
from vision.engine.slots import SharedSlots, SlotShape
from vision.errors import ModelError
from vision.frames import Frame

_LISTEN_S = 0.2
_RETRY_S = 0.1
_MOST_ATTEMPTS = 5
PAD_GREY = 114


class StoppedError(Exception):
    """The watching was told to stop while it waited for the detector."""


@dataclass(frozen=True)
class Desk:
    """Where the detector is reached.

    Attributes:
        address: path of its Unix socket.
        key: that it wants to hear.
    """

    address: str
    key: bytes


class RemoteDetector:
    """Shows frames to the detector's process, in order, several at once.

    Args:
        desk: where the detector is.
        wish: which model.
        stopping: ends every wait.
        slots: pictures that may be on their way at once; a frame in tiles needs one each in turn.
        renews: whether a frame that waits for the detector gives way to a newer one, as a camera's
            may; frames in tiles do not.

    Attributes:
        model: which looks now, as `ModelFiles.identity` says it.
        passed_over: frames that gave way, and were not looked at.

    Raises:
        ModelError: the detector refuses the model.
        StoppedError: it was told to stop before the detector answered.
    """

    def __init__(
        self,
        desk: Desk,
        wish: ModelWish,
        stopping: threading.Event,
        slots: int = 3,
        *,
        renews: bool = False,
    ) -> None:
        self._desk = desk
        self._wish = wish
        self._stopping = stopping
        self._abandoned = threading.Event()
        self._count = slots
        self._renews = renews
        self._talking = threading.RLock()
        self._changed = threading.Condition()
        self._connection: Connection | None = None
        self._slots: SharedSlots | None = None
        self._size_wh_px: tuple[int, int] | None = None
        self._letterboxes: tuple[Letterbox, ...] = ()
        self._scales: dict[tuple[int, int], float] = {}
        self._free: SimpleQueue[int] = SimpleQueue()
        self._shown: OrderedDict[int, ShownPicture] = OrderedDict()
        self._on_way: deque[PendingFrame] = deque()
        self._owner: dict[int, PendingFrame] = {}
        self._next_job = 0
        self._ended = False
        self._failure: BaseException | None = None
        self._next_wish: ModelWish | None = None
        self._left_over: list[Frame] = []
        self.lost_detectors = self.passed_over = 0
        self.refusal = ""
        self.has_other_classes = False
        told = self._reach()
        self.class_names, self.thresholds = told.class_names, told.thresholds
        self.model = wish.files.identity

    def expect(self, size_wh_px: tuple[int, int]) -> None:
        """Make the detector ready for frames of a size, before the first of them grows old.

        Raises:
            ModelError: the detector refuses.
            StoppedError: it was told to stop before the detector answered.
        """
        if size_wh_px != self._size_wh_px:
            self._resize(size_wh_px)

    def scale_of(self, size_wh_px: tuple[int, int]) -> float:
        """How many pixels the model is shown of one of a frame of a size, across; at most 1."""
        return self._scales.get(size_wh_px, 1.0)

    def detect(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Detections]]:
        """Yield each frame that was looked at with its detections, in the order of the frames.

        It ends early, with what is on its way, when it is told to stop, and when another model
        tells other classes: `has_other_classes` is true then, and it can be called again.

        Raises:
            ModelError: the detector refuses, or dies of a picture.
        """
        self._ended, self._failure, self.has_other_classes = False, None, False
        self._abandoned.clear()
        feeder = threading.Thread(target=self._feed, args=(frames,), name="feeder", daemon=True)
        feeder.start()
        try:
            while (pending := self._oldest()) is not None:
                while not (pending.is_whole or pending.gave_way):
                    self._hear()
                self._on_way.popleft()
                if pending.gave_way:
                    self.passed_over += 1
                else:
                    yield pending.frame, merged(pending, self._wish.settings.most_iou)
        except StoppedError:
            return
        finally:
            self._abandoned.set()
        failure: BaseException | None = self._failure
        if failure is not None and not isinstance(failure, StoppedError):
            raise failure

    def swap(self, wish: ModelWish) -> None:
        """Look with another model from the next frame on; `refusal` says why if it cannot be."""
        self._next_wish = wish

    def close(self) -> None:
        """Let go of the detector and of the shared memory."""
        with self._talking:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            if self._slots is not None:
                self._slots.close()
                self._slots = None

    def _oldest(self) -> PendingFrame | None:
        """The frame whose turn it is, None after the last."""
        with self._changed:
            self._changed.wait_for(lambda: self._on_way or self._ended)
            return self._on_way[0] if self._on_way else None

    def _feed(self, frames: Iterable[Frame]) -> None:
        """Run in the feeder's thread: lay pictures into slots and say so."""
        waiting = chain(self._left_over, frames)
        try:
            # A frame is taken when there is room for it: of a live stream that is the newest.
            while self._has_room() and (frame := next(waiting, None)) is not None:
                self._left_over = []
                if self._next_wish is not None and self._swap():
                    self._left_over = [frame]
                    break
                self._show(frame)
        except BaseException as failure:  # noqa: BLE001 - thread edge: the consumer raises it
            self._failure = failure
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _swap(self) -> bool:
        """Change the model while nothing is on its way; whether it tells other classes."""
        self._drain()
        with self._talking:
            before, wish, self._next_wish = self._wish, self._next_wish, None
            if wish is None or self._is_over():
                return False
            self._wish = wish
            try:
                told = self._reach()
            except ModelError as error:
                self.refusal, self._wish = str(error), before
                told = self._reach()
            self._size_wh_px = None
            self.model = self._wish.files.identity
            self.thresholds = told.thresholds
            self.has_other_classes = told.class_names != self.class_names
            self.class_names = told.class_names
        return self.has_other_classes

    def _show(self, frame: Frame) -> None:
        if frame.size_wh_px != self._size_wh_px:
            self._drain()
            self._resize(frame.size_wh_px)
        pending = PendingFrame(frame, self._letterboxes)
        for number, letterbox in enumerate(self._letterboxes):
            slot = self._free_slot()
            if self._slots is None:
                raise StoppedError
            letterbox.fill(frame, self._slots.picture(slot))
            with self._talking:
                job, self._next_job = self._next_job, self._next_job + 1
                pending.jobs.append(job)
                self._owner[job] = pending
                self._shown[job] = ShownPicture(slot)
                self._say(self._look(job, slot))
            if number == 0:
                with self._changed:
                    self._on_way.append(pending)
                    self._changed.notify_all()

    def _look(self, job: int, slot: int) -> Look:
        return Look(job, slot, self._renews and len(self._letterboxes) == 1)

    def _has_room(self) -> bool:
        """Wait until a picture can be laid down; false when nobody wants it any more."""
        if self._slots is not None:
            try:
                self._free.put(self._free_slot())
            except StoppedError:
                return False
        return not self._is_over()

    def _free_slot(self) -> int:
        while not self._is_over():
            try:
                return self._free.get(timeout=_LISTEN_S)
            except Empty:
                continue
        raise StoppedError

    def _is_over(self) -> bool:
        return self._stopping.is_set() or self._abandoned.is_set()

    def _drain(self) -> None:
        """Wait until nothing is on its way: pictures of another size need other memory."""
        while self._shown and not self._is_over():
            self._stopping.wait(0.01)

    def _resize(self, size_wh_px: tuple[int, int]) -> None:
        with self._talking:
            told = self._ask(SizeWish(size_wh_px))
            if not isinstance(told, SizeTold):
                raise ModelError(f"The detector answered {type(told).__name__} to a size.")
            self._size_wh_px, self._letterboxes = size_wh_px, told.letterboxes
            self._scales[size_wh_px] = told.letterboxes[0].scale
            if self._slots is not None:
                self._slots.close()
            self._slots = SharedSlots(SlotShape(self._count, told.letterboxes[0].input_wh_px))
            self._free = SimpleQueue()
            for slot in range(self._count):
                self._slots.picture(slot)[:] = PAD_GREY
                self._free.put(slot)
            self._hand_over()

    def _hand_over(self) -> None:
        """Give the detector the open file of the slots."""
        if self._slots is not None and self._connection is not None:
            try:
                self._connection.send(NewSlots(self._slots.shape))
                send_handle(self._connection, self._slots.file_number, None)
            except OSError:
                return  # whoever listens next finds the end, and reaches the detector anew

    def _say(self, message: object) -> None:
        try:
            if self._connection is not None:
                self._connection.send(message)
        except OSError:
            return  # likewise

    def _ask(self, question: object) -> object:
        """Ask until there is an answer; a detector that dies meanwhile is asked again."""
        while True:
            self._say(question)
            answer = self._answer()
            if isinstance(answer, Refused):
                raise ModelError(answer.why)
            if answer is not None:
                return answer
            self._reach()

    def _answer(self) -> object | None:
        """The next message, None if the detector is gone.

        Raises:
            StoppedError: there is no use in waiting any more.
        """
        connection = self._connection
        if connection is None:
            return None
        try:
            while not connection.poll(_LISTEN_S):
                if self._stopping.is_set():
                    raise StoppedError
            return connection.recv()  # type: ignore[no-any-return]
        except (EOFError, OSError):
            return None

    def _hear(self) -> None:
        """Take in one answer, or reach the detector anew and show it again what it has not seen."""
        # While sizes are asked for, the answer is the asker's: nothing is on its way then.
        heard = self._answer()
        if isinstance(heard, Seen | PassedOver):
            shown = self._shown.pop(heard.job, None)
            if shown is not None:
                self._owner.pop(heard.job).take(heard)
                self._free.put(shown.slot)
        elif isinstance(heard, Refused):
            raise ModelError(heard.why)
        elif heard is None:
            self.lost_detectors += 1
            with self._talking:
                self._reach()
                self._show_again()

    def _show_again(self) -> None:
        if self._size_wh_px is None:
            return
        self._ask(SizeWish(self._size_wh_px))
        self._hand_over()
        for job, shown in self._shown.items():
            shown.attempts += 1
            if shown.attempts > _MOST_ATTEMPTS:
                raise ModelError(
                    f"The detector died {_MOST_ATTEMPTS} times over the same picture; the model "
                    f"{self._wish.files.name} cannot be used for it."
                )
            self._say(self._look(job, shown.slot))

    def _reach(self) -> ModelTold:
        """Connect, however long it takes, and ask for the model."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        while not self._stopping.is_set():
            try:
                self._connection = Client(self._desk.address, "AF_UNIX", authkey=self._desk.key)
                self._connection.send(self._wish)
            except (OSError, EOFError):
                self._stopping.wait(_RETRY_S)
                continue
            answer = self._answer()
            if isinstance(answer, Refused):
                raise ModelError(answer.why)
            if isinstance(answer, ModelTold):
                return answer
            self._stopping.wait(_RETRY_S)
        raise StoppedError
