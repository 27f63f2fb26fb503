"""A pass's memory on disk, so that who takes it up after a death goes on where it ended.

The file is read without trust: only values of this program and arrays are made from it, and one
that is damaged, or was written by another version, counts as none.
"""

import hashlib
import importlib
import io
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vision.errors import EvidenceError, SourceError
from vision.frames import Frame
from vision.pass_state import PassState
from vision.passes import PassMemory
from vision.sightings import Sighting

_FORMAT = b"gridpatrol pass 3\n"
_PNG_FAST = [cv2.IMWRITE_PNG_COMPRESSION, 1]
_OWN = ("vision.", "geofences.")
_OTHERS = {
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("builtins", "slice"),
    ("collections", "deque"),
    ("collections", "Counter"),
    ("collections", "OrderedDict"),
    ("copyreg", "_reconstructor"),
    ("builtins", "object"),
    ("datetime", "datetime"),
    ("datetime", "timezone"),
    ("datetime", "timedelta"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
}


@dataclass(frozen=True, eq=False)
class Remembered:
    """A pass that was broken off.

    Attributes:
        about: what the pass was of; another source, model or rule file begins anew.
        pass_id: name of the pass.
        start_utc: what time its time 0 is.
        at_utc: when this was written.
        state: what it remembers.
        told: ids of the sightings that were told.
        looked: what it looked at, None where nobody keeps that.
        promised: sightings that are to be told, and may have been told already.
    """

    about: str
    pass_id: str
    start_utc: datetime
    at_utc: datetime
    state: PassState
    told: frozenset[str]
    looked: PassMemory | None = None
    promised: tuple[Sighting, ...] = ()


def remember(path: Path, remembered: Remembered) -> None:
    """Write it down, whole or not at all.

    Raises:
        SourceError: the disk refuses.
    """
    keep_bytes(path, written(remembered))


def recall(path: Path, about: str) -> Remembered | None:
    """Read what was written of a pass; None where nothing of use is there.

    Args:
        path: of the file.
        about: what the pass must have been of.
    """
    data = kept_bytes(path)
    return None if data is None else read_back(data, about)


def written(remembered: Remembered) -> bytes:
    """It as it is written down."""
    text = io.BytesIO()
    _Pickler(text, protocol=5).dump(remembered)
    body = text.getvalue()
    return _FORMAT + hashlib.sha256(body).digest() + body


def read_back(data: bytes, about: str) -> Remembered | None:
    """What was written down, None if it is damaged, of another version, or of another pass.

    Args:
        data: as `written` gives it.
        about: what the pass must have been of.
    """
    begin = len(_FORMAT) + 32
    body = data[begin:]
    if data[:begin] != _FORMAT + hashlib.sha256(body).digest():
        return None
    try:
        found = _Unpickler(io.BytesIO(body)).load()
    except Exception:  # noqa: BLE001 - whatever a file of another version leads to
        return None
    return found if isinstance(found, Remembered) and found.about == about else None


def keep_bytes(path: Path, data: bytes) -> None:
    """Write what a pass remembers, whole or not at all.

    Raises:
        SourceError: the disk refuses.
    """
    half = path.with_name(f".{path.name}.half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with half.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        half.chmod(0o600)
        half.replace(path)
    except OSError as error:
        raise SourceError(
            f"{path}: what was seen cannot be kept ({error.strerror}); make room."
        ) from error


def kept_bytes(path: Path) -> bytes | None:
    """What was written there, None if nothing can be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


class _Pickler(pickle.Pickler):
    """Writes pictures as pictures, not as the decoder's planes."""

    def reducer_override(self, value: object) -> Any:  # noqa: ANN401 - as pickle has it
        if not isinstance(value, Frame):
            return NotImplemented
        done, png = cv2.imencode(".png", value.image, _PNG_FAST)
        if not done:
            raise EvidenceError(f"A picture of {value.size_wh_px} cannot be kept.")
        return frame_of, (value.index, value.time_s, png.tobytes())


def frame_of(index: int, time_s: float, png: bytes) -> Frame:
    """A frame as it was written down."""
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    return Frame(index, time_s, np.asarray(image, np.uint8))


class _Unpickler(pickle.Unpickler):
    """Makes values of this program, and arrays, and nothing else."""

    def find_class(self, module: str, name: str) -> Callable[..., object]:
        if (module, name) in _OTHERS or (module, name) == (__name__, frame_of.__name__):
            return super().find_class(module, name)  # type: ignore[no-any-return]
        if module.startswith(_OWN) and "." not in name:
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is nothing that a pass remembers")
