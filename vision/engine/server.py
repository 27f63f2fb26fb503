"""The detector's process: looks at the pictures of all sources, one engine for each device.

Watching processes connect, say which model they want and where their pictures lie, and get boxes
back. What one of them does wrong, or its end, ends its own connection and nothing else.
"""

import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Listener
from multiprocessing.reduction import recv_handle
from pathlib import Path

import numpy as np

from vision.detections import Detections
from vision.engine.keeping import Control
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
from vision.engine.settings import EngineSettings
from vision.engine.slot_detector import SlotDetector, SlotPicture, Turn
from vision.engine.slots import SharedSlots
from vision.errors import ModelError, VisionError

HEARTBEAT_S = 0.5
YIELDS = 5


@dataclass(frozen=True)
class DetectorBeat:
    """A sign of life of the detector.

    Attributes:
        looked: pictures looked at so far.
        models: models in use.
        sources: connections open.
    """

    looked: int
    models: int
    sources: int


class DetectorServer:
    """Accepts connections at an address of a Unix socket, each served in a thread."""

    def __init__(self, address: str, key: bytes) -> None:
        _forget(address)
        self._listener = Listener(address, "AF_UNIX", backlog=64, authkey=key)
        self._models = _Models()
        self._connections = 0
        threading.Thread(target=self._accept, name="accept", daemon=True).start()

    def beat(self) -> DetectorBeat:
        """How it goes."""
        return DetectorBeat(self._models.looked(), len(self._models), self._connections)

    def close(self) -> None:
        """Accept nobody any more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError:
                return
            except Exception:  # noqa: BLE001, S112 - one stranger must not keep the others out
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        self._connections += 1
        client = _Client(connection, self._models)
        try:
            # Whoever dies ends his connection: nobody waits for the answers any more.
            with suppress(EOFError, OSError):
                while True:
                    client.hear(connection.recv())
        finally:
            client.close()
            self._connections -= 1


@dataclass(frozen=True)
class _Waiting:
    """The newest picture of a source, and the turn in which it is looked at."""

    job: int
    turn: Turn


class _Client:
    """One source's connection."""

    def __init__(self, connection: Connection, models: "_Models") -> None:
        self._connection = connection
        self._models = models
        self._sending = threading.Lock()
        self._key: _Key | None = None
        self._detector: SlotDetector | None = None
        self._slots: SharedSlots | None = None
        self._waits: _Waiting | None = None

    def hear(self, message: object) -> None:
        """Do what a message asks."""
        if isinstance(message, NewSlots):
            self._take_slots(message, recv_handle(self._connection))
        elif isinstance(message, Look):
            self._look(message)
        elif isinstance(message, ModelWish | SizeWish):
            try:
                self._send(self._told(message))
            except VisionError as error:
                self._send(Refused(str(error)))

    def close(self) -> None:
        """Let go of everything."""
        self._connection.close()
        if self._slots is not None:
            self._slots.close()
        if self._key is not None:
            self._models.release(self._key)

    def _told(self, message: ModelWish | SizeWish) -> ModelTold | SizeTold:
        # Whatever waits is looked at as it was asked for.
        self._waits = None
        if isinstance(message, ModelWish):
            self._detector, self._key = self._models.take(message)
            return ModelTold(self._detector.class_names, self._detector.thresholds)
        if self._detector is None:
            raise ModelError("No model was asked for.")
        letterboxes = self._detector.letterboxes_for(message.size_wh_px)
        self._detector.begin(letterboxes[0].input_wh_px)
        return SizeTold(letterboxes)

    def _take_slots(self, message: NewSlots, file_number: int) -> None:
        if self._slots is not None:
            self._slots.close()
        self._slots = SharedSlots(message.shape, file_number)

    def _look(self, wanted: Look) -> None:
        if self._detector is None or self._slots is None:
            self._send(Refused("A picture came before its model and its memory."))
            return

        def done(seen: Detections | ModelError) -> None:
            if isinstance(seen, ModelError):
                self._send(Refused(str(seen)))
            else:
                self._send(Seen(wanted.job, _rows(seen)))

        picture = SlotPicture(self._slots.picture(wanted.slot), done)
        waits = self._waits
        if wanted.renews and waits is not None and waits.turn.renew(picture):
            self._send(PassedOver(waits.job))
            self._waits = _Waiting(wanted.job, waits.turn)
        else:
            self._waits = _Waiting(wanted.job, self._detector.look(picture))

    def _send(self, message: object) -> None:
        with self._sending, suppress(OSError):
            self._connection.send(message)


class _Models:
    """Every model in use, once, however many sources use it."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._used: dict[_Key, tuple[SlotDetector, int]] = {}
        self._looked_before = 0

    def __len__(self) -> int:
        return len(self._used)

    def looked(self) -> int:
        with self._changing:
            present = sum(detector.looked for detector, _ in self._used.values())
        return self._looked_before + present

    def take(self, wish: ModelWish) -> tuple[SlotDetector, "_Key"]:
        """The model, read if it is new, and by what it is released.

        Raises:
            ModelError: it cannot be read.
        """
        key = _key(wish)
        with self._changing:
            detector, users = self._used.get(key, (None, 0))
            detector = detector or SlotDetector(wish.files, wish.settings)
            self._used[key] = (detector, users + 1)
        return detector, key

    def release(self, key: "_Key") -> None:
        with self._changing:
            detector, users = self._used[key]
            if users > 1:
                self._used[key] = (detector, users - 1)
                return
            del self._used[key]
        detector.close()
        self._looked_before += detector.looked


_Key = tuple[str, str, int, EngineSettings]


def _key(wish: ModelWish) -> _Key:
    """What tells models apart: one that was written anew is another."""
    path = wish.files.path
    written_ns = path.stat().st_mtime_ns if path.exists() else 0
    return (str(path), wish.files.sha256, written_ns, wish.settings)


def _rows(seen: Detections) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    """Detections as float32 (N, 6)."""
    return np.column_stack([seen.xyxy_px, seen.score, seen.class_id]).astype(np.float32)


def serve_detector(control: Control, address: str, key: bytes) -> None:
    """Run the detector until its supervisor says so, or is gone.

    Args:
        control: from the supervisor; whatever comes through it, or its end, means stop.
        address: path of the Unix socket, or a name without a file.
        key: known to those who may connect.
    """
    # A picture that is not looked at was dropped and counted; one that is not decoded in time makes
    # all that come after it late. Where processors are short, decoding and telling go first.
    os.nice(YIELDS)
    server = DetectorServer(address, key)
    with suppress(EOFError, OSError):
        while not control.poll(HEARTBEAT_S):
            control.send(server.beat())
    server.close()
    _forget(address)
    if not _is_abstract(address):
        # A supervisor that was killed cannot clear up after itself.
        with suppress(OSError):
            Path(address).parent.rmdir()


def _is_abstract(address: str) -> bool:
    """Whether a socket has a name that is in no folder, as Linux allows, and goes with it."""
    return address.startswith("\0")


def _forget(address: str) -> None:
    """Take away the name that a detector that was killed has left behind."""
    if not _is_abstract(address):
        Path(address).unlink(missing_ok=True)
